#include "harness/probe/register_access.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "harness/record/number_text.h"
#include "harness/scenario/names.h"
#include "sim/devices/register_codec.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

constexpr int most_registers = 125;  // in one request, by the standard

int end_of(const sim::RegisterRow& row) {
  return row.address + row.count;
}

/// Place of the block that the row lies in.
std::size_t block_of(const sim::RegisterMap& map, const sim::RegisterRow& row) {
  const auto found = std::find_if(map.blocks.begin(), map.blocks.end(), [&row](const sim::RegisterBlock& block) {
    return block.table == row.table && block.first <= row.address && row.address <= block.last;
  });
  return static_cast<std::size_t>(found - map.blocks.begin());
}

/// Said by the row, else by the end of its name.
std::string_view unit_of(const sim::RegisterRow& row) {
  return row.unit.empty() ? sim::unit_of(row.binding) : std::string_view(row.unit);
}

bool is_text(const sim::RegisterRow& row) {
  return row.encoding == sim::Encoding::ascii;
}

std::string text_in(std::span<const std::uint16_t> words) {
  std::string text;
  for (const std::uint16_t word : words) {
    for (const int character : {word >> 8, word & 0xFF}) {
      const bool printable = character >= ' ' && character <= '~';
      if (character != 0) text += printable ? static_cast<char>(character) : '?';
    }
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// What the bits of an encoding of whole numbers hold, lowest first; nothing: of another.
std::optional<std::pair<double, double>> held_by(const sim::RegisterRow& row) {
  using sim::Encoding;
  const auto ends = [&row](std::uint64_t lowest, std::uint64_t highest) {
    return std::minmax({sim::from_bits(lowest, row), sim::from_bits(highest, row)});  // a scale may be negative
  };
  switch (row.encoding) {
    case Encoding::u16:
      return ends(0, 0xFFFF);
    case Encoding::s16:
      return ends(0x8000, 0x7FFF);
    case Encoding::u32_high_first:
    case Encoding::u32_low_first:
      return ends(0, 0xFFFF'FFFF);
    case Encoding::s32_high_first:
    case Encoding::s32_low_first:
      return ends(0x8000'0000, 0x7FFF'FFFF);
    case Encoding::u64_high_first:
    case Encoding::float32_high_first:
    case Encoding::ascii:
    case Encoding::bit:
      break;
  }
  return std::nullopt;
}

std::string bounds_text(const sim::RegisterRow& row) {
  const auto held = held_by(row);
  const auto end = [&row](const std::optional<double>& bound) {
    return bound ? with_unit(*bound, unit_of(row)) : "any";
  };
  return end(row.lowest || !held ? row.lowest : held->first) + " to " +
         end(row.highest || !held ? row.highest : held->second);
}

}  // namespace

std::span<const std::uint16_t> RegisterRun::words_of(const sim::RegisterRow& row,
                                                     std::span<const std::uint16_t> words) const {
  return words.subspan(static_cast<std::size_t>(row.address - first), static_cast<std::size_t>(row.count));
}

sim::Table written_by(const sim::RegisterMap& map, std::uint8_t function) {
  constexpr std::uint8_t write_one = 6;
  const sim::Table own = function == write_one ? sim::Table::single_write : sim::Table::block_write;
  const bool has_own = std::any_of(map.blocks.begin(), map.blocks.end(),
                                   [own](const sim::RegisterBlock& block) { return block.table == own; });
  return has_own ? own : sim::Table::holding;
}

std::string name_of(const sim::RegisterRow& row) {
  return row.binding.empty() ? std::to_string(row.address) : row.binding;
}

std::vector<const sim::RegisterRow*> rows_named(const sim::RegisterMap& map, const std::string& word,
                                                std::string& fault) {
  std::vector<const sim::RegisterRow*> rows;
  std::vector<std::string> known;
  for (const sim::RegisterRow& row : map.rows) {
    const std::string name = name_of(row);
    if (::fnmatch(word.c_str(), name.c_str(), 0) == 0 || word == std::to_string(row.address)) rows.push_back(&row);
    if (!row.binding.empty()) known.push_back(name);
  }
  if (rows.empty()) {
    constexpr std::size_t most_names = 5;
    fault = fmt::format(
        "{}: {} has no such name and no row at such an address, nearest: {}; `hilbench list --registers "
        "{}` has all {}",
        word, map.name, list_nearest(word, known, most_names), map.name, known.size());
  }
  return rows;
}

std::vector<RegisterRun> runs_of(const sim::RegisterMap& map, std::vector<const sim::RegisterRow*> rows) {
  // By address, so that neither the order of the words nor where the rows are in memory plays a part.
  const auto place = [](const sim::RegisterRow* row) { return std::tuple(row->table, row->address); };
  std::sort(rows.begin(), rows.end(),
            [&place](const auto* one, const auto* other) { return place(one) < place(other); });
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  std::vector<RegisterRun> runs;
  for (const sim::RegisterRow* row : rows) {
    const bool fits = !runs.empty() && runs.back().table == row->table &&
                      block_of(map, *runs.back().rows.front()) == block_of(map, *row) &&
                      end_of(*row) - runs.back().first <= most_registers;
    if (!fits) runs.push_back({row->table, row->address, 0, {}});
    runs.back().count = end_of(*row) - runs.back().first;
    runs.back().rows.push_back(row);
  }
  return runs;
}

std::string value_text(const sim::RegisterRow& row, std::span<const std::uint16_t> words) {
  if (is_text(row)) return '"' + text_in(words) + '"';
  const bool all_ones = std::all_of(words.begin(), words.end(), [](std::uint16_t word) { return word == 0xFFFF; });
  const bool is_signed = row.encoding == sim::Encoding::s16 || row.encoding == sim::Encoding::s32_high_first ||
                         row.encoding == sim::Encoding::s32_low_first;
  if (all_ones && !is_signed) return "not available";
  return with_unit(sim::from_bits(sim::bits_of(words, row), row), unit_of(row));
}

std::string row_text(const sim::RegisterRow& row, const std::string& value) {
  return fmt::format("{:<7} {:<32} {:>16}   {}", row.address, row.binding, value, row.name);
}

std::vector<std::uint16_t> words_for(const sim::RegisterRow& row, double value, std::string& fault) {
  if (row.access == sim::Access::read) {
    fault = fmt::format("{}: can be read only", name_of(row));
    return {};
  }
  if (is_text(row)) {
    fault = fmt::format("{}: is a text, only numbers can be written", name_of(row));
    return {};
  }
  const std::uint64_t bits = sim::to_bits(value, row);
  const bool is_whole = row.encoding != sim::Encoding::float32_high_first;
  const double half_a_step = is_whole ? 0.5000001 * std::abs(row.scale) : 0.0;
  const bool within =
      (!row.lowest || value >= *row.lowest - half_a_step) && (!row.highest || value <= *row.highest + half_a_step);
  const bool finite = std::isfinite(value) && std::isfinite(sim::from_bits(bits, row));
  if (!finite || !within || (is_whole && std::abs(sim::from_bits(bits, row) - value) > half_a_step)) {
    fault = fmt::format("{}: {} does not fit, must be {} in {} register{}{}", name_of(row),
                        with_unit(value, unit_of(row)), bounds_text(row), row.count, row.count == 1 ? "" : "s",
                        is_whole ? ", in steps of " + with_unit(row.scale, unit_of(row)) : "");
    return {};
  }
  std::vector<std::uint16_t> words(static_cast<std::size_t>(row.count));
  sim::put_bits(bits, row, words);
  return words;
}

}  // namespace hil::harness
