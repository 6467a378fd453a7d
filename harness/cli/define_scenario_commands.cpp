#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "harness/cli/case_process.h"
#include "harness/cli/command_line.h"
#include "harness/cli/commands.h"
#include "harness/cli/starters.h"

namespace hil::harness {

void define_run(CommandLine& line) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App& command =
      *line.app.add_subcommand("run", "Run scenarios in virtual time and write verdicts, traces and reports");
  command.add_option("paths", options->paths, "Scenario files, or folders of them")->required();
  command.add_option("--results", options->results,
                     "Folder for the results, one folder per scenario inside; without it that of --report,\n"
                     "without that results");
  command.add_option("--report", options->report,
                     "Folder for the report of all scenarios: index.html, which links to each, and junit.xml");
  command.add_option("--case", options->case_name,
                     "Only this case of those that a sweep makes, as `hilbench list` names it");
  command.add_option("--junit", options->junit, "Write JUnit XML of the whole run to this file");
  command
      .add_option("--seed", options->seed,
                  "Seed for all scenarios instead of their own, 0 to 2^64-1: clouds, noise, hob and welding draw "
                  "from it")
      ->check(is_seed);
  options->jobs = std::max(1U, std::thread::hardware_concurrency());
  command.add_option("--jobs", options->jobs, "Scenarios at a time")->check(CLI::Range(1, 1024))->capture_default_str();
  command
      .add_option_function<std::string>(
          "--shard", [options](const std::string& text) { options->shard = *shard_from(text); },
          "I/N: the I-th of N shares of the scenarios, as 1/4 on the first of four machines")
      ->check([](const std::string& text) { return shard_from(text) ? "" : shard_fault(text); });
  command
      .add_option("--timeout", options->timeout_s,
                  "Seconds on the wall that one scenario may take; then it is ended and an error")
      ->check(some_seconds())
      ->capture_default_str();
  command.add_flag("--fail-fast", options->fail_fast,
                   "End with the first failure or error; what is under way ends with what it has");
  command.add_flag("--capture", options->capture,
                   "Write every frame of every serial line and of the CAN between inverters: captures/LINE.pcapng and\n"
                   ".txt in the results");
  command
      .add_option("--ems-over", options->ems_over,
                  "How every <ems> reaches its devices, instead of what the scenarios say: rtu, on their lines; tcp,\n"
                  "libmodbus over Modbus TCP, in virtual time all the same")
      ->check(CLI::IsMember({"rtu", "tcp"}));
  command.add_flag("--vcd", options->vcd, "Write each trace as a value change dump too, for wave viewers: trace.vcd");
  command.add_flag("--comtrade", options->comtrade, "Write each trace as COMTRADE too: comtrade.cfg and .dat");
  add_library(line, command);
  command.footer(
      "Examples:\n  hilbench run scenarios/goodwe/heater_step_zero_export.xml --results results\n"
      "  hilbench run scenarios --jobs 2 --timeout 120 --report results/suite\n\n"
      "Ctrl-C ends what is under way, with the results so far.");
  command.final_callback([&line, options] {
    options->command_line = line.text;
    line.chosen = [&line, options](Console console) {
      options->library = line.library;
      return run_command(*options, console);
    };
  });
}

void define_check(CommandLine& line) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App& command = *line.app.add_subcommand("check", "Read and build scenarios, report every fault, run nothing");
  command.add_option("paths", options->paths, "Scenario files, or folders of them; files of sites or of register maps")
      ->required();
  command
      .add_option("--format", options->format,
                  "text; json: one document on standard output; github: annotations of a workflow")
      ->check(CLI::IsMember({"text", "json", "github"}))
      ->capture_default_str();
  add_library(line, command);
  command.footer("Example:\n  hilbench check scenarios\n  hilbench check --format github scenarios");
  command.final_callback([&line, options] {
    line.chosen = [&line, options](Console console) {
      options->library = line.library;
      return check_command(*options, console);
    };
  });
}

void define_explain(CommandLine& line) {
  struct Options {
    std::filesystem::path file;
    std::string case_name;
  };
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *line.app.add_subcommand("explain", "Say in plain English what a scenario says, with its timeline drawn");
  command.add_option("scenario", options->file, "Scenario file")->required();
  command.add_option("--case", options->case_name, "This case of those that a sweep makes; the first without");
  add_library(line, command);
  command.footer("Example:\n  hilbench explain scenarios/goodwe/heater_step_zero_export.xml");
  command.final_callback([&line, options] {
    line.chosen = [&line, options](Console console) {
      return explain_command(options->file, options->case_name, line.library, console);
    };
  });
}

void define_new(CommandLine& line) {
  struct Options {
    std::filesystem::path file;
    std::string system = "goodwe";
  };
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      *line.app.add_subcommand("new", "Write a commented scenario to start from; it passes as it stands");
  command.add_option("file", options->file, "lower_snake.xml, must not exist")->required();
  std::vector<std::string> systems;
  for (const Starter& starter : starters()) systems.emplace_back(starter.system);
  command
      .add_option(
          "--system", options->system,
          "Whose devices: two GoodWe ET under a SEC1000; a Sinexcel converter under a scripted EMS; two parallel\n"
          "SolaX inverters with a backup interface")
      ->check(CLI::IsMember(systems))
      ->capture_default_str();
  command.footer("Examples:\n  hilbench new my_question.xml\n  hilbench new my_island.xml --system solax");
  command.final_callback([&line, options] {
    line.chosen = [options](Console console) { return new_command(options->file, options->system, console); };
  });
}

