#include "harness/report/action_text.h"

#include <fmt/format.h>

#include <array>
#include <variant>

#include "harness/faults/fault_kinds.h"
#include "harness/plant/order_words.h"
#include "harness/record/number_text.h"
#include "harness/scenario/device_map.h"
#include "harness/scenario/fleet_order.h"
#include "harness/scenario/modbus_order.h"
#include "harness/scenario/parallel_order.h"

namespace hil::harness {
namespace {

std::string in(double ramp_s) {
  return ramp_s > 0.0 ? fmt::format(" within {:g} s", ramp_s) : "";
}

std::string on(const models::PhaseMask& phases) {
  std::string text;
  if (phases == models::all_phases) return text;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    if (phases[k]) text += fmt::format("{}l{}", text.empty() ? " on " : ", ", k + 1);
  }
  return text;
}

const char* state(bool closed) {
  return closed ? "closes" : "opens";
}

struct Teller {
  const Scenario& scenario;

  std::string operator()(const SwitchLoad& order) const {
    return fmt::format("{} {}", order.load, order.on ? "on" : "off");
  }
  std::string operator()(const SetIrradiance& order) const {
    return fmt::format("irradiance on {} {:g} W/m2{}", order.inverter, order.irradiance_w_m2, in(order.ramp_s));
  }
  std::string operator()(const SetGridVoltage& order) const {
    const std::string to = order.pu ? fmt::format("{:g} pu", *order.pu) : fmt::format("{:g} V", order.ln_v);
    return "grid voltage to " + to + on(order.phases) + in(order.ramp_s);
  }
  std::string operator()(const RampFrequency& order) const {
    const std::string how =
        order.rocof_hz_per_s ? fmt::format(" at {:g} Hz/s", *order.rocof_hz_per_s) : in(order.ramp_s);
    return fmt::format("grid frequency to {:g} Hz{}", order.frequency_hz, how);
  }
  std::string operator()(const JumpPhase& order) const {
    return fmt::format("grid's phase jumps by {:g} degrees{}", order.degrees, on(order.phases));
  }
  std::string operator()(const UnbalanceGrid& order) const {
    return fmt::format("grid unbalanced: negative {:g} pu, zero {:g} pu{}", order.negative_pu, order.zero_pu,
                       in(order.ramp_s));
  }
  std::string operator()(const SetOutage& order) const { return order.outage ? "grid outage" : "grid is back"; }
  std::string operator()(const ReturnToNominal& order) const { return "grid returns to nominal" + in(order.ramp_s); }
  std::string operator()(const SetGridImpedance& /*order*/) const { return "grid impedance changes"; }
  std::string operator()(const SetClearIndex& order) const {
    return fmt::format("clear index of the sky to {:g}{}", order.clear_index, in(order.ramp_s));
  }
  std::string operator()(const ShadeString& order) const {
    return fmt::format("{}: string {} of PV input {} gets {:g} % of the light", order.inverter, order.string,
                       order.input, 100.0 * order.light);
  }
  std::string operator()(const SetAmbient& order) const {
    return fmt::format("ambient temperature to {:g} degC", order.temperature_c);
  }
  std::string operator()(const CommandLoad& order) const {
    return fmt::format("{}: {} {}", order.load, order.command,
                       order.value ? fmt::format("{:g}", *order.value) : "automatic");
  }
  std::string operator()(const SwitchCable& order) const {
    constexpr std::array conductors{"l1", "l2", "l3", "n"};
    const std::string which =
        order.conductor ? fmt::format(" ({})", conductors[static_cast<std::size_t>(*order.conductor)]) : "";
    return fmt::format("cable {}{} {}", order.cable, which, state(order.closed));
  }
  std::string operator()(const SwitchContactor& order) const {
    return fmt::format("battery contactor of {} {}", order.inverter, state(order.closed));
  }
  std::string operator()(const SetUnbalancedOutput& order) const {
    return fmt::format("{} is set to {} output, from its next start on", order.inverter,
                       order.on ? "unbalanced" : "balanced");
  }
  std::string operator()(const SetFrequencyBias& order) const {
    return fmt::format("frequency bias of {} {:g} Hz", order.pcs, order.bias_hz);
  }
  std::string operator()(const SwitchController& order) const {
    return order.on ? "controller gets power" : "controller loses power";
  }
  std::string operator()(const MoveContact& order) const {
    return fmt::format("contact {} {}", contact_names[static_cast<std::size_t>(order.input)], state(order.closed));
  }
  std::string operator()(const ChangeSettings& order) const { return "controller is set to " + order.text(); }
  std::string operator()(const StartCommissioning& order) const {
    const bool scan = order.what == StartCommissioning::What::scan;
    return scan ? "controller scans its ports" : "controller checks its CTs";
  }
  std::string operator()(const SwitchDevice& order) const {
    return fmt::format("{} {} supply", order.device, order.on ? "gets" : "loses");
  }
  std::string operator()(const OrderLanClient& order) const {
    const std::string limit = order.order.limit_kw ? fmt::format(" {:g} kW", *order.order.limit_kw) : "";
    return fmt::format("{} calls {}{}", order.client, name_of(order.order.service), limit);
  }
  std::string operator()(const SwitchLanClient& order) const {
    if (order.on) return order.client + " starts up";
    return order.death.exchange == 0
               ? order.client + " dies"
               : fmt::format("{} dies in exchange {} from now", order.client, order.death.exchange);
  }
  std::string operator()(const OrderModbus& order) const {
    const std::string answer = order.answer == usual_answer(order.what) ? "" : ", answer " + order.answer;
    return fmt::format("{} to {}: {}{}", order.ems.empty() ? "the maker's program" : order.ems, order.device,
                       order_words(order, map_of(scenario, order.device)), answer);
  }
  std::string operator()(const SetParallel& order) const {
    return fmt::format("{} is set to {}, from its next start on", order.unit, text_of(order));
  }
  std::string operator()(const WireCombiner& order) const { return text_of(order); }
  std::string operator()(const OrderFleet& order) const { return "the leader is told " + text_of(order); }
  std::string operator()(const ReleaseFleet& /*order*/) const { return "the leader tries again who was left alone"; }
  std::string operator()(const FaultSpec& order) const {
    const std::string how_long = order.lasts ? " for " + time_text(*order.lasts) : " to the end";
    return fmt::format("{}: {}{}", order.target, fault_text(order), how_long);
  }
  std::string operator()(const Mark& order) const { return "mark " + order.name; }
};

}  // namespace

std::string action_text(const Action& action, const Scenario& scenario) {
  return std::visit(Teller{scenario}, action);
}

}  // namespace hil::harness
