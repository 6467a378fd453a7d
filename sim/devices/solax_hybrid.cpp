#include "sim/devices/solax_hybrid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace hil::sim {
namespace {

constexpr std::size_t longest_name = 14;
constexpr double lost_pu = 0.5;          // assumed
constexpr double lowest_pu = 0.85;       // without a grid code; assumed
constexpr double highest_pu = 1.10;      // likewise
constexpr double widest_hz = 2.5;        // likewise
constexpr double idle_battery_w = 10.0;  // below this the battery stands by; assumed
constexpr std::size_t ten_minute_stage = 2;
constexpr unsigned bits_of_a_word = 32;

void require(bool holds, const std::string& device, const char* what, const std::string& found, const char* allowed) {
  if (!holds) throw std::invalid_argument(fmt::format("{}: {} is {}, must be {}", device, what, found, allowed));
}

std::uint32_t bit(SolaxFault fault) {
  return std::uint32_t{1} << static_cast<unsigned>(fault);
}

}  // namespace

SolaxHybrid::SolaxHybrid(std::string name, models::Site& site, std::size_t lane, const Identity& identity,
                         const Settings& settings)
    : name_(std::move(name)),
      site_(site),
      lane_(lane),
      lane_view_(site.lane(lane)),
      identity_(identity),
      settings_(settings),
      readings_(site, lane, identity.rated_w, settings.has_meter),
      clock_(settings.clock_start),
      set_(settings.delivered, settings.takes_slave_role),
      remote_(identity.protocol_version) {
  for (const std::string* text : {&identity_.serial, &identity_.maker, &identity_.module}) {
    require(text->size() <= longest_name, name_, "serial, maker or module", '"' + *text + '"', "up to 14 characters");
  }
  require(identity_.rated_w > 0.0, name_, "rated_w", fmt::format("{}", identity_.rated_w), "above 0");
  if (const models::GridCode* code = site.grid_code(lane)) {
    models::InterfaceProtection::Parameters protection = code->protection;
    protection.first_start.delay = protection.after_trip.delay = std::chrono::nanoseconds{0};
    site.set_grid_code(lane, protection, models::GridSupport::Parameters{code->support});
  }
  role_setting_ = set_.values().parallel_role;
  if (settings_.starts_in_service) run_.start_in_service();
  publish_face();
  find_means();
}

SolaxParallel::Role SolaxHybrid::role() const {
  return parallel_.role.value_or(static_cast<SolaxParallel::Role>(static_cast<int>(role_setting_)));
}

void SolaxHybrid::follow_role() {
  if (run_.mode() == SolaxRunState::Mode::waiting) role_setting_ = set_.values().parallel_role;
  shown_.parallel_role = static_cast<double>(role());
  if (is_slave() && remote_.order() != nullptr) remote_.stop();
}

void SolaxHybrid::latch(Time now) {
  now_ = now;
  clock_.refresh(now);
  remote_.advance(now, lane_view_.reported_soc, lane_view_.battery_charge_wh - lane_view_.battery_discharge_wh);
  const BatteryBounds battery = battery_bounds();
  const SolaxRunState::Mode before = run_.mode();
  run_.advance(now, run_inputs(battery));
  note_fault(before);
  knows_trip_ = tripped();
  follow_role();
  give_order(battery_bounds());
}

SolaxHybrid::Grid SolaxHybrid::grid() const {
  if (parallel_.forms_island) return {.good = false, .lost = true};
  models::EnterService window{lowest_pu, highest_pu, identity_.nominal_hz - widest_hz,
                              identity_.nominal_hz + widest_hz};
  if (const models::GridCode* code = site_.grid_code(lane_)) window = code->protection.after_trip;
  double lowest_v = 1e12;
  double highest_v = 0.0;
  for (std::size_t k = 0; k < models::phases_of(identity_.split_phase); ++k) {
    lowest_v = std::min(lowest_v, models::magnitude(lane_view_.terminal_ln_v[k]));
    highest_v = std::max(highest_v, models::magnitude(lane_view_.terminal_ln_v[k]));
  }
  const double nominal_v = identity_.nominal_ln_v;
  Grid grid;
  grid.lost = lowest_v < lost_pu * nominal_v || (tripped() && !knows_trip_);
  // Of the grid beyond an island of its own it knows the voltage only.
  const bool forms = lane_view_.duty == models::HybridInverter::Duty::forming;
  const double hz = lane_view_.frequency_hz;
  grid.good = lowest_v >= window.lowest_pu * nominal_v && highest_v <= window.highest_pu * nominal_v &&
              (forms || (hz >= window.lowest_hz && hz <= window.highest_hz));
  return grid;
}

