#include "harness/live/pseudo_terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace hil::harness {

PseudoTerminal::PseudoTerminal(PacedLoop& loop, sim::SerialLine& line) : loop_(loop), line_(line) {
  int master = -1;
  int slave = -1;
  std::array<char, 128> name{};
  if (::openpty(&master, &slave, name.data(), nullptr, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "pseudo-terminal for " + line.name());
  }
  master_ = FileDescriptor(master);
  slave_ = FileDescriptor(slave);
  path_ = name.data();
  termios raw{};
  ::tcgetattr(slave, &raw);
  ::cfmakeraw(&raw);
  ::tcsetattr(slave, TCSANOW, &raw);
  ::fcntl(master, F_SETFL, O_NONBLOCK);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(slave, F_SETFD, FD_CLOEXEC);
  loop_.watch(master, [this] { receive(); });
  line_.set_far_side([this](std::span<const std::uint8_t> bytes, sim::Time) {
    const ssize_t written = ::write(master_.get(), bytes.data(), bytes.size());
    dropped_bytes_ += bytes.size() - static_cast<std::size_t>(written > 0 ? written : 0);
  });
}

PseudoTerminal::~PseudoTerminal() {
  line_.set_far_side({});
  loop_.unwatch(master_.get());
}

void PseudoTerminal::receive() {
  std::array<std::uint8_t, 512> bytes{};
  const ssize_t got = ::read(master_.get(), bytes.data(), bytes.size());
  if (got <= 0) return;
  loop_.meet();
  line_.send(std::span(bytes).first(static_cast<std::size_t>(got)));
}

}  // namespace hil::harness
