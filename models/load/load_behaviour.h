#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "models/load/cycling_load.h"
#include "models/load/demand.h"
#include "models/load/ev_charger.h"
#include "models/load/heat_pump.h"
#include "models/load/motor.h"
#include "models/load/noise.h"
#include "models/load/profile.h"
#include "models/load/water_heater.h"

namespace hil::models {

/// Does what it is told: scales as given, 0 when off.
class ConstantLoad {
 public:
  struct Parameters {
    double active_scale = -1.0;    ///< >= 0
    double reactive_scale = -1.0;  ///< >= 0
  };
  /// Throws InvalidParameter.
  explicit ConstantLoad(const Parameters& parameters) { set_scale(parameters.active_scale, parameters.reactive_scale); }

  void set_scale(double active, double reactive) {  ///< throws InvalidParameter
    require(active >= 0.0 && std::isfinite(active), "active_scale", active, ">= 0");
    require(reactive >= 0.0 && std::isfinite(reactive), "reactive_scale", reactive, ">= 0");
    demand_ = {active, reactive, false};
  }
  Demand advance(const LoadConditions& conditions) const { return conditions.switched_on ? demand_ : Demand{}; }

 private:
  Demand demand_;
};

/// What makes one load change by itself, of whatever kind, with noise on top if there is any.
///
///   demand = behaviour's demand (1 + noise), not below 0
///
/// The noise goes on while the load is off, so that switching one load leaves the sequence as it was. Noise moves
/// every step: give it to loads without a Z part, else the network's matrix changes each step.
/// advance() does not allocate, lock or throw; scales are never negative and never NaN for any condition in range.
class LoadBehaviour {
 public:
  using Kind = std::variant<ConstantLoad, WaterHeater, Kettle, CyclingLoad, WeldingLoad, Motor, InrushLoad, EvCharger,
                            HeatPump, ProfileLoad>;

  explicit LoadBehaviour(Kind kind, std::optional<ArNoise> noise = std::nullopt)
      : kind_(std::move(kind)), noise_(noise) {}

  Demand advance(const LoadConditions& conditions) {
    Demand demand = std::visit([&conditions](auto& each) { return each.advance(conditions); }, kind_);
    if (noise_) {
      const double factor = std::max(0.0, 1.0 + noise_->advance());
      demand.active_scale *= factor;
      demand.reactive_scale *= factor;
    }
    return demand;
  }
  void set_noise(const ArNoise& noise) { noise_ = noise; }
  /// For a kind's own commands (pilot, draw-off, duty ...); nullptr when it is of another kind.
  template <typename T>
  T* as() {
    return std::get_if<T>(&kind_);
  }
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&kind_);
  }

 private:
  Kind kind_;
  std::optional<ArNoise> noise_;
};

}  // namespace hil::models
