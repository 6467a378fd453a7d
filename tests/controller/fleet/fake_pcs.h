#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "controller/fleet/fleet_controller.h"

namespace hil::controller::tests {

using namespace std::chrono_literals;

/// A storage converter written from sinexcel-pcs-modbus 2 and 4 for these tests alone, with its numbers spelled out:
/// what the leader believes of registers must not come from its own table.
class FakePcs {
 public:
  std::map<int, int> words{{53010, 0}, {53011, 0}, {53600, 0}, {53601, 0},
                           {53620, 0}, {53622, 0}, {53623, 0}, {53636, 0}};
  bool silent = false;
  int deaf_to = 0;  ///< writes of this register are echoed and not taken
  bool fault_cause = false;
  bool waits = false;         ///< for the grid, as after a trip: it runs, warns and gives nothing
  double rated_w = 100000.0;  ///< of all strings together
  std::size_t strings = 1;    ///< from two on each has its registers
  std::array<int, 8> string_decivolts{7680, 7680, 7680, 7680, 7680, 7680, 7680, 7680};
  double energy_wh = 50000.0;  ///< in the battery; gives none below 0
  double capacity_wh = 100000.0;
  Time start_time = 8s;
  double power_w = 0.0;
  std::vector<int> written;  ///< addresses, in order
  int ignored = 0;           ///< writes that its state forbade

  bool running() const { return (words.at(53010) & 1) != 0; }
  bool latched() const { return (words.at(53011) & 1 << 10) != 0; }
  int signed_word(int address) const { return static_cast<std::int16_t>(words.at(address)); }

  void fault() {
    fault_cause = true;
    words[53011] |= 1 << 10;
    words[53010] = 0;
    starts_at_ = Time::max();
  }
  /// Of one string: it latches, and the others go on.
  void string_fault() { words[53011] |= 1 << 10; }
  /// Likewise, of the string of that number, 1..: it stands still, until it is started again.
  void string_fault(std::size_t number) {
    string_fault();
    string_latched_[number - 1] = true;
    string_starts_at_[number - 1] = Time::max();
  }
  bool string_runs(std::size_t number, Time now) const {
    return running() && starts_at_ <= now && !string_latched_[number - 1] && string_starts_at_[number - 1] <= now;
  }
  void power_cycle() {
    words = FakePcs{}.words;
    starts_at_ = Time::max();
  }
  /// A first-order lag of 0.2 s behind the set point; what is read of it is renewed each half second.
  void advance(double dt_s, Time now) {
    const bool connected = running() && starts_at_ <= now;
    words[53011] = waits ? words[53011] | 1 << 9 : words[53011] & ~(1 << 9);
    double wanted_w = connected && !waits && words[53600] == 0 ? 100.0 * signed_word(53622) : 0.0;
    const double able_w = strings == 1 ? rated_w : show_strings(now) * rated_w;
    wanted_w = std::clamp(wanted_w, -able_w, able_w);
    if ((wanted_w > 0.0 && energy_wh <= 0.0) || (wanted_w < 0.0 && energy_wh >= capacity_wh)) wanted_w = 0.0;
    power_w = connected ? power_w + (wanted_w - power_w) * (1.0 - std::exp(-dt_s / 0.2)) : 0.0;
    energy_wh -= power_w * dt_s / 3600.0;
    words[53028] = words[53623];
    if (now < read_renewed_at_ + 500ms) return;
    read_renewed_at_ = now;
    words[53027] = static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(power_w / 100.0)));
  }
  /// Protocol data unit of a reply.
  std::vector<std::uint8_t> serve(const std::vector<std::uint8_t>& pdu, Time now) {
    const int first = pdu[1] << 8 | pdu[2];
    const int last = pdu[3] << 8 | pdu[4];
    if (pdu[0] == 3) {
      std::vector<std::uint8_t> reply{3, static_cast<std::uint8_t>(2 * last)};
      for (int address = first; address < first + last; ++address) {
        const int word = words.count(address) != 0 ? words[address] : 0;
        reply.push_back(static_cast<std::uint8_t>(word >> 8));
        reply.push_back(static_cast<std::uint8_t>(word));
      }
      return reply;
    }
    if (pdu[0] != 6) return {static_cast<std::uint8_t>(pdu[0] | 0x80), 1};
    written.push_back(first);
    write(first, last, now);
    return pdu;
  }

 private:
  void write(int address, int value, Time now) {
    if (address == 53900) {
      if (running() || latched()) {
        ++ignored;
      } else {
        words[53010] = 1;  // from the accepted start on, as the bench has it
        starts_at_ = now + start_time;
      }
    } else if (address == 53901) {
      running() ? void(words[53010] = 0) : void(++ignored);
    } else if (address == 53903) {
      if (fault_cause) return;
      words[53011] &= ~(1 << 10);
      string_latched_ = {};
    } else if (address >= 53920 && address < 54000 && address % 10 == 0) {
      const auto index = static_cast<std::size_t>((address - 53920) / 10);
      if (string_latched_[index] || string_starts_at_[index] != Time::max()) {
        ++ignored;
      } else {
        string_starts_at_[index] = now + start_time;
      }
    } else if (address == deaf_to || (running() && (address == 53600 || words[53600] == 1))) {
      ++ignored;
    } else {
      words[address] = value;
    }
  }
  /// Their registers; returns which share of them runs.
  double show_strings(Time now) {
    std::size_t runs = 0;
    for (std::size_t k = 0; k < strings; ++k) {
      const int first = 53040 + 10 * static_cast<int>(k);
      const bool one_runs = string_runs(k + 1, now);
      runs += one_runs ? 1U : 0U;
      words[first] = string_decivolts[k];
      words[first + 3] = (one_runs ? 1 : 0) | (string_latched_[k] ? 1 << 10 : 0);
    }
    return static_cast<double>(runs) / static_cast<double>(strings);
  }

  Time starts_at_ = Time::max();
  Time read_renewed_at_{-1s};
  std::array<bool, 8> string_latched_{};
  std::array<Time, 8> string_starts_at_{};  ///< of one that was stopped by a fault; else 0
};

