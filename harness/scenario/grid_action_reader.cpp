#include "harness/scenario/grid_action_reader.h"

#include <fmt/core.h>

#include <array>
#include <initializer_list>
#include <sstream>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr Bounds grid_voltage{.lowest = 0.0, .highest = 1000.0};
constexpr Bounds grid_voltage_pu{.lowest = 0.0, .highest = models::GridSource::highest_voltage_pu};
constexpr Bounds grid_frequency{.lowest = models::GridSource::lowest_hz, .highest = models::GridSource::highest_hz};
constexpr Bounds rate_of_change{.lowest = 0.0, .highest = 1000.0, .lowest_excluded = true};
constexpr Bounds angle{.lowest = -180.0, .highest = 180.0};

/// The event itself; what else stands in the element says how it goes.
enum class GridEvent : unsigned char {
  voltage,
  voltage_pu,
  frequency,
  phase_jump,
  unbalance,
  outage,
  nominal,
  impedance
};
struct Given {
  std::string_view attribute;
  GridEvent event;
};
constexpr std::array events{
    Given{"ln_v", GridEvent::voltage},           Given{"voltage_pu", GridEvent::voltage_pu},
    Given{"frequency_hz", GridEvent::frequency}, Given{"phase_jump_deg", GridEvent::phase_jump},
    Given{"negative_pu", GridEvent::unbalance},  Given{"zero_pu", GridEvent::unbalance},
    Given{"outage", GridEvent::outage},          Given{"return_to_nominal", GridEvent::nominal},
    Given{"phase_ohm", GridEvent::impedance},    Given{"phase_reactance_ohm", GridEvent::impedance},
    Given{"neutral_ohm", GridEvent::impedance},  Given{"neutral_reactance_ohm", GridEvent::impedance}};

std::optional<GridEvent> event_of(ElementReader& reader) {
  const Given* first = nullptr;
  for (const Given& given : events) {
    if (reader.element().attribute(given.attribute) == nullptr) continue;
    if (first != nullptr && first->event != given.event) {
      reader.fault(fmt::format("{} and {} are two events, must be one: give each its own <grid>", first->attribute,
                               given.attribute));
      return std::nullopt;
    }
    first = &given;
  }
  if (first != nullptr) return first->event;
  std::string known;
  for (const Given& given : events) known += (known.empty() ? "" : ", ") + std::string(given.attribute);
  reader.fault("an event is missing, known: " + known);
  return std::nullopt;
}

/// "l1 l3"; all three when absent.
void read_phases(ElementReader& reader, const Stage& stage, models::PhaseMask& phases) {
  std::string text;
  if (!reader.text("phases", text, Need::optional)) return;
  phases = {};
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool known = word == "l1" || word == "l2" || word == "l3";
    const auto phase = known ? static_cast<std::size_t>(word[1] - '1') : 0;
    if (!known || phases[phase]) {
      reader.fault_of("phases", fmt::format("phases is {}, must be some of l1, l2, l3, each once and a blank between",
                                            in_quotes(text)));
      return;
    }
    phases[phase] = true;
  }
  if (stage.split_phase && phases[2]) reader.fault_of("phases", "phases names l3, which a split-phase supply lacks");
}

void read_ramp(ElementReader& reader, double& ramp_s) {
  reader.number("ramp_s", ramp_s, any_time, Need::optional);
}

Action read_voltage(ElementReader& reader, const Stage& stage) {
  SetGridVoltage change;
  if (reader.number("ln_v", change.ln_v, grid_voltage) && stage.site_known) {
    const double highest_v = models::GridSource::highest_voltage_pu * stage.nominal_ln_v;
    if (change.ln_v > highest_v) {
      reader.fault_of("ln_v",
                      fmt::format("ln_v is {}, must be <= {} (twice the grid's nominal_ln_v)", change.ln_v, highest_v));
    }
  }
  read_phases(reader, stage, change.phases);
  read_ramp(reader, change.ramp_s);
  return change;
}

Action read_voltage_pu(ElementReader& reader, const Stage& stage) {
  SetGridVoltage change;
  reader.number("voltage_pu", change.pu, grid_voltage_pu);
  read_phases(reader, stage, change.phases);
  read_ramp(reader, change.ramp_s);
  return change;
}

Action read_frequency(ElementReader& reader) {
  RampFrequency change;
  reader.number("frequency_hz", change.frequency_hz, grid_frequency);
  read_ramp(reader, change.ramp_s);
  reader.number("rocof_hz_per_s", change.rocof_hz_per_s, rate_of_change);
  if (reader.element().attribute("ramp_s") != nullptr && reader.element().attribute("rocof_hz_per_s") != nullptr) {
    reader.fault("ramp_s and rocof_hz_per_s are both given, must be one of them");
  }
  return change;
}

Action read_jump(ElementReader& reader, const Stage& stage) {
  JumpPhase change;
  reader.number("phase_jump_deg", change.degrees, angle);
  read_phases(reader, stage, change.phases);
  return change;
}

Action read_unbalance(ElementReader& reader, const Stage& stage) {
  UnbalanceGrid change;
  if (stage.split_phase) reader.fault("negative_pu and zero_pu are of three phases, which a split-phase supply lacks");
  reader.number("negative_pu", change.negative_pu, ratio, Need::optional);
  reader.number("negative_deg", change.negative_deg, angle, Need::optional);
  reader.number("zero_pu", change.zero_pu, ratio, Need::optional);
  reader.number("zero_deg", change.zero_deg, angle, Need::optional);
  if (change.negative_pu + change.zero_pu >= 1.0) {
    reader.fault(fmt::format("negative_pu and zero_pu add up to {}, must be < 1", change.negative_pu + change.zero_pu));
  }
  read_ramp(reader, change.ramp_s);
  return change;
}

Action read_outage(ElementReader& reader) {
  SetOutage change;
  reader.flag("outage", change.outage);
  return change;
}

Action read_return(ElementReader& reader) {
  ReturnToNominal change;
  bool returns = true;
  reader.flag("return_to_nominal", returns);
  if (!returns) reader.fault_of("return_to_nominal", "return_to_nominal is false, must be true");
  read_ramp(reader, change.ramp_s);
  return change;
}

Action read_impedance(ElementReader& reader) {
  SetGridImpedance change;
  reader.number("phase_ohm", change.phase_ohm, positive);
  reader.number("phase_reactance_ohm", change.phase_reactance_ohm, not_negative);
  reader.number("neutral_ohm", change.neutral_ohm, positive);
  reader.number("neutral_reactance_ohm", change.neutral_reactance_ohm, not_negative);
  return change;
}

}  // namespace

std::optional<Action> read_grid_action(ElementReader& reader, const Stage& stage) {
  const std::optional<GridEvent> event = event_of(reader);
  if (!event) return std::nullopt;
  std::optional<Action> action;
  switch (*event) {
    case GridEvent::voltage:
      action = read_voltage(reader, stage);
      break;
    case GridEvent::voltage_pu:
      action = read_voltage_pu(reader, stage);
      break;
    case GridEvent::frequency:
      action = read_frequency(reader);
      break;
    case GridEvent::phase_jump:
      action = read_jump(reader, stage);
      break;
    case GridEvent::unbalance:
      action = read_unbalance(reader, stage);
      break;
    case GridEvent::outage:
      action = read_outage(reader);
      break;
    case GridEvent::nominal:
      action = read_return(reader);
      break;
    case GridEvent::impedance:
      action = read_impedance(reader);
      break;
  }
  reader.finish();
  return action;
}

}  // namespace hil::harness
