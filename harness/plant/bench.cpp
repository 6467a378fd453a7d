#include "harness/plant/bench.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "harness/faults/fault_kinds.h"
#include "harness/plant/bench_implementation.h"
#include "harness/plant/invariant_text.h"
#include "harness/scenario/event_kinds.h"

namespace hil::harness {

models::Site::Parameters Bench::Implementation::with_step(const Scenario& scenario) {
  models::Site::Parameters parameters = scenario.site.plant;
  parameters.step = scenario.step;
  return parameters;
}

void Bench::Implementation::define_step() {
  using sim::StepPhase;
  kernel.each_step(StepPhase::timeline, [this](sim::Time now) {
    faults.step(now, [this, now](const FaultSpec& over) {
      tell({now, "fault", over.target, fault_text(over) + " ends"});
    });
    timeline.step(now);
  });
  kernel.each_step(StepPhase::latch, [this](sim::Time now) {
    inverters->latch(now);
    pcs->latch(now);
    solax->latch(now);
  });
  kernel.each_step(StepPhase::plant, [this](sim::Time now) { advance_plant(now); });
  kernel.each_step(StepPhase::refresh, [this](sim::Time now) {
    site_signals.refresh();
    inverter_signals.refresh();
    inverters->refresh(now);
    pcs->refresh(now);
    solax->refresh(now);
    pv_inverters->refresh();
    meter->refresh(now);
    meter_registers->refresh(now);
  });
  kernel.each_step(StepPhase::checks, [this](sim::Time now) {
    tell_changes(now);
    plant_events.step(now);
    metering_events.step(now);
  });
}

void Bench::Implementation::advance_plant(sim::Time now) {
  if (now == sim::Time{0}) return;
  site.advance();
  if (site.invariants().hold()) return;
  const std::string text = describe_broken(site, lane_names(scenario.site));
  tell({now, "invariant", "site", text});
  for (const auto& sink : invariant_sinks) sink(now, text);
  end();
}

void Bench::Implementation::end() {
  kernel.stop();
  for (const auto& sink : end_sinks) sink();
}

Event Bench::Implementation::fired(const TriggerSpec& trigger, int count, sim::Time now) {
  const std::string which = trigger.times == 1 ? "" : fmt::format(", time {}", count);
  return {now, "trigger", trigger.element, trigger.description + which};
}

void Bench::Implementation::tell(const Event& event) {
  // A check or a drawing would never meet it.
  if (rank_of_event(event.kind) == event_kinds.size()) throw std::logic_error("event of unknown kind " + event.kind);
  for (const auto& sink : event_sinks) sink(event);
}

void Bench::Implementation::tell_changes(sim::Time now) {
  for (Watched& each : watched) {
    const double value = *each.signal->value;
    if (value == each.last) continue;
    tell({now, "state", each.signal->name,
          fmt::format("{:g}{} -> {:g}{}", each.last, each.names.in_brackets(each.last), value,
                      each.names.in_brackets(value))});
    each.last = value;
  }
}

Bench::Bench(const Scenario& scenario, const Wiring& wiring)
    : implementation_(std::make_unique<Implementation>(scenario, wiring)) {}
Bench::~Bench() = default;

sim::Kernel& Bench::kernel() {
  return implementation_->kernel;
}
const sim::SignalRegistry& Bench::signals() const {
  return implementation_->signals;
}
const std::vector<const sim::Signal*>& Bench::details() const {
  return implementation_->details;
}
void Bench::refresh_only(const std::vector<const sim::Signal*>& wanted) {
  implementation_->site_signals.refresh_only(wanted);
  implementation_->inverter_signals.refresh_only(wanted);
}
std::vector<int> Bench::triggers_fired() const {
  std::vector<int> counts;
  for (const Trigger& trigger : implementation_->timeline.triggers()) counts.push_back(trigger.fired());
  return counts;
}
const models::Site& Bench::site() const {
  return implementation_->site;
}

const Scenario& Bench::scenario() const {
  return implementation_->scenario;
}

void Bench::on_event(EventSink sink) {
  implementation_->event_sinks.push_back(std::move(sink));
}

void Bench::on_invariant_broken(std::function<void(sim::Time, const std::string&)> sink) {
  implementation_->invariant_sinks.push_back(std::move(sink));
}

void Bench::note(const Event& event) {
  implementation_->tell(event);
}

void Bench::on_end(std::function<void()> sink) {
  implementation_->end_sinks.push_back(std::move(sink));
}

void Bench::end() {
  implementation_->end();
}

void Bench::on_frame(const std::string& line, sim::SerialLine::Monitor monitor) {
  implementation_->lines.wire(line).add_monitor(std::move(monitor));
}

double Bench::longest_poll_period_s(const std::string& line) const {
  const auto& polls = implementation_->lines.polls(line);
  return std::chrono::duration<double>(polls.longest(implementation_->kernel.now())).count();
}

sim::Time Bench::last_poll(const std::string& line, std::uint8_t address) const {
  return implementation_->lines.polls(line).unit(address).last;
}

sim::SerialLine& Bench::line(const std::string& name) {
  return implementation_->lines.wire(name);
}

sim::ModbusServer& Bench::device(const std::string& name) {
  return implementation_->lines.server(name);
}

void Bench::on_tcp(const std::function<void(const std::string&, const TcpTraffic&)>& monitor) {
  for (const ScriptedEms& each : implementation_->ems) {
    for (const auto& [device, connection] : each.connections()) {
      connection->add_monitor([monitor, name = device](const TcpTraffic& traffic) { monitor(name, traffic); });
    }
  }
}

void Bench::on_tcp_exchange(const std::string& device, const TcpExchange::Monitor& monitor) {
  for (const ScriptedEms& each : implementation_->ems) {
    const auto connection = each.connections().find(device);
    if (connection != each.connections().end()) connection->second->add_exchange_monitor(monitor);
  }
}

std::vector<std::string> Bench::devices_on_tcp() const {
  std::vector<std::string> devices;
  for (const ScriptedEms& each : implementation_->ems) {
    for (const auto& [device, connection] : each.connections()) devices.push_back(device);
  }
  return devices;
}

sim::NetworkPort& Bench::tcp_port(const std::string& name) {
  return implementation_->lines.tcp_port(name);
}

sim::NetworkPort& Bench::dongle_port(const std::string& name) {
  return implementation_->inverters->dongle_port(name);
}

sim::ParallelGroup* Bench::parallel_group() {
  return implementation_->solax ? implementation_->solax->group() : nullptr;
}

ControllerHost* Bench::controller_host() {
  return implementation_->host ? &*implementation_->host : nullptr;
}

void Bench::run() {
  implementation_->kernel.run(implementation_->scenario.duration);
}

}  // namespace hil::harness
