#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/actions.h"

namespace hil::harness {

/// Who can have a fault.
enum class FaultTarget : unsigned char {
  unit,    ///< an inverter, a storage converter or the meter, by name, on its line
  tcp,     ///< the same on Modbus TCP
  dongle,  ///< of an inverter, by the inverter's name
  line,    ///< com1 .. com4
  unit_or_line,
  meter,  ///< the meter, by name
  inverter,
  inverter_with_meter,  ///< with a meter of its own
  pcs,                  ///< a storage converter, by name
  pws2,                 ///< one with the registers of a PWS2
  solax,                ///< a SolaX inverter, by name: its plugs
  parallel,             ///< the wires between them, by the name of <parallel>
  ct,                   ///< ct_l1, ct_l2, ct_l3
  ct_pair,
  lan_client,  ///< of the controller's LAN port, by name
};

/// An attribute of <fault> that a kind has beside those of all.
struct FaultParameter {
  std::string_view name;
  double lowest = 0.0;
  double highest = 0.0;
  std::optional<double> otherwise{};  ///< when it is left out; nothing: it must be given
  bool whole = false;
  std::vector<std::string_view> words{};  ///< not empty: one of these instead of a number; its value is the place
  std::string_view basis{};  ///< of `otherwise` where no source is certain: a run that uses it lists it as assumed
};

/// One kind of fault: the reader, the bench and `hilbench list --faults` take their kinds from here; the schema is
/// held against the list by a test.
struct FaultKind {
  std::string_view kind;
  FaultTarget target;
  std::string_view meaning;
  std::vector<FaultParameter> parameters{};
};
const std::vector<FaultKind>& fault_kinds();
/// nullptr when there is none of that name.
const FaultKind* find_fault_kind(std::string_view kind);

/// The names that do not depend on the site: of the transformers and their pairs.
std::vector<std::string_view> fixed_targets(FaultTarget target);
/// "an inverter, a PCS or the meter", "ct_l1, ct_l2 or ct_l3".
std::string_view text_of(FaultTarget target);
/// "release_s: 0 to 60 s, 0.005 without it", "where: behind or ahead, behind without it",
/// "address: a whole number from 1 to 247, must be given".
std::string text_of(const FaultParameter& parameter);
/// With what its kind has beside target and time: "plug_open (plug out, pin 3)", "noise (byte_error_rate 0.001)". A
/// probability of 1 is left out: it says nothing.
std::string fault_text(const FaultSpec& fault);

}  // namespace hil::harness
