#pragma once

#include <optional>

#include "harness/scenario/part_reader.h"

namespace hil::harness {

struct Behaviour {
  std::optional<models::LoadBehaviour> behaviour{};
  std::optional<double> running_power_factor{};  ///< of a motor: what its reactive power follows from
};

/// What makes a load change by itself: one of `<thermostat>`, `<kettle>` ... and `<noise>`. Figures that are not given
/// are the kind's typical ones, and listed as assumed. `zip`: the load's powers and shares.
Behaviour read_behaviour(ElementReader& load, const LoadPlace& place, const models::ZipLoad::Parameters& zip,
                         const Assuming& assuming, Diagnostics& diagnostics);

}  // namespace hil::harness
