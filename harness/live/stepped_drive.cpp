#include "harness/live/stepped_drive.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "harness/live/asked_units.h"
#include "harness/live/opened_devices.h"
#include "harness/live/orders_to_nobody.h"
#include "harness/live/stop_signals.h"
#include "harness/live/terminal_baud.h"
#include "harness/record/number_text.h"

namespace hil::harness {
namespace {

constexpr std::chrono::seconds longest_turn{30};
constexpr int look_each_ms = 1000;
// More than any controller has to say at one instant.
constexpr int most_turns_at_once = 10'000;
constexpr std::size_t most_notes = 100;

/// Of the controller's ports the one that a line is plugged into, by its name: "com1" is 0.
std::size_t port_number(const std::string& line) {
  return static_cast<std::size_t>(line.back() - '1');
}

/// Somebody has asked the bench to stop.
struct Stopped {};

}  // namespace

/// Bench and controller, one after the other.
class SteppedDrive::Turns {
 public:
  Turns(Bench& bench, const std::vector<Port>& ports, ClockPort& clock, std::ostream& out)
      : kernel_(bench.kernel()), clock_(clock), out_(out), wake_(bench.kernel().make_alarm([this](sim::Time now) {
          begin_turn();
          if (begun_) tell(now);
          begun_ = true;
          listen(now);
        })) {
    for (const Port& port : ports) {
      Line& line = lines_.at(port.number);
      line.line = &bench.line(port.line);
      line.fd = port.pair.master.get();
      line.baud.emplace(line.fd, line.line->format());
      line.line->set_far_side([this, &line](std::span<const std::uint8_t> said, sim::Time now) {
        const std::span<const std::uint8_t> bytes = line.baud->heard(said);
        line.heard += static_cast<std::int64_t>(bytes.size());
        begin_turn();
        write(line.fd, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, line.line->name());
        tell(now);
        listen(now);
      });
    }
    wake_.set(sim::Time{0});
    kernel_.each_step(sim::StepPhase::record, [this](sim::Time) {
      if (is_asked_to_stop()) kernel_.stop();
    });
  }

  ~Turns() {
    for (const Line& line : lines_) {
      if (line.line != nullptr) line.line->set_far_side({});
    }
  }
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  bool stopped() const { return is_asked_to_stop(); }

  /// For people: the bauds that the controller has set, where another than the line's was among them.
  const std::vector<std::string>& notes() const { return notes_; }

  /// For people: what lies on the ports of which the controller never said that it has sent it.
  std::vector<std::string> undeclared() const {
    std::vector<std::string> notes;
    for (const Line& line : lines_) {
      int waiting = 0;
      if (line.line == nullptr || ::ioctl(line.fd, FIONREAD, &waiting) != 0 || waiting == 0) continue;
      notes.push_back(fmt::format("{} bytes lie on {} of which the controller has not said that it sent them", waiting,
                                  line.line->name()));
    }
    return notes;
  }

 private:
  struct Line {
    sim::SerialLine* line = nullptr;  ///< nullptr: nobody is plugged in
    int fd = -1;
    std::optional<TerminalBaud> baud;  ///< of whoever is
    std::int64_t heard = 0;            ///< by the controller
    std::int64_t sent = 0;             ///< by it
  };

  bool is_asked_to_stop() const {
    pollfd watched{signals_.get(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
  }

  /// Throws Stopped, or std::runtime_error when the turn takes too long, with what it waits for.
  template <typename What>
  void check(const What& what) const {
    if (is_asked_to_stop()) throw Stopped{};
    if (std::chrono::steady_clock::now() < turn_given_up_) return;
    throw std::runtime_error(fmt::format("{} within {} s", what(), longest_turn.count()));
  }

  /// Until the port can be read or written, or it is time to look at the clock again.
  template <typename What>
  void wait_for(int fd, short ready, const What& what) const {
    check(what);
    std::array<pollfd, 2> watched{pollfd{fd, ready, 0}, pollfd{signals_.get(), POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), look_each_ms) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
  }

  void write(int fd, std::string_view bytes, const std::string& port) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd, bytes.data(), bytes.size());
      if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
      if (bytes.empty()) return;
      if (clock_.has_hung_up()) clock_.tell_hang_up();
      wait_for(fd, POLLOUT, [&] {
        return fmt::format("the controller has not fetched what came on {}, {} bytes of it are left", port,
                           bytes.size());
      });
    }
  }

