#include "models/grid_code/grid_codes.h"

#include <algorithm>
#include <array>

#include "models/grid_code/australian_codes.h"
#include "models/grid_code/european_codes.h"
#include "models/grid_code/ieee1547_codes.h"
#include "models/grid_code/sinexcel_codes.h"

namespace hil::models {

namespace {

/// No protection and no support: connects in its first step and stays. Reactive power as commanded.
constexpr GridCode no_code() {
  using namespace std::chrono_literals;
  GridCode c;
  c.name = "none";
  c.title = "no grid code";
  c.nominal_ln_v = 230.0;
  c.nominal_frequency_hz = 50.0;
  c.measurement.nominal_ln_v = 230.0;
  c.measurement.nominal_frequency_hz = 50.0;
  c.protection.first_start = {.lowest_pu = 0.0,
                              .highest_pu = 1000.0,
                              .lowest_hz = 0.0,
                              .highest_hz = 1000.0,
                              .delay = 0s,
                              .ramp_pu_per_s = 1000.0};
  c.protection.after_trip = c.protection.first_start;
  c.protection.restore_time = 0s;
  c.protection.cease_without_phase = false;
  c.support = without_support();
  return c;
}

constexpr std::array codes{no_code(),          ieee1547::category_1, ieee1547::category_2, ieee1547::category_3,
                           europe::en_50549_1, europe::vde_4105,     europe::g98,          europe::g99_a,
                           australia::a,       australia::b,         australia::c,         australia::nz,
                           europe::czech,      europe::czech_5min,   sinexcel::us_1741sa,  sinexcel::vde,
                           sinexcel::au,       sinexcel::g99,        sinexcel::hawaii,     sinexcel::en_50549,
                           sinexcel::austria_a};

}  // namespace

std::span<const GridCode> grid_codes() {
  return codes;
}

const GridCode* find_grid_code(std::string_view name) {
  const auto* found = std::find_if(codes.begin(), codes.end(), [&](const GridCode& code) { return code.name == name; });
  return found == codes.end() ? nullptr : found;
}

}  // namespace hil::models
