#include "harness/plant/plant_events.h"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <utility>

namespace hil::harness {
namespace {

using models::Operation;

struct BitName {
  std::uint32_t bit;
  const char* name;
};
template <typename Bit>
constexpr BitName bit_name(Bit bit, const char* name) {
  return {static_cast<std::uint32_t>(bit), name};
}
constexpr std::array warning_names{bit_name(models::BatteryWarning::cell_voltage_low, "cell voltage low"),
                                   bit_name(models::BatteryWarning::cell_voltage_high, "cell voltage high"),
                                   bit_name(models::BatteryWarning::cold, "cold"),
                                   bit_name(models::BatteryWarning::hot, "hot"),
                                   bit_name(models::BatteryWarning::above_limit, "above its limit")};
constexpr std::array alarm_names{bit_name(models::BatteryAlarm::cell_undervoltage, "cell undervoltage"),
                                 bit_name(models::BatteryAlarm::cell_overvoltage, "cell overvoltage"),
                                 bit_name(models::BatteryAlarm::undertemperature, "undertemperature"),
                                 bit_name(models::BatteryAlarm::overtemperature, "overtemperature"),
                                 bit_name(models::BatteryAlarm::overcurrent, "overcurrent"),
                                 bit_name(models::BatteryAlarm::limit_ignored, "limit ignored")};

template <std::size_t Count>
std::string names_of(std::uint32_t bits, const std::array<BitName, Count>& names) {
  std::string text;
  for (const BitName& each : names) {
    if ((bits & each.bit) != 0) text += (text.empty() ? "" : ", ") + std::string(each.name);
  }
  return text.empty() ? "none" : text;
}

const char* name_of(models::TripKind kind) {
  switch (kind) {
    case models::TripKind::overvoltage:
      return "overvoltage";
    case models::TripKind::undervoltage:
      return "undervoltage";
    case models::TripKind::overfrequency:
      return "overfrequency";
    case models::TripKind::underfrequency:
      return "underfrequency";
    case models::TripKind::rate_of_change_of_frequency:
      return "rate of change of frequency";
  }
  return "";
}

struct StageList {
  const models::InterfaceProtection::Stages* stages;
  const char* beyond;  ///< "above 1.1 pu"
  const char* unit;
};
StageList stages_of(models::TripKind kind, const models::InterfaceProtection::Parameters& protection) {
  switch (kind) {
    case models::TripKind::overvoltage:
      return {&protection.overvoltage, "above", "pu"};
    case models::TripKind::undervoltage:
      return {&protection.undervoltage, "below", "pu"};
    case models::TripKind::overfrequency:
      return {&protection.overfrequency, "above", "Hz"};
    case models::TripKind::underfrequency:
      return {&protection.underfrequency, "below", "Hz"};
    case models::TripKind::rate_of_change_of_frequency:
      break;
  }
  return {&protection.rate_of_change_of_frequency, "above", "Hz/s"};
}

/// "tripped: undervoltage, below 0.5 pu for 0.16 s": some codes count their stages from outside in, others from inside
/// out, so that a number would say nothing.
std::string trip_text(const std::optional<models::TripCause>& cause, const models::GridCode* code) {
  if (!cause) return "tripped";
  std::string text = std::string("tripped: ") + name_of(cause->kind);
  if (code == nullptr) return text;
  const StageList list = stages_of(cause->kind, code->protection);
  if (cause->stage >= list.stages->size()) return text;
  const models::TripStage& stage = (*list.stages)[cause->stage];
  return text + fmt::format(", {} {:.5g} {}{} for {:g} s", list.beyond, stage.threshold, list.unit,
                            stage.on_ten_minute_mean ? " of the ten-minute mean" : "",
                            std::chrono::duration<double>(stage.delay).count());
}

std::string ramp_text(const models::GridCode* code, bool after_trip) {
  if (code == nullptr) return "power ramp begins";
  const models::EnterService& service = after_trip ? code->protection.after_trip : code->protection.first_start;
  return fmt::format("power ramp of {:.4g} s begins", 1.0 / service.ramp_pu_per_s);
}

// A limit counts as gone below the one and as back above the other, so that one that creeps about zero tells once.
constexpr double no_limit_a = 0.05;
constexpr double limit_again_a = 0.5;

bool allows(double limit_a, bool before) {
  return limit_a > (before ? no_limit_a : limit_again_a);
}

/// "cold (cell 1.5 C)"; what a cause without a name shows is its SOC.
std::string cause_text(models::LimitCause cause, const models::BatteryPack& battery) {
  const auto of_soc = [&](const char* name) {
    return fmt::format("{}(SOC {:.1f} %)", name, 100.0 * battery.reported_soc());
  };
  switch (cause) {
    case models::LimitCause::contactor_open:
      return "contactor open";
    case models::LimitCause::cold:
      return fmt::format("cold (cell {:.1f} C)", battery.cells().cell_min_c);
    case models::LimitCause::hot:
      return fmt::format("hot (cell {:.1f} C)", battery.cells().cell_max_c);
    case models::LimitCause::full:
      return of_soc("full ");
    case models::LimitCause::empty:
      return of_soc("empty ");
    case models::LimitCause::none:
      break;
  }
  return of_soc("");
}

}  // namespace

PlantEvents::PlantEvents(models::Site& site, const models::Site::Parameters& plant,
                         const std::vector<std::string>& inverters, EventSink tell)
    : site_(site), tell_(std::move(tell)) {
  for (std::size_t i = 0; i < inverters.size(); ++i) {
    Lane lane;
    lane.name = inverters[i];
    lane.island = plant.inverters[i].lane.site_forming ? "" : "backup ";
    lane.place = i;
    lane.view = &site.lane(i);
    lane.battery = &site.battery(i);
    // One that never takes or gives any, as of an inverter without a battery, is no news.
    lane.takes_charge = lane.battery->parameters().max_charge_a > 0.0;
    lane.gives_discharge = lane.battery->parameters().max_discharge_a > 0.0;
    lane.contactor_closed = lane.battery->management().contactor_closed();
    lanes_.push_back(std::move(lane));
  }
}

inline bool PlantEvents::island_changed(const Lane& lane) {
  const bool down = lane.view->island_stop != models::InverterLane::IslandStop::none;
  return lane.view->overload_trips != lane.overload_trips ||
         lane.view->battery_empty_stops != lane.battery_empty_stops || down != lane.island_down;
}

inline bool PlantEvents::limits_changed(const Lane& lane) {
  const models::BatteryPack::Limits& limits = lane.view->battery_limits;
  return allows(limits.charge_a, lane.takes_charge) != lane.takes_charge ||
         allows(limits.discharge_a, lane.gives_discharge) != lane.gives_discharge;
}

inline bool PlantEvents::battery_changed(const Lane& lane) {
  const models::BatteryManagement& management = lane.battery->management();
  return management.warnings() != lane.warnings || management.alarms() != lane.alarms ||
         management.contactor_closed() != lane.contactor_closed;
}

void PlantEvents::tell(sim::Time at, const std::string& subject, const std::string& text) {
  tell_({at, "state", subject, text});
}

void PlantEvents::tell_operation(Lane& lane, const models::Site::LaneView& now, sim::Time at) {
  const models::GridCode* const code = site_.grid_code(lane.place);
  const Operation before = std::exchange(lane.operation, now.operation);
  switch (now.operation) {
    case Operation::tripped:
      lane.out_of_service = true;
      tell(at, lane.name, trip_text(now.trip_cause, code));
      break;
    case Operation::waiting:
      tell(at, lane.name, "waits to connect");
      break;
    case Operation::momentary_cessation:
      tell(at, lane.name, "momentary cessation");
      break;
    case Operation::ramping:
    case Operation::running:
      if (before == Operation::momentary_cessation) {
        tell(at, lane.name, "feeds again");
      } else if (before == Operation::ramping) {
        tell(at, lane.name, "power ramp done");
      } else {
        tell(at, lane.name, lane.out_of_service ? "reconnected" : "connected");
        if (now.operation == Operation::ramping) tell(at, lane.name, ramp_text(code, lane.out_of_service));
      }
      lane.out_of_service = false;
      break;
  }
}

void PlantEvents::tell_island(Lane& lane, const models::Site::LaneView& now, const models::BatteryPack& battery,
                              sim::Time at) {
  if (now.overload_trips != lane.overload_trips) {
    lane.overload_trips = now.overload_trips;
    tell(at, lane.name, lane.island + "overload trip " + std::to_string(now.overload_trips));
  }
  if (now.battery_empty_stops != lane.battery_empty_stops) {
    lane.battery_empty_stops = now.battery_empty_stops;
    models::LimitCause cause = battery.discharge_cause();
    // At the lowest SOC off grid the BMS would still allow some.
    if (cause == models::LimitCause::none) cause = models::LimitCause::empty;
    tell(at, lane.name, lane.island + "stopped, battery " + cause_text(cause, battery));
  }
  const bool down = now.island_stop != models::InverterLane::IslandStop::none;
  if (down != lane.island_down) {
    lane.island_down = down;
    if (!down && (now.islanded || lane.island.empty())) tell(at, lane.name, lane.island + "runs again");
  }
}

void PlantEvents::tell_limits(Lane& lane, const models::Site::LaneView& now, const models::BatteryPack& battery,
                              sim::Time at) {
  const bool takes = allows(now.battery_limits.charge_a, lane.takes_charge);
  if (takes != lane.takes_charge) {
    lane.takes_charge = takes;
    tell(at, lane.name,
         takes ? "battery takes charge again"
               : "battery takes no charge: " + cause_text(battery.charge_cause(), battery));
  }
  const bool gives = allows(now.battery_limits.discharge_a, lane.gives_discharge);
  if (gives != lane.gives_discharge) {
    lane.gives_discharge = gives;
    tell(at, lane.name,
         gives ? "battery may discharge again"
               : "battery may not discharge: " + cause_text(battery.discharge_cause(), battery));
  }
}

void PlantEvents::tell_battery(Lane& lane, const models::BatteryPack& battery, sim::Time at) {
  const models::BatteryManagement& management = battery.management();
  if (management.warnings() != lane.warnings) {
    lane.warnings = management.warnings();
    tell(at, lane.name, "battery warning: " + names_of(lane.warnings, warning_names));
  }
  if (management.alarms() != lane.alarms) {
    lane.alarms = management.alarms();
    tell(at, lane.name, "battery alarm: " + names_of(lane.alarms, alarm_names));
  }
  if (management.contactor_closed() != lane.contactor_closed) {
    lane.contactor_closed = management.contactor_closed();
    tell(at, lane.name, lane.contactor_closed ? "battery contactor closed" : "battery contactor open");
  }
}

void PlantEvents::step(sim::Time now) {
  for (Lane& lane : lanes_) {
    const models::Site::LaneView& view = *lane.view;
    if (view.overvoltage_stops != lane.overvoltage_stops) {
      lane.overvoltage_stops = view.overvoltage_stops;
      tell(now, lane.name, "stopped itself: overvoltage");
    }
    if (view.forming_blocked != lane.forming_blocked) {
      lane.forming_blocked = view.forming_blocked;
      tell(now, lane.name,
           view.forming_blocked ? "may not form: a foreign voltage is on its bus"
                                : "no foreign voltage keeps it from forming");
    }
    if (view.operation != lane.operation) tell_operation(lane, view, now);
    if (view.islanded != lane.islanded) {
      lane.islanded = view.islanded;
      tell(now, lane.name, view.islanded ? "islanded" : "backup back on the grid");
    }
    if (island_changed(lane)) tell_island(lane, view, *lane.battery, now);
    if (battery_changed(lane)) tell_battery(lane, *lane.battery, now);
    if (limits_changed(lane)) tell_limits(lane, view, *lane.battery, now);
  }
  if (site_.unintended_island() != unintended_island_) {
    unintended_island_ = site_.unintended_island();
    tell(now, "site", unintended_island_ ? "unintended island" : "no unintended island any more");
  }
}

}  // namespace hil::harness
