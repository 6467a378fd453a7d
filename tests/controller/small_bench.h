#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/controller.h"
#include "tests/controller/small_plant.h"

namespace hil::controller::tests {

using namespace std::chrono_literals;

/// The whole Controller against SmallSite over wires with their real times: 9600 8N1, t3.5, turn-arounds 50 ms (ET)
/// and 10 ms (meter). Register images are means over 200 ms, refreshed every 200 ms. Inverter k stands on line
/// line_of[k] at address 11 + k; the meter at address 1.
class SmallBench {
 public:
  SmallBench(const std::vector<std::size_t>& line_of, double export_limit_w,
             const std::function<void(Settings&)>& adjust = {})
      : SmallBench(line_of, settings_for(line_of, export_limit_w, adjust)) {}
  /// Other settings than those that fit.
  SmallBench(const std::vector<std::size_t>& line_of, const Settings& settings)
      : site(line_of.size()), line_of_(line_of), controller_(settings) {
    silent.resize(line_of.size());
    garbled.resize(line_of.size());
    answers_twice.resize(line_of.size());
    means_.resize(line_of.size());
    words_.resize(line_of.size());
    for (std::size_t unit = 0; unit < words_.size(); ++unit) {
      words_[unit] = {{47509, 1}, {47510, 0}, {47511, 1}, {47512, 0}, {35001, 10000}, {35016, 10}, {35019, 23}};
      set_serial(unit, "9010KETU22AW000" + std::to_string(unit));
    }
  }
  /// Takes the controller's place by another one, as a restart does.
  void restart(const Settings& settings) {
    std::destroy_at(&controller_);
    std::construct_at(&controller_, settings);
    requests_ = {};
    replies_ = {};
  }
  static Settings settings_for(const std::vector<std::size_t>& line_of, double export_limit_w,
                               const std::function<void(Settings&)>& adjust = {}) {
    Settings settings;
    for (std::size_t k = 0; k < line_of.size(); ++k) {
      Settings::Line& line = settings.inverter_lines[line_of[k]];
      line.addresses[line.count++] = static_cast<std::uint8_t>(11 + k);
    }
    settings.export_limit_w = export_limit_w;
    settings.total_capacity_w = 10000.0 * static_cast<double>(line_of.size());
    settings.ct_ratio = 50.0;
    if (adjust) adjust(settings);
    return settings;
  }
  /// 16 characters.
  void set_serial(std::size_t unit, const std::string& serial) {
    for (std::size_t k = 0; k < 8; ++k) {
      words_[unit][static_cast<std::uint16_t>(35003 + k)] = static_cast<std::uint16_t>(
          static_cast<std::uint8_t>(serial[2 * k]) << 8 | static_cast<std::uint8_t>(serial[2 * k + 1]));
    }
  }
  std::uint16_t& word(std::size_t unit, std::uint16_t address) { return words_[unit][address]; }
  Controller& controller() { return controller_; }
  /// Something was asked of the controller from outside: carry out what it answered.
  void carry_out() { carry(); }

  SmallSite site;
  std::vector<bool> silent;
  std::vector<bool> garbled;        ///< replies with a wrong checksum
  std::vector<bool> answers_twice;  ///< two units at one address, one a little later
  Time meter_turnaround = 10ms;
  bool meter_silent = false;
  bool meter_stuck = false;  ///< it answers with the powers that it had then
  bool meter_knows_powers_only = false;
  /// What the meter shows of an import: L1, L2, L3, W, and the sum of the phases, var; empty: what is there.
  std::function<std::array<double, 4>(double import_w)> meter_view;
  /// May change the reply of a unit before its checksum is added.
  std::function<void(std::size_t unit, const std::vector<std::uint8_t>& request, std::vector<std::uint8_t>& reply)>
      on_reply;
  std::map<std::size_t, std::vector<std::uint8_t>> asked;  ///< addresses asked, by line, in order
  double bms_charge_a = 25.0;
  double bms_discharge_a = 25.0;
  std::vector<std::uint8_t> sent_bytes;  ///< everything the controller ever sent, all lines
  struct Write {
    Time at{0};
    std::size_t unit = 0;
    std::uint16_t first = 0;
  };
  std::vector<Write> writes;
  std::vector<Time> ac_reads_of_first;        ///< instants at which inverter 0 was asked for its AC power
  std::function<void(double now_s)> on_step;  ///< after every plant step

