#pragma once

#include <optional>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/element_reader.h"
#include "models/load/profile.h"

namespace hil::harness {

/// `<profile file="x.csv"/>`, or with the file's text inside, see read_series(): scale, scale_percent, or power_w and
/// power_kw of a load that draws `nominal_w`. `site_start_utc_s`: what time stamps are held against; nullopt: not
/// known.
models::ProfileLoad::Parameters read_profile(ElementReader& reader, double nominal_w,
                                             const std::optional<double>& site_start_utc_s, Diagnostics& diagnostics);

/// The same site with the profiles' text in place of their files, so that it depends on no other file.
Element with_profiles_inside(Element site);

}  // namespace hil::harness
