#include "controller/lan/lan_frames.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/controller/lan_rig.h"

namespace hil::controller {
namespace {

using tests::Bytes;
using tests::hex;

Bytes bytes_of(const LanResponse& response) {
  return {response.all().begin(), response.all().end()};
}

// The worked frames of sec1000-lan-protocol 4, to the byte.
TEST(LanFrames, TelemetryIsTheCapturedFrame) {
  const LanTelemetry captured{{241.0, 240.4, 240.9}, {4.80, 3.90, 5.08}, {295.0, -114.0, -532.0}, -351.0, 3386.0};
  EXPECT_EQ(bytes_of(lan_response(captured)),
            hex("04 52 45 56 4F 00 31 01 01 0B 00 00 09 6A 00 00 09 64 00 00 09 69 00 00 01 E0 00 00 01 86 00 00 01 FC "
                "00 00 01 27 FF FF FF 8E FF FF FD EC FF FF FE A1 00 00 0D 3A 0F 42"));
  const LanTelemetry screenshot{{232.6, 233.6, 236.7}, {0.97, 0.81, 0.98}, {25.0, -48.0, -28.0}, -51.0, 444.0};
  EXPECT_EQ(bytes_of(lan_response(screenshot)),
            hex("04 52 45 56 4F 00 31 01 01 0B 00 00 09 16 00 00 09 20 00 00 09 3F 00 00 00 61 00 00 00 51 00 00 00 62 "
                "00 00 00 19 FF FF FF D0 FF FF FF E4 FF FF FF CD 00 00 01 BC 0D FF"));
}

TEST(LanFrames, LimitSettingsAreTheWorkedFrames) {
  EXPECT_EQ(bytes_of(lan_response(LanLimit{3, 20300.0, 40.0, 0.0})),
            hex("04 52 45 56 4F 00 12 01 01 43 03 00 00 4F 4C 00 00 00 28 00 00 00 00 01 0B"));
  EXPECT_EQ(bytes_of(lan_response(LanLimit{3, 20300.0, 40.0, 7000.0})),
            hex("04 52 45 56 4F 00 12 01 01 43 03 00 00 4F 4C 00 00 00 28 00 00 1B 58 01 7E"));
  EXPECT_EQ(bytes_of(lan_response(LanLimit{0, 20300.0, 40.0, 7000.0})),
            hex("04 52 45 56 4F 00 12 01 01 43 00 00 00 4F 4C 00 00 00 28 00 00 1B 58 01 7B"));
}

TEST(LanFrames, StatusResponsesAreTheWorkedFrames) {
  const auto status = [](int command, LanStatus value) {
    return bytes_of(lan_response(static_cast<std::uint8_t>(command), value));
  };
  EXPECT_EQ(status(0x42, LanStatus::accepted), hex("04 52 45 56 4F 00 06 01 01 42 06 00 4A"));
  EXPECT_EQ(status(0x42, LanStatus::refused), hex("04 52 45 56 4F 00 06 01 01 42 15 00 59"));
  EXPECT_EQ(status(0x40, LanStatus::accepted), hex("04 52 45 56 4F 00 06 01 01 40 06 00 48"));
  EXPECT_EQ(status(0x40, LanStatus::refused), hex("04 52 45 56 4F 00 06 01 01 40 15 00 57"));
  EXPECT_EQ(status(0x33, LanStatus::accepted), hex("04 52 45 56 4F 00 06 01 01 33 06 00 3B"));
  EXPECT_EQ(status(0x33, LanStatus::refused), hex("04 52 45 56 4F 00 06 01 01 33 15 00 4A"));
  EXPECT_EQ(status(0x28, LanStatus::accepted), hex("04 52 45 56 4F 00 06 01 01 28 06 00 30"));
  EXPECT_EQ(status(0x28, LanStatus::refused), hex("04 52 45 56 4F 00 06 01 01 28 15 00 3F"));
  EXPECT_EQ(status(0x05, LanStatus::clock_accepted), hex("04 52 45 56 4F 00 06 01 01 05 03 00 0A"));
  EXPECT_EQ(status(0x05, LanStatus::refused), hex("04 52 45 56 4F 00 06 01 01 05 15 00 1C"));
  EXPECT_EQ(status(0x0B, LanStatus::refused), tests::short_answer);
}

TEST(LanFrames, EveryWorkedRequestIsUnderstood) {
  struct Case {
    const char* frame;
    LanCommand command;
  };
  constexpr std::array cases{
      Case{"00 05 01 01 0B 00 0D", LanCommand::telemetry},
      Case{"00 05 01 01 43 00 45", LanCommand::read_limit},
      Case{"00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 02 01 54", LanCommand::write_limit},
      Case{"00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 01 01 53", LanCommand::write_limit},
      Case{"00 0E 01 01 42 00 00 4F 4C 00 00 00 00 02 00 E1", LanCommand::write_limit},
      Case{"00 0E 01 01 42 00 00 4F 4C 00 00 27 10 02 01 18", LanCommand::write_limit},
      Case{"00 0E 01 01 42 00 00 4F 4C FF FF FE 0C 02 03 E9", LanCommand::write_limit},
      Case{"00 06 01 01 40 01 00 43", LanCommand::value_switch},
      Case{"00 06 01 01 40 02 00 44", LanCommand::value_switch},
      Case{"00 06 01 01 33 01 00 36", LanCommand::dred_switch},
      Case{"00 06 01 01 33 02 00 37", LanCommand::dred_switch},
      Case{"00 06 01 01 28 01 00 2B", LanCommand::rcr_switch},
      Case{"00 06 01 01 28 02 00 2C", LanCommand::rcr_switch},
      Case{"00 0C 01 01 05 19 05 00 18 0B 03 27 00 72", LanCommand::set_clock},
      Case{"00 0C 01 01 05 1A 0C 00 1F 17 3B 3B 00 D9", LanCommand::set_clock},
  };
  for (const Case& each : cases) {
    const Bytes frame = hex(each.frame);
    const LanFront front = lan_front(frame);
    EXPECT_EQ(front.kind, LanFront::Kind::request) << each.frame;
    EXPECT_EQ(front.size, frame.size()) << each.frame;
    EXPECT_EQ(front.request.command, each.command) << each.frame;
    // Whatever is missing at its end, it is waited for.
    for (std::size_t count = 0; count < frame.size(); ++count) {
      EXPECT_EQ(lan_front(std::span(frame).first(count)).kind, LanFront::Kind::unfinished) << each.frame << count;
    }
  }
}

TEST(LanFrames, TheFieldsOfAWriteAreTakenWithTheirSigns) {
  const LanRequest half_kw_import = lan_front(hex("00 0E 01 01 42 00 00 4F 4C FF FF FE 0C 02 03 E9")).request;
  EXPECT_EQ(half_kw_import.capacity_w, 20300);
  EXPECT_EQ(half_kw_import.export_limit_w, -500);
  EXPECT_EQ(half_kw_import.phase_mode, 2);
  EXPECT_EQ(lan_front(hex("00 0E 01 01 42 00 00 4F 4C 00 00 1B 58 01 01 53")).request.phase_mode, 1);
  EXPECT_TRUE(lan_front(hex("00 06 01 01 40 01 00 43")).request.on);
  EXPECT_FALSE(lan_front(hex("00 06 01 01 40 02 00 44")).request.on);
  EXPECT_EQ(lan_front(hex("00 0C 01 01 05 19 05 00 18 0B 03 27 00 72")).request.clock,
            (std::array<std::uint8_t, 7>{25, 5, 0, 24, 11, 3, 39}));
}

TEST(LanFrames, LengthsThatNoRequestHasAreNoise) {
  for (const char* frame : {"00 00 01 01 0B 00 0D", "00 01 01 01 0B", "00 04 01 01 0B", "00 3F 01 01", "FF FF 01 01 0B",
                            "01", "00 05 01 02", "00 05 02"}) {
    const LanFront front = lan_front(hex(frame));
    EXPECT_EQ(front.kind, LanFront::Kind::noise) << frame;
    EXPECT_EQ(front.size, 1U) << frame;
  }
}

TEST(LanFrames, AWrongChecksumPassesOverOneByteAndAWrongBodyOverTheFrame) {
  const LanFront checksum = lan_front(hex("00 05 01 01 0B 00 0E"));
  EXPECT_EQ(checksum.kind, LanFront::Kind::malformed);
  EXPECT_EQ(checksum.size, 1U);
  EXPECT_EQ(checksum.command_byte, 0x0B);
  for (const char* frame : {"00 05 01 01 77 00 79",        // nobody knows the command
                            "00 06 01 01 0B 00 00 0D",     // telemetry with a data byte
                            "00 05 01 01 40 00 42",        // a switch without position
                            "00 06 01 01 40 03 00 45"}) {  // a position that a switch has not
    const LanFront front = lan_front(hex(frame));
    EXPECT_EQ(front.kind, LanFront::Kind::malformed) << frame;
    EXPECT_EQ(front.size, hex(frame).size()) << frame;
  }
}

TEST(LanFrames, ValuesBeyondThirtyTwoBitsAreClampedAndNoNumberIsZero) {
  const Bytes frame = bytes_of(lan_response(LanLimit{0, 1e12, std::nan(""), -1e12}));
  EXPECT_EQ(Bytes(frame.begin() + 11, frame.begin() + 23), hex("7F FF FF FF 00 00 00 00 80 00 00 00"));
}

}  // namespace
}  // namespace hil::controller