/// A leader with its converters on wires with the times of 9600 8N1 and a turn-around of 40 ms; unit k on COM1 at
/// address 1 + k. A meter on COM4 sees load_w less what the converters inject.
class FleetBench {
 public:
  explicit FleetBench(std::size_t units, FleetSettings settings = {})
      : pcs(units), leader_(with_lines(units, settings)) {}

  std::vector<FakePcs> pcs;
  double load_w = 0.0;
  bool meter_silent = false;
  double grid_ln_v = 230.0;
  bool switch_closed = true;
  bool out_of_phase = false;  ///< the switch moved while a converter ran

  FleetController& leader() { return leader_; }
  Time now() const { return now_; }
  double fleet_w() const {
    double sum_w = 0.0;
    for (const FakePcs& each : pcs) sum_w += each.power_w;
    return sum_w;
  }
  double import_w() const { return load_w - fleet_w(); }
  void order(FleetMode mode, double ac_injection_w = 0.0, double grid_import_w = 0.0) {
    leader_.order(mode, ac_injection_w, 0.0, grid_import_w, now_);
    carry();
  }
  void run_for(Time span) {
    const Time end = now_ + span;
    while (true) {
      Time next = std::min({next_step_, leader_.output().next_wake, reply_[0].at, reply_[3].at});
      next = std::max(next, now_);
      if (next > end) break;
      now_ = next;
      if (next_step_ <= now_) plant_step();
      if (switch_moves_at_ <= now_) {
        switch_moves_at_ = Time::max();
        leader_.transfer_switch_moved(switch_closed, now_);
        carry();
      }
      for (const std::size_t line : {std::size_t{0}, meter_line}) {
        if (reply_[line].at > now_) continue;
        const std::vector<std::uint8_t> bytes = reply_[line].bytes;
        reply_[line] = {};
        leader_.bytes_arrived(line, bytes, now_);
        carry();
      }
      if (leader_.output().next_wake <= now_) {
        leader_.woken(now_);
        carry();
      }
    }
    now_ = end;
  }

