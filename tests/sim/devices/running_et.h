#pragma once

#include "models/grid_code/grid_codes.h"
#include "sim/devices/goodwe_et.h"
#include "tests/sim/devices/one_inverter_site.h"

namespace hil::sim {

inline GoodweEt::Identity ten_kilowatts() {
  GoodweEt::Identity et;
  et.rated_w = 10000.0;
  return et;
}

/// The site of one_inverter_site() with 300 W on each phase of a backup port.
inline models::Site::Parameters site_with_backup(double soc = 0.5) {
  models::Site::Parameters site = one_inverter_site(soc);
  models::InverterLane::Backup backup;
  backup.forming.nominal_ln_v = 230.0;
  backup.forming.nominal_hz = 50.0;
  backup.forming.max_phase_a = 20.0;
  backup.transfer_time = std::chrono::milliseconds{10};
  site.inverters[0].lane.backup = backup;
  models::Site::Load load = site.loads[0];
  load.name = "kept";
  load.bus = "et1.backup";
  load.zip->nominal_w = {300.0, 300.0, 300.0};
  site.loads.push_back(load);
  return site;
}

/// An ET on its lane, stepped in the order of the bench: latch, plant, refresh.
class RunningEt {
 public:
  explicit RunningEt(const models::Site::Parameters& parameters = one_inverter_site(),
                     const GoodweEt::Settings& settings = {}, const GoodweEt::Quirks& quirks = {})
      : site{parameters}, et{"et1", site, 0, ten_kilowatts(), settings, quirks} {}

  void set(const char* setting, double value) {
    const DeviceFace::Entry& entry = *et.face().find(setting);
    *entry.target = value;
    if (entry.written) entry.written();
  }
  double shown(const char* signal) const { return *et.face().find(signal)->value; }
  bool shows_bit(const char* word, unsigned bit) const {
    return (static_cast<std::uint32_t>(shown(word)) >> bit & 1U) != 0;
  }
  const models::Site::LaneView& lane() const { return site.lane(0); }
  const models::HybridInverter::Outputs& power() const { return lane().power; }
  double export_w() const { return -site.grid().import_w; }
  void step() {
    et.latch(now);
    if (now > Time{0}) site.advance();
    et.refresh(now);
    now += std::chrono::milliseconds{10};
  }
  /// Steps until `duration` has passed; one step for zero.
  void run(Time duration) {
    const Time end = now + duration;
    do step();
    while (now < end);
  }
  double pv_available_w() const { return lane().pv_available_w; }

  models::Site site;
  GoodweEt et;
  Time now{0};
};

}  // namespace hil::sim
