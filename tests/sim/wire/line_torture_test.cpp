#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "models/split_mix64.h"
#include "tests/sim/wire/line_rig.h"

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using test::Bytes;
using test::ConstantServer;
using test::read_request;

/// A line whose troubles change at random each 100 ms while its far side sends requests, scraps of requests and noise.
class TorturedLine {
 public:
  TorturedLine(Kernel& kernel, std::uint64_t seed)
      : kernel_(kernel),
        random_(seed),
        line_(kernel, "com1", {.baud = pick({1200, 9600, 19'200, 115'200})}, seed),
        sender_(kernel.make_alarm([this](Time now) {
          send();
          sender_.set(now + Time{1 + static_cast<Time::rep>(random_.uniform() * 2e8)});
        })) {
    const int units = 1 + below(5);
    for (int i = 0; i < units; ++i) {
      names_.push_back("et" + std::to_string(i));
      line_.add_unit({.name = names_.back(),
                      .address = static_cast<std::uint8_t>(1 + below(3)),
                      .server = &server_,
                      .turnaround = std::chrono::milliseconds{below(100)},
                      .seed = random_.next()});
    }
    line_.set_far_side([this](std::span<const std::uint8_t> bytes, Time) {
      EXPECT_FALSE(bytes.empty());
      if (below(4) == 0) send();
    });
    line_.add_monitor([this](const SerialLine::FrameRecord& record) {
      EXPECT_TRUE(!record.bytes.empty() || (record.marks & (wire_mark::wrong_baud | wire_mark::wrong_format |
                                                            wire_mark::polarity_swapped)) != 0);
      EXPECT_LE(record.begin, record.end);
      EXPECT_LE(record.end, kernel_.now());
      // What nothing has touched is what somebody sent: whole, with its checksum.
      if (!record.from_far_side && record.marks == 0) {
        ++untouched_;
        EXPECT_TRUE(has_valid_crc(record.bytes));
      }
    });
    sender_.set(Time{0});
  }

  void change() {
    UnitCondition unit;
    unit.silent = below(10) == 0;
    unit.cable_cut = below(10) == 0;
    unit.polarity_swapped = below(10) == 0;
    unit.stuck_driver = below(30) == 0;
    unit.strict_gaps = below(2) == 0;
    unit.slow_release = std::chrono::milliseconds{below(20)};
    if (below(8) == 0) unit.byte_error_rate = random_.uniform();
    if (below(3) == 0) unit.address = static_cast<std::uint8_t>(1 + below(3));
    if (below(3) == 0) {
      unit.format = SerialFormat{.baud = pick({1200, 9600, 19'200, 1'000'000}), .stop_bits = 1 + below(2)};
    }
    for (auto& setting : unit.replies.settings) {
      if (below(10) == 0) setting = {random_.uniform(), below(64), std::chrono::milliseconds{below(50)}};
    }
    line_.set_condition(names_[static_cast<std::size_t>(below(static_cast<int>(names_.size())))], unit);
    LineCondition bus;
    bus.polarity_swapped = below(6) == 0;
    bus.echo = below(3) == 0;
    if (below(6) == 0) bus.byte_error_rate = 0.1 * random_.uniform();
    if (below(6) == 0) bus.stray_bytes_per_s = 200.0 * random_.uniform();
    line_.set_condition(bus);
  }

  void check(Time ran) const {
    const SerialLine::Counters& counters = line_.counters();
    EXPECT_GE(counters.busy_s, 0.0);
    EXPECT_LE(counters.busy_s, std::chrono::duration<double>(ran).count() + 1e-6);
    EXPECT_GE(counters.requests, counters.unanswered);
  }
  int untouched() const { return untouched_; }

 private:
  int below(int count) { return std::min(static_cast<int>(random_.uniform() * count), count - 1); }
  int pick(const std::vector<int>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }
  void send() {
    const auto address = static_cast<std::uint8_t>(below(4));  // drawn before the count, with every compiler
    Bytes bytes = read_request(address, 1 + below(125));
    const int kind = below(6);
    if (kind == 0) bytes.resize(static_cast<std::size_t>(1 + below(8)));
    if (kind == 1) bytes.resize(static_cast<std::size_t>(1 + below(600)));
    if (kind == 2) {
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
    }
    line_.send(bytes);
  }

  Kernel& kernel_;
  models::SplitMix64 random_;
  ConstantServer server_;
  SerialLine line_;
  std::vector<std::string> names_;
  int untouched_ = 0;
  Kernel::Alarm sender_;
};

TEST(LineTorture, LeavesEveryLineSoundWhateverHappensToIt) {
  Kernel kernel{100ms};
  std::vector<std::unique_ptr<TorturedLine>> lines;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) lines.push_back(std::make_unique<TorturedLine>(kernel, seed));
  kernel.each_step(StepPhase::timeline, [&](Time) {
    for (const auto& line : lines) line->change();
  });
  kernel.run(100s);
  int untouched = 0;
  for (const auto& line : lines) {
    line->check(100s);
    untouched += line->untouched();
  }
  EXPECT_GT(untouched, 100) << "some replies must come through";
}

}  // namespace
}  // namespace hil::sim
