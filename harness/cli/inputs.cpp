#include "harness/cli/inputs.h"

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <string_view>

#include "harness/checks/check.h"
#include "harness/checks/signal_names.h"
#include "harness/cli/progress_line.h"
#include "harness/plant/bench.h"
#include "harness/record/output_file.h"
#include "harness/scenario/catalog.h"
#include "harness/scenario/check_signals.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/reader.h"
#include "sim/devices/register_map.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

struct RootElement {
  std::string name;    ///< empty: there is none
  std::size_t at = 0;  ///< of its '<'
};

/// The first element, also of a file that is broken further down. Catalogues and sites lie beside scenarios.
RootElement root_element(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    std::string_view rest = text.substr(at + 1);
    std::string_view end;
    if (rest.starts_with("!--")) {
      end = "-->";
    } else if (rest.starts_with("?") || rest.starts_with("!")) {
      end = ">";
    } else {
      return {std::string{rest.substr(0, rest.find_first_of(" \t\r\n/>"))}, at};
    }
    at = text.find(end, at);
  }
  return {};
}

/// Why a file in a folder is neither a scenario nor what lies beside them; empty: it is one of them.
std::string root_fault(const fs::path& file, std::string_view text, const RootElement& root) {
  constexpr std::array known{"scenario", "site", "catalog", "register_map"};
  if (std::find(known.begin(), known.end(), root.name) != known.end()) return {};
  const std::string_view before = text.substr(0, root.at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  const std::string what = root.name.empty() ? "there is no root element" : "root element is <" + root.name + ">";
  return file.string() + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what +
         ", must be scenario, site, catalog or register_map";
}

/// Everything from a pipe until its other end closes.
std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t got = ::read(descriptor, part.data(), part.size());
    if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
  }
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

constexpr double longest_until_s = 1e9;

constexpr char field_end = '\t';  // messages hold no control characters
constexpr char row_end = '\n';

/// One fault a row, for a pipe.
std::string row_of(const Fault& fault) {
  std::string message = fault.message;
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c == field_end || c == row_end; }, ' ');
  return fault.place.file + field_end + std::to_string(fault.place.line) + field_end +
         std::to_string(fault.place.column) + field_end + fault.rule + field_end + message + row_end;
}

Fault fault_of(const std::string& row) {
  std::istringstream fields(row);
  Fault fault;
  std::string line;
  std::string column;
  std::getline(fields, fault.place.file, field_end);
  std::getline(fields, line, field_end);
  std::getline(fields, column, field_end);
  std::getline(fields, fault.rule, field_end);
  std::getline(fields, fault.message);
  fault.place.line = static_cast<int>(parse_integer(line).value_or(0));
  fault.place.column = static_cast<int>(parse_integer(column).value_or(0));
  return fault;
}

/// "map.xml:12: what" at its line.
Fault fault_of_map(const std::string& text) {
  const std::size_t head = std::min(text.find(": "), text.size());
  const std::size_t colon = text.rfind(':', head == 0 ? 0 : head - 1);
  if (colon == std::string::npos || head == text.size()) return {{}, text};
  const auto line = parse_integer(text.substr(colon + 1, head - colon - 1));
  if (!line) return {{}, text};
  return {{text.substr(0, colon), static_cast<int>(*line), 1}, text.substr(head + 2)};
}

/// Of a map for another device nearly every row is wrong: the first ones tell.
std::string rows_of(const sim::BadRegisterMap& bad) {
  constexpr std::size_t most = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, bad.faults().size()); ++i) text += row_of(fault_of_map(bad.faults()[i]));
  if (bad.faults().size() > most) {
    Fault rest = fault_of_map(bad.faults()[most]);
    rest.message =
        fmt::format("and {} more faults from here on; is the map one for this device?", bad.faults().size() - most);
    text += row_of(rest);
  }
  return text;
}

/// The checks whose signals are there: an unknown name must not hide what else is wrong.
Scenario only_known(Scenario scenario, const sim::SignalRegistry& signals) {
  const auto unknown = [&signals](const std::string& pattern) { return signals.matching(pattern).empty(); };
  std::erase_if(scenario.checks, [&](const CheckSpec& check) {
    const std::vector<std::string> names = signals_of(check);
    return std::any_of(names.begin(), names.end(), unknown);
  });
  scenario.triggers.clear();
  scenario.plots.clear();
  scenario.records.clear();
  return scenario;
}