SolaxRunState::Inputs SolaxHybrid::run_inputs(const BatteryBounds& battery) const {
  const Grid found = grid();
  SolaxRunState::Inputs inputs;
  inputs.switched_on = has_supply_ && set_.values().system_on != 0.0;
  inputs.has_source =
      now_ >= boots_until_ && (found.good || lane_view_.pv_available_w >= wake_pv_w || battery.discharge_w > 0.0);
  inputs.grid_good = found.good;
  inputs.grid_lost = found.lost;
  inputs.may_island = parallel_.forms_island || parallel_.awaits_island || site_.backup(lane_) != nullptr;
  inputs.joins_grid = parallel_.joins_grid;
  inputs.island_live = lane_view_.duty == models::HybridInverter::Duty::forming;
  inputs.faulty = parallel_.fault || has_condition();
  inputs.fails_for_good = fails_for_good_;
  inputs.rests = rests_;
  inputs.checking_s = set_.values().checking_s;
  inputs.reconnection_s = set_.values().reconnection_s;
  return inputs;
}

bool SolaxHybrid::has_condition() const {
  return std::any_of(conditions_.begin(), conditions_.end(), [](std::uint32_t word) { return word != 0; });
}

SolaxFault SolaxHybrid::grid_fault() const {
  if (!tripped() || !lane_view_.trip_cause) return SolaxFault::grid_lost;
  switch (lane_view_.trip_cause->kind) {
    case models::TripKind::overvoltage:
      return lane_view_.trip_cause->stage == ten_minute_stage ? SolaxFault::ten_minute_voltage
                                                              : SolaxFault::grid_voltage;
    case models::TripKind::undervoltage:
      return SolaxFault::grid_voltage;
    case models::TripKind::overfrequency:
    case models::TripKind::underfrequency:
    case models::TripKind::rate_of_change_of_frequency:
      break;
  }
  return SolaxFault::grid_frequency;
}

void SolaxHybrid::note_fault(SolaxRunState::Mode before) {
  using Mode = SolaxRunState::Mode;
  const bool faulty = run_.mode() == Mode::fault || run_.mode() == Mode::permanent_fault;
  if (!faulty) grid_fault_.reset();
  if (!faulty || before == run_.mode()) return;
  const bool by_grid = !parallel_.fault && !has_condition() && !fails_for_good_;
  if (by_grid) grid_fault_ = grid_fault();
  at_fault_ = {.pv1_v = *means_.pv_v[0],
               .pv2_v = *means_.pv_v[1],
               .grid_v = live_.voltage_ln_v[0],
               .grid_hz = lane_view_.frequency_hz,
               .battery_v = live_.battery_v};
}

std::uint32_t SolaxHybrid::inverter_faults() const {
  std::uint32_t word = conditions_[static_cast<std::size_t>(FaultWord::inverter)];
  if (parallel_.fault) word |= bit(SolaxFault::parallel);
  if (grid_fault_) word |= bit(*grid_fault_);
  if (run_.islands()) {
    using Stop = models::InverterLane::IslandStop;
    if (lane_view_.island_stop == Stop::overload) word |= bit(SolaxFault::off_grid_overload);
    if (lane_view_.island_stop == Stop::battery_empty) word |= bit(SolaxFault::battery_low);
  }
  return word;
}

void SolaxHybrid::set_fault(FaultWord word, unsigned place, bool present, bool for_good) {
  require(place < bits_of_a_word, name_, "bit of a fault word", fmt::format("{}", place), "0..31");
  std::uint32_t& bits = conditions_[static_cast<std::size_t>(word)];
  const std::uint32_t mask = std::uint32_t{1} << place;
  bits = present ? bits | mask : bits & ~mask;
  if (present && for_good) fails_for_good_ = true;
}

void SolaxHybrid::give_order(const BatteryBounds& battery) {
  const bool on_grid = run_.connects();
  const bool runs = on_grid || run_.islands();
  const SolaxOrder wanted = on_grid ? order(battery) : SolaxOrder{};
  const double request_w = std::clamp(wanted.battery_discharge_w, -battery.charge_w, battery.discharge_w);
  rests_ = lane_view_.pv_available_w < wake_pv_w && battery.discharge_w <= 0.0 && std::abs(request_w) < idle_battery_w;

  models::Site::LaneCommand& command = site_.command(lane_);
  command.connected = runs;
  command.supplied = has_supply_;
  command.island = run_.islands() && !parallel_.forms_island;
  command.form_site = run_.islands() && parallel_.forms_island;
  command.forming_frequency_bias_hz = parallel_.island_frequency_bias_hz;
  command.forming_voltage_pu = parallel_.island_voltage_pu;
  // A change to the backup island is the power stage's own, quicker than this firmware.
  const bool stopped = run_.mode() == SolaxRunState::Mode::fault ||
                       run_.mode() == SolaxRunState::Mode::permanent_fault ||
                       run_.mode() == SolaxRunState::Mode::standby;
  command.backup_enabled = has_supply_ && !stopped;
  command.pv_ceiling_w = runs ? wanted.pv_ceiling_w : 0.0;
  command.battery_max_charge_w = battery.charge_w;
  command.battery_max_discharge_w = battery.discharge_w;
  command.battery_discharge_request_w = request_w;
  command.ac_ceiling_w = on_grid ? wanted.ac_ceiling_w : 0.0;
  const SolaxRemoteControl::Order* remote = remote_.order();
  const bool reactive = remote != nullptr && remote->mode == SolaxRemoteControl::Mode::power;
  const double own_var = reactive ? -remote->inductive_var : 0.0;
  const double wanted_var = parallel_.order ? parallel_.order->injection_var : own_var;
  command.reactive_injection_request_var = on_grid ? wanted_var : 0.0;
}

