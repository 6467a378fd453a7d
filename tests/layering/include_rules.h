#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hil::layering {

/// A line that goes against the arrows of the tree.
struct Violation {
  std::string file;  ///< relative to the root
  int line = 0;
  std::string message;
  std::string text() const { return file + ":" + std::to_string(line) + ": " + message; }
};

/// Reads every source of models/, sim/, controller/ and harness/ and every CMake file of ours under `root`:
///
///   - an include stays in its folder or goes along an arrow: harness -> sim, models, controller; sim -> models
///   - inside harness, live uses plant and not the other way round
///   - models include the standard library and Eigen, the controller only the standard library, and SystemC is
///     included in sim/kernel alone
///   - no clock of the machine is named in models, sim or controller
///   - controller/hosts, programs around the core, may use libraries and clocks; the core does not include them
///   - no CMake file takes its sources by glob (data files, .xml and .csv, may be)
///
/// Comments do not count. In order of file and line.
std::vector<Violation> violations_in(const std::filesystem::path& root);

/// Number of source files that violations_in() reads, to see that it looks in the right place.
std::size_t sources_in(const std::filesystem::path& root);

}  // namespace hil::layering