  Time now() const { return now_; }
  std::map<std::uint16_t, std::uint16_t>& registers(std::size_t unit) { return words_[unit]; }
  /// The host does nothing until then; what arrives meanwhile waits for it.
  void sleep_host_until(Time end) {
    while (next_step_ <= end) plant_step();
    now_ = end;
  }
  /// A contact of the controller's.
  void set_input(Input input, bool closed) {
    controller_.input_changed(static_cast<std::size_t>(input), closed, now_);
    carry();
  }
  /// What the controller found changed at an inverter and put back.
  std::uint32_t foreign_orders(std::size_t unit) const {
    return controller_.measurements().inverters[unit].foreign_orders;
  }
  void write_by_app(std::size_t unit, std::uint16_t address, std::uint16_t value) {
    words_[unit][address] = value;
    follow_registers(unit);
  }
  void run_until(Time end) {
    while (true) {
      Time next = std::min(next_step_, controller_.output().next_wake);
      for (const Delivery& reply : replies_) next = std::min(next, reply.at);
      for (const Delivery& request : requests_) next = std::min(next, request.at);
      if (next > end) break;
      now_ = std::max(now_, next);
      if (next_step_ <= now_) plant_step();
      for (std::size_t line = 0; line < max_lines; ++line) {
        if (requests_[line].at <= now_) serve(line);
        if (replies_[line].at <= now_) {
          const std::vector<std::uint8_t> bytes = replies_[line].bytes;
          replies_[line] = {};
          controller_.bytes_arrived(line, bytes, now_);
          carry();
        }
      }
      if (controller_.output().next_wake <= now_) {
        controller_.woken(now_);
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
  struct Means {
    double ac_w = 0.0;
    double battery_w = 0.0;
  };

  static Time characters(std::size_t count) { return Time{static_cast<std::int64_t>(count) * 10'000'000'000 / 9600}; }
  static constexpr Time gap{3'645'834};

  void plant_step() {
    site.advance();
    next_step_ += 10ms;
    sum_import_w_ += site.grid_import_w / 20.0;  // 20 steps of 10 ms: the mean over 200 ms
    for (std::size_t phase = 0; phase < 3; ++phase) sum_phase_import_w_[phase] += site.phase_import_w[phase] / 20.0;
    for (std::size_t k = 0; k < means_.size(); ++k) {
      means_[k].ac_w += site.inverters[k].ac_w / 20.0;
      means_[k].battery_w += site.inverters[k].battery_discharge_w / 20.0;
    }
    if (++steps_ % 20 == 0) {
      if (!meter_stuck) {
        image_import_w_ = sum_import_w_;
        image_phase_import_w_ = sum_phase_import_w_;
      }
      sum_import_w_ = 0.0;
      sum_phase_import_w_ = {};
      for (std::size_t k = 0; k < means_.size(); ++k) {
        put(k, 35137, means_[k].ac_w);
        put(k, 35182, means_[k].battery_w);
        means_[k] = {};
        words_[k][35180] = 4000;  // 400.0 V
        words_[k][35187] = site.inverters[k].islanded ? 2 : site.inverters[k].stopped ? 0 : 1;
        words_[k][37004] = static_cast<std::uint16_t>(bms_charge_a);
        words_[k][37005] = static_cast<std::uint16_t>(bms_discharge_a);
        words_[k][37007] = static_cast<std::uint16_t>(std::lround(100.0 * site.inverters[k].soc));
        words_[k][45353] = static_cast<std::uint16_t>(std::lround(site.inverters[k].max_charge_w / 400.0 * 10.0));
        words_[k][45355] = static_cast<std::uint16_t>(std::lround(site.inverters[k].max_discharge_w / 400.0 * 10.0));
        words_[k][45356] = static_cast<std::uint16_t>(std::lround(100.0 * site.inverters[k].soc_floor));
      }
    }
    if (on_step) on_step(std::chrono::duration<double>(now_).count());
  }
  void put(std::size_t unit, std::uint16_t address, double value_w) {
    const auto raw = static_cast<std::uint32_t>(static_cast<std::int32_t>(std::lround(value_w)));
    words_[unit][address] = static_cast<std::uint16_t>(raw >> 16);
    words_[unit][static_cast<std::uint16_t>(address + 1)] = static_cast<std::uint16_t>(raw & 0xFFFF);
  }

  void carry() {
    for (std::size_t line = 0; line < max_lines; ++line) {
      const auto bytes = controller_.output().lines[line].pending();
      if (bytes.empty()) continue;
      sent_bytes.insert(sent_bytes.end(), bytes.begin(), bytes.end());
      requests_[line] = {now_ + characters(bytes.size()) + gap, {bytes.begin(), bytes.end()}};
      asked[line].push_back(bytes[0]);
      if (bytes[0] == 11 && bytes[1] == 3 && bytes[2] == 0x89 && bytes[3] == 0x41) ac_reads_of_first.push_back(now_);
    }
    controller_.sent();
  }

  /// What the meter says of the powers: L1..L3 in W, and when `values` is nine VA and var, too.
  std::vector<double> meter_powers(std::size_t values) const {
    const std::array<double, 4> seen =
        meter_view ? meter_view(image_import_w_)
                   : std::array{image_phase_import_w_[0], image_phase_import_w_[1], image_phase_import_w_[2], 0.0};
    std::vector<double> powers;
    for (std::size_t phase = 0; phase < 3; ++phase) powers.push_back(std::round(seen[phase]));
    powers.resize(values);
    if (values == 9) powers[6] = seen[3];
    return powers;
  }

  static void append_float(std::vector<std::uint8_t>& bytes, double value) {
    const auto raw = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(raw >> shift & 0xFF));
  }

  void serve(std::size_t line) {
    const std::vector<std::uint8_t> request = requests_[line].bytes;
    requests_[line] = {};
    std::vector<std::uint8_t> reply;
    bool spoilt = false;
    bool twice = false;
    Time turnaround = 50ms;
    if (line == meter_line) {
      if (meter_silent) return;
      turnaround = meter_turnaround;
      const std::uint8_t count = request[5];
      const bool phases = count == 12;
      if (phases && meter_knows_powers_only) return;
      reply = {1, 4, static_cast<std::uint8_t>(2 * count)};
      for (const double value : phases ? std::vector{230.0, 231.0, 229.0, 1.0, 2.0, 3.0} : meter_powers(count / 2U)) {
        append_float(reply, value);
      }
    } else {
      const std::size_t unit = request[0] - 11U;
      if (request[0] < 11 || unit >= silent.size() || silent[unit] || line_of_[unit] != line) return;
      reply = answer(unit, request);
      if (on_reply) on_reply(unit, request, reply);
      spoilt = garbled[unit];
      twice = answers_twice[unit];
    }
    const std::uint16_t crc = frame_crc(reply);
    reply.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    reply.push_back(static_cast<std::uint8_t>(crc >> 8));
    if (spoilt) reply.back() ^= 0xFF;
    if (twice) {
      const std::vector<std::uint8_t> again = reply;
      reply.insert(reply.end(), again.begin(), again.end());
    }
    replies_[line] = {now_ + turnaround + characters(reply.size()), reply};
  }

  std::vector<std::uint8_t> answer(std::size_t unit, const std::vector<std::uint8_t>& request) {
    auto& words = words_[unit];
    const auto first = static_cast<std::uint16_t>(request[2] << 8 | request[3]);
    const auto count = static_cast<std::uint16_t>(request[4] << 8 | request[5]);
    if (request[1] == 3) {
      std::vector<std::uint8_t> reply{request[0], 3, static_cast<std::uint8_t>(2 * count)};
      for (std::uint16_t k = 0; k < count; ++k) {
        const std::uint16_t word = words[static_cast<std::uint16_t>(first + k)];
        reply.push_back(static_cast<std::uint8_t>(word >> 8));
        reply.push_back(static_cast<std::uint8_t>(word & 0xFF));
      }
      return reply;
    }
    for (std::size_t k = 0; k < count; ++k) {
      words[static_cast<std::uint16_t>(first + k)] =
          static_cast<std::uint16_t>(request[7 + 2 * k] << 8 | request[8 + 2 * k]);
    }
    writes.push_back({now_, unit, first});
    follow_registers(unit);
    return {request.begin(), request.begin() + 6};
  }
  void follow_registers(std::size_t unit) {
    auto& words = words_[unit];
    SmallInverter& inverter = site.inverters[unit];
    inverter.ordered_limit_w = words[47509] == 1 ? words[47510] : 10000.0;
    inverter.ordered_discharge_w = words[47511] == 11 ? -1.0 * words[47512] : words[47511] == 3 ? words[47512] : 0.0;
    inverter.pv_first = words[47511] == 3 || words[47511] == 11;
    inverter.ordered_draw_w = words[47511] == 4 ? words[47512] : 0.0;
    inverter.stopped = words[47511] == 255;
  }

  std::vector<std::size_t> line_of_;
  Controller controller_;
  Time now_{0};
  Time next_step_{0};
  std::uint64_t steps_ = 0;
  std::array<Delivery, max_lines> requests_{};
  std::array<Delivery, max_lines> replies_{};
  std::vector<Means> means_;
  double sum_import_w_ = 0.0;
  double image_import_w_ = 0.0;
  std::array<double, 3> sum_phase_import_w_{};
  std::array<double, 3> image_phase_import_w_{};
  std::vector<std::map<std::uint16_t, std::uint16_t>> words_;
};

}  // namespace hil::controller::tests
