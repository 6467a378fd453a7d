#include "harness/plant/solax_ems_host.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/devices/solax_system_goal.h"

namespace hil::harness {
namespace {

controller::SolaxReadings readings_of(const sim::SolaxStatus& status) {
  return {.ac_injection_w = status.ac_injection_w,
          .battery_discharge_w = status.battery_discharge_w,
          .pv_w = status.pv_w,
          .pv_offered_w = status.pv_offered_w,
          .max_charge_w = status.max_charge_w,
          .max_discharge_w = status.max_discharge_w,
          .capacity_wh = status.capacity_wh,
          .rated_w = status.rated_w,
          .soc = status.soc,
          .soc_floor = status.soc_floor,
          .run_mode = status.run_mode,
          .order_followed = status.order_followed,
          .in_fallback = status.in_fallback};
}

controller::SolaxGoal goal_of(sim::SolaxSystemGoal::Kind kind) {
  using Kind = sim::SolaxSystemGoal::Kind;
  switch (kind) {
    case Kind::charge_only:
      return controller::SolaxGoal::charge_only;
    case Kind::feed_in:
      return controller::SolaxGoal::feed_in;
    case Kind::shave:
      return controller::SolaxGoal::shave;
    case Kind::battery:
      return controller::SolaxGoal::battery;
    case Kind::total:
      return controller::SolaxGoal::total;
    case Kind::self_use:
      break;
  }
  return controller::SolaxGoal::self_use;
}

sim::CanFrame frame_of(const controller::CanMessage& message) {
  return {.id = message.id, .extended = true, .length = message.length, .data = message.data};
}

}  // namespace

SolaxEmsHost::SolaxEmsHost(const DeviceContext& context, sim::Kernel& kernel, sim::ParallelGroup& group,
                           std::vector<sim::SolaxHybrid*> units)
    : context_(context),
      name_(context.scenario.site.parallel->name),
      group_(group),
      order_valid_(context.scenario.site.parallel->parameters.order_valid),
      status_(kernel.make_alarm([this](sim::Time now) {
        say_status(now);
        status_.set(now + status_period);
      })),
      cycle_(kernel.make_alarm([this](sim::Time now) {
        for (std::size_t i = 0; i < units_.size(); ++i) run_ems(i, now);
        cycle_.set(now + controller::SolaxEms::cycle);
      })) {
  sim::SignalRegistry& signals = context.signals;
  for (std::size_t i = 0; i < units.size(); ++i) {
    units_.push_back(std::make_unique<Unit>(*units[i], order_valid_));
    group_.on_can(i, [this, i](const sim::CanFrame& frame, sim::Time now) { hear(i, frame, now); });
    signals.add(units[i]->name() + ".ordered_ac_w", "AC power that the energy manager wants of it",
                &units_[i]->ordered_w);
    signals.add(units[i]->name() + ".ordered_var",
                "reactive power that the energy manager wants of it, + as a capacitor", &units_[i]->ordered_var);
    signals.add(units[i]->name() + ".order_stands", "1 while it has an order of the energy manager that counts",
                &units_[i]->order_stands);
  }
  group_.on_can(units.size(), [this](const sim::CanFrame& frame, sim::Time now) {
    const auto order = sim::SolaxInterfaceOrder::of(frame);
    if (!order) return;
    interface_order_ = order;
    interface_told_at_ = now;
  });
  signals.add(name_ + ".ems_state",
              "energy manager of the primary: 0 does not run, 1 starting, 2 regulating, 3 meter lost, 4 resting, "
              "5 off grid",
              &shown_.state);
  signals.add(name_ + ".ems_load_w", "what it takes for the power that the inverters have to carry", &shown_.load_w);
  signals.add(name_ + ".ems_ordered_w", "AC power that it wants of all together", &shown_.ordered_w);
  signals.add(name_ + ".ems_members", "inverters that it shares among, its own included", &shown_.members);
  signals.add(name_ + ".ems_unheard_w", "AC power of those lost that may still follow their last order",
              &shown_.unheard_w);
  signals.add(name_ + ".ems_meter_stale", "1 while it has found that the meter's values stand still",
              &shown_.meter_stale);
  status_.set(sim::Time{0});
  cycle_.set(cycle_offset);
}

std::vector<std::string> SolaxEmsHost::watched() const {
  std::vector<std::string> names{name_ + ".ems_state", name_ + ".ems_members", name_ + ".ems_meter_stale"};
  for (const auto& unit : units_) names.push_back(unit->device->name() + ".order_stands");
  return names;
}

bool SolaxEmsHost::is_primary(std::size_t unit) const {
  return group_.supervision(unit).identity().role == sim::ParallelRole::primary;
}

controller::SolaxEmsSettings SolaxEmsHost::settings(std::size_t unit) const {
  const sim::SolaxSystemGoal goal = units_[unit]->device->system_goal();
  controller::SolaxEmsSettings settings;
  settings.number = unit;
  settings.goal = goal_of(goal.kind);
  settings.export_limit_w = goal.export_limit_w;
  settings.import_limit_w = goal.import_limit_w;
  settings.battery_discharge_w = goal.battery_discharge_w;
  settings.total_ac_w = goal.total_ac_w;
  settings.injection_var = goal.injection_var;
  settings.order_valid = order_valid_;
  settings.reserve_soc = units_[unit]->device->status().soc_floor;
  settings.reconnection = sim::Time{0};  // the interface itself waits until the grid has been good for long enough
  return settings;
}

void SolaxEmsHost::latch(sim::Time now) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = *units_[i];
    const bool answers = group_.powered(i) && unit.device->answers();
    if (answers && !std::exchange(unit.answered, answers)) unit.follower.restart();
    unit.answered = answers;
    if (!answers || !is_primary(i)) {
      unit.ems.reset();
    } else if (!unit.ems) {
      unit.ems.emplace(settings(i));
    }
    const std::optional<sim::SolaxParallel::Order> order = this->order(i, now);
    unit.ordered_w = order ? order->ac_injection_w : 0.0;
    unit.ordered_var = order ? order->injection_var : 0.0;
    unit.order_stands = answers && order ? 1.0 : 0.0;
  }
}

