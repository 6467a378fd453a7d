#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "models/site/site.h"
#include "tests/models/site/example_sites.h"

namespace hil::models {
namespace {

using namespace std::chrono_literals;

double any_between(double lowest, double highest) {
  return lowest + (highest - lowest) * *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 10001)) / 1e4;
}

bool one_in(int n) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n)) == 0;
}

std::size_t any_below(std::size_t count) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, count));
}

constexpr std::size_t load_count = 4;

/// A star of cables from "main"; every inverter's code, backup, detection, size of battery and sun by chance.
Site::Parameters any_site() {
  Site::Parameters site = two_inverter_site();
  site.inverters.clear();
  site.loads.clear();
  site.cables = {example_cable("main_cable", "grid", "main", {0.2, 0.08}, 40.0)};
  const std::size_t count = 2 + any_below(9);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string bus = "i" + std::to_string(i);
    site.cables.push_back(example_cable(bus + "_cable", "main", bus, {1.15, 0.083}, any_between(5.0, 40.0)));
    Site::Inverter inverter = example_inverter(bus, bus, any_between(0.0, 1.0));
    InverterLane::Parameters& lane = inverter.lane;
    lane.power_stage.standby_w = any_between(0.0, 20.0);
    lane.pv[0].irradiance_w_m2 = one_in(3) ? 0.0 : any_between(0.0, 1200.0);
    if (one_in(3)) lane.battery = with_everything_on(lane.battery);
    if (one_in(4)) lane.pv.push_back(lane.pv[0]);
    if (!one_in(4)) {
      const std::string code = *rc::gen::element<std::string>("en50549_1", "vde_ar_n_4105", "uk_g99_a", "as4777_a");
      lane.grid_code = *find_grid_code(code);
    }
    if (one_in(3)) lane.island_detection = FrequencyShift::Parameters{.nominal_hz = 50.0, .gain_per_hz = 0.1};
    if (one_in(3)) {
      lane.backup = InverterLane::Backup{.forming = {.nominal_ln_v = 230.0,
                                                     .nominal_hz = 50.0,
                                                     .frequency_droop_hz_per_w = 5e-5,
                                                     .voltage_droop_v_per_var = 1e-3,
                                                     .max_phase_a = 20.0},
                                         .transfer_time = std::chrono::milliseconds{20}};
    }
    lane.starts_connected = !one_in(6);
    site.inverters.push_back(inverter);
  }
  for (std::size_t i = 0; i < load_count; ++i) {
    ZipLoad::Parameters zip{.nominal_ln_v = 230.0, .share_z = 0.4, .share_i = 0.3, .share_p = 0.3, .on = !one_in(3)};
    for (std::size_t k = 0; k < phase_count; ++k) {
      zip.nominal_w[k] = any_between(100.0, 3000.0);
      zip.nominal_var[k] = any_between(0.0, 500.0);
    }
    if (one_in(3)) {  // between phases
      for (std::size_t k = 0; k < phase_count; ++k) zip.nominal_ll_w[k] = any_between(0.0, 2000.0);
    }
    const std::size_t place = any_below(count);
    const bool critical = site.inverters[place].lane.backup.has_value() && one_in(2);
    const std::string bus = critical ? site.inverters[place].name + ".backup" : one_in(2) ? "main" : "i0";
    site.loads.push_back({.name = "load" + std::to_string(i), .bus = bus, .zip = zip});
  }
  return site;
}

struct Event {
  int kind = 0;
  std::size_t place = 0;
  double value = 0.0;
  int steps = 0;
};

Event any_event(std::size_t inverters) {
  return {static_cast<int>(any_below(16)), any_below(inverters), any_between(-1.0, 1.0),
          1 + static_cast<int>(any_below(40))};
}

