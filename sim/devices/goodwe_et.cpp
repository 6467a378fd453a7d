#include "sim/devices/goodwe_et.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace hil::sim {
namespace {

using models::phase_count;

// 47511, goodwe-et-modbus 6.5.
constexpr int mode_auto = 1;
constexpr int mode_charge_from_pv = 2;
constexpr int mode_discharge_and_pv = 3;
constexpr int mode_export_ac = 5;
constexpr int mode_conserve = 6;
constexpr int mode_battery_standby = 8;
constexpr int mode_charge_battery = 11;
constexpr int mode_discharge_battery = 12;
constexpr int mode_stopped = 255;

constexpr double highest_setting_a = 100.0;            // 45353, 45355: raw 0..1000 tenths (6.2)
constexpr double highest_order_w = 10000.0;            // 47510, 47512: 0..10000 on platform 205 (6.4)
constexpr std::chrono::milliseconds mean_window{200};  // section 3
constexpr std::chrono::hours day{24};
constexpr double idle_battery_w = 10.0;  // below this the battery stands by (assumed)
// Three-phase bridge: bus above the peak of line to line, 10 % of headroom (assumed; 400 V gives 620 V).
constexpr double bus_over_ln_rms = 1.1 * 2.449489742783178;

// 35187 (section 5): 4 flashing and 5 self check are not played.
constexpr double work_mode_wait = 0.0;
constexpr double work_mode_on_grid = 1.0;
constexpr double work_mode_off_grid = 2.0;
constexpr double work_mode_fault = 3.0;

constexpr double diagnostic_soc_low = 1 << 1;  // section 7.2
constexpr double diagnostic_export_limit_set = 1 << 24;

std::string phase_name(std::size_t phase, const char* quantity) {
  return fmt::format("l{}_{}", phase + 1, quantity);
}

void require(bool holds, const std::string& device, const char* what, const std::string& found, const char* allowed) {
  if (!holds) throw std::invalid_argument(fmt::format("{}: {} is {}, must be {}", device, what, found, allowed));
}

double work_mode(const models::Site::LaneView& lane) {
  if (lane.islanded) return work_mode_off_grid;
  if (lane.operation == models::Operation::tripped) return work_mode_fault;
  return lane.operation == models::Operation::waiting ? work_mode_wait : work_mode_on_grid;
}

}  // namespace

GoodweEt::GoodweEt(std::string name, models::Site& site, std::size_t lane, const Identity& identity,
                   const Settings& settings, std::optional<ExportLimitFreeze> freeze)
    : name_(std::move(name)),
      site_(site),
      lane_(lane),
      identity_(identity),
      settings_(settings),
      dsp_name_(fmt::format("04029-{:02.0f}-S11", identity.dsp_version)),
      arm_name_(fmt::format("02041-{:02.0f}-S00", identity.arm_version)),
      next_midnight_(day) {
  require(identity.serial.size() == 16, name_, "serial", '"' + identity.serial + '"', "16 characters");
  require(identity.model.size() <= 10, name_, "model", '"' + identity.model + '"', "up to 10 characters");
  require(identity.rated_w > 0.0, name_, "rated_w", fmt::format("{}", identity.rated_w), "above 0");
  require(settings.soc_floor >= 0.0 && settings.soc_floor <= 1.0, name_, "soc_floor",
          fmt::format("{}", settings.soc_floor), "0..1");
  for (const double limit_a : {settings.battery_max_charge_a, settings.battery_max_discharge_a}) {
    require(limit_a >= 0.0 && limit_a <= highest_setting_a, name_, "battery_max_charge_a or battery_max_discharge_a",
            fmt::format("{}", limit_a), "0..100");
  }
  if (freeze) freeze_.emplace(*freeze);
  publish_face();
}

