#include <algorithm>
#include <cmath>

#include "models/grid/sequence.h"
#include "models/site/site_implementation.h"

// What inverters and loads do where a phase or the neutral is lost.
namespace hil::models {

void Site::Implementation::find_lost_conductors() {
  const auto& ports = plan.parameters.ports;
  const auto lost = [this](std::size_t bus, Conductor conductor) { return !network.energised(bus, conductor); };
  // A load between phases may lift the lost one: then the loads there stay as they are.
  const bool coupled = std::any_of(ports.begin(), ports.end(), [&](const Network::Port& port) {
    return port.to != Conductor::n && lost(port.bus, port.from) != lost(port.bus, port.to);
  });
  dead_ports.clear();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const bool of_inverter = i < phase_count * plan.inverter_bus.size();
    const bool between_phases = ports[i].to != Conductor::n;
    if (split_phase && ports[i].from == Conductor::l3) continue;  // nobody wants anything there
    if (!between_phases && lost(ports[i].bus, ports[i].from) && (of_inverter || !coupled)) dead_ports.push_back(i);
  }
  const auto lost_neutral = [&](std::size_t bus) {
    return lost(bus, Conductor::n) && std::any_of(phase_conductors.begin(), phase_conductors.end(),
                                                  [&](Conductor phase) { return !lost(bus, phase); });
  };
  lanes_without_neutral.clear();
  for (std::size_t i = 0; i < plan.inverter_bus.size(); ++i) {
    const std::size_t bus = plan.inverter_bus[i];
    if (!lost_neutral(bus)) continue;
    WithoutNeutral without{.lane = i};
    for (std::size_t k = 0; k < phases; ++k) without.fed[k] = !lost(bus, phase_conductors[k]);
    lanes_without_neutral.push_back(without);
  }
  for (std::size_t i = 0; i < loads.size(); ++i) loads[i].set_neutral_lost(lost_neutral(plan.load_bus[i]));
}

/// Currents whose sum is zero, for what the lane wants at the voltages of the last solution: of positive sequence where
/// all phases are left, out of one and back through the other where two are, none with less.
PhasePhasors Site::Implementation::current_without_neutral_a(const WithoutNeutral& lost) const {
  const std::size_t first = phase_count * lost.lane;
  const double lowest_v = Network::taper_pu * nominal_ln_v;
  const double max_a = injections[first].max_a;
  Phasor wanted_va{};
  PhasePhasors terminal_v{};
  std::array<std::size_t, phase_count> left{};
  std::size_t count = 0;
  for (std::size_t k = 0; k < phases; ++k) {
    wanted_va += injections[first + k].power_va;
    terminal_v[k] = network.port_v(first + k);
    if (lost.fed[k]) left[count++] = k;
  }
  const auto current_a = [&](Phasor v) { return magnitude(v) > lowest_v ? std::conj(wanted_va / v) : Phasor{}; };
  PhasePhasors phase_a{};
  if (lost.blocked) return phase_a;
  if (count == phase_count) {
    const Phasor l1_a = current_a(3.0 * sequence_components(terminal_v).positive);
    phase_a = balanced(std::min(magnitude(l1_a), max_a), std::arg(l1_a));
  } else if (count == 2) {
    const Phasor forth_a = current_a(terminal_v[left[0]] - terminal_v[left[1]]);
    phase_a[left[0]] = std::polar(std::min(magnitude(forth_a), max_a), std::arg(forth_a));
    phase_a[left[1]] = -phase_a[left[0]];
  }
  return phase_a;
}

std::span<const PortInjection> Site::Implementation::injections_now() {
  if (network.switchings() != followers_found_at) find_followers();
  if (dead_ports.empty() && lanes_without_neutral.empty()) return injections;
  changed_injections = injections;
  for (const WithoutNeutral& lost : lanes_without_neutral) {
    PortInjection* ports = &changed_injections[phase_count * lost.lane];
    const PhasePhasors phase_a = current_without_neutral_a(lost);
    for (std::size_t k = 0; k < phase_count; ++k) {
      ports[k].power_va = {};
      ports[k].fixed_a = phase_a[k];
    }
  }
  for (const std::size_t port : dead_ports) changed_injections[port] = {.max_a = injections[port].max_a};
  return changed_injections;
}

/// What a lane without neutral feeds beyond what it wants, its currents being those for the voltages before.
double Site::Implementation::excess_w(const WithoutNeutral& lost) const {
  double excess_w = 0.0;
  for (std::size_t k = 0; k < phases; ++k) {
    const std::size_t port = phase_count * lost.lane + k;
    excess_w += active_w(network.port_v(port), network.port_injection_a(port)) - injections[port].power_va.real();
  }
  return excess_w;
}

/// Again with the voltages just found, so that the power is what was planned. Where a voltage runs from its own current
/// (a part that hangs on next to nothing), the lane blocks for this step: it must not feed what it does not have.
Network::Result Site::Implementation::solve_without_neutrals() {
  constexpr int rounds = 4;
  constexpr double close_w = 0.5;
  const auto runs_off = [this](const WithoutNeutral& lost) { return !lost.blocked && excess_w(lost) > close_w; };
  Network::Result result;
  for (int round = 0; round < rounds; ++round) {
    result = solve_network();
    if (!result.solved) return result;
    if (std::none_of(lanes_without_neutral.begin(), lanes_without_neutral.end(), runs_off)) return result;
  }
  for (std::size_t count = 0; result.solved && count < lanes_without_neutral.size(); ++count) {
    bool blocks = false;
    for (WithoutNeutral& lost : lanes_without_neutral) {
      if (!runs_off(lost)) continue;
      lost.blocked = blocks = true;
    }
    if (!blocks) break;
    result = solve_network();
  }
  return result;
}

}  // namespace hil::models
