#pragma once

#include <vector>

#include "controller/settings.h"
#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// `<quirk>` of a `<controller>`: a behaviour of the original's LAN port that our controller is to show.
void read_controller_quirk(const Element& element, controller::LanSettings& lan, std::vector<Assumed>& assumed,
                           Diagnostics& diagnostics);

}  // namespace hil::harness
