#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/commands.h"
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
  /// Faults, then warnings, a line each.
  void print(std::ostream& to) const;
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

/// The one scenario that a command takes: a file without cases, or the case of that name. Anything else is a fault,
/// which names the `command` and the cases. Checks the bench as well.
Inputs read_one_input(const std::filesystem::path& path, const std::filesystem::path& library,
                      const std::string& case_name, std::string_view command, bool with_controller = true);

/// Builds each scenario's bench in a child process, without running it, and adds what only the bench can know: what
/// cannot be built, and names of signals that do not exist; those of unsound scenarios as well. `with_controller`: the
/// one in process; without it nothing can watch what it says of itself.
/// `tell` hears before each how many are done, and whose turn it is.
void check_benches(Inputs& inputs, bool with_controller = true,
                   const std::function<void(std::size_t done, const Scenario& next)>& tell = {});
/// The same with a line of progress for a person at a terminal.
void check_benches(Inputs& inputs, Console console);

/// Ends the scenario at `until_s` of virtual time, if it does not end before: what would come later does not.
void end_early(Scenario& scenario, double until_s);

/// Name of a file's root element, also of one that is broken further down; empty: there is none.
std::string root_name(const std::filesystem::path& file);

/// A register map: `map` itself when it is a file, else the one of that name in the library. nullopt: there is neither,
/// and `fault` names those of the library.
std::optional<std::filesystem::path> register_map_file(const std::filesystem::path& map,
                                                       const std::filesystem::path& library, std::string& fault);

/// The library folder: `given`, else HILBENCH_LIBRARY of the environment, else the one of the source tree.
std::filesystem::path library_folder(const std::filesystem::path& given);

}  // namespace hil::harness
