#include "controller/hosts/linux/serial_port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/serial.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

struct NamedBaud {
  std::int32_t baud;
  speed_t name;
};
constexpr std::array named_bauds{NamedBaud{1200, B1200},     NamedBaud{2400, B2400},     NamedBaud{4800, B4800},
                                 NamedBaud{9600, B9600},     NamedBaud{19200, B19200},   NamedBaud{38400, B38400},
                                 NamedBaud{57600, B57600},   NamedBaud{115200, B115200}, NamedBaud{230400, B230400},
                                 NamedBaud{460800, B460800}, NamedBaud{921600, B921600}};

const NamedBaud* named(std::int32_t baud) {
  const auto* const found =
      std::find_if(named_bauds.begin(), named_bauds.end(), [baud](const NamedBaud& each) { return each.baud == baud; });
  return found == named_bauds.end() ? nullptr : found;
}

termios raw_settings(const SerialFormat& format) {
  termios settings{};
  ::cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  if (format.parity != 'N') settings.c_cflag |= PARENB;
  if (format.parity == 'O') settings.c_cflag |= PARODD;
  if (format.stop_bits == 2) settings.c_cflag |= CSTOPB;
  // A character with a wrong parity bit is dropped: its frame then fails its checksum.
  if (format.parity != 'N') settings.c_iflag |= INPCK | IGNPAR;
  // With one byte at least, a read without any is EAGAIN and 0 means that the far end is gone.
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  ::cfsetspeed(&settings, named(format.baud)->name);
  return settings;
}

/// Without it USB adapters collect bytes for up to 16 ms. Pseudo-terminals do not know it and need it not.
bool ask_for_low_latency(int fd) {
  serial_struct serial{};
  if (::ioctl(fd, TIOCGSERIAL, &serial) != 0) return false;
  serial.flags |= ASYNC_LOW_LATENCY;
  return ::ioctl(fd, TIOCSSERIAL, &serial) == 0;
}

}  // namespace

bool is_known_baud(std::int32_t baud) {
  return named(baud) != nullptr;
}

std::string known_bauds() {
  std::string text;
  for (const NamedBaud& each : named_bauds) text += fmt::format("{}{}", text.empty() ? "" : ", ", each.baud);
  return text;
}

void SerialPort::open() {
  file_ = FileDescriptor(::open(option_.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  const auto refuse = [this](const std::string& why) {
    file_.close();
    throw BadInput(fmt::format("{}: {}", option_.path, why));
  };
  if (!file_.is_open()) refuse(std::strerror(errno));
  if (::isatty(fd()) == 0) refuse("is no serial port");
  if (::flock(fd(), LOCK_EX | LOCK_NB) != 0) refuse("is in use by another controller");
  const termios settings = raw_settings(option_.format);
  if (::tcsetattr(fd(), TCSANOW, &settings) != 0) refuse(std::strerror(errno));
  low_latency_ = ask_for_low_latency(fd());
  ::tcflush(fd(), TCIOFLUSH);
}

SerialPort::Heard SerialPort::read(std::span<std::uint8_t> bytes) const {
  const ssize_t got = ::read(fd(), bytes.data(), bytes.size());
  if (got > 0) return {static_cast<std::size_t>(got), false};
  return {0, got == 0 || (errno != EAGAIN && errno != EINTR)};
}

std::size_t SerialPort::write(std::span<const std::uint8_t> bytes) const {
  const ssize_t taken = ::write(fd(), bytes.data(), bytes.size());
  return taken > 0 ? static_cast<std::size_t>(taken) : 0;
}

}  // namespace hil::hosts
