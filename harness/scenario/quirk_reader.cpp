#include <fmt/core.h>

#include <algorithm>

#include "harness/faults/quirk_kinds.h"
#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

void read_freeze(AssumingReader& parameters, InverterSpec& inverter) {
  sim::GoodweEt::ExportLimitFreeze freeze;
  parameters.number("trigger_step_w", freeze.trigger_step_w, positive);
  parameters.seconds("trigger_within_s", freeze.trigger_within, positive);
  parameters.seconds("fall_s", freeze.fall, not_negative);
  parameters.number("pv_floor_ratio", freeze.pv_floor_ratio, ratio);
  parameters.seconds("hold_s", freeze.hold, not_negative);
  parameters.number("pv_ramp_w_per_s", freeze.pv_ramp_w_per_s, positive);
  parameters.seconds("reset_s", freeze.reset, not_negative);
  inverter.quirks.export_limit_freeze = freeze;
}

void read_collapse(AssumingReader& parameters, ElementReader& reader, InverterSpec& inverter) {
  sim::PvCollapse::Parameters collapse;
  parameters.number("full_soc", collapse.full_soc, ratio);
  parameters.number("release_soc", collapse.release_soc, ratio);
  parameters.number("pv_floor_ratio", collapse.pv_floor_ratio, ratio);
  if (collapse.release_soc >= collapse.full_soc) {
    reader.fault_between({"release_soc", "full_soc"}, fmt::format("release_soc is {}, must be < full_soc ({})",
                                                                  collapse.release_soc, collapse.full_soc));
  }
  inverter.quirks.pv_collapse = collapse;
}

}  // namespace

void read_quirk(const Element& element, SiteReading& reading, InverterSpec& inverter) {
  constexpr Bounds plant_units{.lowest = 1.0, .highest = 100.0};
  constexpr Bounds registers_of_a_read{.lowest = 1.0, .highest = 125.0};
  ElementReader reader{element, reading.diagnostics};
  std::string kind;
  if (!reader.one_of("kind", kind, quirk_names(), "quirks")) return;
  // Whatever their default: nobody has measured them.
  AssumingReader parameters{reader, inverter.name + ": " + kind + " ", "assumed: never measured on a device",
                            &reading.assumed};
  if (kind == "export_limit_freeze") read_freeze(parameters, inverter);
  if (kind == "pv_collapse_at_full_battery") read_collapse(parameters, reader, inverter);
  if (kind == "equal_limit_split") {
    double units = 2.0;
    parameters.number("units", units, plant_units);
    inverter.quirks.export_limit_shared_by = units;
  }
  if (kind == "stale_values") {
    inverter.stale_period = std::chrono::seconds{20};
    parameters.seconds("period_s", inverter.stale_period, positive);
  }
  if (kind == "fake_replies") {
    sim::Time least_interval = std::chrono::milliseconds{50};
    parameters.seconds("least_interval_s", least_interval, positive);
    inverter.server_quirks.least_interval = least_interval;
  }
  if (kind == "set_points_expire") {
    sim::Time after = std::chrono::seconds{60};
    parameters.seconds("after_s", after, positive);
    inverter.quirks.set_points_expire = after;
  }
  if (kind == "slow_commands") {
    inverter.busy = {.command = std::chrono::seconds{2}, .storing = std::chrono::milliseconds{200}};
    parameters.seconds("command_s", inverter.busy.command, positive);
    parameters.seconds("storing_s", inverter.busy.storing, not_negative);
  }
  if (kind == "serial_settings_need_restart") inverter.quirks.serial_settings_need_restart = true;
  if (kind == "long_blocks_refused") {
    double most_registers = 58.0;
    parameters.number("most_registers", most_registers, registers_of_a_read);
    inverter.server_quirks.most_registers = static_cast<int>(most_registers);
  }
  reader.finish();
}

}  // namespace hil::harness
