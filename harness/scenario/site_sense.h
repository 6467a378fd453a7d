#pragma once

#include "harness/scenario/catalog.h"
#include "harness/scenario/diagnostics.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// What can be built, but hardly is what anybody wants: rules S005 and S006 of scenarios/README.md. For a site without
/// faults.
void check_site_sense(const Element& site, const SiteSpec& spec, const Catalog& catalog, Diagnostics& diagnostics);

/// S008: the meter's registers must be those that the controller reads. For a scenario whose maps are read.
void check_meter_map(const Scenario& scenario, Diagnostics& diagnostics);

/// S020: faults of the meter's line where nobody talks on it. A SolaX system has the meter's readings without a line.
void check_meter_faults(const Scenario& scenario, Diagnostics& diagnostics);

}  // namespace hil::harness
