#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/cli/register_bounds.h"
#include "harness/faults/fault_kinds.h"
#include "harness/faults/quirk_kinds.h"
#include "harness/plant/bench.h"
#include "harness/record/number_text.h"
#include "harness/scenario/reader.h"
#include "harness/scenario/requirements.h"
#include "sim/devices/et_alarm_bits.h"

namespace hil::harness {
namespace {

bool report(const Inputs& inputs, Console console) {
  for (const std::string& fault : inputs.faults) console.err << fault << '\n';
  return !inputs.faults.empty();
}

void print_quirks(const std::vector<QuirkKind>& kinds, Console console) {
  for (const QuirkKind& quirk : kinds) {
    console.out << fmt::format("{:<28} {:<4} {}\n", quirk.kind, quirk.certainty, quirk.meaning);
    console.out << fmt::format("{:<33} {}\n", "", quirk.source);
    for (const QuirkParameter& parameter : quirk.parameters) {
      console.out << fmt::format("    {:<24} {:<8} {}\n", parameter.attribute, parameter.fallback, parameter.meaning);
    }
  }
}

std::string_view text_of(sim::Table table) {
  constexpr std::array names{"holding", "input", "coils", "discrete", "write_06", "write_16"};
  return names.at(static_cast<std::size_t>(table));
}

std::string_view text_of(sim::Access access) {
  constexpr std::array names{"read", "write", "read/write"};
  return names.at(static_cast<std::size_t>(access));
}

/// What stands in the row: the name that the device gives it, or what it always reads as.
std::string content_of(const sim::RegisterRow& row) {
  if (!row.binding.empty()) return row.binding;
  if (!row.constant_text.empty()) return fmt::format("\"{}\"", row.constant_text);
  return fmt::format("= {:g}", row.constant);
}

void print_registers(const sim::RegisterMap& map, const RegisterBounds& bounds, Console console) {
  constexpr std::string_view certainties = "CSIU";
  console.out << fmt::format("{:<9} {:>11} {:>6} {:<10} {:<42} {:<4} {}\n", "table", "registers", "scale", "access",
                             "what stands there", "sure",
                             "the maker's word (source); what may be written, and what is there at first");
  for (const sim::RegisterRow& row : map.rows) {
    const std::string range = row.count == 1 ? fmt::format("{}", row.address)
                                             : fmt::format("{}..{}", row.address, row.address + row.count - 1);
    const std::string taken = bounds.of(row);
    console.out << fmt::format("{:<9} {:>11} {:>6g} {:<10} {:<42} {:<4} {} ({}){}{}\n", text_of(row.table), range,
                               row.scale, text_of(row.access), content_of(row),
                               certainties[static_cast<std::size_t>(row.certainty)], row.name, row.source,
                               taken.empty() ? "" : "; ", taken);
  }
  if (bounds.device().empty()) return;
  console.out << fmt::format(
      "\nWhat may be written and what is there at first is that of {}.\n*: the device holds it against other values, "
      "too (README.md beside the map)\n",
      bounds.device());
}

void print_coverage(const Coverage& each, Console console) {
  const Requirement& requirement = *each.requirement;
  console.out << fmt::format("{:<8} {:<13} {:<8}  {}\n", requirement.id, requirement.kind, requirement.matter,
                             requirement.title);
  // The cases of a sweep have their checks from one line of one file.
  std::map<std::pair<std::string, int>, std::size_t> cases;
  for (const CheckSpec* check : each.checks) ++cases[{check->place.file, check->place.line}];
  for (const CheckSpec* check : each.checks) {
    const std::size_t count = std::exchange(cases[{check->place.file, check->place.line}], 0);
    if (count == 0) continue;
    console.out << fmt::format("{:33}{}   {}{}:{}\n", "", check->description,
                               count == 1 ? "" : fmt::format("{} cases of ", count), check->place.file,
                               check->place.line);
  }
  if (each.ruled != nullptr) {
    console.out << fmt::format("{:33}rule {} of the reader: {}   {}:{}\n", "", each.ruled->rule, each.ruled->how,
                               each.ruled->place.file, each.ruled->place.line);
  }
  if (each.open != nullptr) console.out << fmt::format("{:33}open: {}\n", "", each.open->reason);
}

/// Only what the checks of these scenarios name: clauses of other sources, too.
void print_named(const Requirements& requirements, const std::vector<Scenario>& scenarios, Console console) {
  std::size_t named = 0;
  for (const Coverage& each : coverage_of(requirements, scenarios)) {
    if (each.checks.empty()) continue;
    print_coverage(each, console);
    ++named;
  }
  std::map<std::string, std::vector<const CheckSpec*>> others;
  for (const Scenario& scenario : scenarios) {
    for (const CheckSpec& check : scenario.checks) {
      for (const std::string& id : requirement_ids(check.requirement)) {
        const bool known = std::any_of(requirements.all.begin(), requirements.all.end(),
                                       [&id](const Requirement& each) { return each.id == id; });
        if (!known) others[id].push_back(&check);
      }
    }
  }
  for (const auto& [id, checks] : others) {
    const Requirement other{id, "", "-", "-", "of a source that the library has no table of"};
    Coverage coverage;
    coverage.requirement = &other;
    coverage.checks = checks;
    print_coverage(coverage, console);
  }
  named += others.size();
  console.out << fmt::format("\n{} {} named by the checks of {} {}\n", named,
                             named == 1 ? "requirement" : "requirements", scenarios.size(),
                             scenarios.size() == 1 ? "scenario" : "scenarios");
}

}  // namespace

int list_requirements_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                              Console console) {
  const std::filesystem::path folder = library_folder(library);
  const Inputs inputs = read_inputs(paths.empty() ? std::vector{folder} : paths, folder);
  if (report(inputs, console)) return exit_bad_input;
  Requirements requirements;
  try {
    requirements = read_requirements(folder);
  } catch (const std::runtime_error& error) {
    console.err << error.what() << '\n';
    return exit_bad_input;
  }
  if (!paths.empty()) {
    print_named(requirements, inputs.scenarios, console);
    return exit_pass;
  }
  std::size_t bench = 0;
  std::size_t proven = 0;
  for (const Coverage& each : coverage_of(requirements, inputs.scenarios)) {
    print_coverage(each, console);
    if (each.requirement->matter != "bench") continue;
    ++bench;
    if (each.proven()) ++proven;
  }
  console.out << fmt::format("\n{} requirements for the bench: {} proven, {} open\n", bench, proven,
                             requirements.open.size());
  const std::vector<std::string> faults = coverage_faults(requirements, inputs.scenarios);
  for (const std::string& fault : faults) console.err << fault << '\n';
  return faults.empty() ? exit_pass : exit_fail;
}