/// Of a scenario that is not sound only its signals are looked up, in a bench without what may be wrong.
std::string bench_faults(const Scenario& scenario, bool sound, bool with_controller) {
  std::string text;
  try {
    Scenario without_triggers = scenario;  // the bench itself refuses the first unknown signal of them
    without_triggers.triggers.clear();
    if (!sound) without_triggers.timeline.clear();
    Bench::Wiring wiring;
    wiring.controller = with_controller;
    Bench bench(without_triggers, wiring);
    auto faults = unknown_signals(scenario, bench.signals(),
                                  with_controller ? ControllerOfBench::in_process : ControllerOfBench::left_out);
    if (sound) {
      for (const Fault& fault : signal_faults(only_known(scenario, bench.signals()), bench)) faults.push_back(fault);
    }
    for (const Fault& fault : faults) text += row_of(fault);
  } catch (const sim::BadRegisterMap& bad) {
    if (sound) text += rows_of(bad);
  } catch (const std::exception& error) {
    // Some of the bench's messages name their place themselves.
    std::string what = error.what();
    const bool placed = what.starts_with(scenario.file + ":");
    if (sound) text += row_of({{placed ? "" : scenario.file, 0, 0}, what});
  }
  return text;
}

/// A process can hold one bench only, so each is built in a process of its own.
std::string bench_faults_in_child(const Scenario& scenario, bool sound, bool with_controller) {
  std::array<int, 2> ends{};
  const Place whole{scenario.file, 0, 0};
  if (::pipe(ends.data()) != 0) return row_of({whole, "no pipe to check it through"});
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_all(ends[1], bench_faults(scenario, sound, with_controller));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    text += row_of({whole, "the bench could not be built: its process ended early"});
  }
  return text;
}

}  // namespace

std::vector<fs::path> scenario_files(const std::vector<fs::path>& paths, std::vector<std::string>& faults) {
  std::vector<fs::path> files;
  std::set<fs::path> met;
  const auto take = [&](const fs::path& file) {
    if (met.insert(fs::weakly_canonical(file)).second) files.push_back(file);
  };
  for (const fs::path& path : paths) {
    try {
      if (!fs::is_directory(path)) {
        if (fs::exists(path)) {
          take(path);
        } else {
          faults.push_back(path.string() + ": does not exist, must be a scenario file or a folder of them");
        }
        continue;
      }
      std::vector<fs::path> found;
      std::vector<std::string> wrong;
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (!entry.is_regular_file() || entry.path().extension() != ".xml") continue;
        const std::string text = read_whole_file(entry.path());
        const RootElement root = root_element(text);
        if (root.name == "scenario") found.push_back(entry.path());
        if (const std::string fault = root_fault(entry.path(), text, root); !fault.empty()) wrong.push_back(fault);
      }
      std::sort(wrong.begin(), wrong.end());
      faults.insert(faults.end(), wrong.begin(), wrong.end());
      if (found.empty() && wrong.empty())
        faults.push_back(path.string() + ": holds no *.xml whose root element is <scenario>");
      std::sort(found.begin(), found.end());
      std::for_each(found.begin(), found.end(), take);
    } catch (const std::exception& error) {
      faults.emplace_back(error.what());
    }
  }
  return files;
}

Inputs read_inputs(const std::vector<fs::path>& paths, const fs::path& library, const std::string& only_case) {
  Inputs inputs;
  std::map<std::string, std::string> file_of_name;
  for (const fs::path& file : scenario_files(paths, inputs.faults)) {
    Diagnostics diagnostics;
    Scenarios scenarios = read_scenarios(file, library, diagnostics);
    for (const Fault& fault : diagnostics.sorted()) inputs.note(fault);
    std::move(scenarios.unsound.begin(), scenarios.unsound.end(), std::back_inserter(inputs.unsound));
    inputs.scenarios.reserve(inputs.scenarios.size() + scenarios.sound.size());
    for (Scenario& scenario : scenarios.sound) {
      const auto [first, is_new] = file_of_name.emplace(scenario.name, scenario.file);
      if (!is_new) {
        Fault twice;
        twice.place.file = scenario.file;
        twice.message =
            fmt::format("<scenario>: name is \"{}\", which is the name of {} as well, must differ within a run",
                        scenario.name, first->second);
        inputs.note(twice);
      }
      if (only_case.empty() || scenario.name == only_case) inputs.scenarios.push_back(std::move(scenario));
    }
  }
  if (!only_case.empty() && inputs.scenarios.empty() && inputs.faults.empty()) {
    std::vector<std::string> names;
    names.reserve(file_of_name.size());
    for (const auto& [name, file] : file_of_name) names.push_back(name);
    inputs.faults.push_back("no case " + in_quotes(only_case) + ", known: " + list_nearest_first(only_case, names));
  }
  return inputs;
}

