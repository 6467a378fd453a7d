#include "harness/plant/inverter_signals.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <utility>

namespace hil::harness {
namespace {

using models::Phasor;

constexpr std::chrono::milliseconds cells_period{100};

// A complex number is an array of its two parts (the standard's guarantee), so each can be read where it lies.
const double* real_of(const Phasor& value) {
  return reinterpret_cast<const double*>(&value);
}
const double* imaginary_of(const Phasor& value) {
  return reinterpret_cast<const double*>(&value) + 1;
}

std::string phase_name(std::size_t phase) {
  return "l" + std::to_string(phase + 1);
}

double as_number(bool flag) {
  return flag ? 1.0 : 0.0;
}

}  // namespace

InverterSignals::InverterSignals(models::Site& site, const models::Site::Parameters& plant,
                                 const std::vector<std::string>& names, std::size_t without_battery)
    : site_(site), steps_each_cells_(static_cast<int>(std::max<std::int64_t>(1, cells_period / plant.step))) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    Inverter inverter;
    inverter.name = names[i];
    inverter.has_grid_code = plant.inverters[i].lane.grid_code.has_value();
    inverter.has_backup = plant.inverters[i].lane.backup.has_value();
    inverter.forms_site = plant.inverters[i].lane.site_forming.has_value();
    inverter.has_battery = i + without_battery < names.size();
    inverter.inputs.resize(site.pv_input_count(i));
    inverters_.push_back(std::move(inverter));
  }
  refresh();
}

void InverterSignals::register_grid_code(sim::SignalRegistry& registry, std::size_t index) const {
  const Inverter& inverter = inverters_[index];
  registry.add(inverter.name + ".operation",
               "towards the grid: 0 waiting, 1 ramping, 2 running, 3 momentary cessation, 4 tripped",
               &inverter.operation);
  registry.add(inverter.name + ".frequency_hz", "true, at the terminal or in the own island",
               &site_.lane(index).frequency_hz);
}

void InverterSignals::register_backup(sim::SignalRegistry& registry, std::size_t index) const {
  const Inverter& inverter = inverters_[index];
  registry.add(inverter.name + ".islanded", "1 while the backup relay is open", &inverter.islanded);
  registry.add(inverter.name + ".backup_w", "power that the backup loads draw", &site_.lane(index).backup_w);
}

void InverterSignals::register_main(sim::SignalRegistry& registry) const {
  for (std::size_t i = 0; i < inverters_.size(); ++i) {
    if (inverters_[i].has_grid_code) register_grid_code(registry, i);
    if (inverters_[i].has_backup) register_backup(registry, i);
  }
}

void InverterSignals::register_battery(sim::SignalRegistry& registry, std::size_t index) const {
  const Inverter& inverter = inverters_[index];
  const models::Site::LaneView& lane = site_.lane(index);
  const auto add = [&](const std::string& signal, const char* description, const double* value) {
    registry.add(inverter.name + "." + signal, description, value);
  };
  add("battery_true_soc", "state of charge as it is, 0..1", &lane.battery_soc);
  add("battery_reported_soc", "state of charge as the BMS believes, 0..1", &inverter.reported_soc);
  add("battery_temperature_c", "mean temperature of the cells", &inverter.battery_temperature_c);
  add("battery_charge_limit_a", "most charge that the BMS allows now", &lane.battery_limits.charge_a);
  add("battery_charge_limit_w", "the same as power", &lane.battery_limits.charge_w);
  add("battery_discharge_limit_a", "most discharge that the BMS allows now", &lane.battery_limits.discharge_a);
  add("battery_discharge_limit_w", "the same as power", &lane.battery_limits.discharge_w);
  add("battery_contactor_closed", "1 while the battery's contactor is closed", &inverter.contactor_closed);
  add("battery_cell_min_v", "lowest cell, each 0.1 s", &inverter.cell_min_v);
  add("battery_cell_max_v", "highest cell, each 0.1 s", &inverter.cell_max_v);
  add("battery_cell_min_c", "coldest cell, each 0.1 s", &inverter.cell_min_c);
  add("battery_cell_max_c", "hottest cell, each 0.1 s", &inverter.cell_max_c);
  add("battery_soh", "capacity by age, 1 new, each 0.1 s; below 1 also where ageing counts and does not act",
      &inverter.soh);
  add("battery_full_cycles", "full equivalent cycles by throughput since new, each 0.1 s", &inverter.full_cycles);
  add("battery_resistance_factor", "resistance by age, 1 new, each 0.1 s", &inverter.resistance_factor);
  add("battery_balancing", "1 while the BMS bleeds the highest cell, each 0.1 s", &inverter.balancing);
  add("battery_warnings", "bits: 1 cell low, 2 cell high, 4 cold, 8 hot, 16 above limit", &inverter.warnings);
  add("battery_alarms",
      "bits: 1 undervoltage, 2 overvoltage, 4 undertemperature, 8 overtemperature, 16 overcurrent, 32 limit ignored",
      &inverter.alarms);
}

