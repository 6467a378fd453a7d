#include "sim/devices/register_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

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

void check_blocks(const RegisterMap& map, std::vector<std::string>& faults) {
  const RegisterBlock* before = nullptr;
  for (const RegisterBlock& block : map.blocks) {
    const std::string where = fmt::format("{}:{}: block {}..{}", map.file, block.line, block.first, block.last);
    if (block.last < block.first) faults.push_back(where + ": last is below first, must be first or above");
    if (block.refresh_ms < 0) {
      faults.push_back(fmt::format("{}: refresh_ms is {}, must be 0 (every step) or above", where, block.refresh_ms));
    }
    if (before != nullptr && block.first <= before->last) {
      faults.push_back(
          fmt::format("{}: begins at or before the end of block {}..{} (line {}), must ascend without overlap", where,
                      before->first, before->last, before->line));
    }
    before = &block;
  }
}

bool inside_one_block(const RegisterMap& map, const RegisterRow& row) {
  for (const RegisterBlock& block : map.blocks) {
    if (row.address >= block.first && last_of(row) <= block.last) return true;
  }
  return false;
}

void check_row(const RegisterMap& map, const RegisterRow& row, std::vector<std::string>& faults) {
  const std::string where = fmt::format("{}:{}: row {} \"{}\"", map.file, row.line, row.address, row.name);
  const int registers = registers_of(row.encoding);
  if (row.count < 1 || (registers != 0 && row.count != registers)) {
    faults.push_back(fmt::format("{}: count is {}, must be {}", where, row.count,
                                 registers == 0 ? std::string("1 or more") : fmt::format("{}", registers)));
  } else if (last_of(row) > last_address) {
    faults.push_back(fmt::format("{}: ends at {}, must be at most {}", where, last_of(row), last_address));
  } else if (!inside_one_block(map, row)) {
    faults.push_back(fmt::format("{}: {}..{} must lie inside one block", where, row.address, last_of(row)));
  }
  if (!std::isfinite(row.scale) || row.scale == 0.0) {
    faults.push_back(fmt::format("{}: scale is {}, must be a number other than 0", where, row.scale));
  }
  if (row.encoding == Encoding::ascii && row.access != Access::read) {
    faults.push_back(where + ": access of an ascii row must be read");
  }
  if (row.encoding == Encoding::ascii &&
      row.constant_text.size() > 2 * static_cast<std::size_t>(std::max(row.count, 0))) {
    faults.push_back(fmt::format("{}: constant has {} characters, must be at most {} (2 a register)", where,
                                 row.constant_text.size(), 2 * row.count));
  }
}

}  // namespace

BadRegisterMap::BadRegisterMap(std::vector<std::string> faults)
    : std::runtime_error(joined(faults)), faults_(std::move(faults)) {}

int registers_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::u16:
    case Encoding::s16:
      return 1;
    case Encoding::u32_high_first:
    case Encoding::s32_high_first:
    case Encoding::float32_high_first:
      return 2;
    case Encoding::ascii:
      return 0;
  }
  return 0;
}

std::vector<std::string> faults_of(const RegisterMap& map) {
  std::vector<std::string> faults;
  if (map.blocks.empty()) faults.push_back(fmt::format("{}:0: no block, must be at least one", map.file));
  check_blocks(map, faults);
  const RegisterRow* before = nullptr;
  for (const RegisterRow& row : map.rows) {
    check_row(map, row, faults);
    if (before != nullptr && row.address <= last_of(*before)) {
      faults.push_back(fmt::format(
          "{}:{}: row {} \"{}\": begins at or before the end of row {} \"{}\" (line {}), must ascend without overlap",
          map.file, row.line, row.address, row.name, before->address, before->name, before->line));
    }
    before = &row;
  }
  return faults;
}

}  // namespace hil::sim