namespace {

struct ListOptions {
  std::vector<std::filesystem::path> paths;
  std::filesystem::path signals;    ///< of this scenario; empty: not
  std::filesystem::path registers;  ///< of this map; empty: not
  bool faults = false;
  bool quirks = false;
  bool requirements = false;
};

int list_command(const ListOptions& options, const std::filesystem::path& library, Console console) {
  if (options.requirements) return list_requirements_command(options.paths, library, console);
  if (options.faults) return list_faults_command(console);
  if (options.quirks) return list_quirks_command(console);
  if (!options.registers.empty()) return list_registers_command(options.registers, library, console);
  if (!options.signals.empty()) return list_signals_command(options.signals, library, console);
  if (options.paths.empty()) {
    throw CLI::RequiredError("list: PATHS, --requirements, --faults, --quirks, --registers or --signals");
  }
  return list_scenarios_command(options.paths, library, console);
}

}  // namespace

void define_list(CommandLine& line) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App& command = *line.app.add_subcommand(
      "list", "List scenarios, requirements, kinds of faults or quirks, registers, or the signals of a scenario");
  auto* paths = command.add_option("paths", options->paths, "Scenario files, or folders of them");
  auto* faults = command.add_flag("--faults", options->faults, "Kinds of faults with their targets");
  auto* signals = command.add_option("--signals", options->signals, "Signals that this scenario can use");
  auto* quirks = command.add_flag("--quirks", options->quirks, "Quirks of firmware with their parameters");
  auto* registers = command.add_option("--registers", options->registers,
                                       "Rows of a register map: its name in registers/, or a file");
  auto* requirements = command.add_flag(
      "--requirements", options->requirements,
      "Requirements with the checks that prove them: those that the checks of PATHS name, or all of the library; then\n"
      "exit code 1 when one for the bench is neither proven nor open in requirements_open.csv, or both");
  requirements->excludes(faults)->excludes(quirks)->excludes(signals)->excludes(registers);
  paths->excludes(faults)->excludes(quirks)->excludes(signals)->excludes(registers);
  faults->excludes(quirks)->excludes(signals)->excludes(registers);
  quirks->excludes(signals)->excludes(registers);
  signals->excludes(registers);
  add_library(line, command);
  command.footer(
      "Examples:\n  hilbench list scenarios\n  hilbench list --faults\n  hilbench list --quirks\n"
      "  hilbench list --requirements\n  hilbench list --registers goodwe_et_205\n"
      "  hilbench list --signals scenarios/goodwe/heater_step_zero_export.xml");
  command.final_callback([&line, options] {
    line.chosen = [&line, options](Console console) { return list_command(*options, line.library, console); };
  });
}

void define_compare(CommandLine& line) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App& command = *line.app.add_subcommand("compare", "Hold results against reviewed baselines, signal by signal");
  command.add_option("results", options->results, "Results folder of a run, or a folder of several")->required();
  command.add_option("--baseline", options->baseline, "Folder of the baselines, one folder per scenario inside")
      ->capture_default_str();
  command.add_flag("--accept", options->accept, "Make these results the baselines");
  command.add_option("--reason", options->reason, "With --accept: why; kept beside the baseline");
  command.add_option("--signal", options->signals,
                     "With --accept: name or pattern of what the baseline holds; without it everything");
  command.add_option("--every", options->every_s, "With --accept: seconds from row to row; without it all rows")
      ->check(some_seconds());
  command.footer(
      "Examples:\n  hilbench compare results/suite\n"
      "  hilbench compare results/cloud_edge --accept --signal 'grid.*_w' --every 10 --reason 'first baseline'\n\n"
      "How far each signal may be away is in the baseline's tolerances.csv: signal or pattern, value, time_s.\n"
      "Exit code: 0 the same, 1 different, 2 bad input");
  command.final_callback(
      [&line, options] { line.chosen = [options](Console console) { return compare_command(*options, console); }; });
}

void define_case(CommandLine& line) {
  const auto options = std::make_shared<CaseOptions>();
  CLI::App& command =
      *line.app.add_subcommand("run-case", "One scenario in this process, as `run` starts it")->group("");
  command.add_option("file", options->file)->required();
  command.add_option("--folder", options->folder)->required();
  command.add_option("--seed", options->seed)->required();
  command.add_flag("--capture", options->capture);
  command.add_option("--ems-over", options->ems_over)->check(CLI::IsMember({"rtu", "tcp"}));
  command.add_option("--progress", options->progress);
  command.add_option("--command-line", options->command_line);
  command.add_option("--case", options->case_key);
  command.add_option("--until", options->until_s);
  add_library(line, command);
  command.final_callback([&line, options] {
    line.chosen = [&line, options](Console) {
      options->library = line.library;
      return run_case_command(*options);
    };
  });
}

}  // namespace hil::harness
