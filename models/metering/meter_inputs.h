#pragma once

#include <cstddef>
#include <string_view>

#include "models/electrical/phasor.h"
#include "models/metering/flag_set.h"

namespace hil::models {

/// What is outside the promise at the meter's own terminals.
enum class MeterFlag : unsigned char {
  current_high,        ///< an input at or above max_input_a
  phase_voltage_low,   ///< below min_ln_v
  phase_voltage_high,  ///< above max_ln_v
  line_voltage_low,    ///< below min_ll_v
  line_voltage_high,   ///< above max_ll_v
  frequency_wrong,     ///< more than 5 Hz off both 50 and 60 Hz
  sequence_wrong,      ///< L2 leads L1
  neutral_missing,     ///< voltages are those against the star point
  below_start,         ///< a current flows that the meter's class need not count
};
using MeterFlags = FlagSet<MeterFlag>;
std::string_view name_of(MeterFlag flag);

/// Terminals of the meter in the SEC1000, from the parallel instruction (S001, 2.3 and 3.1). That the inputs must stay
/// below 5 A and that all CTs listed give 5 A at rated current is a contradiction of the document: 5 A raises the flag.
struct MeterInputLimits {
  double max_input_a = 5.0;
  double min_ln_v = 60.0;
  double max_ln_v = 280.0;
  double min_ll_v = 100.0;
  double max_ll_v = 480.0;
};

/// What the meter does beyond its limits; no document says it (assumed).
enum class BeyondLimits : unsigned char {
  measures_on,  ///< as if there were no limit
  clips,        ///< current and voltage stop at 1.2 of the limit; a phase voltage below the lowest reads 0
};

/// Which transformer hangs on one current input, and whether its two wires are exchanged there.
struct MeterInput {
  std::size_t ct = 0;
  bool reversed = false;
};

/// Throws InvalidParameter.
void check(const MeterInputLimits& limits);

MeterFlags flags_of(const MeterInputLimits& limits, const PhasePhasors& voltage_v, const PhasePhasors& input_a,
                    double frequency_hz);

/// BeyondLimits::clips.
void clip(const MeterInputLimits& limits, PhasePhasors& voltage_v, PhasePhasors& input_a);

}  // namespace hil::models
