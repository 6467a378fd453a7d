#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <future>
#include <ostream>
#include <stdexcept>
#include <thread>
#include <variant>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/live/clock_port.h"
#include "harness/live/orders_to_nobody.h"
#include "harness/parity/child_process.h"
#include "harness/parity/host_settings.h"
#include "harness/parity/parity_table.h"
#include "harness/parity/processor_wait.h"
#include "harness/parity/short_folder.h"
#include "harness/record/results_folder.h"
#include "harness/record/run_json.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Words = std::vector<std::string>;

constexpr const char* board_name = "board";
constexpr int attempts = 3;
constexpr auto opens_within = 60s;
constexpr auto ends_after_host = 10s;
// A host is started as soon as the lines are there.
constexpr auto first_turn_within = 30s;
constexpr auto quick_window = 25s;  // with all that goes with it less than 40 s

std::atomic<bool> interrupted = false;

void interrupt(int /*signal*/) {
  interrupted = true;
}

/// On Ctrl-C and a friendly kill whoever waits throws, and what was started ends with its owner.
void end_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = interrupt;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

void pause_between_looks() {
  std::this_thread::sleep_for(10ms);
  if (interrupted) throw std::runtime_error("ended by the user");
}

/// "9600,8N1"
std::string format_text(const sim::SerialFormat& format) {
  constexpr std::string_view parities = "NEO";
  return fmt::format("{},8{}{}", format.baud, parities[static_cast<std::size_t>(format.parity)], format.stop_bits);
}

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error(file.string() + ": cannot be written");
}

