#pragma once

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/element_reader.h"
#include "models/load/profile.h"

namespace hil::harness {

/// `<profile file="x.csv"/>`, or with the file's text inside: the header `time_s,scale`, then a row for each time. The
/// file is looked up beside the file that names it. Faults in it are reported there, with its line.
models::ProfileLoad::Parameters read_profile(ElementReader& reader, Diagnostics& diagnostics);

/// The same site with the profiles' text in place of their files, so that it depends on no other file.
Element with_profiles_inside(Element site);

}  // namespace hil::harness
