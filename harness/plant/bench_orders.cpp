// What a timeline orders of a bench, and of which of its parts.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <variant>

#include "harness/faults/fault_kinds.h"
#include "harness/plant/bench_implementation.h"
#include "harness/plant/grid_actions.h"
#include "harness/scenario/fleet_order.h"

namespace hil::harness {
namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

void Bench::Implementation::carry_out(const OrderFleet& order, sim::Time now) {
  Event event{now, "command", "leader", text_of(order)};
  if (leader) {
    leader->order(order.mode, order.ac_injection_w, order.ac_injection_var, order.grid_import_w, now);
  } else {
    event.text += " (no leader here)";
  }
  tell(event);
}

void Bench::Implementation::carry_out(const ReleaseFleet& /*order*/, sim::Time now) {
  if (leader) leader->release();
  tell({now, "command", "leader", leader ? "tries again who was left alone" : "release (no leader here)"});
}

void Bench::Implementation::switch_device(const SwitchDevice& order, sim::Time now) {
  if (sim::GoodweEt* inverter = inverters->find(order.device)) {
    inverter->set_supply(order.on);
  } else if (sim::StorageConverter* converter = pcs->find(order.device)) {
    converter->set_supply(order.on);
  } else if (sim::SolaxHybrid* hybrid = solax->find(order.device)) {
    hybrid->set_supply(order.on);
  } else if (order.device == scenario.site.meter.name) {
    meter_supply->set_on(order.on);
  } else {
    throw std::invalid_argument(fmt::format("device \"{}\" does not exist", order.device));
  }
  tell({now, "switch", order.device, order.on ? "supply on" : "supply off"});
}

void Bench::Implementation::set_unbalanced_output(const SetUnbalancedOutput& order, sim::Time now) {
  sim::GoodweEt* inverter = inverters->find(order.inverter);
  if (inverter == nullptr) {
    throw std::invalid_argument(fmt::format("inverter \"{}\" does not exist", order.inverter));
  }
  inverter->set_unbalanced_output(order.on);
  tell({now, "settings", order.inverter,
        fmt::format("{} output from its next start on", order.on ? "unbalanced" : "balanced")});
}

void Bench::Implementation::switch_cable(const SwitchCable& order, sim::Time now) {
  Event event = plant_actions.carry_out(order);
  event.at = now;
  tell(event);
  const bool is_whole = !order.conductor;
  if (leader && is_whole && order.cable == scenario.leader->transfer_switch) {
    leader->transfer_switch_moved(order.closed, now);
  }
}

void Bench::Implementation::set_frequency_bias(const SetFrequencyBias& order, sim::Time now) {
  sim::StorageConverter* converter = pcs->find(order.pcs);
  if (converter == nullptr) throw std::invalid_argument(fmt::format("PCS \"{}\" does not exist", order.pcs));
  converter->set_frequency_bias_hz(order.bias_hz);
  tell({now, "settings", order.pcs, fmt::format("frequency bias {:g} Hz", order.bias_hz)});
}

void Bench::Implementation::send(const OrderModbus& order, sim::Time now) {
  if (order.ems.empty() && service) return service->carry_out(order, now);
  const auto found =
      std::find_if(ems.begin(), ems.end(), [&order](const ScriptedEms& each) { return each.name() == order.ems; });
  if (found == ems.end()) throw std::invalid_argument(fmt::format("EMS \"{}\" does not exist", order.ems));
  tell(found->carry_out(order, now));
}

void Bench::Implementation::carry_out(const Action& action, sim::Time now) {
  std::visit(Overloaded{[&](const FaultSpec& order) {
                          faults.begin(order, now);
                          tell({now, "fault", order.target, fault_text(order) + " begins"});
                        },
                        [&](const Mark& order) {
                          tell({now, "mark", order.name, ""});
                        },
                        [&](const SwitchDevice& order) { switch_device(order, now); },
                        [&](const OrderModbus& order) { send(order, now); },
                        [&](const SetParallel& order) { tell(solax->carry_out(order, now)); },
                        [&](const WireCombiner& order) { tell(solax->carry_out(order, now)); },
                        [&](const OrderFleet& order) { carry_out(order, now); },
                        [&](const ReleaseFleet& order) { carry_out(order, now); },
                        [&](const SetFrequencyBias& order) { set_frequency_bias(order, now); },
                        [&](const SwitchCable& order) { switch_cable(order, now); },
                        [&](const SetUnbalancedOutput& order) { set_unbalanced_output(order, now); },
                        [&](const auto& order) {
                          if constexpr (requires { harness::carry_out(order, site.grid_source()); }) {
                            tell({now, "grid", "grid", harness::carry_out(order, site.grid_source())});
                          } else if constexpr (requires { controller_actions->carry_out(order, now); }) {
                            tell(controller_actions->carry_out(order, now));
                          } else {
                            Event event = plant_actions.carry_out(order);
                            event.at = now;
                            tell(event);
                          }
                        }},
             action);
}

}  // namespace hil::harness