void InverterSignals::register_details(sim::SignalRegistry& registry) const {
  for (std::size_t i = 0; i < inverters_.size(); ++i) {
    const Inverter& inverter = inverters_[i];
    const models::Site::LaneView& lane = site_.lane(i);
    const auto add = [&](const std::string& signal, const char* description, const double* value) {
      registry.add(inverter.name + "." + signal, description, value);
    };
    if (!inverter.has_grid_code) register_grid_code(registry, i);
    if (!inverter.has_backup) register_backup(registry, i);
    add("duty", "0 off, 1 follows the grid, 2 forms its own island", &inverter.duty);
    if (inverter.forms_site) {
      add("forming_blocked", "1 while it is to be the voltage of its bus, and a foreign one is there",
          &inverter.forming_blocked);
    }
    add("time_to_connect_s", "what is left of the enter-service delay", &lane.time_to_connect_s);
    add("overload_trips", "how often the backup port gave up under its load", &inverter.overload_trips);
    add("battery_empty_stops", "how often the backup island ended because the battery may give nothing more",
        &inverter.battery_empty_stops);
    add("island_stop",
        "why its island is down: 0 it is not, 1 overload, 2 battery empty, 3 overvoltage at a site that it formed",
        &inverter.island_stop);
    add("ac_injection_var", "reactive power into the site", &lane.power.ac_injection_var);
    add("loss_w", "true losses of conversion", &lane.power.loss_w);
    for (std::size_t k = 0; k < models::phase_count; ++k) {
      const Phasor& injection_va = lane.power.phase_injection_va[k];
      add(phase_name(k) + "_injection_w", "true power of this phase into the site", real_of(injection_va));
      add(phase_name(k) + "_injection_var", "true reactive power of this phase", imaginary_of(injection_va));
      add("backup_" + phase_name(k) + "_voltage_ln_rms_v", "line to neutral at the backup port",
          &inverter.backup_ln_v[k]);
    }
    for (std::size_t input = 0; input < inverter.inputs.size(); ++input) {
      const std::string pv = "pv" + std::to_string(input + 1);
      add(pv + "_v", "voltage of this PV input", &inverter.inputs[input].v);
      add(pv + "_a", "current of this PV input", &inverter.inputs[input].a);
      add(pv + "_w", "power of this PV input", &inverter.inputs[input].w);
    }
    if (inverter.has_battery) register_battery(registry, i);
  }
}

void InverterSignals::refresh_only(const std::vector<const sim::Signal*>& wanted) {
  const auto any = [&wanted](std::initializer_list<const double*> values) {
    return std::any_of(wanted.begin(), wanted.end(), [values](const sim::Signal* signal) {
      return std::find(values.begin(), values.end(), signal->value) != values.end();
    });
  };
  for (Inverter& of : inverters_) {
    of.wants_backup = any({&of.islanded, &of.overload_trips, &of.battery_empty_stops, &of.island_stop,
                           &of.backup_ln_v[0], &of.backup_ln_v[1], &of.backup_ln_v[2]});
    of.wants_inputs = std::any_of(of.inputs.begin(), of.inputs.end(), [&any](const Input& input) {
      return any({&input.v, &input.a, &input.w});
    });
    of.wants_battery =
        any({&of.battery_temperature_c, &of.contactor_closed, &of.reported_soc, &of.warnings, &of.alarms});
    of.wants_cells = any({&of.cell_min_v, &of.cell_max_v, &of.cell_min_c, &of.cell_max_c});
    of.wants_ageing = any({&of.soh, &of.full_cycles, &of.resistance_factor, &of.balancing});
  }
}

void InverterSignals::refresh() {
  for (std::size_t i = 0; i < inverters_.size(); ++i) {
    Inverter& inverter = inverters_[i];
    const models::Site::LaneView& lane = site_.lane(i);
    inverter.operation = static_cast<double>(lane.operation);
    inverter.duty = static_cast<double>(lane.duty);
    inverter.forming_blocked = lane.forming_blocked ? 1.0 : 0.0;
    if ((inverter.has_backup || inverter.forms_site) && inverter.wants_backup) {
      inverter.islanded = as_number(lane.islanded);
      inverter.overload_trips = lane.overload_trips;
      inverter.battery_empty_stops = lane.battery_empty_stops;
      inverter.island_stop = static_cast<double>(lane.island_stop);
      for (std::size_t k = 0; k < models::phase_count; ++k) {
        inverter.backup_ln_v[k] = models::magnitude(lane.backup_ln_v[k]);
      }
    }
    for (std::size_t input = 0; inverter.wants_inputs && input < inverter.inputs.size(); ++input) {
      const models::PvArray::Point point = site_.pv_point(i, input);
      inverter.inputs[input] = {point.voltage_v, point.current_a, point.power_w};
    }
    if (!inverter.wants_battery) continue;
    const models::BatteryPack& battery = site_.battery(i);
    const models::BatteryManagement& management = battery.management();
    inverter.battery_temperature_c = battery.state().temperature_c;
    inverter.contactor_closed = as_number(management.contactor_closed());
    inverter.reported_soc = battery.reported_soc();
    inverter.warnings = management.warnings();
    inverter.alarms = management.alarms();
  }
  if (--steps_to_cells_ <= 0) refresh_slow();
}

void InverterSignals::refresh_slow() {
  steps_to_cells_ = steps_each_cells_;
  for (std::size_t i = 0; i < inverters_.size(); ++i) {
    Inverter& inverter = inverters_[i];
    if (inverter.wants_ageing) {
      const models::BatteryPack& battery = site_.battery(i);
      const models::BatteryAgeing& ageing = battery.ageing();
      inverter.soh = ageing.capacity_factor();
      inverter.full_cycles = ageing.counters().full_equivalent_cycles;
      inverter.resistance_factor = ageing.resistance_factor();
      inverter.balancing = as_number(battery.balancing());
    }
    if (!inverter.wants_cells) continue;
    const auto cells = site_.battery(i).cells();
    inverter.cell_min_v = cells.cell_min_v;
    inverter.cell_max_v = cells.cell_max_v;
    inverter.cell_min_c = cells.cell_min_c;
    inverter.cell_max_c = cells.cell_max_c;
  }
}

}  // namespace hil::harness
