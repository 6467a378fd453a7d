#pragma once

#include <memory>

#include "harness/scenario/scenario.h"
#include "models/site/site.h"
#include "sim/devices/sinexcel_pcs.h"
#include "sim/devices/sinexcel_pws2.h"

namespace hil::harness {

/// The firmware of a storage converter, on its lanes of the plant, which must outlive it. Each for its own profile.
std::unique_ptr<sim::SinexcelPcs> made_pcs(const PcsSpec& spec, models::Site& site);
/// `baud`: of its line, for the registers that say so.
std::unique_ptr<sim::SinexcelPws2> made_pws2(const PcsSpec& spec, models::Site& site, int baud);
/// Whichever it is.
std::unique_ptr<sim::StorageConverter> made_converter(const PcsSpec& spec, models::Site& site, int baud);

}  // namespace hil::harness
