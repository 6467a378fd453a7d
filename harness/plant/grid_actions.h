#pragma once

#include <string>

#include "harness/scenario/actions.h"
#include "models/grid/grid_source.h"

namespace hil::harness {

// Carry out an event of the grid and say what it is, for the list of events. Throw models::InvalidParameter.
std::string carry_out(const SetGridVoltage& order, models::GridSource& grid);
std::string carry_out(const RampFrequency& order, models::GridSource& grid);
std::string carry_out(const JumpPhase& order, models::GridSource& grid);
std::string carry_out(const UnbalanceGrid& order, models::GridSource& grid);
std::string carry_out(const SetOutage& order, models::GridSource& grid);
std::string carry_out(const ReturnToNominal& order, models::GridSource& grid);
std::string carry_out(const SetGridImpedance& order, models::GridSource& grid);

}  // namespace hil::harness
