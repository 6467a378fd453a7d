#include <fmt/format.h>

#include <ostream>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/cli/starters.h"
#include "harness/record/output_file.h"
#include "harness/report/explanation.h"
#include "harness/scenario/names.h"

namespace hil::harness {

int new_command(const std::filesystem::path& file, const std::string& system, Console console) {
  const std::string name = file.stem().string();
  std::error_code error;
  std::string fault;
  if (file.extension() != ".xml" || !is_lower_snake(name)) {
    fault = "must be lower_snake.xml: the scenario bears the file's name";
  } else if (std::filesystem::exists(file, error)) {
    fault = "exists already, nothing was written";
  } else if (file.has_parent_path() && !std::filesystem::is_directory(file.parent_path(), error)) {
    fault = "its folder does not exist";
  }
  if (!fault.empty()) {
    console.err << file.string() << ": " << fault << '\n';
    return exit_bad_input;
  }
  write_whole_file(file, starter_text(system, name));
  console.out << "wrote " << file.string() << "; next: hilbench check " << file.string() << '\n';
  return exit_pass;
}

int explain_command(const std::filesystem::path& file, const std::string& case_name,
                    const std::filesystem::path& library, Console console) {
  const Inputs inputs = read_inputs({file}, library_folder(library), case_name);
  for (const std::string& fault : inputs.faults) console.err << fault << '\n';
  if (!inputs.faults.empty()) return exit_bad_input;
  console.out << explain(inputs.scenarios.front());
  if (inputs.scenarios.size() == 1) return exit_pass;
  if (inputs.scenarios.back().file != inputs.scenarios.front().file) {  // a folder
    for (std::size_t i = 1; i < inputs.scenarios.size(); ++i) console.out << '\n' << explain(inputs.scenarios[i]);
    return exit_pass;
  }
  // Cases differ in figures only.
  console.out << fmt::format("\nThat is the first of {} cases of a sweep; --case NAME explains another:\n",
                             inputs.scenarios.size());
  for (const Scenario& each : inputs.scenarios) console.out << "  " << each.name << '\n';
  return exit_pass;
}

}  // namespace hil::harness
