#include "harness/live/serial_device.h"

#include <fcntl.h>
#include <linux/serial.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <stdexcept>
#include <utility>

#include "harness/live/socket_address.h"
#include "harness/live/terminal_number.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

const std::map<int, speed_t>& bauds_of_ports() {
  static const std::map<int, speed_t> bauds{{1200, B1200},     {2400, B2400},     {4800, B4800},    {9600, B9600},
                                            {19200, B19200},   {38400, B38400},   {57600, B57600},  {115200, B115200},
                                            {230400, B230400}, {460800, B460800}, {921600, B921600}};
  return bauds;
}

bool ends_in_a_pseudo_terminal(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && is_pseudo_terminal(status.st_rdev);
}

/// True: the driver took the low-latency flag.
bool make_raw(int fd, const sim::SerialFormat& format) {
  termios settings{};
  ::cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  if (format.parity != sim::Parity::none) {
    settings.c_cflag |= PARENB;
    settings.c_iflag |= INPCK | IGNPAR;  // a byte with a wrong parity bit is lost, as in a UART
  }
  if (format.parity == sim::Parity::odd) settings.c_cflag |= PARODD;
  if (format.stop_bits == 2) settings.c_cflag |= CSTOPB;
  settings.c_cc[VMIN] = 1;
  ::cfsetspeed(&settings, bauds_of_ports().at(format.baud));
  ::tcsetattr(fd, TCSANOW, &settings);
  serial_struct serial{};
  bool low_latency = false;
  if (::ioctl(fd, TIOCGSERIAL, &serial) == 0) {
    serial.flags |= ASYNC_LOW_LATENCY;
    low_latency = ::ioctl(fd, TIOCSSERIAL, &serial) == 0;
  }
  ::tcflush(fd, TCIOFLUSH);
  return low_latency;
}

/// What the operating system says, and what helps.
std::string why_not_opened(int error) {
  return std::strerror(error) +
         std::string(error == EACCES ? ": is the user in the port's group, dialout as a rule?" : "");
}

/// When the bench begins there is time to wait.
void wait_for_connection(int fd) {
  constexpr int longest_ms = 3000;
  pollfd watched{fd, POLLOUT, 0};
  ::poll(&watched, 1, longest_ms);
}

}  // namespace

std::uint32_t rs485_flags(SerialDevice::Direction direction) {
  switch (direction) {
    case SerialDevice::Direction::by_driver:
      return SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND;
    case SerialDevice::Direction::by_low_rts:
      return SER_RS485_ENABLED | SER_RS485_RTS_AFTER_SEND;
    case SerialDevice::Direction::by_adapter:
      break;
  }
  return 0;
}

/// The port keeps the mode when it is closed, so the other way is set as well.
bool set_rs485_direction(int fd, SerialDevice::Direction direction) {
  const bool by_adapter = direction == SerialDevice::Direction::by_adapter;
  serial_rs485 mode{};
  if (::ioctl(fd, TIOCGRS485, &mode) != 0) return by_adapter;
  if (by_adapter && (mode.flags & SER_RS485_ENABLED) == 0) return true;
  mode = {};
  mode.flags = rs485_flags(direction);
  return ::ioctl(fd, TIOCSRS485, &mode) == 0;
}

bool is_baud_of_a_port(int baud) {
  return bauds_of_ports().count(baud) != 0;
}

SerialDevice::SerialDevice(std::string path, const sim::SerialFormat& format, Wire wire, Direction direction)
    : path_(std::move(path)), format_(format), direction_(direction) {
  // Once: to look a name up can take seconds, which the plant does not have.
  if (is_serial_server(path_)) server_ = socket_address(std::string_view(path_).substr(serial_server_prefix.size()));
  open();
  if (is_serial_server(path_)) wait_for_connection(port_.get());
  if (is_serial_server(path_) && !is_connected()) throw std::runtime_error(path_ + ": no serial server answers there");
  was_there_ = true;
  real_wire_ = wire == Wire::real || !ends_in_a_pseudo_terminal(port_.get());
  request_.reserve(2 * sim::largest_rtu_frame);
}

SerialDevice::~SerialDevice() {
  if (line_ != nullptr) line_->set_far_side({});
  if (loop_ != nullptr && port_.is_open()) loop_->unwatch(port_.get());
}