 private:
  struct Delivery {
    Time at = Time::max();
    std::vector<std::uint8_t> bytes;
  };
  static FleetSettings with_lines(std::size_t units, FleetSettings settings) {
    Settings::Line& line = settings.lines[0];
    line.count = units;
    for (std::size_t k = 0; k < units; ++k) line.addresses[k] = static_cast<std::uint8_t>(1 + k);
    if (settings.unit_rating_w == 0.0) settings.unit_rating_w = 100000.0;
    return settings;
  }
  static Time characters(std::size_t count) { return Time{static_cast<std::int64_t>(count) * 10'000'000'000 / 9600}; }
  static std::uint16_t crc(const std::vector<std::uint8_t>& bytes) {
    unsigned value = 0xFFFF;
    for (const std::uint8_t byte : bytes) {
      value ^= byte;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? value >> 1U ^ 0xA001U : value >> 1U;
    }
    return static_cast<std::uint16_t>(value);
  }
  void plant_step() {
    for (FakePcs& each : pcs) each.advance(0.01, next_step_);
    next_step_ += 10ms;
  }
  void carry() {
    for (std::size_t line = 0; line < max_lines; ++line) {
      const std::span<const std::uint8_t> sent = leader_.output().lines[line].pending();
      if (sent.empty()) continue;
      std::vector<std::uint8_t> reply = answer(line, {sent.begin(), sent.end()});
      if (reply.empty()) continue;
      const std::uint16_t sum = crc(reply);
      reply.push_back(static_cast<std::uint8_t>(sum));
      reply.push_back(static_cast<std::uint8_t>(sum >> 8));
      reply_[line] = {now_ + characters(sent.size() + reply.size() + 4) + 40ms, reply};
    }
    const std::optional<bool> close = leader_.output().close_transfer_switch;
    leader_.sent();
    if (!close || *close == switch_closed) return;
    for (const FakePcs& each : pcs) out_of_phase = out_of_phase || each.running();
    switch_closed = *close;
    switch_moves_at_ = now_ + 100ms;
  }
  std::vector<std::uint8_t> answer(std::size_t line, const std::vector<std::uint8_t>& frame) {
    const std::vector<std::uint8_t> pdu(frame.begin() + 1, frame.end() - 2);
    if (line == meter_line) {
      if (meter_silent) return {};
      // Floats in input registers: V and A of L1..L3 from 0 on, W from 12 on.
      const bool phases = pdu[2] == 0;
      std::vector<std::uint8_t> reply{frame[0], 4, static_cast<std::uint8_t>(phases ? 24 : 12)};
      for (int k = 0; k < (phases ? 6 : 3); ++k) {
        const double value = !phases ? std::round(import_w() / 3.0) : k < 3 ? grid_ln_v : 0.0;
        const auto raw = std::bit_cast<std::uint32_t>(static_cast<float>(value));
        for (int shift = 24; shift >= 0; shift -= 8) reply.push_back(static_cast<std::uint8_t>(raw >> shift));
      }
      return reply;
    }
    FakePcs& unit = pcs[frame[0] - 1U];
    if (unit.silent) return {};
    std::vector<std::uint8_t> reply = unit.serve(pdu, now_);
    reply.insert(reply.begin(), frame[0]);
    return reply;
  }

  FleetController leader_;
  Time switch_moves_at_ = Time::max();
  Time now_{0};
  Time next_step_{0};
  std::array<Delivery, max_lines> reply_{};
};

}  // namespace hil::controller::tests
