#include <fmt/format.h>

#include <ostream>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"

namespace hil::harness {

int check_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                  Console console) {
  Inputs inputs = read_inputs(paths, library_folder(library));
  check_benches(inputs);
  for (const std::string& fault : inputs.faults) console.err << fault << '\n';
  if (!inputs.faults.empty()) {
    console.err << inputs.faults.size() << (inputs.faults.size() == 1 ? " fault\n" : " faults\n");
    return exit_bad_input;
  }
  for (const Scenario& scenario : inputs.scenarios) {
    console.out << fmt::format("ok  {}: {}, {} inverters, {} checks\n", scenario.file, scenario.name,
                               scenario.site.inverters.size(), scenario.checks.size());
  }
  return exit_pass;
}

}  // namespace hil::harness
