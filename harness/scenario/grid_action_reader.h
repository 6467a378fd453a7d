#pragma once

#include <optional>

#include "harness/scenario/actions.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// Reads `<grid .../>` of a timeline: exactly one event of the grid, with the attributes that belong to it.
std::optional<Action> read_grid_action(ElementReader& reader, const Stage& stage);

}  // namespace hil::harness