void SolaxHybrid::refresh(Time now) {
  live_.pv_w = lane_view_.power.pv_w;
  live_.pv_available_w = lane_view_.pv_available_w;
  live_.battery_discharge_w = lane_view_.power.battery_discharge_w;
  live_.battery_soc = lane_view_.battery_soc;
  live_.battery_v = lane_view_.battery.terminal_v;
  live_.ac_injection_w = lane_view_.power.ac_injection_w;
  for (std::size_t phase = 0; phase < models::phase_count; ++phase) {
    live_.voltage_ln_v[phase] = models::magnitude(lane_view_.terminal_ln_v[phase]);
  }
  count_energies(now);
  if (readings_.refresh(now, live_.voltage_ln_v)) show_battery();
  units_.refresh(unit_values(), role() == SolaxParallel::Role::master, parallel_.units);
  show_state();
  show_led(now);
}

void SolaxHybrid::count_energies(Time now) {
  using Hours = std::chrono::duration<double, std::ratio<3600>>;
  const double step_h = Hours{now - counted_until_}.count();
  counted_until_ = now;
  const bool metered = readings_.meter_answers() && !readings_.meter_stands_still();
  const double meter_w = metered ? site_.meter().reading().total_import_w : 0.0;
  const double battery_w = lane_view_.battery.discharge_w;
  const double ac_w = lane_view_.power.ac_injection_w;
  const bool forms = lane_view_.duty == models::HybridInverter::Duty::forming;
  SolaxCounters::Energies step_wh{};
  step_wh[SolaxCounters::pv] = lane_view_.power.pv_w;
  step_wh[SolaxCounters::battery_charge] = std::max(0.0, -battery_w);
  step_wh[SolaxCounters::battery_discharge] = std::max(0.0, battery_w);
  step_wh[SolaxCounters::exported] = std::max(0.0, -meter_w);
  step_wh[SolaxCounters::imported] = std::max(0.0, meter_w);
  step_wh[SolaxCounters::yield] = std::max(0.0, ac_w);
  step_wh[SolaxCounters::ac_charge] = std::max(0.0, -ac_w);
  step_wh[SolaxCounters::off_grid] = forms ? std::max(0.0, ac_w) : 0.0;
  for (double& wh : step_wh) wh *= step_h;
  const bool runs = run_.connects() || run_.islands();
  counters_.add(step_wh, runs ? step_h : 0.0, run_.islands(), clock_.day());
}

void SolaxHybrid::set_supply(bool on) {
  if (on == has_supply_) return;
  has_supply_ = on;
  restart();
}

void SolaxHybrid::restart() {
  boots_until_ = now_ + boot_time;
  fails_for_good_ = false;
  set_.lock();
  remote_.stop();
  run_.restart(now_);
}

SolaxUnitValues SolaxHybrid::unit_values() const {
  SolaxUnitValues values;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    values.injection_w[k] = *means_.injection_w[k];
    values.reactive_var[k] = *means_.injection_var[k];
    values.injection_a[k] = std::copysign(*means_.current_a[k], values.injection_w[k]);
  }
  for (std::size_t i = 0; i < SolaxUnitValues::pv_inputs; ++i) {
    values.pv_w[i] = *means_.pv_w[i];
    values.pv_v[i] = *means_.pv_v[i];
    values.pv_a[i] = *means_.pv_a[i];
  }
  values.battery_charge_w = -*means_.battery_discharge_w;
  values.battery_v = *means_.battery_v;
  values.battery_charge_a = -*means_.battery_discharge_a;
  values.max_charge_w = shown_.max_charge_w;
  values.max_discharge_w = shown_.max_discharge_w;
  values.battery_faults = shown_.battery_faults;
  values.battery_soc = shown_.soc;
  return values;
}

}  // namespace hil::sim
