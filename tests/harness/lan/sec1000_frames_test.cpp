#include "harness/lan/sec1000_frames.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/harness/lan/hex_bytes.h"

namespace hil::harness::sec1000 {
namespace {

using tests::bytes_of;
using tests::hex_of;

// The frames of these tests are the worked examples of sec1000-lan-protocol section 4.

std::string hex_of_request(const Request& request) {
  return hex_of(request.view());
}

TEST(Sec1000Frames, AskAsTheWorkedExamplesDo) {
  EXPECT_EQ(hex_of_request(telemetry_request()), "00 05 01 01 0B 00 0D");
  EXPECT_EQ(hex_of_request(read_settings_request()), "00 05 01 01 43 00 45");
  EXPECT_EQ(hex_of_request(write_settings_request(20300, 7000, true)),
            "00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 02 01 54");
  EXPECT_EQ(hex_of_request(write_settings_request(20300, 7000, false)),
            "00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 01 01 53");
  EXPECT_EQ(hex_of_request(write_settings_request(20300, 0, true)), "00 0E 01 01 42 00 00 4F 4C 00 00 00 00 02 00 E1");
  EXPECT_EQ(hex_of_request(write_settings_request(20300, 10000, true)),
            "00 0E 01 01 42 00 00 4F 4C 00 00 27 10 02 01 18");
  EXPECT_EQ(hex_of_request(write_settings_request(20300, -500, true)),
            "00 0E 01 01 42 00 00 4F 4C FF FF FE 0C 02 03 E9");
  EXPECT_EQ(hex_of_request(switch_request(Command::value, true)), "00 06 01 01 40 01 00 43");
  EXPECT_EQ(hex_of_request(switch_request(Command::value, false)), "00 06 01 01 40 02 00 44");
  EXPECT_EQ(hex_of_request(switch_request(Command::dred, true)), "00 06 01 01 33 01 00 36");
  EXPECT_EQ(hex_of_request(switch_request(Command::dred, false)), "00 06 01 01 33 02 00 37");
  EXPECT_EQ(hex_of_request(switch_request(Command::rcr, true)), "00 06 01 01 28 01 00 2B");
  EXPECT_EQ(hex_of_request(switch_request(Command::rcr, false)), "00 06 01 01 28 02 00 2C");
  EXPECT_EQ(hex_of_request(clock_request({2025, 5, 24, 11, 3, 39})), "00 0C 01 01 05 19 05 00 18 0B 03 27 00 72");
  EXPECT_EQ(hex_of_request(clock_request({2026, 12, 31, 23, 59, 59})), "00 0C 01 01 05 1A 0C 00 1F 17 3B 3B 00 D9");
}

TEST(Sec1000Frames, SwitchTheOtherModesOffBeforeTheirOwnOn) {
  const auto commands = [](Mode mode) {
    std::string text;
    for (const Request& request : mode_requests(mode)) text += hex_of(request.view().subspan(4, 2)) + "; ";
    return text;
  };
  EXPECT_EQ(commands(Mode::value), "33 02; 28 02; 40 01; ");
  EXPECT_EQ(commands(Mode::rcr), "40 02; 33 02; 28 01; ");
  EXPECT_EQ(commands(Mode::dred), "40 02; 28 02; 33 01; ");
  EXPECT_EQ(commands(Mode::off), "40 02; 33 02; 28 02; ");
}

const char* const telemetry_answer =
    "04 52 45 56 4F 00 31 01 01 0B 00 00 09 6A 00 00 09 64 00 00 09 69 00 00 01 E0 00 00 01 86 00 00 01 FC 00 00 01 27 "
    "FF FF FF 8E FF FF FD EC FF FF FE A1 00 00 0D 3A 0F 42";

TEST(Sec1000Frames, ReadTheCapturedTelemetry) {
  for (const Reading reading : {Reading::strict, Reading::one_shot}) {
    ReplyReader reader{reading, telemetry_request()};
    ASSERT_EQ(reader.take(bytes_of(telemetry_answer)), ReplyReader::State::good);
    const auto telemetry = decode_telemetry(reader.data());
    ASSERT_TRUE(telemetry.has_value());
    EXPECT_EQ(telemetry->voltage_ln_v, (std::array{241.0, 240.4, 240.9}));
    EXPECT_EQ(telemetry->current_a, (std::array{4.80, 3.90, 5.08}));
    EXPECT_EQ(telemetry->phase_grid_export_w, (std::array{295.0, -114.0, -532.0}));
    EXPECT_EQ(telemetry->grid_export_w, -351.0);
    EXPECT_EQ(telemetry->inverter_output_w, 3386.0);
  }
}

TEST(Sec1000Frames, ReadTheSettings) {
  ReplyReader reader{Reading::strict, read_settings_request()};
  ASSERT_EQ(reader.take(bytes_of("04 52 45 56 4F 00 12 01 01 43 03 00 00 4F 4C 00 00 00 28 00 00 1B 58 01 7E")),
            ReplyReader::State::good);
  const auto settings = decode_settings(reader.data());
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->mode, 3);
  EXPECT_EQ(settings->capacity_w, 20300);
  EXPECT_EQ(settings->ct_ratio, 40);
  EXPECT_EQ(settings->limit_w, 7000);
}

TEST(Sec1000Frames, ReadTheStatusOfAnAcknowledgementOnlyUnderItsCommand) {
  ReplyReader own{Reading::one_shot, switch_request(Command::dred, true)};
  own.take(bytes_of("04 52 45 56 4F 00 06 01 01 33 06 00 3B"));
  EXPECT_EQ(own.status(), 0x06);
  ReplyReader other{Reading::one_shot, switch_request(Command::value, true)};
  ASSERT_EQ(other.take(bytes_of("04 52 45 56 4F 00 06 01 01 33 06 00 3B")), ReplyReader::State::good);
  EXPECT_EQ(other.status(), std::nullopt);
}

TEST(Sec1000Frames, StrictReadingPutsPiecesTogetherAndOneShotDoesNot) {
  const std::vector<std::uint8_t> answer = bytes_of(telemetry_answer);
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    const std::span<const std::uint8_t> all{answer};
    ReplyReader strict{Reading::strict, telemetry_request()};
    EXPECT_EQ(strict.take(all.first(cut)), ReplyReader::State::waiting) << cut;
    EXPECT_EQ(strict.take(all.subspan(cut)), ReplyReader::State::good) << cut;
    ReplyReader one_shot{Reading::one_shot, telemetry_request()};
    one_shot.take(all.first(cut));
    // Up to the seven bytes of the header it puts together; what follows must come in one piece.
    EXPECT_EQ(one_shot.take(all.subspan(cut)), cut <= 7 ? ReplyReader::State::good : ReplyReader::State::bad_checksum)
        << cut;
  }
}