/// The last line that says something; empty: there is none.
std::string last_line(const fs::path& file) {
  std::ifstream lines(file);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

/// Of what a board's image says on its console, a turn as for a bench's clock: it waits for one. Empty: it does not.
std::string turn_on(const fs::path& console) {
  std::ifstream lines(console);
  std::string line;
  std::getline(lines, line);
  while (line.ends_with('\r')) line.pop_back();
  return is_turn(line) ? line : "";
}

/// A comma parts the options of QEMU, two stand for one.
std::string for_qemu(const fs::path& path) {
  std::string text;
  for (const char c : path.string()) text += c == ',' ? std::string(2, c) : std::string(1, c);
  return text;
}

/// One of the controller's hosts, and how it is started.
struct Host {
  std::string name;
  Words words;
  ChildProcess::Priority priority = ChildProcess::Priority::real_time;
};

/// Names of the signals that the plots show, without patterns.
std::vector<std::string> plotted_signals(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const PlotSpec& plot : scenario.plots) {
    for (const std::string& name : plot.signals) {
      if (name.find('*') == std::string::npos && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

/// A scenario run once in process and once by each host of the controller.
class ParityRun {
 public:
  ParityRun(const Scenario& scenario, const ParityOptions& options, Console console)
      : scenario_(scenario),
        options_(options),
        console_(console),
        key_signals_(plotted_signals(scenario)),
        folder_(options.results / (scenario.name + "_parity")) {
    fs::create_directories(folder_);
    const auto& lines = scenario.leader ? scenario.leader->settings.lines : scenario.controller.inverter_lines;
    for (std::size_t port = 0; port < lines.size(); ++port) {
      if (lines[port].count > 0) lines_.push_back(fmt::format("com{}", port + 1));
    }
    lines_.push_back(scenario.site.meter.line);
  }

  ParitySide in_process() {
    const fs::path results = folder_ / "in_process";
    Words words = with_case(with_library({"/proc/self/exe", "run", scenario_.file, "--results", results.string()}));
    if (options_.quick) {
      const fs::path folder = results / scenario_.name;
      fs::create_directories(folder);
      words = {"/proc/self/exe",
               "run-case",
               scenario_.file,
               "--folder",
               folder.string(),
               "--seed",
               std::to_string(scenario_.seed),
               "--library",
               library_folder(options_.library).string(),
               "--until",
               fmt::format("{:g}", seconds(scenario_.duration))};
      if (!scenario_.case_key.empty()) words.insert(words.end(), {"--case", scenario_.case_key});
    }
    const fs::path log = folder_ / "in_process.log";
    // Of an earlier call: it would stand for a run that came to nothing.
    fs::remove(results / scenario_.name / results::run_json);
    ChildProcess run(words, log);
    while (run.running()) pause_between_looks();
    const int code = run.wait();
    if (!fs::exists(results / scenario_.name / results::run_json)) {
      throw std::runtime_error(fmt::format("the run in process ended with {}, see {}", code, log.string()));
    }
    return side("in process", results);
  }

  Host hilcontroller() const {
    write_file(folder_ / "settings.json", scenario_.leader ? hilcontroller_settings(scenario_.leader->settings)
                                                           : hilcontroller_settings(scenario_.controller));
    Words words{fs::absolute(options_.controller).string()};
    for (const std::string& line : lines_) {
      words.push_back(line == scenario_.site.meter.line ? "--meter" : "--" + line);
      words.push_back(link("hilcontroller", line).string() + ":" + format_text(format_of(line)));
    }
    words.insert(words.end(), {"--settings", (folder_ / "settings.json").string(), "--socket",
                               (socket_folder_.path() / "status").string()});
    if (options_.stepped) words.insert(words.end(), {"--clock", link("hilcontroller", clock_port).string()});
    return {"hilcontroller", words, ChildProcess::Priority::real_time};
  }

  Host board() const {
    Words words{"qemu-system-arm",      "-M", "mps2-an386", "-display", "none", "-monitor", "none", "-kernel",
                options_.board.string()};
    const auto connect = [&](const char* port) {
      words.insert(words.end(),
                   {"-chardev", fmt::format("serial,id={},path={}", port, for_qemu(link(board_name, port))), "-serial",
                    fmt::format("chardev:{}", port)});
    };
    for (const char* port : {"com1", "com2", "com3", "com4"}) {
      if (std::find(lines_.begin(), lines_.end(), port) == lines_.end()) {
        words.insert(words.end(), {"-serial", "null"});
      } else {
        connect(port);
      }
    }
    if (options_.stepped) {
      connect(clock_port);
    } else {
      words.insert(words.end(), {"-serial", "file:" + for_qemu(folder_ / board_console)});
    }
    return {board_name, words, ChildProcess::Priority::emulator};
  }

  /// On a machine that keeps the bench late, or the host where they differ, the run proves nothing and is tried again.
  ParitySide attached(const Host& host, const ParitySide& reference) const {
    ParitySide result = attach_once(host);
    for (int attempt = 2; attempt <= attempts; ++attempt) {
      const Parity parity = held_against(reference, result);
      if (!parity.inconclusive) break;
      console_.out << fmt::format("{}: inconclusive, {}; attempt {} of {}\n", host.name, parity.why_inconclusive,
                                  attempt, attempts)
                   << std::flush;
      result = attach_once(host);
    }
    return result;
  }

  Parity held_against(const ParitySide& reference, const ParitySide& other) const {
    return compared(reference, other, key_signals_,
                    options_.stepped ? Parity::Allowed::no_difference : Parity::Allowed::phase_of_polls,
                    not_attached());
  }

 private:
  /// A host without a unit on a port is not attached to it.
  std::vector<std::string> not_attached() const {
    std::vector<std::string> lines;
    for (const LineSpec& line : scenario_.site.lines) {
      if (std::find(lines_.begin(), lines_.end(), line.name) == lines_.end()) lines.push_back(line.name);
    }
    return lines;
  }

  static constexpr const char* clock_port = "clock";
  static constexpr const char* board_console = "console.txt";
  /// Of the lines that this host is attached to.
  fs::path link(const std::string& host, const std::string& line) const {
    return fs::absolute(folder_) / (host + "_" + line);
  }

  const sim::SerialFormat& format_of(const std::string& name) const {
    const auto& lines = scenario_.site.lines;
    return std::find_if(lines.begin(), lines.end(), [&](const LineSpec& line) { return line.name == name; })->format;
  }

  Words with_library(Words words) const {
    if (!options_.library.empty()) words.insert(words.end(), {"--library", options_.library.string()});
    return words;
  }

  Words with_case(Words words) const {
    if (!scenario_.case_key.empty()) words.insert(words.end(), {"--case", scenario_.name});
    return words;
  }

  ParitySide side(const std::string& name, const fs::path& results) const {
    const fs::path folder = results / scenario_.name;
    return {name, read_run_json(folder / results::run_json), read_trace(folder / results::trace_csv), {}};
  }

  Words bench_words(const std::string& name) const {
    Words words{"/proc/self/exe", "attach", scenario_.file, "--results", (folder_ / name).string()};
    for (const std::string& line : lines_) {
      fs::remove(link(name, line));
      words.insert(words.end(),
                   {line == scenario_.site.meter.line ? "--meter" : "--" + line, "pty:" + link(name, line).string()});
    }
    if (options_.stepped) {
      fs::remove(link(name, clock_port));
      words.insert(words.end(), {"--clock", "pty:" + link(name, clock_port).string(), "--clock-wait",
                                 std::to_string(first_turn_within.count())});
    } else {
      words.insert(words.end(), {"--late-limit-ms", fmt::format("{:g}", options_.late_limit_ms)});
    }
    if (options_.quick) words.insert(words.end(), {"--until", fmt::format("{:g}", seconds(scenario_.duration))});
    return with_case(with_library(words));
  }

  fs::path bench_log(const std::string& name) const { return folder_ / (name + "_bench.log"); }

  void wait_for_lines(const std::string& name, ChildProcess& bench) const {
    const auto given_up = std::chrono::steady_clock::now() + opens_within;
    const auto open = [&] {
      return (!options_.stepped || fs::exists(link(name, clock_port))) &&
             std::all_of(lines_.begin(), lines_.end(),
                         [&](const std::string& line) { return fs::exists(link(name, line)); });
    };
    while (!open()) {
      if (!bench.running() || std::chrono::steady_clock::now() > given_up) {
        throw std::runtime_error(fmt::format("{}: the bench opens no lines, see {}", name, bench_log(name).string()));
      }
      pause_between_looks();
    }
  }

  static bool ends_within(ChildProcess& process, std::chrono::seconds limit) {
    const auto given_up = std::chrono::steady_clock::now() + limit;
    while (process.running() && std::chrono::steady_clock::now() < given_up) pause_between_looks();
    return !process.running();
  }

  /// Without a host the bench would wait for its first request for ever, or judge one that is not there. One that has
  /// its time from the bench is told when the run is over, and ends while the bench still writes its report.
  void wait_without_host(const Host& host, int code, ChildProcess& bench) const {
    const bool was_told = options_.stepped && code == exit_pass;
    while (was_told && bench.running()) pause_between_looks();
    if (ends_within(bench, ends_after_host)) return;
    throw std::runtime_error(
        fmt::format("{} ended with {}, see {}", host.name, code, (folder_ / (host.name + ".log")).string()));
  }

  /// One that waits for a bench's clock where there is none is not worth the scenario's time.
  void refuse_stepped_image() const {
    if (options_.stepped) return;
    const std::string turn = turn_on(folder_ / board_console);
    if (turn.empty()) return;
    throw std::runtime_error(
        fmt::format("board: the image {} waits for the bench's time, it says \"{}\" on its console: "
                    "it goes with --stepped, without that goes the one with a clock of its own",
                    options_.board.string(), as_seen(turn)));
  }

  ParitySide attach_once(const Host& host) const {
    // As of the run in process.
    fs::remove(folder_ / host.name / scenario_.name / results::run_json);
    console_.out << fmt::format("{}: {:g} s in {} time\n", host.name, seconds(scenario_.duration),
                                options_.stepped ? "virtual" : "real")
                 << std::flush;
    const auto priority = [this](ChildProcess::Priority wanted) {
      return options_.stepped ? ChildProcess::Priority::ordinary : wanted;
    };
    ChildProcess bench(bench_words(host.name), bench_log(host.name));
    wait_for_lines(host.name, bench);
    const fs::path log = folder_ / (host.name + ".log");
    const bool is_board = host.name == board_name;
    if (is_board) fs::remove(folder_ / board_console);
    ChildProcess controller(host.words, log, priority(host.priority));
    ProcessorWait waits(controller.id());
    auto next_console = std::chrono::steady_clock::now();
    while (bench.running()) {
      pause_between_looks();
      waits.look();
      if (is_board && std::chrono::steady_clock::now() >= next_console) {
        refuse_stepped_image();
        next_console += 1s;
      }
      if (!controller.running()) wait_without_host(host, controller.wait(), bench);
    }
    if (!fs::exists(folder_ / host.name / scenario_.name / results::run_json)) {
      throw std::runtime_error(fmt::format("{}: its bench ended with {} and no report: {} (see {})", host.name,
                                           bench.wait(), last_line(bench_log(host.name)),
                                           bench_log(host.name).string()));
    }
    ParitySide result = side(host.name, folder_ / host.name);
    if (options_.stepped) return result;
    result.host_waited = waits.longest();
    result.host_waited_limit = std::chrono::nanoseconds{static_cast<std::int64_t>(1e6 * options_.late_limit_ms)};
    return result;
  }

  static double seconds(sim::Time time) { return std::chrono::duration<double>(time).count(); }

  const Scenario& scenario_;
  const ParityOptions& options_;
  Console console_;
  std::vector<std::string> key_signals_;
  fs::path folder_;
  ShortFolder socket_folder_;
  std::vector<std::string> lines_;
};

/// All at once when there is little time; else one after the other, since each wants the machine for itself.
std::vector<ParitySide> run_all(const ParityRun& run, const std::vector<Host>& hosts, const ParitySide& reference,
                                bool at_once) {
  std::vector<std::future<ParitySide>> under_way;
  under_way.reserve(hosts.size());
  for (const Host& host : hosts) {
    under_way.push_back(std::async(at_once ? std::launch::async : std::launch::deferred,
                                   [&run, &host, &reference] { return run.attached(host, reference); }));
  }
  std::vector<ParitySide> sides;
  sides.reserve(hosts.size());
  for (auto& side : under_way) sides.push_back(side.get());
  return sides;
}

/// What may be behind a difference: of the run itself, and of an image that is made for one site.
void tell_hints(const ParitySide& reference, const ParitySide& other, const ParityOptions& options, Console console) {
  const std::vector<std::string>& known = reference.result.notes;
  for (const std::string& note : other.result.notes) {
    if (std::find(known.begin(), known.end(), note) == known.end()) console.out << "note: " << note << '\n';
  }
  if (other.name != board_name) return;
  const std::string of_case = options.case_name.empty() ? "" : " --case " + options.case_name;
  console.out << fmt::format(
      "note: is {} made with the settings of this scenario? hilbench parity {}{} --write-board-settings site.h writes "
      "them\n",
      options.board.string(), options.file.string(), of_case);
}

int tell(const ParityRun& run, const ParitySide& reference, const ParitySide& other, const ParityOptions& options,
         Console console) {
  const Parity parity = run.held_against(reference, other);
  console.out << '\n' << parity.table;
  // Two runs that both broke down prove nothing by it.
  for (const ParitySide* side : {&reference, &other}) {
    if (side->result.verdict != Verdict::error) continue;
    console.err << fmt::format("parity: {} ended in error: {}\n", side->name, side->result.error);
    return exit_error;
  }
  for (const std::string& fault : parity.faults) console.out << "differs: " << fault << '\n';
  if (!parity.faults.empty() && !parity.inconclusive) tell_hints(reference, other, options, console);
  if (parity.inconclusive) {
    console.out << fmt::format("inconclusive: {}\n", parity.why_inconclusive);
    return exit_inconclusive;
  }
  if (parity.undecided && parity.faults.empty()) {
    console.out << "no check was decided: there is nothing to agree on\n";
    return exit_untested;
  }
  console.out << (parity.agree ? "agree\n" : "do not agree\n");
  return parity.agree ? exit_pass : exit_fail;
}

/// Why nothing of this scenario can be held against anything, a line each.
std::vector<std::string> reasons_against(const Scenario& scenario, const ParityOptions& options) {
  std::vector<std::string> reasons;
  const std::string file = options.file.string();
  if (!scenario.lan_clients.empty()) reasons.push_back(file + ": has a LAN client, which no attached controller meets");
  if (std::isnan(scenario.controller.export_limit_w)) {
    reasons.push_back(file + ": nothing is entered in its controller, which the settings of another cannot say");
  }
  if (!scenario.has_controller() && !scenario.leader) reasons.push_back(file + ": has no controller to compare");
  // In the bench's time nobody's hand keeps up.
  if (options.stepped && !options.quick && !scenario.leader && options.board_settings.empty()) {
    for (const std::string& order : orders_to_nobody(scenario)) reasons.push_back(fmt::format("{}: {}", file, order));
  }
  if (!scenario.leader) return reasons;
  bool orders_leader = false;
  for_each_action(scenario, [&orders_leader](const Action& action) {
    orders_leader =
        orders_leader || std::holds_alternative<OrderFleet>(action) || std::holds_alternative<ReleaseFleet>(action);
  });
  if (orders_leader) {
    reasons.push_back(
        file +
        ": orders the leader in its timeline, which no attached one hears; <fleet_leader> can begin with that mode");
  }
  if (!scenario.leader->transfer_switch.empty()) {
    reasons.push_back(
        file + ": its leader moves a transfer switch, for which neither hilcontroller nor the board has a contact");
  }
  return reasons;
}

}  // namespace

int parity_command(const ParityOptions& options, Console console) {
  Inputs inputs = read_one_input(options.file, library_folder(options.library), options.case_name, "parity");
  if (inputs.faults.empty()) inputs.faults = reasons_against(inputs.scenarios.front(), options);
  // Of an attached host nothing is known but what is on its wires; for its settings that does not matter.
  if (inputs.faults.empty() && options.board_settings.empty()) check_benches(inputs, false);
  if (options.board_settings.empty() && options.controller.empty() && options.board.empty()) {
    inputs.faults.emplace_back("parity: nothing to hold it against, needs --controller or --board");
  }
  for (const std::string& fault : inputs.faults) console.err << fault << '\n';
  if (!inputs.faults.empty()) return exit_bad_input;

  Scenario& scenario = inputs.scenarios.front();
  if (options.quick) end_early(scenario, std::chrono::duration<double>(quick_window).count());
  end_on_interrupt();
  try {
    if (!options.board_settings.empty()) {
      write_file(options.board_settings,
                 scenario.leader ? board_settings(scenario.leader->settings) : board_settings(scenario.controller));
      return exit_pass;
    }
    ParityRun run(scenario, options, console);
    const ParitySide reference = run.in_process();
    std::vector<Host> hosts;
    if (!options.controller.empty()) hosts.push_back(run.hilcontroller());
    if (!options.board.empty()) hosts.push_back(run.board());
    std::vector<int> codes;
    for (const ParitySide& side : run_all(run, hosts, reference, options.quick)) {
      codes.push_back(tell(run, reference, side, options, console));
    }
    const bool failed = std::find(codes.begin(), codes.end(), exit_fail) != codes.end();
    const bool broke_down = std::find(codes.begin(), codes.end(), exit_error) != codes.end();
    return failed && !broke_down ? exit_fail : *std::max_element(codes.begin(), codes.end());
  } catch (const std::exception& error) {
    // Ctrl-C in a terminal ends those who were started, too, which may be what was noticed first.
    console.err << "parity: " << (interrupted ? "ended by the user" : error.what()) << '\n';
    return interrupted ? exit_inconclusive : exit_error;
  }
}

}  // namespace hil::harness