void GoodweEt::latch(Time now) {
  const models::Site::LaneView& lane = site_.lane(lane_);
  const bool limit_on = export_limit_enabled_ != 0.0;
  const bool running = static_cast<int>(ems_mode_) != mode_stopped;
  double ac_ceiling_w = identity_.rated_w * active_power_limit_;
  if (limit_on) ac_ceiling_w = std::min(ac_ceiling_w, export_limit_w_);

  double pv_ceiling_w = FreezeMachine::no_ceiling_w;
  if (freeze_) {
    pv_ceiling_w = freeze_->pv_ceiling_w(
        now, {limit_on, running, freeze_orders(ac_ceiling_w), lane.power.pv_w, lane.pv_available_w});
  }
  const Law asked = law(std::min(lane.pv_offered_w, pv_ceiling_w), ac_ceiling_w, lane.power.loss_w);
  models::Site::LaneCommand& command = site_.command(lane_);
  command.connected = running;
  command.pv_ceiling_w = running ? pv_ceiling_w : 0.0;
  command.battery_max_charge_w = settings_.battery_max_charge_a * lane.battery.terminal_v;
  command.battery_max_discharge_w = settings_.battery_max_discharge_a * lane.battery.terminal_v;
  command.battery_discharge_request_w = limited(asked.battery_discharge_w, lane);
  command.ac_ceiling_w = asked.ac_ceiling_w;
  command.reactive_injection_request_var = 0.0;
}

FreezeMachine::Orders GoodweEt::freeze_orders(double ac_ceiling_w) const {
  switch (static_cast<int>(ems_mode_)) {
    case mode_charge_from_pv:
      return {ac_ceiling_w, -ems_power_w_, true};
    case mode_export_ac:
      return {ac_ceiling_w, ems_power_w_, true};
    case mode_conserve:
      return {ac_ceiling_w, 0.0, true};
    case mode_charge_battery:
      return {ac_ceiling_w, -ems_power_w_, false};
    case mode_discharge_and_pv:
    case mode_discharge_battery:
      return {ac_ceiling_w, ems_power_w_, false};
    default:
      return {ac_ceiling_w, 0.0, false};
  }
}

GoodweEt::Law GoodweEt::law(double pv_allowed_w, double ac_ceiling_w, double loss_w) const {
  switch (static_cast<int>(ems_mode_)) {
    case mode_charge_from_pv:  // all PV, and the AC port takes at most X
      return {-std::max(0.0, pv_allowed_w + ems_power_w_ - loss_w), ac_ceiling_w};
    case mode_discharge_and_pv:  // PV has the higher priority: the battery gets what it leaves under the ceiling
      return {std::clamp(ac_ceiling_w + loss_w - pv_allowed_w, 0.0, ems_power_w_), ac_ceiling_w};
    case mode_export_ac: {  // the battery tops PV up to X; the power stage curtails PV above it
      const double ac_w = std::min(ems_power_w_, ac_ceiling_w);
      return {std::max(0.0, ac_w + loss_w - pv_allowed_w), ac_w};
    }
    case mode_conserve:  // as 2 with X = 0
      return {-std::max(0.0, pv_allowed_w - loss_w), ac_ceiling_w};
    case mode_charge_battery:
      return {-ems_power_w_, ac_ceiling_w};
    case mode_discharge_battery:
      return {ems_power_w_, ac_ceiling_w};
    default:  // auto without a meter, standby, stopped
      return {0.0, ac_ceiling_w};
  }
}

double GoodweEt::limited(double battery_discharge_w, const models::Site::LaneView& lane) const {
  const double battery_v = lane.battery.terminal_v;
  const double max_charge_w = std::min(lane.battery_limits.charge_w, settings_.battery_max_charge_a * battery_v);
  double max_discharge_w = std::min(lane.battery_limits.discharge_w, settings_.battery_max_discharge_a * battery_v);
  if (lane.reported_soc <= settings_.soc_floor) max_discharge_w = 0.0;
  return std::clamp(battery_discharge_w, -max_charge_w, max_discharge_w);
}

void GoodweEt::Sample::add(const models::Site::LaneView& lane) {
  pv_w += lane.power.pv_w;
  battery_v += lane.battery.terminal_v;
  battery_discharge_a += lane.battery.discharge_a;
  battery_discharge_w += lane.power.battery_discharge_w;
  injection_var += lane.power.ac_injection_var;
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    voltage_ln_v[phase] += models::magnitude(lane.terminal_ln_v[phase]);
    current_a[phase] += models::magnitude(lane.injection_a[phase]);
    injection_w[phase] += lane.power.phase_injection_va[phase].real();
  }
}

void GoodweEt::Sample::scale(double factor) {
  for (double* value : {&pv_w, &battery_v, &battery_discharge_a, &battery_discharge_w, &injection_var}) {
    *value *= factor;
  }
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    voltage_ln_v[phase] *= factor;
    current_a[phase] *= factor;
    injection_w[phase] *= factor;
  }
}

