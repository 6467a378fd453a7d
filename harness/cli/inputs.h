#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace hil::harness {

/// What a command was given, and what is wrong with it.
struct Inputs {
  std::vector<Scenario> scenarios;
  std::vector<std::string> faults;  ///< "file:line:column: ...", all of them; not empty: nothing must run
  std::vector<std::string> warnings{};
  std::vector<Fault> findings{};    ///< the same faults and warnings, part by part
  std::vector<Scenario> unsound{};  ///< with faults, but their benches can be built: see read_scenarios()

  void note(const Fault& fault);
};

/// Scenario files among `paths`: files as given; of folders every *.xml below whose root element is <scenario>,
/// sorted by path. A file met twice counts once. A file in a folder whose
/// root element belongs to nothing of ours is a fault. What does not exist, or a folder without scenarios, is a fault.
std::vector<std::filesystem::path> scenario_files(const std::vector<std::filesystem::path>& paths,
                                                  std::vector<std::string>& faults);

/// Reads all scenarios, each case of a sweep as one of its own, and reports all their faults, two scenarios of one name
/// included. With `only_case` all but the one of that name are left out, and none of that name is a fault.
Inputs read_inputs(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                   const std::string& only_case = {});

/// Builds each scenario's bench in a child process, without running it, and adds what only the bench can know: what
/// cannot be built, and names of signals that do not exist; those of unsound scenarios as well.
void check_benches(Inputs& inputs);

/// Name of a file's root element, also of one that is broken further down; empty: there is none.
std::string root_name(const std::filesystem::path& file);

/// The library folder: `given`, else HILBENCH_LIBRARY of the environment, else the one of the source tree.
std::filesystem::path library_folder(const std::filesystem::path& given);

}  // namespace hil::harness