void SerialDevice::open_serial_server() {
  port_ = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!port_.is_open()) throw std::runtime_error(path_ + ": no socket");
  if (!server_) {
    const std::string_view address = std::string_view(path_).substr(serial_server_prefix.size());
    throw std::runtime_error(path_ + ": " + address_fault(address, "must be tcp:HOST:PORT"));
  }
  const auto set = [this](int level, int option, int value) {
    ::setsockopt(port_.get(), level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  // The bench sends only when it is asked: a server that lost its power would never be missed. So it is asked each
  // second, and gone after three without an answer.
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 1);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 1);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  // Does not block: who is not there yet must not keep the plant waiting. Whether it came about is asked later.
  static_cast<void>(::connect(port_.get(), reinterpret_cast<const sockaddr*>(&server_->raw), sizeof server_->raw));
}

bool SerialDevice::is_connected() const {
  sockaddr_in far{};
  socklen_t size = sizeof far;
  return ::getpeername(port_.get(), reinterpret_cast<sockaddr*>(&far), &size) == 0;
}

bool SerialDevice::next_byte(std::uint8_t& byte) {
  if (!port_.is_open()) return false;
  const ssize_t got = ::read(port_.get(), &byte, 1);
  if (got == 1) was_there_ = true;
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) port_.close();
  return got == 1;
}

bool SerialDevice::open_again() {
  was_there_ = false;
  try {
    open();
  } catch (const std::runtime_error&) {
    return false;  // still unplugged
  }
  return was_there_;
}

void SerialDevice::open() {
  if (is_serial_server(path_)) return open_serial_server();
  port_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!port_.is_open()) throw std::runtime_error(path_ + ": " + why_not_opened(errno));
  if (::isatty(port_.get()) == 0) {
    port_.close();
    throw std::runtime_error(path_ + ": is no serial port, must be one or a pseudo-terminal");
  }
  // As hilcontroller and others do: two on one port take each other's bytes.
  if (::flock(port_.get(), LOCK_EX | LOCK_NB) != 0) {
    port_.close();
    throw std::runtime_error(path_ + ": is in use by another program, or for another line");
  }
  low_latency_ = make_raw(port_.get(), format_);
  if (!set_rs485_direction(port_.get(), direction_)) {
    port_.close();
    throw std::runtime_error(path_ + ": its driver has no RS485 mode, must be one that has, or without rs485");
  }
  was_there_ = true;
}

void SerialDevice::connect(PacedLoop& loop, sim::Kernel& kernel, sim::SerialLine& line) {
  loop_ = &loop;
  line_ = &line;
  pause_.emplace(kernel.make_alarm([this](sim::Time) {
    line_->send(request_);  // no whole request: the line says what becomes of it
    request_.clear();
  }));
  reopen_.emplace(kernel.make_alarm([this](sim::Time now) {
    try {
      open();
      watch();
      // A server has said nothing yet.
      if (was_there_ && on_change_) on_change_(now, true);
    } catch (const std::runtime_error&) {
      reopen_->set(now + 1s);  // still unplugged
    }
  }));
  if (port_.is_open()) {
    watch();
  } else {
    reopen_->set(kernel.now() + 1s);
  }
  line.set_far_side([this](std::span<const std::uint8_t> bytes, sim::Time now) {
    const ssize_t written = port_.is_open() ? hand_over(bytes) : 0;
    loop_->left_at(now);
    dropped_bytes_ += bytes.size() - static_cast<std::size_t>(written > 0 ? written : 0);
  });
}

ssize_t SerialDevice::hand_over(std::span<const std::uint8_t> bytes) const {
  if (is_serial_server(path_)) return ::send(port_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return ::write(port_.get(), bytes.data(), bytes.size());
}

void SerialDevice::watch() {
  loop_->watch(port_.get(), [this] { receive(); });
}

void SerialDevice::receive() {
  std::array<std::uint8_t, 512> bytes{};
  const ssize_t got = ::read(port_.get(), bytes.data(), bytes.size());
  if (got > 0) {
    if (!was_there_ && on_change_) on_change_(loop_->catch_up(), true);
    was_there_ = true;
    take(std::span(bytes).first(static_cast<std::size_t>(got)), loop_->meet());
  } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
    lose();
  }
}

void SerialDevice::take(std::span<const std::uint8_t> bytes, sim::Time now) {
  if (!real_wire_) {
    line_->send(bytes);
    return;
  }
  request_.insert(request_.end(), bytes.begin(), bytes.end());
  if (sim::is_whole_rtu_request(request_) || request_.size() >= sim::largest_rtu_frame) {
    pause_->cancel();
    line_->send(request_);
    request_.clear();
  } else {
    pause_->set(now + longest_pause);
  }
}

void SerialDevice::lose() {
  const bool first = was_there_;
  unplugged_ += was_there_ ? 1 : 0;
  was_there_ = false;
  if (first && on_change_) on_change_(loop_->catch_up(), false);
  loop_->unwatch(port_.get());
  port_.close();
  reopen_->set(loop_->meet() + 1s);
}

}  // namespace hil::harness