Inputs read_one_input(const fs::path& path, const fs::path& library, const std::string& case_name,
                      std::string_view command, bool with_controller) {
  Inputs inputs = read_inputs({path}, library, case_name);
  if (inputs.faults.empty() && inputs.scenarios.size() != 1) {
    std::vector<std::string> names;
    for (const Scenario& scenario : inputs.scenarios) names.push_back(scenario.name);
    inputs.faults.push_back(fmt::format("{}: {} takes one scenario, --case names it: {}", path.string(), command,
                                        list_nearest_first("", std::move(names))));
  }
  if (inputs.faults.empty()) check_benches(inputs, with_controller);
  return inputs;
}

void Inputs::print(std::ostream& to) const {
  for (const std::string& fault : faults) to << fault << '\n';
  for (const std::string& warning : warnings) to << warning << '\n';
}

void Inputs::note(const Fault& fault) {
  (fault.severity == Severity::error ? faults : warnings).push_back(fault.text());
  findings.push_back(fault);
}

void check_benches(Inputs& inputs, Console console) {
  ProgressLine line(console.out, console.colour);
  const std::size_t total = inputs.scenarios.size() + inputs.unsound.size();
  check_benches(inputs, true, [&](std::size_t done, const Scenario& next) {
    if (total > 1) line.say(fmt::format("[{}/{}] checking {}", done, total, next.name));
  });
}

void check_benches(Inputs& inputs, bool with_controller,
                   const std::function<void(std::size_t done, const Scenario& next)>& tell) {
  // Cases of one file share most of their faults.
  Diagnostics found;
  std::size_t done = 0;
  const auto check = [&](const Scenario& scenario, bool sound) {
    if (tell) tell(done++, scenario);
    std::istringstream rows(bench_faults_in_child(scenario, sound, with_controller));
    for (std::string row; std::getline(rows, row, row_end);) found.add(fault_of(row));
  };
  for (const Scenario& scenario : inputs.scenarios) check(scenario, true);
  for (const Scenario& scenario : inputs.unsound) check(scenario, false);
  for (const Fault& fault : found.sorted()) inputs.note(fault);
}

void end_early(Scenario& scenario, double until_s) {
  const sim::Time until = to_time(std::min(until_s, longest_until_s));
  const sim::Time end = std::max(until, scenario.step);
  if (end >= scenario.duration) return;
  scenario.duration = end;
  scenario.ends_early = true;
}

std::string root_name(const fs::path& file) {
  try {
    return root_element(read_whole_file(file)).name;
  } catch (const std::exception&) {
    return {};
  }
}

std::optional<fs::path> register_map_file(const fs::path& map, const fs::path& library, std::string& fault) {
  std::error_code nothing;
  if (fs::is_regular_file(map, nothing)) return map;
  const fs::path folder = library / "registers";
  if (fs::path of_library = folder / fs::path(map).replace_extension(".xml");
      fs::is_regular_file(of_library, nothing)) {
    return of_library;
  }
  const std::string known = list_nearest_first(map.string(), xml_stems(folder));
  fault = fmt::format("register map {}: is neither a file nor one of {}, known: {}", in_quotes(map.string()),
                      folder.string(), known);
  return std::nullopt;
}

fs::path library_folder(const fs::path& given) {
  if (!given.empty()) return given;
  const char* from_environment = std::getenv("HILBENCH_LIBRARY");
  return from_environment != nullptr && *from_environment != '\0' ? from_environment : HILBENCH_LIBRARY_DIR;
}

}  // namespace hil::harness
