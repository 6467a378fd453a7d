#include "harness/report/reproduction.h"

#include <vector>

#include "harness/record/command_text.h"

namespace hil::harness {

std::string reproduction_command(const RunResult& run) {
  // By the controller in process it would be another run.
  if (run.paced || run.stepped) return run.command_line;
  std::vector<std::string> words{"hilbench", "run", run.file, "--seed", std::to_string(run.seed)};
  const auto add = [&words](const char* option, const std::string& value) {
    words.emplace_back(option);
    words.push_back(value);
  };
  // The name of a case holds the @ that no scenario's name can.
  if (run.scenario.find('@') != std::string::npos) add("--case", run.scenario);
  if (!run.ems_over.empty()) add("--ems-over", run.ems_over);
  if (!run.library.empty() && run.library != HILBENCH_LIBRARY_DIR) add("--library", run.library);
  return command_text(words);
}

}  // namespace hil::harness
