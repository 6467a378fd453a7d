#include "harness/plant/controller_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "controller/core/commissioning_text.h"

namespace hil::harness {
namespace {

constexpr sim::Time period = std::chrono::seconds{1};
constexpr double safe_state = 4.0;
constexpr double no_power = 5.0;

/// In the order of controller::SetupFault.
constexpr std::array<std::string_view, controller::setup_fault_count> setup_names{
    "no_inverters",        "too_many_on_a_port",    "too_many_inverters", "address_out_of_range",
    "address_twice",       "addresses_too_far",     "no_capacity",        "capacity_out_of_range",
    "no_ct_ratio",         "ct_ratio_out_of_range", "no_export_limit",    "limit_out_of_range",
    "bad_line_format",     "ct_wiring_wrong",       "meter_at_inverter",  "uneven_split",
    "factory_address_used"};

/// In the order of controller::FindingKind.
constexpr std::array<std::string_view, controller::finding_kind_count> finding_names{
    "missing",       "garbled",    "two_units",     "not_an_inverter",   "own_meter",   "old_firmware",
    "wrong_port",    "unexpected", "outside_range", "capacity_mismatch", "ct_reversed", "ct_other_phase",
    "ct_no_current", "ct_ratio",   "ct_swapped",    "ct_rotated",        "ct_unclear",  "ct_not_checked"};

bool same(const controller::Finding& left, const controller::Finding& right) {
  return left.kind == right.kind && left.port == right.port && left.address == right.address &&
         left.other == right.other && left.found == right.found;
}

}  // namespace

ControllerReport::ControllerReport(sim::Kernel& kernel, const ControllerHost& host, EventSink tell)
    : host_(host), tell_(std::move(tell)), next_look_(kernel.make_alarm([this](sim::Time now) { look(now); })) {
  findings_.reserve(std::tuple_size_v<decltype(controller::CommissioningReport::findings)>);
  network_ = host.core().settings().network;
  dhcp_ = network_.dhcp ? 1.0 : 0.0;
  const controller::PlantView& view = host.core().view();
  for (std::size_t k = 0; k < view.device_count; ++k) seen_.push_back({view.devices[k].line, view.devices[k].address});
  next_look_.set(period);
}

void ControllerReport::register_signals(sim::SignalRegistry& registry) const {
  registry.add("controller.state",
               "0 starting, 1 regulating, 2 meter lost, 3 stopped by a contact, 4 safe state, 5 no power", &state_);
  registry.add("controller.scan_done", "1 once every entered address has been asked", &scan_done_);
  registry.add("controller.sweep_done", "1 once every other address has been asked too", &sweep_done_);
  registry.add("controller.ct_check", "0 never, 1 running, 2 done, 3 and above: without a verdict", &ct_check_);
  registry.add("controller.dhcp", "1 while its LAN address is given to it, 0 with its static one", &dhcp_);
  registry.add("controller.freeze_cures", "limits taken away to end a freeze, since its start", &freeze_cures_);
  for (std::size_t fault = 0; fault < setup_.size(); ++fault) {
    registry.add("controller.setup." + std::string{setup_names[fault]}, "1 while its set-up has this fault",
                 &setup_[fault]);
  }
  for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
    registry.add("controller.finding." + std::string{finding_names[kind]}, "such findings in its report",
                 &counts_[kind]);
  }
  register_view(registry);
}

void ControllerReport::register_view(sim::SignalRegistry& registry) const {
  registry.add("controller.view.pv_w", "PV of the inverters that answer, as its monitoring shows it", &shown_.pv_w);
  registry.add("controller.view.battery_discharge_w", "their batteries, + empties them", &shown_.battery_discharge_w);
  registry.add("controller.view.inverters_w", "their AC power, + into the site", &shown_.inverters_w);
  registry.add("controller.view.grid_export_w", "its meter, - import", &shown_.grid_export_w);
  registry.add("controller.view.load_w", "consumption: inverters less export", &shown_.load_w);
  registry.add("controller.view.mean_soc", "0..1, each battery alike", &shown_.mean_soc);
  registry.add("controller.view.weighted_soc", "0..1, weighted by battery voltage", &shown_.weighted_soc);
  for (std::size_t k = 0; k < shown_.phase_v.size(); ++k) {
    const std::string phase = fmt::format("controller.view.l{}_", k + 1);
    registry.add(phase + "export_w", "of this phase at its meter, - import", &shown_.phase_export_w[k]);
    registry.add(phase + "v", "of this phase against N at its meter", &shown_.phase_v[k]);
  }
  for (std::size_t k = 0; k < seen_.size(); ++k) {
    const std::string device = fmt::format("controller.view.com{}.unit{}.", seen_[k].line + 1, seen_[k].address);
    const ShownDevice& shown = shown_.devices[k];
    registry.add(device + "ac_injection_w", "AC power of this inverter, + into the site", &shown.ac_injection_w);
    registry.add(device + "pv_w", "its PV", &shown.pv_w);
    registry.add(device + "pv1_v", "voltage of its first PV input", &shown.pv1_v);
    registry.add(device + "pv1_a", "current of its first PV input", &shown.pv1_a);
    registry.add(device + "battery_discharge_w", "its battery, + empties it", &shown.battery_discharge_w);
    registry.add(device + "soc", "0..1", &shown.soc);
    registry.add(device + "pv_today_wh", "energy of its PV today", &shown.pv_today_wh);
  }
}

