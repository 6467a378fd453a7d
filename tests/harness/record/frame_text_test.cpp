#include "harness/record/frame_text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "models/split_mix64.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint8_t> bytes_of(const std::string& hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 3) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string text_of(const std::string& hex, bool request, sim::WireMarks marks = 0) {
  std::array<char, longest_frame_text> room{};
  const std::vector<std::uint8_t> bytes = bytes_of(hex);
  return std::string(
      write_frame(room, "com1", {.bytes = bytes, .begin = 12'345'678'901ns, .from_far_side = request, .marks = marks}));
}

// The worked frames of goodwe-et-modbus 12.
TEST(FrameText, SaysWhatTheReferencesFramesMean) {
  EXPECT_EQ(text_of("F7 03 89 6C 00 05 7B 1E", true),
            "12.345678 com1 request unit 247: read holding registers 35180 x5; crc ok");
  EXPECT_EQ(text_of("F7 03 0A 09 EE FF 9E FF FF F6 30 00 03 7B 5A", false),
            "12.345678 com1 reply   unit 247: read holding registers 2542 65438 65535 63024 3; crc ok");
  EXPECT_EQ(text_of("F7 06 B9 98 09 C4 3E 2C", true),
            "12.345678 com1 request unit 247: write register 47512 = 2500; crc ok");
  EXPECT_EQ(text_of("F7 10 B9 97 00 02 04 00 0B 09 C4 8F 38", true),
            "12.345678 com1 request unit 247: write registers 47511 x2 = 11 2500; crc ok");
  EXPECT_EQ(text_of("F7 10 B9 97 00 02 C1 EE", false),
            "12.345678 com1 reply   unit 247: write registers 47511 x2; crc ok");
  EXPECT_EQ(text_of("F7 83 02 20 C3", false),
            "12.345678 com1 reply   unit 247: read holding registers, exception 2 (illegal address); crc ok");
}

TEST(FrameText, ShowsTheBytesOfWhatFailsItsChecksumWithWhatBefellIt) {
  EXPECT_EQ(text_of("F7 83 02 20 C4", false, sim::wire_mark::collision),
            "12.345678 com1 reply   5 bytes: F7 83 02 20 C4; crc bad; collision");
  EXPECT_EQ(text_of("", false, sim::wire_mark::wrong_format), "12.345678 com1 reply   no byte heard; wrong_format");
}

TEST(FrameText, ShowsTheBytesOfWhatHasNotTheLengthOfItsFunction) {
  // A request that lacks its count, and a function that nobody knows.
  EXPECT_EQ(text_of("F7 03 89 6C A5 ED", true),
            "12.345678 com1 request unit 247: read holding registers 89 6C; crc ok");
  EXPECT_EQ(text_of("F7 41 87 B0", true), "12.345678 com1 request unit 247: function 65; crc ok");
}

// Lengths 0 to 300, every second one with a good checksum, into rooms that hold all, some or nothing of it.
TEST(FrameText, TakesAnyBytesAndAnyRoom) {
  models::SplitMix64 random{7};
  std::vector<char> room(longest_frame_text);
  for (int i = 0; i < 10'000; ++i) {
    std::vector<std::uint8_t> bytes(random.next() % 300);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next() % 20);
    if (i % 2 == 0) sim::append_crc(bytes);
    const std::span<char> some = std::span(room).first(random.next() % 4 == 0 ? random.next() % 80 : room.size());
    const auto marks = static_cast<sim::WireMarks>(random.next());
    const std::string_view text =
        write_frame(some, "com1", {.bytes = bytes, .begin = sim::Time{i}, .from_far_side = i % 3 == 0, .marks = marks});
    ASSERT_LE(text.size(), some.size());
    ASSERT_EQ(text.find('\n'), std::string_view::npos);
    if (some.size() == room.size()) {
      ASSERT_NE(text.find(bytes.empty() ? "no byte heard" : "; crc "), std::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace hil::harness
