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

std::string network_text(const std::string& hex, bool stream, bool request, sim::NetworkMarks marks = 0) {
  std::array<char, longest_frame_text> room{};
  const std::vector<std::uint8_t> bytes = bytes_of(hex);
  return std::string(write_network_frame(room, "et1_tcp",
                                         {.bytes = bytes,
                                          .client = "10.0.0.2:40222",
                                          .at = 12'345'678'901ns,
                                          .request = request,
                                          .stream = stream,
                                          .marks = marks}));
}

TEST(FrameText, SaysWhatASegmentAndADatagramMean) {
  const std::string head = "12.345678 et1_tcp 10.0.0.2:40222 ";
  EXPECT_EQ(network_text("15 01 00 00 00 06 F7 03 89 6C 00 05", true, true),
            head + "request #5377 unit 247: read holding registers 35180 x5");
  EXPECT_EQ(network_text("15 01 00 00 00 03 F7 83 02", true, false, mark_of(sim::NetworkFault::delay)),
            head + "reply   #5377 unit 247: read holding registers, exception 2 (illegal address); delay");
  EXPECT_EQ(network_text("F7 03 89 6C 00 05 7B 1E", false, true),
            head + "request unit 247: read holding registers 35180 x5; crc ok");
  EXPECT_EQ(network_text("AA 55 F7 83 02 20 C3", false, false),
            head + "reply   unit 247: read holding registers, exception 2 (illegal address); crc ok");
}

TEST(FrameText, ShowsBytesOfWhatIsNoWholeFrameOnTheNetwork) {
  const std::string head = "12.345678 et1_tcp 10.0.0.2:40222 reply   ";
  const auto marks = mark_of(sim::NetworkFault::split) | mark_of(sim::NetworkFault::jitter);
  EXPECT_EQ(network_text("15 01 00", true, false, marks), head + "3 bytes: 15 01 00; jitter, split");
  EXPECT_EQ(network_text("15 01 00 00 00 06 F7 83 02", true, false), head + "9 bytes: 15 01 00 00 00 06 F7 83 02")
      << "another length";
  EXPECT_EQ(network_text("15 01 00 01 00 03 F7 83 02", true, false), head + "9 bytes: 15 01 00 01 00 03 F7 83 02")
      << "another protocol";
  EXPECT_EQ(network_text("AA 55 F7 83 02 20", false, false), head + "6 bytes: AA 55 F7 83 02 20; crc bad");
  EXPECT_EQ(network_text("AA 55", false, false), head + "2 bytes: AA 55");
}

TEST(FrameText, TellsABadChecksumOfADatagramButNotOfTheAA55Set) {
  const std::string request = "12.345678 et1_tcp 10.0.0.2:40222 request ";
  EXPECT_EQ(network_text("F7 03 89 6C 00 05 7B 1F", false, true),
            request + "8 bytes: F7 03 89 6C 00 05 7B 1F; crc bad");
  EXPECT_EQ(network_text("AA 55 C0 7F 01 02 00 02 41", false, true), request + "9 bytes: AA 55 C0 7F 01 02 00 02 41");
  EXPECT_TRUE(fails_its_crc(bytes_of("F7 03 89 6C 00 05 7B 1F"), true));
  EXPECT_FALSE(fails_its_crc(bytes_of("F7 03 89 6C 00 05 7B 1E"), true));
  EXPECT_TRUE(fails_its_crc(bytes_of("AA 55 F7 83 02 20 C4"), false));
  EXPECT_FALSE(fails_its_crc(bytes_of("AA 55 F7 83 02 20 C3"), false));
  EXPECT_FALSE(fails_its_crc(bytes_of("AA 55 7F C0 01 82 01 20 02 44"), false)) << "its own sum";
}

TEST(FrameText, CutsASegmentIntoItsFrames) {
  const auto two = bytes_of("15 01 00 00 00 03 F7 83 02 15 02 00 00 00 03 F7 83 02");
  EXPECT_EQ(whole_tcp_frame(two), 9u);
  EXPECT_EQ(whole_tcp_frame(std::span(two).first(8)), 0u);
  EXPECT_EQ(whole_tcp_frame({}), 0u);
  EXPECT_EQ(whole_tcp_frame(bytes_of("00 01 00 00 00 01 F7")), 0u) << "a frame has a function";
  std::vector<std::uint8_t> longest(400, 0);
  longest[4] = 0;
  longest[5] = 254;
  EXPECT_EQ(whole_tcp_frame(longest), 260u);
  longest[5] = 255;
  EXPECT_EQ(whole_tcp_frame(longest), 0u);
}

// Whatever bytes: no crash, no more than there is room for.
TEST(FrameText, ShowsAnyBytesOfTheNetwork) {
  models::SplitMix64 random{7};
  std::array<char, 80> room{};
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint8_t> bytes(random.next() % 20);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next() >> 56);
    if (bytes.size() > 6 && i % 2 == 0) bytes[2] = bytes[3] = bytes[4] = 0;
    const NetworkFrame frame{
        .bytes = bytes, .client = "10.0.0.2:40222", .request = i % 3 == 0, .stream = i % 4 < 2, .marks = 0x7FFFF};
    EXPECT_LE(write_network_frame(room, "et1_tcp", frame).size(), room.size());
  }
}

}  // namespace
}  // namespace hil::harness
