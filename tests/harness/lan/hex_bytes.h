#pragma once

#include <charconv>
#include <cstdint>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace hil::harness::tests {

/// "04 52" as two bytes.
inline std::vector<std::uint8_t> bytes_of(const std::string& hex) {
  std::vector<std::uint8_t> bytes;
  std::istringstream words{hex};
  for (std::string word; words >> word;) {
    std::uint8_t byte = 0;
    std::from_chars(word.data(), word.data() + word.size(), byte, 16);
    bytes.push_back(byte);
  }
  return bytes;
}

inline std::string hex_of(std::span<const std::uint8_t> bytes) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ' ';
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace hil::harness::tests
