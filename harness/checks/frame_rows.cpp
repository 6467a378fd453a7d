#include "harness/checks/frame_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <system_error>
#include <vector>

#include "harness/plant/state_names.h"
#include "harness/probe/register_access.h"
#include "sim/devices/register_codec.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t read_holding = 3;
constexpr std::uint8_t read_input = 4;
constexpr std::uint8_t write_one = 6;
constexpr std::uint8_t write_several = 16;
constexpr std::size_t crc_bytes = 2;
constexpr std::size_t read_request_bytes = 6;  // unit, function, first, count
constexpr std::size_t reply_head = 3;          // unit, function, bytes
constexpr std::size_t write_one_bytes = 6;     // unit, function, address, word
constexpr std::size_t write_head = 7;          // unit, function, first, count, bytes
constexpr std::size_t most_rows = 12;

int word_at(Bytes bytes, std::size_t at) {
  return bytes[at] << 8 | bytes[at + 1];
}

/// Unit and PDU; empty when the CRC is wrong.
Bytes body_of(Bytes frame) {
  return sim::has_valid_crc(frame) ? frame.first(frame.size() - crc_bytes) : Bytes{};
}

struct Registers {
  sim::Table table = sim::Table::holding;
  int first = 0;
  Bytes data;
};

/// Without data: the frame carries none.
Registers registers_in(const sim::RegisterMap& map, Bytes frame, Bytes request) {
  const std::uint8_t function = frame[1];
  if (request.empty()) {
    if (function == write_one && frame.size() == write_one_bytes) {
      return {written_by(map, function), word_at(frame, 2), frame.subspan(4)};
    }
    if (function == write_several && frame.size() > write_head) {
      return {written_by(map, function), word_at(frame, 2), frame.subspan(write_head)};
    }
    return {};
  }
  const bool reads = function == read_holding || function == read_input;
  const bool answers = request.size() == read_request_bytes && request[0] == frame[0] && request[1] == function;
  if (!reads || !answers || frame.size() <= reply_head) return {};
  // A late reply to another request is of registers that nobody knows.
  const std::size_t asked_bytes = 2 * static_cast<std::size_t>(word_at(request, 4));
  if (frame[2] != asked_bytes || frame.size() != reply_head + asked_bytes) return {};
  const sim::Table table = function == read_holding ? sim::Table::holding : sim::Table::input;
  return {table, word_at(request, 2), frame.subspan(reply_head)};
}

/// Names of bits as a row lists them, "bits: 0 fault, 1 alarm" or "bit 9 warning, bit 10 latched fault", up to a
/// semicolon. Any other text gives none.
std::map<int, std::string> bit_names(std::string_view text) {
  constexpr std::string_view all = "bits: ";
  constexpr std::string_view each = "bit ";
  text = text.substr(0, text.find(';'));
  const bool has_head = text.starts_with(all);
  if (has_head) text.remove_prefix(all.size());
  std::map<int, std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(", "), text.size());
    std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    if (!has_head && !item.starts_with(each)) return {};
    if (!has_head) item.remove_prefix(each.size());
    int bit = 0;
    const auto [rest, status] = std::from_chars(item.data(), item.data() + item.size(), bit);
    const std::string_view name = item.substr(static_cast<std::size_t>(rest - item.data()));
    if (status != std::errc{} || name.size() < 2 || name.front() != ' ') return {};
    names.emplace(bit, name.substr(1));
  }
  return names;
}

/// " (bit 9 warning, bit 10 latched fault)": those that are set, the lowest first; empty: the row has no names of bits.
std::string bits_in_brackets(const sim::RegisterRow& row, std::uint16_t word) {
  const std::map<int, std::string> names = bit_names(row.name);
  std::string text;
  for (int bit = 0; bit < 16 && !names.empty(); ++bit) {
    if ((word >> bit & 1) == 0) continue;
    const auto name = names.find(bit);
    text += fmt::format("{}bit {}{}", text.empty() ? "" : ", ", bit, name == names.end() ? "" : " " + name->second);
  }
  return text.empty() ? "" : " (" + text + ")";
}

std::string row_in_words(const sim::RegisterRow& row, std::span<const std::uint16_t> words) {
  std::string text = name_of(row) + " " + value_text(row, words);
  const bool numeric = row.encoding != sim::Encoding::ascii;
  if (!numeric || row.count != 1) return text;
  text += StateNames(row.name).in_brackets(sim::from_bits(words.front(), row));
  if (row.encoding == sim::Encoding::u16) text += bits_in_brackets(row, words.front());
  return text;
}

}  // namespace

std::string rows_in_frame(const sim::RegisterMap& map, Bytes frame, Bytes request) {
  const Bytes body = body_of(frame);
  if (body.size() < 2 || (!request.empty() && body_of(request).empty())) return {};
  const Registers found = registers_in(map, body, body_of(request));
  std::vector<std::uint16_t> words;
  for (std::size_t at = 0; at + 1 < found.data.size(); at += 2) {
    words.push_back(static_cast<std::uint16_t>(word_at(found.data, at)));
  }
  const int end = found.first + static_cast<int>(words.size());
  std::vector<std::string> rows;
  for (const sim::RegisterRow& row : map.rows) {
    const bool inside = row.table == found.table && row.address >= found.first && row.address + row.count <= end;
    if (!inside || row.binding.empty()) continue;
    const auto of_row = std::span(words).subspan(static_cast<std::size_t>(row.address - found.first),
                                                 static_cast<std::size_t>(row.count));
    rows.push_back(row_in_words(row, of_row));
  }
  const std::size_t left_out = rows.size() > most_rows ? rows.size() - most_rows : 0;
  rows.resize(rows.size() - left_out);
  std::string text = fmt::format("{}", fmt::join(rows, ", "));
  if (left_out > 0) text += fmt::format(" and {} more", left_out);
  return text;
}

}  // namespace hil::harness
