#pragma once

#include <vector>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// All `<ems>` of a scenario.
std::vector<EmsSpec> read_ems(const std::vector<const Element*>& elements, const SiteSpec& site,
                              Diagnostics& diagnostics);

/// `<modbus>` of the timeline; its register is a name still.
Action read_modbus_action(ElementReader& reader, const Stage& stage);

/// Finds the registers that polls and `<modbus>` name in the register maps of their devices, which are read by now.
void find_named_registers(Scenario& scenario, Diagnostics& diagnostics);

}  // namespace hil::harness
