#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/devices/register_map.h"

namespace hil::harness {

/// Registers that one request asks for, and the rows of the map that lie in them.
struct RegisterRun {
  sim::Table table = sim::Table::holding;
  std::uint16_t first = 0;
  int count = 0;
  std::vector<const sim::RegisterRow*> rows;

  /// The words of a row, out of all words of the run.
  std::span<const std::uint16_t> words_of(const sim::RegisterRow& row, std::span<const std::uint16_t> words) const;
};

/// What a word on the command line stands for: the name that a row has in the map, a pattern of names with *, or the
/// address of a row's first register. Empty, and why in `fault`, when the map has nothing like it.
std::vector<const sim::RegisterRow*> rows_named(const sim::RegisterMap& map, const std::string& word,
                                                std::string& fault);

/// The fewest requests that read all rows: as many registers in each as a device gives at once, inside one block of the
/// map, which a device lets be read as one. In the order of the map, a row once.
std::vector<RegisterRun> runs_of(const sim::RegisterMap& map, std::vector<const sim::RegisterRow*> rows);

/// Where what `function` (6 or 16) writes stands in the map: some devices give it addresses of its own.
sim::Table written_by(const sim::RegisterMap& map, std::uint8_t function);

/// "et1.pv1_w" has no place here: a row is "pv1_w"; one that holds a constant has its address for a name.
std::string name_of(const sim::RegisterRow& row);

/// "6012 W", "\"9010KETU...\"", "not available" (all ones, goodwe-et-modbus 3).
std::string value_text(const sim::RegisterRow& row, std::span<const std::uint16_t> words);

/// "35105     pv1_w                    6012 W         PV1 power"
std::string row_text(const sim::RegisterRow& row, const std::string& value);

/// What is to be sent for `value` in the row's unit; empty, and why in `fault`, when the row does not take it.
std::vector<std::uint16_t> words_for(const sim::RegisterRow& row, double value, std::string& fault);

}  // namespace hil::harness
