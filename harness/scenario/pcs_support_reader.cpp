#include <fmt/core.h>

#include <array>

#include "harness/scenario/part_reader.h"

namespace hil::harness {
namespace {

using sim::PcsSupport;

// A law with a fault stays what it was, so that the unit can be built and the rest be read.

constexpr Bounds curve_pu{.lowest = 0.5, .highest = 1.5};
constexpr Bounds share_of_rated{.lowest = -1.0, .highest = 1.0};
constexpr Bounds response_s{.lowest = 0.0, .highest = 600.0};
constexpr Bounds delay_s{.lowest = 0.0, .highest = 3600.0};
constexpr Bounds beyond_hz{.lowest = 0.0, .highest = 10.0, .lowest_excluded = true};
constexpr Bounds slope_per_hz{.lowest = 0.0, .highest = 10.0, .lowest_excluded = true};
constexpr Bounds low_slope_per_hz{.lowest = 0.0, .highest = 10.0};

void read_volt_var(const Element& element, PcsSupport::VoltVar& law_in_force, Diagnostics& diagnostics) {
  PcsSupport::VoltVar law = law_in_force;
  constexpr std::array<const char*, 4> voltages{"v1_pu", "v2_pu", "v3_pu", "v4_pu"};
  constexpr std::array<const char*, 4> powers{"q1_pu", "q2_pu", "q3_pu", "q4_pu"};
  ElementReader reader{element, diagnostics};
  for (std::size_t i = 0; i < voltages.size(); ++i) {
    reader.number(voltages[i], law.voltage_pu[i], curve_pu, Need::optional);
    reader.number(powers[i], law.reactive_pu[i], share_of_rated, Need::optional);
  }
  reader.number("response_s", law.response_s, response_s, Need::optional);
  for (std::size_t i = 1; i < voltages.size(); ++i) {
    if (law.voltage_pu[i] >= law.voltage_pu[i - 1]) continue;
    reader.fault_between({voltages[i], voltages[i - 1]},
                         fmt::format("{} is {}, must be >= {} ({})", voltages[i], law.voltage_pu[i], voltages[i - 1],
                                     law.voltage_pu[i - 1]));
  }
  reader.finish();
  if (reader.sound()) law_in_force = law;
}

void read_volt_watt(const Element& element, PcsSupport::VoltWatt& law_in_force, Diagnostics& diagnostics) {
  PcsSupport::VoltWatt law = law_in_force;
  ElementReader reader{element, diagnostics};
  reader.number("start_pu", law.start_pu, curve_pu, Need::optional);
  reader.number("stop_pu", law.stop_pu, curve_pu, Need::optional);
  reader.number("stop_share", law.stop_share, ratio, Need::optional);
  reader.number("response_s", law.response_s, response_s, Need::optional);
  reader.number("return_delay_s", law.return_delay_s, delay_s, Need::optional);
  if (law.stop_pu <= law.start_pu) {
    reader.fault_between({"stop_pu", "start_pu"},
                         fmt::format("stop_pu is {}, must be > start_pu ({})", law.stop_pu, law.start_pu));
  }
  reader.finish();
  if (reader.sound()) law_in_force = law;
}

void read_freq_watt(const Element& element, PcsSupport::FreqWatt& law_in_force, Diagnostics& diagnostics) {
  PcsSupport::FreqWatt law = law_in_force;
  ElementReader reader{element, diagnostics};
  reader.number("start_hz", law.start_hz, beyond_hz, Need::optional);
  reader.number("slope_per_hz", law.slope_per_hz, slope_per_hz, Need::optional);
  reader.number("return_delay_s", law.return_delay_s, delay_s, Need::optional);
  reader.number("low_start_hz", law.low_start_hz, beyond_hz, Need::optional);
  reader.number("low_slope_per_hz", law.low_slope_per_hz, low_slope_per_hz, Need::optional);
  reader.finish();
  if (reader.sound()) law_in_force = law;
}

}  // namespace

void read_pcs_support(ElementReader& pcs, PcsSupport::Parameters& support, Diagnostics& diagnostics) {
  if (const Element* law = pcs.child("volt_var", Need::optional)) read_volt_var(*law, support.volt_var, diagnostics);
  if (const Element* law = pcs.child("volt_watt", Need::optional)) read_volt_watt(*law, support.volt_watt, diagnostics);
  if (const Element* law = pcs.child("freq_watt", Need::optional)) read_freq_watt(*law, support.freq_watt, diagnostics);
}

}  // namespace hil::harness
