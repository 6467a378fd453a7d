#pragma once

#include <span>

namespace hil::models {

/// Accuracy classes of measuring current transformers, IEC 61869-2 (physics-and-standards 6.1, certainty B).
enum class CtClass : unsigned char { none, class_02, class_02s, class_05, class_05s, class_1 };

/// Largest error that a class allows at one share of the rated current.
struct CtClassPoint {
  double current_share;  ///< of the rated primary current
  double ratio_error;    ///< +-
  double phase_min;      ///< +-, minutes of arc
};

/// Ascending in current; empty for CtClass::none.
std::span<const CtClassPoint> class_points(CtClass accuracy_class);

/// Classes of meters behind current transformers, IEC 62053-21 and -22 (physics-and-standards 6.3, certainty B).
enum class MeterClass : unsigned char { none, class_1, class_05s, class_02s };

/// Largest error of power at unity power factor: `low_error` from `lowest_share` of the rated input current, `error`
/// from `full_share`. Below `start_share` the meter need not count.
struct MeterClassLimits {
  double start_share;
  double lowest_share;
  double full_share;
  double low_error;
  double error;
};

/// All zero for MeterClass::none.
MeterClassLimits class_limits(MeterClass meter_class);

}  // namespace hil::models