void GoodweEt::refresh(Time now) {
  const models::Site::LaneView& lane = site_.lane(lane_);
  live_.pv_w = lane.power.pv_w;
  live_.pv_available_w = lane.pv_available_w;
  live_.battery_discharge_w = lane.power.battery_discharge_w;
  live_.battery_soc = lane.battery_soc;
  live_.battery_v = lane.battery.terminal_v;
  live_.ac_injection_w = lane.power.ac_injection_w;
  live_.freeze_state = freeze_ ? static_cast<double>(freeze_->state()) : 0.0;
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    live_.voltage_ln_v[phase] = models::magnitude(lane.terminal_ln_v[phase]);
  }

  sum_.add(lane);
  ++samples_;
  if (now < next_publication_) return;
  next_publication_ = (now / mean_window + 1) * mean_window;
  mean_ = sum_;
  mean_.scale(1.0 / samples_);
  sum_ = {};
  samples_ = 0;
  count_energy(lane, now);
  published_.operating_h = std::chrono::duration<double, std::ratio<3600>>(now).count();
  publish(lane);
}

void GoodweEt::publish(const models::Site::LaneView& lane) {
  const models::PvArray::Point pv_point = site_.pv_point(lane_);
  published_.pv_v = pv_point.voltage_v;
  published_.pv_a = pv_point.current_a;
  published_.pv_mode = mean_.pv_w >= 0.5 ? 2.0 : 1.0;

  published_.ac_injection_w = 0.0;
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    published_.injection_w[phase] = std::round(mean_.injection_w[phase]);
    published_.ac_injection_w += published_.injection_w[phase];
  }
  // Without a meter 35139 is the on-grid port itself, so what the inverter calls load is nothing.
  published_.ac_export_w = published_.ac_injection_w - published_.backup_w;
  published_.on_grid_load_w = std::max(0.0, published_.ac_injection_w - published_.backup_w - published_.ac_export_w);
  published_.injection_va =
      std::sqrt(published_.ac_injection_w * published_.ac_injection_w + mean_.injection_var * mean_.injection_var);
  published_.frequency_hz = lane.frequency_hz;
  published_.backup_w = std::round(lane.backup_w);
  published_.dc_bus_v = std::max(
      published_.pv_v, bus_over_ln_rms * *std::max_element(mean_.voltage_ln_v.begin(), mean_.voltage_ln_v.end()));

  const double battery_w = mean_.battery_discharge_w;
  published_.battery_mode = std::abs(battery_w) <= idle_battery_w ? 1.0 : (battery_w > 0.0 ? 2.0 : 3.0);
  published_.battery_soc = lane.reported_soc;
  published_.bms_charge_a = lane.battery_limits.charge_a;
  published_.bms_discharge_a = lane.battery_limits.discharge_a;

  const bool running = static_cast<int>(ems_mode_) != mode_stopped;
  published_.work_mode = running ? work_mode(lane) : work_mode_wait;
  published_.grid_mode = published_.work_mode == work_mode_on_grid ? 1.0 : 0.0;
  published_.diagnostics = (lane.reported_soc <= settings_.soc_floor ? diagnostic_soc_low : 0.0) +
                           (export_limit_enabled_ != 0.0 ? diagnostic_export_limit_set : 0.0);
}

void GoodweEt::count_energy(const models::Site::LaneView& lane, Time now) {
  if (now >= next_midnight_) {
    at_midnight_wh_ = total_wh_;
    next_midnight_ += day;
  }
  total_wh_ = {lane.pv_wh, lane.ac_out_wh, lane.ac_in_wh, lane.battery_charge_wh, lane.battery_discharge_wh};
  for (std::size_t i = 0; i < counters; ++i) today_wh_[i] = total_wh_[i] - at_midnight_wh_[i];
}

