#include "harness/live/pseudo_terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace hil::harness {

PseudoTerminalPair PseudoTerminalPair::open(const std::string& what_for) {
  int master = -1;
  int slave = -1;
  std::array<char, 128> name{};
  if (::openpty(&master, &slave, name.data(), nullptr, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), what_for);
  }
  PseudoTerminalPair pair{FileDescriptor(master), FileDescriptor(slave), name.data()};
  termios raw{};
  ::tcgetattr(slave, &raw);
  ::cfmakeraw(&raw);
  ::tcsetattr(slave, TCSANOW, &raw);
  ::fcntl(master, F_SETFL, O_NONBLOCK);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(slave, F_SETFD, FD_CLOEXEC);
  return pair;
}

PseudoTerminal::PseudoTerminal(PacedLoop& loop, sim::SerialLine& line, PseudoTerminalPair pair)
    : loop_(loop), line_(line), pair_(std::move(pair)) {
  loop_.watch(pair_.master.get(), [this] { receive(); });
  line_.set_far_side([this](std::span<const std::uint8_t> bytes, sim::Time now) {
    const ssize_t written = ::write(pair_.master.get(), bytes.data(), bytes.size());
    loop_.left_at(now);
    dropped_bytes_ += bytes.size() - static_cast<std::size_t>(written > 0 ? written : 0);
  });
}

PseudoTerminal::~PseudoTerminal() {
  line_.set_far_side({});
  loop_.unwatch(pair_.master.get());
}

void PseudoTerminal::receive() {
  std::array<std::uint8_t, 512> bytes{};
  const ssize_t got = ::read(pair_.master.get(), bytes.data(), bytes.size());
  if (got <= 0) return;
  loop_.meet();
  line_.send(std::span(bytes).first(static_cast<std::size_t>(got)));
}

}  // namespace hil::harness
