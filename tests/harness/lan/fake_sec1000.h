#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/lan/lan_client.h"
#include "tests/harness/lan/hex_bytes.h"

namespace hil::harness::tests {

/// A SEC1000 as sec1000-lan-protocol 2 and 3 describe it, frames put together here by hand, with the troubles of
/// section 5 and 6 on demand.
class FakeSec1000 {
 public:
  enum class Trouble : unsigned char {
    none,
    bad_checksum,
    short_answer,  ///< length 6 to a read
    status_15,
    other_status,
    no_answer,
    closed,
    closed_in_the_midst,  ///< with the header out
    two_segments,
    wrong_command,
    refused,
  };

  std::uint8_t mode = 3;
  std::int32_t capacity_w = 20300;
  std::int32_t limit_w = 0;
  std::uint8_t phase_mode = 2;
  std::array<std::int32_t, 11> telemetry{2410, 2404, 2409, 480, 390, 508, 295, -114, -532, -351, 3386};
  std::array<std::uint8_t, 7> clock{};

  /// The segments of the answer; none: no answer.
  std::vector<std::vector<std::uint8_t>> answer(std::span<const std::uint8_t> request, Trouble trouble) {
    if (request.size() < 2 || request.size() != request[1] + 2U) return {};  // not the whole of it
    const std::uint8_t command = request[4];
    std::vector<std::uint8_t> data;
    if (command == 0x0B) {
      for (const std::int32_t value : telemetry) add_32(data, value);
    } else if (command == 0x43) {
      data.push_back(mode);
      for (const std::int32_t value : {capacity_w, std::int32_t{40}, limit_w}) add_32(data, value);
    } else {
      data.push_back(command == 0x05 ? 0x03 : 0x06);
      if (trouble == Trouble::status_15) data[0] = 0x15;
      if (trouble == Trouble::other_status) data[0] = 0x07;
      apply(request);
    }
    if (trouble == Trouble::short_answer) data = {0x15};
    const std::uint8_t echoed = trouble == Trouble::wrong_command ? 0x44 : command;
    std::vector<std::uint8_t> frame = framed(echoed, data);
    if (trouble == Trouble::bad_checksum) frame.back() ^= 0x01;
    if (trouble == Trouble::no_answer || trouble == Trouble::closed) return {};
    if (trouble == Trouble::closed_in_the_midst) return {{frame.begin(), frame.begin() + 7}};
    if (trouble != Trouble::two_segments) return {frame};
    const auto middle = frame.begin() + 9;
    return {{frame.begin(), middle}, {middle, frame.end()}};
  }

 private:
  static void add_32(std::vector<std::uint8_t>& bytes, std::int32_t value) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(value) >> shift));
    }
  }
  static std::int32_t read_32(std::span<const std::uint8_t> bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < 4; ++k) value = value << 8U | bytes[at + k];
    return static_cast<std::int32_t>(value);
  }
  static std::vector<std::uint8_t> framed(std::uint8_t command, const std::vector<std::uint8_t>& data) {
    std::vector<std::uint8_t> frame = bytes_of("04 52 45 56 4F 00");
    frame.push_back(static_cast<std::uint8_t>(data.size() + 5));
    unsigned sum = 0;
    const auto add = [&](std::uint8_t byte) {
      frame.push_back(byte);
      sum += byte;
    };
    for (const std::uint8_t byte : {std::uint8_t{1}, std::uint8_t{1}, command}) add(byte);
    for (const std::uint8_t byte : data) add(byte);
    frame.push_back(static_cast<std::uint8_t>(sum >> 8U));
    frame.push_back(static_cast<std::uint8_t>(sum));
    return frame;
  }
  void apply(std::span<const std::uint8_t> request) {
    const bool on = request[5] == 1;
    switch (request[4]) {
      case 0x42:
        capacity_w = read_32(request, 5);
        limit_w = read_32(request, 9);
        phase_mode = request[13];
        break;
      case 0x33:
        mode = on ? 1 : mode == 1 ? 0 : mode;
        break;
      case 0x28:
        mode = on ? 2 : mode == 2 ? 0 : mode;
        break;
      case 0x40:
        mode = on ? 3 : mode == 3 ? 0 : mode;
        break;
      case 0x05:
        std::copy_n(request.begin() + 5, clock.size(), clock.begin());
        break;
      default:
        break;
    }
  }
};