int list_scenarios_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                           Console console) {
  const Inputs inputs = read_inputs(paths, library_folder(library));
  for (const Scenario& scenario : inputs.scenarios) {
    console.out << fmt::format("{:<32} {:>8}  {}\n    {}\n", scenario.name, time_text(scenario.duration), scenario.file,
                               scenario.purpose);
  }
  return report(inputs, console) ? exit_bad_input : exit_pass;
}

namespace {

/// The names that the fault alarm_bit takes.
void print_alarms(Console console) {
  console.out
      << "\nALARMS of alarm_bit: a bit of an inverter's words (register.bit), and what raises it by itself on the "
         "bench (-: nothing does)\n";
  for (const sim::EtAlarmBit& bit : sim::et_alarm_bits()) {
    console.out << fmt::format("    {:<36} {:>8}  {}\n", bit.name,
                               fmt::format("{}.{}", sim::registers_of(bit.word).first, bit.place),
                               bit.cause.empty() ? "-" : bit.cause);
  }
}

}  // namespace

int list_faults_command(Console console) {
  console.out << "<fault kind=\"KIND\" target=\"TARGET\" for_s=\"SECONDS\" and its parameters/>, without for_s to the "
                 "end of the "
                 "run.\nKIND, what may be the TARGET; what happens; each parameter with what it may be.\n";
  for (const FaultKind& fault : fault_kinds()) {
    console.out << fmt::format("\n{:<22} at {}\n    {}\n", fault.kind, text_of(fault.target), fault.meaning);
    for (const FaultParameter& parameter : fault.parameters) {
      console.out << fmt::format("      {}\n", text_of(parameter));
    }
  }
  print_alarms(console);
  return exit_pass;
}

int list_quirks_command(Console console) {
  console.out << fmt::format("{:<28} {:<4} {}\n", "kind, its parameters", "sure", "what happens; where it is from");
  console.out << "of an inverter:\n";
  print_quirks(quirk_kinds(), console);
  console.out << "of the controller:\n";
  print_quirks(controller_quirk_kinds(), console);
  return exit_pass;
}

int list_registers_command(const std::filesystem::path& map, const std::filesystem::path& library, Console console) {
  const std::filesystem::path folder = library_folder(library);
  Diagnostics diagnostics;
  std::string no_map;
  const std::optional<std::filesystem::path> file = register_map_file(map, folder, no_map);
  if (!file) {
    console.err << no_map << '\n';
    return exit_bad_input;
  }
  const std::optional<sim::RegisterMap> found = read_register_map(*file, folder, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) console.err << fault.text() << '\n';
  if (!found) return exit_bad_input;
  print_registers(*found, RegisterBounds(*found, folder), console);
  return exit_pass;
}

int list_signals_command(const std::filesystem::path& file, const std::filesystem::path& library, Console console) {
  Inputs inputs = read_inputs({file}, library_folder(library));
  if (report(inputs, console)) return exit_bad_input;
  if (inputs.scenarios.size() != 1) {
    console.err << file.string() << ": holds " << inputs.scenarios.size() << " scenarios, --signals wants one\n";
    return exit_bad_input;
  }
  try {
    inputs.scenarios.front().triggers.clear();  // one of them may wait for a name that is looked up here
    const Bench bench(inputs.scenarios.front());
    for (const sim::Signal* signal : bench.signals().all()) {
      console.out << fmt::format("{:<32} {:<5} {}\n", signal->name, signal->unit, signal->description);
    }
  } catch (const std::invalid_argument& error) {
    console.err << file.string() << ": " << error.what() << '\n';
    return exit_bad_input;
  }
  return exit_pass;
}

}  // namespace hil::harness