  /// With each turn the half minute begins anew.
  void begin_turn() { turn_given_up_ = std::chrono::steady_clock::now() + longest_turn; }

  void tell(sim::Time now) {
    told_ = fmt::format("t {} {} {} {} {}", now.count(), lines_[0].heard, lines_[1].heard, lines_[2].heard,
                        lines_[3].heard);
    write(clock_.fd(), told_ + '\n', "its clock's port");
  }

  /// Why the controller is waited for no longer: what came, and what did not.
  std::string no_turn() const {
    std::string of_next;
    if (!clock_.begun_line().empty()) {
      of_next = fmt::format(", of the next only \"{}\" came, without a line feed,", as_seen(clock_.begun_line()));
    }
    return fmt::format("the controller's last turn was \"{}\"{} and to \"{}\" it gave no answer",
                       as_seen(clock_.last_turn()), of_next, told_);
  }

  /// Lets the controller do what it has to at this instant.
  void listen(sim::Time now) {
    std::string answer = next_line();
    while (!is_turn(answer)) {
      check([this] { return no_turn(); });
      if (!answer.empty()) out_ << "controller: " << as_seen(answer, ClockPort::longest_line) << '\n' << std::flush;
      answer = next_line();
    }
    const ControllerTurn turn = read_turn(answer);
    count_turn(now, turn.wake_at);
    // As ControllerHost does: first what leaves, then the wake-up.
    for (std::size_t port = 0; port < lines_.size(); ++port) fetch(port, turn.sent[port]);
    if (turn.wake_at == sim::Time::max()) {
      wake_.cancel();
    } else {
      wake_.set(std::max(now, turn.wake_at));
    }
  }

  /// Throws std::runtime_error for a controller that keeps the time from going on.
  void count_turn(sim::Time now, sim::Time next_wake) {
    turns_at_once_ = now == last_turn_ ? turns_at_once_ + 1 : 1;
    last_turn_ = now;
    if (turns_at_once_ < most_turns_at_once) return;
    throw std::runtime_error(fmt::format(
        "the controller has had {} turns at {} ns, as many as it may, and by \"{}\" wants to be woken at {} "
        "ns: its time must go on",
        turns_at_once_, now.count(), as_seen(clock_.last_turn()), next_wake.count()));
  }

  /// Brings what the controller has sent onto the line.
  void fetch(std::size_t port, std::int64_t sent) {
    Line& line = lines_[port];
    if (line.line == nullptr) return;
    if (sent < line.sent) {
      throw std::runtime_error(fmt::format("the controller takes bytes back: \"{}\" says {} on {}, it was {} before",
                                           as_seen(clock_.last_turn()), sent, controller_port_name(port), line.sent));
    }
    frame_.clear();
    while (line.sent < sent) {
      std::array<std::uint8_t, 512> bytes{};
      const auto wanted = std::min<std::size_t>(bytes.size(), static_cast<std::size_t>(sent - line.sent));
      const ssize_t got = ::read(line.fd, bytes.data(), wanted);
      if (got <= 0) {
        wait_for(line.fd, POLLIN, [&] {
          return fmt::format("only {} of the {} bytes that \"{}\" tells of have come on {}", line.sent, sent,
                             as_seen(clock_.last_turn()), line.line->name());
        });
        continue;
      }
      frame_.insert(frame_.end(), bytes.begin(), bytes.begin() + got);
      line.sent += got;
    }
    if (frame_.empty()) return;
    if (line.baud->has_changed()) tell_baud(line);
    line.line->send(line.baud->sent(frame_));
  }

  void tell_baud(const Line& line) {
    if (notes_.size() >= most_notes) return;
    notes_.push_back(fmt::format("{} at {} was {}", line.line->name(), time_text(kernel_.now()),
                                 line.baud->text(line.line->name())));
    out_ << "warning: " << notes_.back() << '\n' << std::flush;
  }