/// Runs a client against the fake device in virtual time.
class LanBench {
 public:
  using Trouble = FakeSec1000::Trouble;
  struct Exchange {
    sim::Time at{0};
    std::size_t channel = 0;
    std::string request;  ///< command and data, hex
  };
  static constexpr sim::Time answer_takes = std::chrono::milliseconds{10};

  explicit LanBench(const LanClient::Settings& settings)
      : client(settings, [](sim::Time at) {
          const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at).count();
          return sec1000::ClockTime{2026, 3, 29, 12, static_cast<int>(seconds / 60), static_cast<int>(seconds % 60)};
        }) {}

  /// What befalls an exchange; by its number from 0 and its command.
  std::function<Trouble(std::size_t number, std::uint8_t command)> trouble = [](std::size_t, std::uint8_t) {
    return Trouble::none;
  };

  void start() {
    client.start(now);
    carry_out();
  }
  void order(const LanClient::Order& given) {
    client.order(given, now);
    carry_out();
  }
  void run_until(sim::Time end) {
    while (true) {
      const auto next = std::min_element(pending_.begin(), pending_.end(),
                                         [](const auto& left, const auto& right) { return left.at < right.at; });
      const sim::Time event = next == pending_.end() ? sim::Time::max() : next->at;
      const sim::Time at = std::min(event, client.output().next_wake);
      if (at > end) break;
      now = std::max(now, at);
      if (event <= client.output().next_wake) {
        const std::function<void()> action = next->action;
        pending_.erase(next);
        action();
      } else {
        client.woken(now);
      }
      carry_out();
    }
    now = end;
  }
  /// Orders the service and waits for its end.
  unsigned feedback_of(const LanClient::Order& given) {
    order(given);
    run_until(now + std::chrono::seconds{200});
    return client.feedback_of(given.service);
  }
  std::string requests() const {
    std::string text;
    for (const Exchange& exchange : exchanges) text += (text.empty() ? "" : "; ") + exchange.request;
    return text;
  }

  LanClient client;
  FakeSec1000 device;
  sim::Time now{0};
  std::vector<Exchange> exchanges;
  std::size_t opened = 0;
  std::size_t closed = 0;

 private:
  struct Pending {
    sim::Time at{0};
    std::function<void()> action;
  };

  void carry_out() {
    for (std::size_t k = 0; k < LanClient::channel_count; ++k) {
      const LanClient::Output::Channel wanted = client.output().channels[k];
      if (!wanted.bytes.empty()) answer(k, wanted.bytes);
      if (wanted.close) {
        ++closed;
        ++connection_[k];
      }
      if (wanted.open) open(k);
    }
    client.done();
  }
  void open(std::size_t channel) {
    ++opened;
    const std::uint64_t connection = ++connection_[channel];
    later(sim::Time{0}, channel, connection, [this, channel] {
      if (next_trouble() == Trouble::refused) {
        ++number_;
        client.failed(channel, now);
      } else {
        client.opened(channel, now);
      }
    });
  }
  /// A refusal is decided before the command is known.
  Trouble next_trouble() const { return trouble(number_, 0); }

  void answer(std::size_t channel, const std::vector<std::uint8_t>& request) {
    exchanges.push_back({now, channel, hex_of(std::span{request}.subspan(4, request.size() - 6))});
    const Trouble befalls = trouble(number_++, request[4]);
    const auto segments = device.answer(request, befalls);
    const std::uint64_t connection = connection_[channel];
    sim::Time after = answer_takes;
    for (const auto& segment : segments) {
      later(after, channel, connection, [this, channel, segment] { client.bytes_arrived(channel, segment, now); });
      after += answer_takes;
    }
    if (befalls == Trouble::closed || befalls == Trouble::closed_in_the_midst) {
      later(after, channel, connection, [this, channel] { client.closed(channel, now); });
    }
  }
  void later(sim::Time after, std::size_t channel, std::uint64_t connection, const std::function<void()>& action) {
    pending_.push_back({now + after, [this, channel, connection, action] {
                          if (connection_[channel] == connection) action();
                        }});
  }

  std::vector<Pending> pending_;
  std::array<std::uint64_t, LanClient::channel_count> connection_{};
  std::size_t number_ = 0;
};

}  // namespace hil::harness::tests
