#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace hil::harness {

/// Where a command prints: results to `out`, faults to `err`, escapes for colour only where a person looks.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;
};

// The commands of hilbench; each returns the exit code.

struct RunOptions {
  std::vector<std::filesystem::path> paths;
  std::filesystem::path results = "results";
  std::filesystem::path junit;    ///< empty: none
  std::filesystem::path library;  ///< empty: the default
  std::optional<std::uint64_t> seed;
  unsigned jobs = 1;
  std::string command_line;
};
/// Runs each scenario in a process of its own, `jobs` at a time; results in results/<name>.
int run_command(const RunOptions& options, Console console);

/// Reads and builds, runs nothing, writes nothing.
int check_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                  Console console);

int list_scenarios_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                           Console console);
int list_faults_command(Console console);
int list_quirks_command(Console console);
int list_signals_command(const std::filesystem::path& file, const std::filesystem::path& library, Console console);

}  // namespace hil::harness