std::optional<sim::SolaxParallel::Order> SolaxEmsHost::order(std::size_t unit, sim::Time now) const {
  using Order = sim::SolaxParallel::Order;
  const Unit& of = *units_[unit];
  if (is_primary(unit)) {
    return of.ems ? Order{of.ems->output().own_ac_w, of.ems->output().own_var} : Order{};
  }
  // The primary's word goes over RS485, too (document 002): without it no figure on CAN counts.
  const sim::Time patience = std::max(order_valid_, sim::ParallelSupervision::rs485_freshness);
  if (!group_.supervision(unit).is_asked(now, patience)) return std::nullopt;
  const std::optional<double> ac_w = of.follower.ordered_ac_w(now);
  return ac_w ? std::optional{Order{*ac_w, of.follower.ordered_var(now)}} : std::nullopt;
}

void SolaxEmsHost::hold_meter(bool on) {
  held_meter_.reset();
  if (on) held_meter_ = context_.site.meter().reading();
}

std::optional<bool> SolaxEmsHost::interface_order(sim::Time now) const {
  if (!interface_order_ || now - interface_told_at_ >= interface_order_->valid_for) return std::nullopt;
  return interface_order_->connect;
}

void SolaxEmsHost::hear(std::size_t unit, const sim::CanFrame& frame, sim::Time now) {
  Unit& of = *units_[unit];
  if (!of.answered) return;
  if (const auto order = sim::SolaxCanOrder::of(frame, unit)) of.follower.hear(*order, now);
  if (!of.ems || !frame.extended || frame.remote) return;
  of.ems->frame_arrived({.id = frame.id, .length = frame.length, .data = frame.data}, now);
}

void SolaxEmsHost::say_status(sim::Time now) {
  if (interface_) group_.send(units_.size(), interface_->frame());
  for (std::size_t i = 0; i < units_.size(); ++i) {
    Unit& unit = *units_[i];
    if (!unit.answered || is_primary(i)) continue;
    sim::SolaxStatus status = unit.device->status();
    status.order_followed = unit.follower.sequence();
    status.in_fallback = unit.follower.in_fallback(now);
    for (const sim::CanFrame& frame : status.frames(i)) group_.send(i, frame);
  }
}

void SolaxEmsHost::run_ems(std::size_t unit, sim::Time now) {
  Unit& of = *units_[unit];
  if (!of.ems) return;
  controller::SolaxEms& ems = *of.ems;
  ems.set(settings(unit));
  ems.own_readings(readings_of(of.device->status()), now);
  if (of.device->meter_answers()) {
    const models::EnergyMeter::Reading& reading = held_meter_ ? *held_meter_ : context_.site.meter().reading();
    const std::size_t legs = models::phases_of(context_.scenario.site.plant.grid.split_phase);
    ems.meter_read(std::span{reading.import_w}.first(legs), now);
  }
  ems.woken(now);
  const controller::SolaxEms::Output& output = ems.output();
  for (std::size_t i = 0; i < output.count; ++i) group_.send(unit, frame_of(output.frames[i]));
  ems.sent();
}

void SolaxEmsHost::refresh(sim::Time now) {
  const auto primary =
      std::find_if(units_.begin(), units_.end(), [](const auto& unit) { return unit->ems.has_value(); });
  if (primary == units_.end()) {
    shown_ = {};
    return;
  }
  const controller::SolaxEms& ems = *(*primary)->ems;
  shown_.state = static_cast<double>(ems.state()) + 1.0;
  shown_.load_w = ems.load_w().value_or(0.0);
  shown_.ordered_w = ems.total_ordered_w();
  shown_.members = static_cast<double>(ems.members());
  shown_.unheard_w = ems.unheard_w(now);
  shown_.meter_stale = ems.meter_is_stale() ? 1.0 : 0.0;
}

}  // namespace hil::harness
