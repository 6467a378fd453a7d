#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/command_line.h"
#include "harness/cli/exit_code.h"
#include "harness/record/command_text.h"
#include "harness/record/run.h"

namespace {

using namespace hil::harness;

struct Command {
  std::string_view name;
  void (*define)(CommandLine&);
};
constexpr std::array<Command, 11> commands{{{"run", define_run},
                                            {"check", define_check},
                                            {"explain", define_explain},
                                            {"new", define_new},
                                            {"list", define_list},
                                            {"serve", define_serve},
                                            {"attach", define_attach},
                                            {"parity", define_parity},
                                            {"probe", define_probe},
                                            {"compare", define_compare},
                                            {"run-case", define_case}}};

/// `word`: the first on the command line. Where it names a command the others are left out: their options are a fifth
/// of what a process does up to a scenario's first step, and `run` starts one for each case.
void define(CommandLine& line, std::string_view word) {
  line.app.name("hilbench");
  line.app.description("Simulates parallel hybrid inverters with their controller and judges what happens.");
  line.app.set_version_flag("--version", std::string("hilbench ") + bench_version());
  line.app.require_subcommand(1);
  line.app.footer(
      "Example:\n  hilbench run scenarios/goodwe --junit junit.xml\n\n"
      "In the source tree ./hilbench knows also: test (the tests), bench (benchmarks), fuzz (fuzzers)\n\n"
      "Exit code: 0 passed, 1 a check failed, 2 bad input or usage (nothing ran), 3 error,\n"
      "4 inconclusive, 5 untested");
  const auto names = [word](const Command& command) { return command.name == word; };
  const bool is_named = std::any_of(commands.begin(), commands.end(), names);
  for (const Command& command : commands) {
    if (!is_named || names(command)) command.define(line);
  }
}

std::string known_commands(const CLI::App& app) {
  std::string known;
  for (const CLI::App* command : app.get_subcommands({})) {
    const bool inner = command->get_group().empty();
    if (!inner) known += (known.empty() ? "" : ", ") + command->get_name();
  }
  return known;
}

/// What is wrong with the command's name; CLI11 would complain of the missing command only. Empty: nothing.
std::string command_fault(const CommandLine& line, const std::string& word) {
  if (word.starts_with("-")) return "";
  for (const CLI::App* command : line.app.get_subcommands({})) {
    if (command->get_name() == word) return "";
  }
  return "unknown command " + word + ", known: " + known_commands(line.app);
}

/// The same of a command that takes one of its own, once CLI11 has found none. Empty: that is not what was wrong.
std::string missing_command(const CommandLine& line) {
  const std::vector<CLI::App*> given = line.app.get_subcommands();
  if (given.empty()) return "a command is missing, known: " + known_commands(line.app);
  const CLI::App& command = *given.front();
  if (command.get_require_subcommand_min() == 0 || !command.get_subcommands().empty()) return "";
  for (const std::string& word : command.remaining()) {
    if (!word.starts_with("-")) {
      return command.get_name() + ": unknown command " + word + ", known: " + known_commands(command);
    }
  }
  return command.get_name() + ": a command is missing, known: " + known_commands(command);
}

}  // namespace

int main(int argc, char** argv) {
  // A file that must not grow any more is an error to tell, not the end of this process.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    std::vector<std::string> words{"hilbench"};
    words.insert(words.end(), argv + 1, argv + argc);
    CommandLine line;
    line.text = command_text(words);
    define(line, words.size() > 1 ? words[1] : "");
    if (const std::string fault = words.size() > 1 ? command_fault(line, words[1]) : ""; !fault.empty()) {
      std::fprintf(stderr, "%s\n", fault.c_str());
      return exit_bad_input;
    }
    try {
      line.app.parse(argc, argv);
      const bool for_a_person = isatty(STDOUT_FILENO) != 0;
      return line.chosen({std::cout, std::cerr, for_a_person});
    } catch (const CLI::RequiredError& error) {
      const std::string fault = missing_command(line);
      if (fault.empty()) return line.app.exit(error) == 0 ? exit_pass : exit_bad_input;
      std::fprintf(stderr, "%s\n", fault.c_str());
      return exit_bad_input;
    } catch (const CLI::ParseError& error) {
      return line.app.exit(error) == 0 ? exit_pass : exit_bad_input;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hilbench: %s\n", error.what());
    return exit_error;
  }
}
