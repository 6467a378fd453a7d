#include "harness/faults/fault_kinds.h"

namespace hil::harness {

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> kinds{
      {"silence", FaultTarget::unit, "the unit hears requests on its line and answers nothing"},
      {"ct_reversed", FaultTarget::ct, "the current transformer is clamped on backwards"},
      {"ct_open", FaultTarget::ct, "its secondary is open: no current, dangerous voltage at the terminals"},
      {"ct_shorted", FaultTarget::ct, "its secondary is short-circuited: the meter sees no current"},
      {"ct_swapped", FaultTarget::ct_pair, "two transformers sit on each other's meter inputs"},
      {"ct_rotated", FaultTarget::meter, "each meter input has the transformer of the next phase"},
      {"meter_neutral_lost", FaultTarget::meter,
       "the meter's own neutral wire is off: voltages against the star point"},
  };
  return kinds;
}

const FaultKind* find_fault_kind(std::string_view kind) {
  for (const FaultKind& each : fault_kinds()) {
    if (each.kind == kind) return &each;
  }
  return nullptr;
}

std::vector<std::string_view> fixed_targets(FaultTarget target) {
  if (target == FaultTarget::ct) return {"ct_l1", "ct_l2", "ct_l3"};
  if (target == FaultTarget::ct_pair) return {"ct_l1_l2", "ct_l2_l3", "ct_l1_l3"};
  return {};
}

std::string_view text_of(FaultTarget target) {
  switch (target) {
    case FaultTarget::unit:
      return "an inverter or the meter";
    case FaultTarget::meter:
      return "the meter";
    case FaultTarget::ct:
      return "ct_l1, ct_l2 or ct_l3";
    case FaultTarget::ct_pair:
      return "ct_l1_l2, ct_l2_l3 or ct_l1_l3";
  }
  return "";
}

}  // namespace hil::harness
