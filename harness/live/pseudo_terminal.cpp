#include "harness/live/pseudo_terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace hil::harness {

PseudoTerminalPair PseudoTerminalPair::open(const std::string& what_for, int baud) {
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
  if (baud > 0) set_terminal_baud(master, baud);
  ::fcntl(master, F_SETFL, O_NONBLOCK);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(slave, F_SETFD, FD_CLOEXEC);
  return pair;
}

PseudoTerminal::PseudoTerminal(PacedLoop& loop, sim::SerialLine& line, PseudoTerminalPair pair)
    : loop_(loop), line_(line), pair_(std::move(pair)), baud_(pair_.master.get(), line.format()) {
  loop_.watch(pair_.master.get(), [this] { receive(); });
  line_.set_far_side([this](std::span<const std::uint8_t> bytes, sim::Time now) {
    const std::span<const std::uint8_t> heard = baud_.heard(bytes);
    const ssize_t written = ::write(pair_.master.get(), heard.data(), heard.size());
    loop_.left_at(now);
    dropped_bytes_ += heard.size() - static_cast<std::size_t>(written > 0 ? written : 0);
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
  const sim::Time now = loop_.meet();
  if (baud_.has_changed() && on_baud_) on_baud_(now, baud_);
  line_.send(baud_.sent(std::span(bytes).first(static_cast<std::size_t>(got))));
}

}  // namespace hil::harness