TEST(Sec1000Frames, StrictReadingHoldsEveryFieldAgainstWhatItMustBe) {
  const std::vector<std::uint8_t> answer = bytes_of("04 52 45 56 4F 00 06 01 01 33 06 00 3B");
  // Preamble, length, marks and command, then the status; a sum that fits stands behind each.
  for (std::size_t at = 0; at < 10; ++at) {
    std::vector<std::uint8_t> spoilt = answer;
    spoilt[at] ^= 0x40;
    if (at >= 7) spoilt[12] = static_cast<std::uint8_t>(spoilt[12] + (spoilt[at] - answer[at]));
    ReplyReader reader{Reading::strict, switch_request(Command::dred, true)};
    const ReplyReader::State state = reader.take(spoilt);
    // A length that is too long is waited for in vain; one that no answer has is none.
    EXPECT_EQ(state, at == 6 ? ReplyReader::State::waiting : ReplyReader::State::unexpected) << at;
  }
  std::vector<std::uint8_t> spoilt = answer;
  spoilt[10] ^= 0x40;
  ReplyReader reader{Reading::strict, switch_request(Command::dred, true)};
  EXPECT_EQ(reader.take(spoilt), ReplyReader::State::bad_checksum);
}

TEST(Sec1000Frames, OneShotReadingHoldsLengthAndChecksumOnly) {
  std::vector<std::uint8_t> answer = bytes_of(telemetry_answer);
  answer[0] = 0x77;  // preamble
  answer[9] = 0x43;  // another command, its sum corrected: 0x0F42 + 0x43 - 0x0B
  answer[54] = 0x0F;
  answer[55] = 0x7A;
  ReplyReader reader{Reading::one_shot, telemetry_request()};
  EXPECT_EQ(reader.take(answer), ReplyReader::State::good);
  ReplyReader short_answer{Reading::one_shot, telemetry_request()};
  EXPECT_EQ(short_answer.take(bytes_of("04 52 45 56 4F 00 06 01 01 0B 15 00 22")), ReplyReader::State::wrong_length);
}

TEST(Sec1000Frames, NothingShortOfTheWholeIsDecoded) {
  const std::vector<std::uint8_t> data(44);
  EXPECT_TRUE(decode_telemetry(data).has_value());
  EXPECT_FALSE(decode_telemetry(std::span{data}.first(43)).has_value());
  EXPECT_TRUE(decode_settings(std::span{data}.first(13)).has_value());
  EXPECT_FALSE(decode_settings(std::span{data}.first(12)).has_value());
}

}  // namespace
}  // namespace hil::harness::sec1000
