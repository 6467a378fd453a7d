#pragma once

#include <memory>
#include <string>

#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"

namespace hil::fuzz {

/// The device that a map is for, with the plant behind it, stepped in the order of the bench.
class FuzzedPlant {
 public:
  FuzzedPlant() = default;
  virtual ~FuzzedPlant() = default;
  FuzzedPlant(const FuzzedPlant&) = delete;
  FuzzedPlant& operator=(const FuzzedPlant&) = delete;

  virtual const sim::DeviceFace& face() const = 0;
  /// One step of 10 ms.
  virtual void step() = 0;
  virtual bool is_finite() const = 0;
  sim::Time now() const { return now_; }

 protected:
  sim::Time now_{0};
};

/// By the name of the map: GoodWe ET, Sinexcel PWS1, PWG2 and PWS2, SolaX hybrid, else the site's meter.
std::unique_ptr<FuzzedPlant> plant_behind(const std::string& map);

}  // namespace hil::fuzz
