#include "harness/plant/fleet_host.h"

#include <utility>

namespace hil::harness {
namespace {

/// As events tell them; the steps to a start and a stop are those of signals alone.
constexpr std::array<const char*, 8> phase_events{
    nullptr, "rests", nullptr, nullptr, "runs", nullptr, "has a fault latched", "is left alone"};

}  // namespace

FleetHost::FleetHost(sim::Kernel& kernel, const controller::FleetSettings& settings,
                     const std::array<sim::SerialLine*, controller::max_lines>& lines,
                     const std::vector<std::string>& names, std::function<void(bool, sim::Time)> move_switch,
                     sim::Time switch_time, EventSink tell)
    : kernel_(kernel),
      lines_(lines),
      move_switch_(std::move(move_switch)),
      switch_time_(switch_time),
      tell_(std::move(tell)),
      leader_(settings),
      switch_closed_(settings.transfer_switch_closed ? 1.0 : 0.0),
      wake_(kernel.make_alarm([this](sim::Time now) {
        leader_.woken(now);
        carry_out();
      })),
      switch_moved_(kernel.make_alarm([this](sim::Time now) {
        leader_.transfer_switch_moved(switch_closed_ != 0.0, now);
        carry_out();
      })) {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    if (lines_[line] == nullptr) continue;
    lines_[line]->set_far_side([this, line](std::span<const std::uint8_t> bytes, sim::Time now) {
      leader_.bytes_arrived(line, bytes, now);
      carry_out();
    });
  }
  for (const std::string& name : names) converters_.push_back({name});
  wake_.set(sim::Time{0});
}

void FleetHost::register_signals(sim::SignalRegistry& registry) const {
  registry.add("leader.ordered_w", "power that the leader wants of the running converters together", &ordered_w_);
  registry.add("leader.grid_lost", "1 while the leader takes the grid for lost", &grid_lost_);
  registry.add("leader.meter_lost", "1 while the leader does without its meter", &meter_lost_);
  registry.add("leader.transfer_switch_closed", "1 while the transfer switch is closed", &switch_closed_);
  for (const Converter& converter : converters_) {
    const std::string prefix = "leader." + converter.name + ".";
    registry.add(
        prefix + "phase",
        "as the leader sees it: 0 unknown, 1 stopped, 2 setting up, 3 starting, 4 running, 5 stopping, 6 faulted, "
        "7 left alone",
        &converter.phase);
    registry.add(prefix + "soc", "as the leader counts it", &converter.soc);
    registry.add(prefix + "ordered_w", "AC power that it is to inject", &converter.ordered_w);
    registry.add(prefix + "ignored_writes", "writes that it echoed and did not take", &converter.ignored_writes);
    registry.add(
        prefix + "limit_findings",
        "what does not suit lithium in its battery limits: 1 float is not topping, 2 lower limit less than 5 V "
        "below the end of discharge, 4 more than 10 V",
        &converter.limit_findings);
  }
}

void FleetHost::order(controller::FleetMode mode, double ac_injection_w, double ac_injection_var, double grid_import_w,
                      sim::Time now) {
  leader_.order(mode, ac_injection_w, ac_injection_var, grid_import_w, now);
  carry_out();
}

void FleetHost::transfer_switch_moved(bool closed, sim::Time now) {
  switch_closed_ = closed ? 1.0 : 0.0;
  switch_moved_.set(now + switch_time_);
}

void FleetHost::carry_out() {
  const controller::Output& output = leader_.output();
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const auto pending = output.lines[line].pending();
    if (!pending.empty() && lines_[line] != nullptr) lines_[line]->send(pending);
  }
  if (output.close_transfer_switch && *output.close_transfer_switch != (switch_closed_ != 0.0)) {
    switch_closed_ = *output.close_transfer_switch ? 1.0 : 0.0;
    move_switch_(*output.close_transfer_switch, kernel_.now());
    switch_moved_.set(kernel_.now() + switch_time_);
  }
  // It has no storage of its own here: nothing takes its power away.
  const bool stored = output.storage.count > 0;
  leader_.sent();
  if (stored) leader_.storage_written(true, kernel_.now());
  const sim::Time next_wake = output.next_wake;
  publish();
  if (next_wake == sim::Time::max()) {
    wake_.cancel();
  } else {
    wake_.set(next_wake);
  }
}

void FleetHost::tell_if(double before, double after, const char* text) {
  if (before != after) tell_({kernel_.now(), "state", "leader", text});
}

void FleetHost::tell_changes() {
  for (std::size_t k = 0; k < converters_.size() && k < leader_.count(); ++k) {
    Converter& converter = converters_[k];
    const controller::PcsUnit& unit = leader_.unit(k);
    const bool lost = unit.health().state() == controller::UnitHealth::State::lost;
    const auto tell = [&](const char* what) { tell_({kernel_.now(), "state", "leader", converter.name + " " + what}); };
    if (lost != std::exchange(converter.was_lost, lost)) tell(lost ? "is lost" : "answers again");
    const controller::PcsUnit::Phase before = std::exchange(converter.last_phase, unit.phase());
    const char* const text = phase_events.at(static_cast<std::size_t>(unit.phase()));
    if (before != unit.phase() && text != nullptr) tell(text);
    tell_findings(converter, unit.limit_findings());
  }
}

void FleetHost::tell_findings(Converter& converter, std::uint8_t findings) {
  const std::uint8_t before = std::exchange(converter.last_findings, findings);
  if (before == findings) return;
  std::string text = findings == 0 ? " nothing is odd any more" : "";
  for (const controller::PcsUnit::NamedFinding& named : controller::PcsUnit::named_findings) {
    if ((findings & static_cast<std::uint8_t>(named.finding)) != 0)
      text += (text.empty() ? " " : ", ") + std::string(named.text);
  }
  tell_({kernel_.now(), "state", "leader", converter.name + ", battery limits:" + text});
}

void FleetHost::publish() {
  tell_changes();
  ordered_w_ = leader_.ordered_w();
  const double grid_lost = leader_.grid_lost() ? 1.0 : 0.0;
  tell_if(grid_lost_, grid_lost, leader_.grid_lost() ? "takes the grid for lost" : "takes the grid for sound");
  grid_lost_ = grid_lost;
  const double meter_lost = leader_.meter_lost(kernel_.now()) ? 1.0 : 0.0;
  tell_if(meter_lost_, meter_lost, meter_lost != 0.0 ? "does without its meter" : "has its meter");
  meter_lost_ = meter_lost;
  for (std::size_t k = 0; k < converters_.size() && k < leader_.count(); ++k) {
    const controller::PcsUnit& unit = leader_.unit(k);
    converters_[k].phase = static_cast<double>(unit.phase());
    converters_[k].soc = leader_.energy(k).soc();
    converters_[k].ordered_w = unit.order().ac_injection_w;
    converters_[k].ignored_writes = static_cast<double>(unit.ignored_writes());
    converters_[k].limit_findings = static_cast<double>(unit.limit_findings());
  }
}

}  // namespace hil::harness
