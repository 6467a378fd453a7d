#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "models/grid_code/grid_codes.h"
#include "sim/devices/register_server.h"
#include "sim/devices/sinexcel_pcs.h"
#include "tests/sim/devices/one_inverter_site.h"
#include "tests/sim/devices/register_map_xml.h"

namespace hil::sim::test {

/// Strings of 100 kW on a stiff 400 V grid: batteries of 240 LFP cells of 200 Ah (about 790 V), no losses and no delays
/// in the power stage, so that orders show on the ports by hand calculation.
inline models::Site::Parameters pcs_site(std::size_t strings = 1, double soc = 0.5) {
  models::Site::Parameters site = one_inverter_site(soc);
  site.grid = {230.0, 50.0, {0.0005, 0.0003}, {0.0005, 0.0003}};
  site.cables[0] = {"main_cable", "grid", "main", {0.0002, 0.0001}, {0.0002, 0.0001}};
  models::Site::Inverter string = site.inverters[0];
  string.lane.pv.clear();
  models::HybridInverter::Parameters& stage = string.lane.power_stage;
  stage.rated_ac_w = 100e3;
  stage.max_ac_va = 110e3;
  stage.max_phase_a = 200.0;
  stage.max_battery_charge_w = 120e3;
  stage.max_battery_discharge_w = 120e3;
  const models::LossCurve lossless{100e3, 0.0, 0.0, 0.0};
  stage.losses = {lossless, lossless, lossless, lossless};
  string.lane.battery = {200.0, 240, 200.0, 200.0, 1.0};
  site.inverters.clear();
  for (std::size_t i = 0; i < strings; ++i) {
    string.name = "pcs1.string" + std::to_string(i + 1);
    site.inverters.push_back(string);
  }
  return site;
}

inline SinexcelPcs::StringLimits lfp_limits() {
  SinexcelPcs::StringLimits limits;
  limits.lower_limit_v = 665.0;
  limits.end_of_discharge_v = 672.0;
  limits.float_v = 840.0;
  limits.topping_v = 840.0;
  limits.topping_to_float_a = 20.0;
  limits.end_of_charge_a = 10.0;
  limits.max_charge_a = 150.0;
  limits.max_discharge_a = 150.0;
  return limits;
}

/// 100 kW of each input.
inline SinexcelPcs::Rating pcs_rating(std::size_t inputs) {
  SinexcelPcs::Rating rating;
  rating.rated_w = 100e3 * static_cast<double>(inputs);
  rating.inputs = inputs;
  rating.max_string_a = 200.0;
  return rating;
}

/// A PCS on its lanes behind its map, stepped in the order of the bench: latch, plant, refresh.
class RunningPcs {
 public:
  explicit RunningPcs(std::size_t strings = 1, SinexcelPcs::Settings settings = {})
      : RunningPcs(pcs_site(strings), std::move(settings)) {}
  explicit RunningPcs(const models::Site::Parameters& parameters, SinexcelPcs::Settings settings = {},
                      const std::string& map = "", std::size_t unused_inputs = 0)
      : site{parameters},
        pcs{"pcs1", site, lanes(), pcs_rating(site.inverter_count() + unused_inputs), with_limits(std::move(settings))},
        server{read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/" + map_name(map) + ".xml"), pcs.face()} {}

  void step() {
    pcs.latch(now);
    if (now > Time{0}) site.advance();
    pcs.refresh(now);
    server.refresh(now);
    now += std::chrono::milliseconds{10};
  }
  /// Steps until `duration` has passed; one step for zero.
  void run(Time duration) {
    const Time end = now + duration;
    do step();
    while (now < end);
  }
  std::vector<std::uint8_t> ask(const std::vector<std::uint8_t>& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server.serve(pdu, reply, now);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }
  /// Function 06; the exception code, 0 when it was answered as taken.
  int write(int address, int value) {
    const auto reply = ask({0x06, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address),
                            static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
    return reply.at(0) == 0x06 ? 0 : reply.at(1);
  }
  /// One register; -1 for an exception.
  int read(int address) {
    const auto reply = ask({0x03, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address), 0, 1});
    return reply.at(0) == 0x03 ? reply.at(2) << 8 | reply.at(3) : -1;
  }
  int read_signed(int address) { return static_cast<std::int16_t>(read(address)); }
  bool runs() { return (read(53010) & 1) != 0; }
  bool warns() { return (read(53011) >> 9 & 1) != 0; }
  bool fault_latched() { return (read(53011) >> 10 & 1) != 0; }
  /// With an order of `write` and the time until it is done.
  void start() {
    write(53900, 1);
    run(std::chrono::milliseconds{9500});
  }
  const models::Site::LaneView& lane(std::size_t string = 1) const { return site.lane(string - 1); }
  double ac_w(std::size_t string = 1) const { return lane(string).power.ac_injection_w; }
  double ac_var(std::size_t string = 1) const { return lane(string).power.ac_injection_var; }
  /// Of a set point in 0.1 kW.
  static int tenths_kw(double w) { return static_cast<int>(std::lround(w / 100.0)) & 0xFFFF; }

  models::Site site;
  SinexcelPcs pcs;
  RegisterServer server;
  Time now{0};

 private:
  std::vector<std::size_t> lanes() const {
    std::vector<std::size_t> all(site.inverter_count());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }
  SinexcelPcs::Settings with_limits(SinexcelPcs::Settings settings) const {
    settings.strings.resize(site.inverter_count(), lfp_limits());
    return settings;
  }
  std::string map_name(const std::string& map) const {
    if (!map.empty()) return map;
    return site.inverter_count() == 1 ? "sinexcel_pws1" : "sinexcel_pws1_multi_string";
  }
};

}  // namespace hil::sim::test