  /// Of the controller's words, without the end of the line.
  std::string next_line() {
    for (;;) {
      if (std::optional<std::string> line = clock_.next_line()) return *std::move(line);
      wait_for(clock_.fd(), POLLIN, [this] { return no_turn(); });
    }
  }

  sim::Kernel& kernel_;
  ClockPort& clock_;
  std::ostream& out_;
  sim::Kernel::Alarm wake_;
  FileDescriptor signals_ = stop_signals();
  std::array<Line, ControllerTurn::port_count> lines_;
  bool begun_ = false;
  std::chrono::steady_clock::time_point turn_given_up_;
  std::string told_;  ///< the bench's last turn
  sim::Time last_turn_{-1};
  int turns_at_once_ = 0;
  std::vector<std::uint8_t> frame_;
  std::vector<std::string> notes_;
};

SteppedDrive::SteppedDrive(const Scenario& scenario, const Plan& plan, std::ostream& out)
    : out_(out), first_turn_within_s_(plan.first_turn_within_s), unreached_(orders_to_nobody(scenario)) {
  const std::vector<OpenableDevice> devices = devices_of(scenario.site);
  for (const PortSpec& spec : plan.ports) {
    ports_.push_back({spec.line, port_number(spec.line), open(spec, spec.line, units_on(spec.line, devices))});
    set_terminal_baud(ports_.back().pair.master.get(), spec.format.baud);
  }
  PseudoTerminalPair clock = open(plan.clock, "clock", "the controller's time");
  std::string clock_path = plan.clock.link.empty() ? clock.path : plan.clock.link.string();
  clock_ = ClockPort(std::move(clock), std::move(clock_path));
  for (const LineSpec& line : scenario.site.lines) {
    const auto is_it = [&line](const PortSpec& spec) { return spec.line == line.name; };
    if (std::any_of(plan.ports.begin(), plan.ports.end(), is_it)) continue;
    out_ << fmt::format("  {:5} not attached: nobody polls {}\n", line.name, units_on(line.name, devices));
  }
  for (const std::string& order : unreached_) out_ << "  warning: " << order << '\n';
  out_ << std::flush;
}

PseudoTerminalPair SteppedDrive::open(const PortSpec& spec, const std::string& what, const std::string& about) {
  PseudoTerminalPair pair = PseudoTerminalPair::open("pseudo-terminal for " + what);
  if (!spec.link.empty()) links_.push_back(std::make_unique<SymbolicLink>(spec.link, pair.path));
  out_ << fmt::format("  {:5} {}: {}\n", what, spec.link.empty() ? pair.path : spec.link.string(), about);
  return pair;
}

Bench::Wiring SteppedDrive::wiring() const {
  Bench::Wiring wiring;
  wiring.controller = false;
  for (const Port& port : ports_) wiring.open_lines.insert(port.line);
  return wiring;
}

void SteppedDrive::run(Bench& bench, const Scenario& scenario, RunResult& result) {
  std::string names;
  for (const Port& port : ports_) names += (names.empty() ? "" : ", ") + port.line;
  result.stepped = true;
  result.notes.push_back("the controller is on " + names + " and has its time from the bench");
  result.notes.insert(result.notes.end(), unreached_.begin(), unreached_.end());
  std::vector<std::string> lines;
  for (const Port& port : ports_) lines.push_back(port.line);
  const AskedUnits asked(bench, lines);
  Turns turns(bench, ports_, clock_, out_);
  try {
    bench.run();
  } catch (const Stopped&) {
  }
  clock_.say_end(bench.kernel().now());
  result.notes.insert(result.notes.end(), turns.notes().begin(), turns.notes().end());
  for (const std::string& note : turns.undeclared()) {
    out_ << "warning: " << note << '\n';
    result.notes.push_back(note);
  }
  for (const std::string& note : asked.notes(bench.kernel().now(), AskedUnits::Clock::of_the_bench)) {
    result.notes.push_back(note);
  }
  result.stopped = turns.stopped() && bench.kernel().now() < scenario.duration;
}

}  // namespace hil::harness
