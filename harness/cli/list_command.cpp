#include <fmt/format.h>

#include <ostream>
#include <stdexcept>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/faults/fault_kinds.h"
#include "harness/faults/quirk_kinds.h"
#include "harness/plant/bench.h"
#include "harness/record/number_text.h"

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

}  // namespace

int list_scenarios_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                           Console console) {
  const Inputs inputs = read_inputs(paths, library_folder(library));
  for (const Scenario& scenario : inputs.scenarios) {
    console.out << fmt::format("{:<32} {:>8}  {}\n    {}\n", scenario.name, time_text(scenario.duration), scenario.file,
                               scenario.purpose);
  }
  return report(inputs, console) ? exit_bad_input : exit_pass;
}

int list_faults_command(Console console) {
  console.out << fmt::format("{:<22} {:<32} {}\n", "kind", "target",
                             "what happens, for for_s or to the end; parameters (without them)");
  for (const FaultKind& fault : fault_kinds()) {
    console.out << fmt::format("{:<22} {:<32} {}\n", fault.kind, text_of(fault.target), fault.meaning);
    for (const FaultParameter& parameter : fault.parameters) {
      console.out << fmt::format("{:<22} {:<32}   {}\n", "", "", text_of(parameter));
    }
  }
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
