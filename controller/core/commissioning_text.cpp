#include "controller/core/commissioning_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace hil::controller {
namespace {

/// Appends; what does not fit is cut off.
class LineBuilder {
 public:
  LineBuilder& add(std::string_view text) {
    const std::size_t size = std::min(text.size(), line_.characters.size() - line_.count);
    std::copy_n(text.begin(), size, line_.characters.begin() + static_cast<std::ptrdiff_t>(line_.count));
    line_.count += size;
    return *this;
  }
  LineBuilder& add(double value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), std::lround(value)).ptr;
    return add({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  LineBuilder& ct(unsigned phase) { return add("CT ").add({&"ABC"[phase - 1], 1}); }
  LineBuilder& conductor(unsigned phase) { return add("L").add(phase); }
  const TextLine& line() const { return line_; }

 private:
  TextLine line_;
};

std::string_view why_not_checked(CtCheckState state) {
  switch (state) {
    case CtCheckState::no_inverter:
      return "no inverter answers that can charge with 500 W or more";
    case CtCheckState::no_step:
      return "the inverter's own AC power did not follow the order";
    case CtCheckState::not_seen:
      return "the meter saw nothing of the step: it sits in another place, or no CT works";
    case CtCheckState::unsteady:
      return "the loads moved too much";
    case CtCheckState::meter_lost:
      return "the meter fell silent";
    case CtCheckState::never:
    case CtCheckState::running:
    case CtCheckState::done:
      break;
  }
  return "not finished";
}

void add_unit(LineBuilder& line, const Finding& finding) {
  line.add("COM").add(finding.port).add(", address ").add(finding.address).add(": ");
}

TextLine text_of_unit(const Finding& finding) {
  LineBuilder line;
  add_unit(line, finding);
  switch (finding.kind) {
    case FindingKind::missing:
      line.add("silent");
      break;
    case FindingKind::garbled:
      line.add("answers cannot be read: two units at this address, or bad wiring");
      break;
    case FindingKind::two_units:
      line.add("two units answer");
      break;
    case FindingKind::not_an_inverter:
      line.add("answers without an inverter's device information: a meter or another device");
      break;
    case FindingKind::own_meter:
      line.add("has a smart meter of its own, must have none");
      break;
    case FindingKind::old_firmware:
      line.add(finding.expected == oldest_dsp_version ? "DSP" : "ARM").add(" firmware is ").add(finding.found);
      line.add(", must be ").add(finding.expected).add(" or newer");
      break;
    case FindingKind::wrong_port:
      line.add("entered for COM").add(finding.other);
      break;
    case FindingKind::outside_range:
      line.add("not entered, and outside the system's ten addresses");
      break;
    default:
      line.add("not entered");
      break;
  }
  return line.line();
}

TextLine text_of_ct(const Finding& finding) {
  LineBuilder line;
  switch (finding.kind) {
    case FindingKind::ct_reversed:
      line.ct(finding.address).add(" is reversed");
      break;
    case FindingKind::ct_other_phase:
      line.ct(finding.address).add(" measures ").conductor(finding.other).add(", must measure ");
      line.conductor(finding.address);
      break;
    case FindingKind::ct_no_current:
      line.ct(finding.address).add(" shows no current: open, shorted or not connected");
      break;
    case FindingKind::ct_ratio:
      line.ct(finding.address).add(" shows ").add(finding.found).add(" % of the step: wrong ratio");
      break;
    case FindingKind::ct_swapped:
      line.ct(finding.address).add(" and ").ct(finding.other).add(" are swapped");
      break;
    case FindingKind::ct_rotated:
      line.add("CTs are rotated: CT A measures ").conductor(finding.other);
      break;
    case FindingKind::ct_not_checked:
      line.add("CTs not checked: ").add(why_not_checked(static_cast<CtCheckState>(finding.found)));
      break;
    default:
      line.add("CTs: what the meter shows of a step fits no wiring of three CTs on three phases");
      break;
  }
  return line.line();
}

}  // namespace

std::string_view text_of(SetupFault fault) noexcept {
  switch (fault) {
    case SetupFault::no_inverters:
      return "no inverters entered, must be 1 to 4 on a port";
    case SetupFault::too_many_on_a_port:
      return "too many inverters on a port, must be at most 4";
    case SetupFault::too_many_inverters:
      return "too many inverters, must be at most 10";
    case SetupFault::address_out_of_range:
      return "an address is not 1 to 247";
    case SetupFault::address_twice:
      return "an address is entered twice, must differ on the whole system";
    case SetupFault::addresses_too_far:
      return "addresses lie further apart than ten, such as 1 to 10 or 11 to 20";
    case SetupFault::no_capacity:
      return "total capacity not entered";
    case SetupFault::capacity_out_of_range:
      return "total capacity is above 300 kW";
    case SetupFault::no_ct_ratio:
      return "CT ratio not entered";
    case SetupFault::ct_ratio_out_of_range:
      return "CT ratio is not 1 to 1000";
    case SetupFault::no_export_limit:
      return "export limit not entered";
    case SetupFault::limit_out_of_range:
      return "export limit is not -100 to 100 kW";
    case SetupFault::bad_line_format:
      return "a port's format is not 300 to 115200 baud with 10 to 12 bits a character";
    case SetupFault::ct_wiring_wrong:
      return "the last check found the CTs wired wrongly";
    case SetupFault::meter_at_inverter:
      return "an inverter has a smart meter of its own";
    case SetupFault::uneven_split:
      return "more than three inverters are not spread evenly over the ports";
    case SetupFault::factory_address_used:
      return "address 247 is the factory's, each of several inverters should have its own";
  }
  return "";
}

TextLine text_of(const Finding& finding) noexcept {
  if (finding.kind == FindingKind::capacity_mismatch) {
    LineBuilder line;
    line.add("ratings of the units found add up to ").add(finding.found).add(" W, total capacity entered is ");
    return line.add(finding.expected).add(" W").line();
  }
  return finding.port != 0 ? text_of_unit(finding) : text_of_ct(finding);
}

}  // namespace hil::controller
