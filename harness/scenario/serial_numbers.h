#pragma once

#include "harness/scenario/catalog.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// Gives each `<inverter>` of a merged site that has no serial number of its own that of its part, counted on by its
/// place among the inverters: of 9010KETU22AW0001 the second has 9010KETU22AW0002. Before the parts are written in. One
/// whose part's number does not end in four digits keeps that.
void give_serial_numbers(Element& site, const Catalog& catalog);

}  // namespace hil::harness
