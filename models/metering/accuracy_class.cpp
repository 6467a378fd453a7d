#include "models/metering/accuracy_class.h"

#include <array>

namespace hil::models {

namespace {

// clang-format off
// physics-and-standards 6.1
constexpr std::array points_02{
    CtClassPoint{0.05, 0.0075, 30.0}, CtClassPoint{0.20, 0.0035, 15.0},
    CtClassPoint{1.00, 0.0020, 10.0}, CtClassPoint{1.20, 0.0020, 10.0}};
constexpr std::array points_02s{
    CtClassPoint{0.01, 0.0075, 30.0}, CtClassPoint{0.05, 0.0035, 15.0}, CtClassPoint{0.20, 0.0020, 10.0},
    CtClassPoint{1.00, 0.0020, 10.0}, CtClassPoint{1.20, 0.0020, 10.0}};
constexpr std::array points_05{
    CtClassPoint{0.05, 0.0150, 90.0}, CtClassPoint{0.20, 0.0075, 45.0},
    CtClassPoint{1.00, 0.0050, 30.0}, CtClassPoint{1.20, 0.0050, 30.0}};
constexpr std::array points_05s{
    CtClassPoint{0.01, 0.0150, 90.0}, CtClassPoint{0.05, 0.0075, 45.0}, CtClassPoint{0.20, 0.0050, 30.0},
    CtClassPoint{1.00, 0.0050, 30.0}, CtClassPoint{1.20, 0.0050, 30.0}};
constexpr std::array points_1{
    CtClassPoint{0.05, 0.0300, 180.0}, CtClassPoint{0.20, 0.0150, 90.0},
    CtClassPoint{1.00, 0.0100, 60.0}, CtClassPoint{1.20, 0.0100, 60.0}};
// clang-format on

}  // namespace

std::span<const CtClassPoint> class_points(CtClass accuracy_class) {
  switch (accuracy_class) {
    case CtClass::class_02:
      return points_02;
    case CtClass::class_02s:
      return points_02s;
    case CtClass::class_05:
      return points_05;
    case CtClass::class_05s:
      return points_05s;
    case CtClass::class_1:
      return points_1;
    case CtClass::none:
      break;
  }
  return {};
}

MeterClassLimits class_limits(MeterClass meter_class) {
  // physics-and-standards 6.3; the start of .2S is not given there, the one of .5S is taken (assumed).
  switch (meter_class) {
    case MeterClass::class_1:
      return {.start_share = 0.002, .lowest_share = 0.02, .full_share = 0.05, .low_error = 0.015, .error = 0.01};
    case MeterClass::class_05s:
      return {.start_share = 0.001, .lowest_share = 0.01, .full_share = 0.05, .low_error = 0.01, .error = 0.005};
    case MeterClass::class_02s:
      return {.start_share = 0.001, .lowest_share = 0.01, .full_share = 0.05, .low_error = 0.004, .error = 0.002};
    case MeterClass::none:
      break;
  }
  return {};
}

}  // namespace hil::models
