#include "harness/probe/frame_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <span>

#include "harness/probe/register_access.h"
#include "harness/record/frame_text.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

constexpr std::uint8_t exception_bit = 0x80;
constexpr std::size_t crc_bytes = 2;
constexpr std::size_t request_head = 6;  // unit, function, first, count
constexpr std::size_t reply_head = 3;    // unit, function, bytes
constexpr std::uint8_t read_holding = 3;
constexpr std::uint8_t read_input = 4;
constexpr std::uint8_t write_one = 6;
constexpr std::uint8_t write_several = 16;

int word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return bytes[at] << 8 | bytes[at + 1];
}

std::vector<std::uint16_t> words_in(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint16_t> words;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    words.push_back(static_cast<std::uint16_t>(word_at(bytes, at)));
  }
  return words;
}

}  // namespace

/// A master that got no answer repeats its request. One that reads has six bytes; its reply, three and two a register,
/// never.
bool FrameDecoder::answers_the_request(std::span<const std::uint8_t> body) const {
  if (request_.empty() || body[0] != request_[0] || (body[1] & ~exception_bit) != request_[1]) return false;
  const bool reads = body[1] == read_holding || body[1] == read_input;
  return !reads || body.size() != request_head;
}

std::string FrameDecoder::decode(const std::vector<std::uint8_t>& frame) {
  if (!sim::has_valid_crc(frame))
    return fmt::format("{} bytes, the CRC is wrong: no frame, or a broken one\n", frame.size());
  const auto body = std::span(frame).first(frame.size() - crc_bytes);
  // No master sends an exception, nor a read of another length.
  const bool reads = body[1] == read_holding || body[1] == read_input;
  const bool counted =
      reads && body.size() > reply_head && body.size() != request_head && body.size() == reply_head + body[2];
  const bool answers = answers_the_request(body);
  const bool is_reply = answers || (body[1] & exception_bit) != 0 || counted;
  std::array<char, longest_frame_text> room{};
  std::string text = fmt::format("{} {}\n", is_reply ? "reply  " : "request", write_unit_frame(room, body, !is_reply));
  const std::uint8_t function = body[1];
  const bool has_words = answers && request_.size() >= request_head && body.size() > reply_head;
  if (has_words && (function == read_holding || function == read_input)) {
    const sim::Table table = function == read_holding ? sim::Table::holding : sim::Table::input;
    text += rows_in(table, word_at(request_, 2), words_in(body.subspan(reply_head)));
  } else if (!is_reply && function == write_one && body.size() == request_head) {
    text += rows_in(written_by(map_, function), word_at(body, 2), words_in(body.subspan(4)));
  } else if (!is_reply && function == write_several && body.size() > request_head + 1) {
    text += rows_in(written_by(map_, function), word_at(body, 2), words_in(body.subspan(request_head + 1)));
  }
  is_reply ? request_.clear() : request_.assign(body.begin(), body.end());
  return text;
}

std::string FrameDecoder::rows_in(sim::Table table, int first, const std::vector<std::uint16_t>& words) const {
  std::string text;
  const int end = first + static_cast<int>(words.size());
  for (const sim::RegisterRow& row : map_.rows) {
    if (row.table != table || row.address < first || row.address + row.count > end) continue;
    const auto of_row =
        std::span(words).subspan(static_cast<std::size_t>(row.address - first), static_cast<std::size_t>(row.count));
    fmt::format_to(std::back_inserter(text), "  {}\n", row_text(row, value_text(row, of_row)));
  }
  return text;
}

std::vector<std::uint8_t> bytes_of_hex(const std::string& text) {
  std::string digits;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto character = static_cast<unsigned char>(text[at]);
    if (character == '0' && at + 1 < text.size() && (text[at + 1] == 'x' || text[at + 1] == 'X')) {
      ++at;
    } else if (std::isxdigit(character) != 0) {
      digits += text[at];
    } else if (std::isspace(character) == 0 && character != ':' && character != ',') {
      return {};
    }
  }
  if (digits.size() % 2 != 0) return {};
  std::vector<std::uint8_t> bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    constexpr int hexadecimal = 16;
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(at, 2), nullptr, hexadecimal)));
  }
  return bytes;
}

}  // namespace hil::harness
