#include "harness/cli/command_line.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace hil::harness {

void add_library(CommandLine& line, CLI::App& command) {
  command
      .add_option("--library", line.library,
                  "Folder with catalog/, registers/ and sites/; without it HILBENCH_LIBRARY of the environment,\n"
                  "without that scenarios/ of the source tree it was built from")
      ->check(CLI::ExistingDirectory);
}

CLI::Range some_seconds() {
  constexpr double a_microsecond = 1e-6;
  constexpr double thirty_years = 1e9;
  return {a_microsecond, thirty_years};
}

std::string is_not_empty(const std::string& word) {
  return word.empty() ? "the word behind it is empty (a shell variable that is not set?); leave the option out instead"
                      : "";
}

std::string is_seed(const std::string& word) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
  const bool good = error == std::errc{} && end == word.data() + word.size();
  return good ? "" : word + " is no seed, must be 0 to 2^64-1";
}

}  // namespace hil::harness