void GoodweEt::publish_face() {
  face_.text("serial", &identity_.serial);
  face_.text("model", &identity_.model);
  face_.text("dsp_firmware", &dsp_name_);
  face_.text("arm_firmware", &arm_name_);
  face_.signal("rated_w", &identity_.rated_w);
  face_.signal("dsp_version", &identity_.dsp_version);
  face_.signal("arm_version", &identity_.arm_version);

  face_.signal("pv_v", &published_.pv_v);
  face_.signal("pv_a", &published_.pv_a);
  face_.signal("pv_w", &mean_.pv_w);
  face_.signal("pv_mode", &published_.pv_mode);
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    face_.signal(phase_name(phase, "voltage_ln_rms_v"), &mean_.voltage_ln_v[phase]);
    face_.signal(phase_name(phase, "current_a"), &mean_.current_a[phase]);
    face_.signal(phase_name(phase, "injection_w"), &published_.injection_w[phase]);
  }
  face_.signal("frequency_hz", &published_.frequency_hz);
  face_.signal("ac_injection_w", &published_.ac_injection_w);
  face_.signal("ac_export_w", &published_.ac_export_w);
  face_.signal("injection_var", &mean_.injection_var);
  face_.signal("injection_va", &published_.injection_va);
  face_.signal("backup_w", &published_.backup_w);
  face_.signal("on_grid_load_w", &published_.on_grid_load_w);
  face_.signal("grid_mode", &published_.grid_mode);
  face_.signal("work_mode", &published_.work_mode);
  face_.signal("diagnostics", &published_.diagnostics);
  face_.signal("dc_bus_v", &published_.dc_bus_v);
  face_.signal("operating_h", &published_.operating_h);

  face_.signal("battery_v", &mean_.battery_v);
  face_.signal("battery_discharge_a", &mean_.battery_discharge_a);
  face_.signal("battery_discharge_w", &mean_.battery_discharge_w);
  face_.signal("battery_mode", &published_.battery_mode);
  face_.signal("battery_soc", &published_.battery_soc);
  face_.signal("bms_max_charge_a", &published_.bms_charge_a);
  face_.signal("bms_max_discharge_a", &published_.bms_discharge_a);

  constexpr std::array<const char*, counters> names{"pv", "exported", "imported", "battery_charge",
                                                    "battery_discharge"};
  for (std::size_t i = 0; i < counters; ++i) {
    face_.signal(fmt::format("{}_wh", names[i]), &total_wh_[i]);
    face_.signal(fmt::format("{}_today_wh", names[i]), &today_wh_[i]);
  }

  face_.setting("battery_max_charge_a", &settings_.battery_max_charge_a, 0.0, highest_setting_a);
  face_.setting("battery_max_discharge_a", &settings_.battery_max_discharge_a, 0.0, highest_setting_a);
  face_.setting("soc_floor", &settings_.soc_floor, 0.0, 1.0);
  face_.setting("active_power_limit", &active_power_limit_, 0.0, 1.0);
  face_.choice("work_mode_setting", &work_mode_setting_, {0.0, 1.0, 2.0, 3.0, 4.0});
  face_.choice("export_limit_enabled", &export_limit_enabled_, {0.0, 1.0});
  face_.setting("export_limit_w", &export_limit_w_, 0.0, highest_order_w);
  face_.choice("ems_mode", &ems_mode_,
               {mode_auto, mode_charge_from_pv, mode_discharge_and_pv, mode_export_ac, mode_conserve,
                mode_battery_standby, mode_charge_battery, mode_discharge_battery, mode_stopped});
  face_.setting("ems_power_w", &ems_power_w_, 0.0, highest_order_w);
}

void GoodweEt::register_signals(SignalRegistry& registry) const {
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(name_ + "." + signal, description, value);
  };
  add("pv_w", "PV power taken", &live_.pv_w);
  add("pv_available_w", "PV power at the maximum power point", &live_.pv_available_w);
  add("battery_discharge_w", "battery power; negative: charge", &live_.battery_discharge_w);
  add("battery_soc", "state of charge, 0..1", &live_.battery_soc);
  add("battery_v", "battery terminal voltage", &live_.battery_v);
  add("ac_injection_w", "AC power into the site", &live_.ac_injection_w);
  add("export_limit_w", "register 47510 as written", &export_limit_w_);
  add("export_limit_enabled", "register 47509: 1 while the export limit acts", &export_limit_enabled_);
  add("ems_mode", "register 47511 as written", &ems_mode_);
  add("ems_power_w", "register 47512 as written", &ems_power_w_);
  add("freeze_state", "export-limit freeze: 0 normal, 1 cut, 2 hold, 3 ramp", &live_.freeze_state);
  for (std::size_t phase = 0; phase < phase_count; ++phase) {
    add(phase_name(phase, "voltage_ln_rms_v"), "line to neutral at the inverter", &live_.voltage_ln_v[phase]);
  }
}

}  // namespace hil::sim
