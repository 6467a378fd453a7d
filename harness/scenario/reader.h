#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"

namespace hil::harness {

/// Reads a scenario strictly: unknown names are faults that list the known ones, so are missing values, bad numbers,
/// values out of range, unknown parts, duplicate unit addresses on a line, more than ten inverters.
///
/// `library`: the folder with catalog/, registers/ and sites/. A `extends` path is looked up beside the file first,
/// then in the library. Returns nullopt when anything was wrong; all faults are then in `diagnostics`.
std::optional<Scenario> read_scenario(const std::filesystem::path& file, const std::filesystem::path& library,
                                      Diagnostics& diagnostics);

/// The same from memory: `file` is where the text would stand, for messages and for `extends`.
std::optional<Scenario> read_scenario_text(std::string_view text, const std::filesystem::path& file,
                                           const std::filesystem::path& library, Diagnostics& diagnostics);

/// Another seed than the file's, in the resolved text as well, so that a rerun of that text is the same run.
void set_seed(Scenario& scenario, std::uint64_t seed);

/// Reads one register map file (scenarios/registers/*.xml). Faults of content come from sim::faults_of as well.
std::optional<sim::RegisterMap> read_register_map(const std::filesystem::path& file, Diagnostics& diagnostics);

}  // namespace hil::harness
