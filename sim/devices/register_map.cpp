#include "sim/devices/register_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "sim/signals/signal_registry.h"

namespace hil::sim {
namespace {

constexpr int last_address = 0xFFFF;

std::string joined(const std::vector<std::string>& faults) {
  std::string text;
  for (const std::string& fault : faults) {
    if (!text.empty()) text += '\n';
    text += fault;
  }
  return text;
}

int last_of(const RegisterRow& row) {
  return row.address + row.count - 1;
}

int last_of(const RegisterBlock& block) {
  return block.last;
}
int first_of(const RegisterRow& row) {
  return row.address;
}
int first_of(const RegisterBlock& block) {
  return block.first;
}

bool holds_bits(Table table) {
  return table == Table::coils || table == Table::discrete;
}

bool is_written_only(Table table) {
  return table == Table::single_write || table == Table::block_write;
}

const std::string& file_of(const RegisterMap& map, const std::string& own) {
  return own.empty() ? map.file : own;
}

/// True when `next` does not lie wholly behind `before`.
template <typename Range>
bool out_of_order(const Range& before, const Range& next) {
  if (before.table != next.table) return next.table < before.table;
  return first_of(next) <= last_of(before);
}

/// A block that does not say what its holes read as must have none.
void check_gaps(const RegisterMap& map, const RegisterBlock& block, std::vector<std::string>& faults) {
  if (block.fill) return;
  const auto gap = [&](int first, int last) {
    if (first > last) return;
    faults.push_back(fmt::format("{}:{}: block {}..{}: no row for {}..{}, must have one or the block a fill",
                                 file_of(map, block.file), block.line, block.first, block.last, first, last));
  };
  int next = block.first;
  for (const RegisterRow& row : map.rows) {
    if (row.table != block.table || row.address < next || row.address > block.last) continue;
    gap(next, row.address - 1);
    next = last_of(row) + 1;
  }
  gap(next, block.last);
}

void check_blocks(const RegisterMap& map, std::vector<std::string>& faults) {
  const RegisterBlock* before = nullptr;
  for (const RegisterBlock& block : map.blocks) {
    const std::string where =
        fmt::format("{}:{}: block {}..{}", file_of(map, block.file), block.line, block.first, block.last);
    if (block.last < block.first) faults.push_back(where + ": last is below first, must be first or above");
    if (block.refresh_ms < 0) {
      faults.push_back(fmt::format("{}: refresh_ms is {}, must be 0 (every step) or above", where, block.refresh_ms));
    }
    if (before != nullptr && out_of_order(*before, block)) {
      faults.push_back(
          fmt::format("{}: begins at or before the end of block {}..{} (line {}), must ascend without overlap", where,
                      before->first, before->last, before->line));
    }
    check_gaps(map, block, faults);
    before = &block;
  }
}

bool inside_one_block(const RegisterMap& map, const RegisterRow& row) {
  for (const RegisterBlock& block : map.blocks) {
    if (row.table == block.table && row.address >= block.first && last_of(row) <= block.last) return true;
  }
  return false;
}

/// In words where there is a fault to tell: a site of ten inverters checks thousands of rows.
struct RowPlace {
  const RegisterMap& map;
  const RegisterRow& row;
  std::string text() const { return fmt::format("{}: row {} \"{}\"", place_of(map, row), row.address, row.name); }
};

void check_table(const RegisterRow& row, const RowPlace& where, std::vector<std::string>& faults) {
  if (holds_bits(row.table) != (row.encoding == Encoding::bit)) {
    faults.push_back(where.text() + (holds_bits(row.table)
                                         ? ": encoding in a table of bits must be bit"
                                         : ": encoding bit must stand in the tables coils or discrete"));
  }
  if (row.access != Access::read && (row.table == Table::input || row.table == Table::discrete)) {
    faults.push_back(where.text() + ": access must be read, as its table cannot be written");
  }
  if (row.access != Access::write && is_written_only(row.table)) {
    faults.push_back(where.text() + ": access must be write, as its table cannot be read");
  }
  if (row.table == Table::single_write && row.count != 1) {
    faults.push_back(where.text() + ": count must be 1, as function 06 writes one register");
  }
}

void check_bounds(const RegisterRow& row, const RowPlace& where, std::vector<std::string>& faults) {
  if ((row.lowest || row.highest) && row.access == Access::read) {
    faults.push_back(where.text() + ": lowest and highest bound what is written, but access is read");
  }
  if (row.lowest && row.highest && *row.lowest > *row.highest) {
    faults.push_back(
        fmt::format("{}: lowest is {}, must be at most highest ({})", where.text(), *row.lowest, *row.highest));
  }
}

void check_row(const RegisterMap& map, const RegisterRow& row, std::vector<std::string>& faults) {
  const RowPlace where{map, row};
  check_table(row, where, faults);
  check_bounds(row, where, faults);
  const int registers = registers_of(row.encoding);
  if (row.count < 1 || (registers != 0 && row.count != registers)) {
    faults.push_back(fmt::format("{}: count is {}, must be {}", where.text(), row.count,
                                 registers == 0 ? std::string("1 or more") : fmt::format("{}", registers)));
  } else if (last_of(row) > last_address) {
    faults.push_back(fmt::format("{}: ends at {}, must be at most {}", where.text(), last_of(row), last_address));
  } else if (!inside_one_block(map, row)) {
    faults.push_back(fmt::format("{}: {}..{} must lie inside one block", where.text(), row.address, last_of(row)));
  }
  if (!row.binding.empty() && !row.unit.empty() && row.unit != unit_of(row.binding)) {
    faults.push_back(fmt::format("{}: \"{}\": unit is {}, must be {}", where.text(), row.binding, row.unit,
                                 unit_of(row.binding).empty() ? "left out" : unit_of(row.binding)));
  }
  if (!std::isfinite(row.scale) || row.scale == 0.0) {
    faults.push_back(fmt::format("{}: scale is {}, must be a number other than 0", where.text(), row.scale));
  }
  if (row.encoding == Encoding::ascii && row.access != Access::read) {
    faults.push_back(where.text() + ": access of an ascii row must be read");
  }
  if (row.encoding == Encoding::ascii &&
      row.constant_text.size() > 2 * static_cast<std::size_t>(std::max(row.count, 0))) {
    faults.push_back(fmt::format("{}: constant has {} characters, must be at most {} (2 a register)", where.text(),
                                 row.constant_text.size(), 2 * row.count));
  }
}

/// What `extra` does not touch of `base`, and all of `extra`; in order where `extra` is.
template <typename Range>
std::vector<Range> merged(std::vector<Range> base, std::vector<Range> extra) {
  std::erase_if(base, [&](const Range& old) {
    return std::any_of(extra.begin(), extra.end(), [&](const Range& added) {
      return added.table == old.table && first_of(added) <= last_of(old) && last_of(added) >= first_of(old);
    });
  });
  std::vector<Range> all;
  std::merge(std::make_move_iterator(base.begin()), std::make_move_iterator(base.end()),
             std::make_move_iterator(extra.begin()), std::make_move_iterator(extra.end()), std::back_inserter(all),
             [](const Range& left, const Range& right) {
               return left.table != right.table ? left.table < right.table : first_of(left) < first_of(right);
             });
  return all;
}

}  // namespace

BadRegisterMap::BadRegisterMap(std::vector<std::string> faults)
    : std::runtime_error(joined(faults)), faults_(std::move(faults)) {}

int registers_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::u16:
    case Encoding::s16:
    case Encoding::bit:
      return 1;
    case Encoding::u32_high_first:
    case Encoding::s32_high_first:
    case Encoding::float32_high_first:
    case Encoding::u32_low_first:
    case Encoding::s32_low_first:
      return 2;
    case Encoding::u64_high_first:
      return 4;
    case Encoding::ascii:
      return 0;
  }
  return 0;
}

