#pragma once

#include <string>
#include <vector>

#include "models/site/site.h"

namespace hil::harness {

/// Which invariant is broken, with its figure and bound; where it is one inverter's, the one that is furthest off.
/// `inverters`: names in the site's order.
std::string describe_broken(const models::Site& site, const std::vector<std::string>& inverters);

}  // namespace hil::harness