void ControllerReport::look(sim::Time now) {
  next_look_.set(now + period);
  if (!host_.powered()) {
    forget();
    return;
  }
  const controller::Controller& core = host_.core();
  const controller::CommissioningReport report = core.report();
  state_ = report.safe_state ? safe_state : static_cast<double>(core.state());
  scan_done_ = report.scan_done ? 1.0 : 0.0;
  sweep_done_ = report.sweep_done ? 1.0 : 0.0;
  ct_check_ = static_cast<double>(report.ct.state);
  freeze_cures_ = static_cast<double>(core.freeze_cures());
  show(core.view());
  tell_network(core.settings().network, now);
  tell_setup(report.setup, now);
  tell_findings(report, now);
}

void ControllerReport::show(const controller::PlantView& view) {
  shown_.pv_w = view.pv_w.value_or(0.0);
  shown_.battery_discharge_w = view.battery_discharge_w.value_or(0.0);
  shown_.inverters_w = view.inverters_w.value_or(0.0);
  shown_.grid_export_w = view.grid_export_w.value_or(0.0);
  shown_.load_w = view.load_w.value_or(0.0);
  shown_.mean_soc = view.mean_soc.value_or(0.0);
  shown_.weighted_soc = view.weighted_soc.value_or(0.0);
  for (std::size_t k = 0; k < view.phases.size(); ++k) {
    shown_.phase_export_w[k] = view.phases[k].grid_export_w.value_or(0.0);
    shown_.phase_v[k] = view.phases[k].voltage_ln_rms_v.value_or(0.0);
  }
  shown_.devices = {};
  for (const controller::DeviceView& device : std::span{view.devices}.first(view.device_count)) {
    const auto seen = std::find(seen_.begin(), seen_.end(), Seen{device.line, device.address});
    if (seen == seen_.end()) continue;
    shown_.devices[static_cast<std::size_t>(seen - seen_.begin())] = {device.ac_injection_w.value_or(0.0),
                                                                      device.pv_w.value_or(0.0),
                                                                      device.pv_inputs[0].voltage_v.value_or(0.0),
                                                                      device.pv_inputs[0].current_a.value_or(0.0),
                                                                      device.battery_discharge_w.value_or(0.0),
                                                                      device.soc.value_or(0.0),
                                                                      device.pv_today_wh.value_or(0.0)};
  }
}

void ControllerReport::forget() {
  shown_ = {};
  state_ = no_power;
  scan_done_ = 0.0;
  sweep_done_ = 0.0;
  ct_check_ = 0.0;
  setup_.fill(0.0);
  counts_.fill(0.0);
}

void ControllerReport::tell_network(const controller::NetworkSettings& network, sim::Time now) {
  dhcp_ = network.dhcp ? 1.0 : 0.0;
  if (network == network_) return;
  network_ = network;
  const std::string static_one = fmt::format("static address {}", fmt::join(network.address, "."));
  tell_({now, "state", "controller", network.dhcp ? "address by DHCP" : static_one});
}

void ControllerReport::tell_setup(const controller::SetupFaults& faults, sim::Time now) {
  for (std::size_t i = 0; i < setup_.size(); ++i) {
    const auto fault = static_cast<controller::SetupFault>(i);
    setup_[i] = faults.has(fault) ? 1.0 : 0.0;
    if (faults.has(fault) == faults_.has(fault)) continue;
    const std::string_view over = faults.has(fault) ? "" : "no longer: ";
    tell_({now, "setup", "controller", fmt::format("{}{}", over, controller::text_of(fault))});
  }
  faults_ = faults;
}

void ControllerReport::tell_findings(const controller::CommissioningReport& report, sim::Time now) {
  const auto has = [](const auto& findings, const controller::Finding& wanted) {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const controller::Finding& each) { return same(each, wanted); });
  };
  const std::span<const controller::Finding> found{report.findings.data(), report.finding_count};
  for (const controller::Finding& each : findings_) {
    if (has(found, each)) continue;
    tell_({now, "finding", "controller", fmt::format("no longer: {}", controller::text_of(each).text())});
  }
  for (const controller::Finding& each : found) {
    if (!has(findings_, each)) {
      tell_({now, "finding", "controller", std::string{controller::text_of(each).text()}});
    }
  }
  findings_.assign(found.begin(), found.end());
  counts_.fill(0.0);
  for (const controller::Finding& each : found) counts_[static_cast<std::size_t>(each.kind)] += 1.0;
}

}  // namespace hil::harness
