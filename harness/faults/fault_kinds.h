#pragma once

#include <string_view>
#include <vector>

namespace hil::harness {

/// Who can have a fault.
enum class FaultTarget : unsigned char {
  unit,   ///< an inverter or the meter, by name
  meter,  ///< the meter, by name
  ct,     ///< ct_l1, ct_l2, ct_l3
  ct_pair,
};

/// One kind of fault: the reader, the bench and `hilbench list --faults` take their kinds from here; the schema is
/// held against the list by a test.
struct FaultKind {
  std::string_view kind;
  FaultTarget target;
  std::string_view meaning;
};
const std::vector<FaultKind>& fault_kinds();
/// nullptr when there is none of that name.
const FaultKind* find_fault_kind(std::string_view kind);

/// The names that do not depend on the site: of the transformers and their pairs.
std::vector<std::string_view> fixed_targets(FaultTarget target);
/// "an inverter or the meter", "ct_l1, ct_l2 or ct_l3".
std::string_view text_of(FaultTarget target);

}  // namespace hil::harness