std::string place_of(const RegisterMap& map, const RegisterRow& row) {
  return fmt::format("{}:{}", file_of(map, row.file), row.line);
}

std::vector<std::string> faults_of(const RegisterMap& map) {
  std::vector<std::string> faults;
  if (map.blocks.empty()) faults.push_back(fmt::format("{}:0: no block, must be at least one", map.file));
  check_blocks(map, faults);
  const RegisterRow* before = nullptr;
  for (const RegisterRow& row : map.rows) {
    check_row(map, row, faults);
    if (before != nullptr && out_of_order(*before, row)) {
      faults.push_back(fmt::format(
          "{}: row {} \"{}\": begins at or before the end of row {} \"{}\" (line {}), must ascend without overlap",
          place_of(map, row), row.address, row.name, before->address, before->name, before->line));
    }
    before = &row;
  }
  return faults;
}

RegisterMap extended(RegisterMap base, RegisterMap extra) {
  for (RegisterBlock& block : base.blocks) {
    if (block.file.empty()) block.file = base.file;
  }
  for (RegisterRow& row : base.rows) {
    if (row.file.empty()) row.file = base.file;
  }
  base.blocks = merged(std::move(base.blocks), std::move(extra.blocks));
  base.rows = merged(std::move(base.rows), std::move(extra.rows));
  base.name = std::move(extra.name);
  base.file = std::move(extra.file);
  base.single_writes = base.single_writes || extra.single_writes;
  return base;
}

}  // namespace hil::sim
