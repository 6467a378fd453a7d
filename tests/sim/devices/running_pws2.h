#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/devices/pws2_port.h"
#include "sim/devices/register_server.h"
#include "sim/devices/sinexcel_pws2.h"
#include "tests/sim/devices/register_map_xml.h"
#include "tests/sim/devices/running_pcs.h"

namespace hil::sim::test {

/// One lane of 30 kW on a stiff 400 V grid with the code VDE and a battery of 240 LFP cells of 50 Ah (about 790 V); no
/// losses and no delays in the power stage.
inline models::Site::Parameters pws2_site(double soc = 0.5) {
  models::Site::Parameters site = pcs_site(1, soc);
  models::InverterLane::Parameters& lane = site.inverters[0].lane;
  lane.power_stage.rated_ac_w = 30e3;
  lane.power_stage.max_ac_va = 33e3;
  lane.power_stage.max_phase_a = 50.0;
  lane.power_stage.max_battery_charge_w = 33e3;
  lane.power_stage.max_battery_discharge_w = 33e3;
  const models::LossCurve lossless{30e3, 0.0, 0.0, 0.0};
  lane.power_stage.losses = {lossless, lossless, lossless, lossless};
  lane.battery = {50.0, 240, 90.0, 90.0, 1.0};
  lane.grid_code = *models::find_grid_code("sinexcel_vde");
  return site;
}

inline SinexcelPws2::Settings pws2_settings() {
  SinexcelPws2::Settings settings;
  settings.battery = lfp_limits();
  settings.battery.float_v = settings.battery.topping_v = 825.0;
  settings.battery.max_charge_a = settings.battery.max_discharge_a = 90.0;
  settings.battery.topping_to_float_a = 10.0;
  settings.upper_limit_v = 830.0;
  settings.grid_code = 1;
  return settings;
}

/// A PWS2-30K on its lane behind its map, stepped in the order of the bench. Its EMS watchdog is off, unless a test
/// sets it.
class RunningPws2 {
 public:
  explicit RunningPws2(const SinexcelPws2::Settings& settings = pws2_settings(),
                       const models::Site::Parameters& parameters = pws2_site())
      : site{parameters},
        pws2{"pcs1", site, 0, rating(), settings},
        server{read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/sinexcel_pws2.xml"), pws2.face()},
        port{pws2, server} {}

  static SinexcelPws2::Rating rating() {
    SinexcelPws2::Rating rating;
    rating.serial = "HIL0000000000001";
    return rating;
  }
  void step() {
    pws2.latch(now);
    if (now > Time{0}) site.advance();
    pws2.refresh(now);
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
    const std::size_t length = port.serve(pdu, reply, now);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }
  /// Function 06; the exception code, 0 when it was answered as taken.
  int write(int address, int value) {
    const auto reply = ask({0x06, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address),
                            static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
    return reply.at(0) == 0x06 ? 0 : reply.at(1);
  }
  /// `count` registers; empty for an exception.
  std::vector<int> read(int address, int count) {
    const auto reply = ask({0x03, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address), 0,
                            static_cast<std::uint8_t>(count)});
    std::vector<int> words;
    if (reply.at(0) != 0x03) return words;
    for (std::size_t i = 2; i + 1 < reply.size(); i += 2) words.push_back(reply[i] << 8 | reply[i + 1]);
    return words;
  }
  /// One register; -1 for an exception.
  int read(int address) {
    const std::vector<int> words = read(address, 1);
    return words.empty() ? -1 : words.front();
  }
  int read_signed(int address) { return static_cast<std::int16_t>(read(address)); }
  bool bit(int address, int place) { return (read(address) >> place & 1) != 0; }
  bool faulty() { return bit(32, 0); }
  bool runs() { return bit(32, 2); }
  /// Fast ramps, no check before the start; then an order and the time until it is done.
  void start() {
    write(327, 0);
    write(793, 0);
    write(876, 30000);
    write(797, 0);
    write(650, 1);
    run(std::chrono::seconds{3});
  }
  const models::Site::LaneView& lane() const { return site.lane(0); }
  double ac_w() const { return lane().power.ac_injection_w; }
  double ac_var() const { return lane().power.ac_injection_var; }
  /// Of a set point in 0.1 kW.
  static int tenths_kw(double w) { return static_cast<int>(std::lround(w / 100.0)) & 0xFFFF; }

  models::Site site;
  SinexcelPws2 pws2;
  RegisterServer server;
  Pws2Port port;
  Time now{0};
};

}  // namespace hil::sim::test
