#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// Reads a scenario strictly: unknown names are faults that list the known ones, so are missing values, bad numbers,
/// values out of range, unknown parts, duplicate unit addresses on a line, more than ten inverters.
///
/// `library`: the folder with catalog/, registers/ and sites/. A `extends` path is looked up beside the file first,
/// then in the library. Returns nullopt when anything was wrong; all faults are then in `diagnostics`. Of a file that
/// stands for several cases `case_key` names one: "load_w=6000,soc=0.5".
std::optional<Scenario> read_scenario(const std::filesystem::path& file, const std::filesystem::path& library,
                                      Diagnostics& diagnostics, std::string_view case_key = {});

/// The cases of a file, in the order of its sweep; one without a sweep.
struct Scenarios {
  std::vector<Scenario> sound;  ///< all of them, or none when anything was wrong
  /// Those with a fault in timeline, checks or plots: their bench can be built without these, which tells the signals
  /// that there are.
  std::vector<Scenario> unsound;
};
Scenarios read_scenarios(const std::filesystem::path& file, const std::filesystem::path& library,
                         Diagnostics& diagnostics);

/// Reads a file of sites by itself.
void check_site_file(const std::filesystem::path& file, const std::filesystem::path& library, Diagnostics& diagnostics);

/// The same from memory: `file` is where the text would stand, for messages and for `extends`.
std::optional<Scenario> read_scenario_text(std::string_view text, const std::filesystem::path& file,
                                           const std::filesystem::path& library, Diagnostics& diagnostics,
                                           std::string_view case_key = {});

/// Another seed than the file's, in the resolved text as well, so that a rerun of that text is the same run.
void set_seed(Scenario& scenario, std::uint64_t seed);

/// The same of the way on which all its EMSs reach their devices.
void set_ems_over(Scenario& scenario, EmsOver over);

/// Reads one register map file; the map that it extends stands beside it or in the library's folder `registers`. Faults
/// of content come from sim::faults_of as well.
std::optional<sim::RegisterMap> read_register_map(const std::filesystem::path& file,
                                                  const std::filesystem::path& library, Diagnostics& diagnostics);

}  // namespace hil::harness