void act(Site& site, const Event& event, std::vector<bool>& cable_closed) {
  Site::LaneCommand& command = site.command(event.place);
  switch (event.kind) {
    case 0:
      command.battery_discharge_request_w = 12000.0 * event.value;
      break;
    case 1:
      command.ac_ceiling_w = 12000.0 * event.value;
      break;
    case 2:
      command.reactive_injection_request_var = 8000.0 * event.value;
      break;
    case 3:
      command.connected = event.value > -0.5;
      break;
    case 4:
      command.unbalance_w = {3000.0 * event.value, 0.0, -1000.0};
      break;
    case 5:
      command.active_limit_pu = std::abs(event.value);
      break;
    case 6:
      site.set_load_on(event.place % load_count, event.value > 0.0);
      break;
    case 7:
      set_grid_voltage(site, 230.0 * (event.value > 0.0 ? 1.0 + 0.2 * event.value : 1.0 + event.value));
      break;
    case 8:
      site.grid_source().ramp_frequency_hz(50.0 + 2.5 * event.value, std::abs(event.value));
      break;
    case 9:
      site.grid_source().set_outage(event.value > 0.0);
      break;
    case 10:
      site.set_irradiance(event.place, 600.0 + 600.0 * event.value);
      break;
    case 11: {
      const std::size_t cable = event.place;  // 0: the meter's
      cable_closed[cable] = event.value > 0.0;
      site.set_cable_closed(cable, cable_closed[cable]);
      break;
    }
    case 12:
      if (event.value > 0.0) {
        site.battery(event.place).open_contactor();
      } else {
        site.battery(event.place).close_contactor();
      }
      break;
    case 13: {  // from the example's own to a feed of some 3 kW a phase
      const double ohm = 0.05 * std::pow(80.0, std::max(event.value, 0.0));
      site.grid_source().set_impedance({ohm, 0.6 * ohm}, {ohm, 0.6 * ohm});
      break;
    }
    case 14: {  // one conductor of a cable, mostly opened: several may be open at a time
      constexpr std::array all{Conductor::l1, Conductor::l2, Conductor::l3, Conductor::n};
      site.set_conductor_closed(event.place, all[static_cast<std::size_t>(event.steps) % all.size()],
                                event.value > 0.3);
      break;
    }
    default:
      site.grid_source().return_to_nominal(0.0);
      break;
  }
}

/// What a run leaves behind, to the bit.
std::vector<double> trace_of(const Site& site) {
  std::vector<double> trace{site.grid().import_w, site.grid().neutral_v, site.total_load_w(), site.grid().imported_wh};
  for (std::size_t i = 0; i < site.inverter_count(); ++i) {
    const Site::LaneView& lane = site.lane(i);
    trace.insert(trace.end(), {lane.battery_soc, lane.ac_out_wh, lane.pv_wh, lane.power.ac_injection_w,
                               lane.battery.terminal_v, lane.frequency_hz});
  }
  return trace;
}

void run(const Site::Parameters& parameters, const std::vector<Event>& events, std::vector<double>& trace) {
  Site site(parameters);
  std::vector<bool> cable_closed(parameters.cables.size(), true);
  for (const Event& event : events) {
    act(site, event, cable_closed);
    for (int step = 0; step < event.steps; ++step) {
      site.advance();
      const Site::Invariants& now = site.invariants();
      if (!now.hold()) {
        RC_LOG() << "after event " << event.kind << " at " << event.place << " with " << event.value << ", step "
                 << step << ": inverter " << now.inverter_energy_residual_w << " W, site " << now.site_energy_residual_w
                 << " W, current " << now.current_residual_a << " A, soc " << now.soc_residual << ", finite "
                 << now.finite << ", solved " << now.solved << std::endl;
      }
      RC_ASSERT(now.hold());
      for (std::size_t i = 0; i < site.inverter_count(); ++i) {
        const Site::LaneView& lane = site.lane(i);
        const HybridInverter::Parameters& limits = parameters.inverters[i].lane.power_stage;
        for (const Phasor& a : lane.injection_a) RC_ASSERT(std::abs(a) <= limits.max_phase_a + 1e-6);
        RC_ASSERT(lane.power.pv_w >= 0.0);
        RC_ASSERT(lane.power.pv_w <= lane.pv_offered_w + 1e-6);
        RC_ASSERT(lane.battery_soc >= 0.0 && lane.battery_soc <= 1.0);
        // An island may take more than the BMS allows for as long as its overload time; nothing else may.
        if (lane.duty != HybridInverter::Duty::forming) {
          RC_ASSERT(lane.battery.discharge_w <= lane.battery_limits.discharge_w + 1e-6);
        }
        RC_ASSERT(lane.battery.discharge_w >= -lane.battery_limits.charge_w - 1e-6);
      }
    }
  }
  trace = trace_of(site);
}

RC_GTEST_PROP(SiteProperty, HoldsItsInvariantsAndLimitsInEveryStepOfAnySiteAndRepeatsItself, ()) {
  const Site::Parameters parameters = any_site();
  std::vector<Event> events(1 + any_below(25));
  for (Event& event : events) event = any_event(parameters.inverters.size());
  std::vector<double> first;
  std::vector<double> second;
  run(parameters, events, first);
  run(parameters, events, second);
  RC_ASSERT(first == second);
}

}  // namespace
}  // namespace hil::models
