#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "harness/scenario/scenario.h"
#include "models/site/site.h"
#include "sim/devices/storage_converter.h"

namespace hil::harness {

/// What the registers of a map take, and what they hold at first: by the map itself, and by the storage converter or
/// SolaX inverter of the first site in the library that has one with this map.
class RegisterBounds {
 public:
  RegisterBounds(const sim::RegisterMap& map, const std::filesystem::path& library);

  /// "takes -100000 W to 100000 W, at first 0 W", "takes 0, 1 or 2 *, at first 1"; empty where nothing can be written,
  /// or nothing is known of it. *: the device holds it against other values, too.
  std::string of(const sim::RegisterRow& row) const;
  /// "pcs1 of sites/sinexcel_pws1_400v.xml"; empty: no site has such a converter.
  const std::string& device() const { return device_; }

 private:
  bool make_device(const std::string& map);

  std::string device_;
  std::optional<Scenario> scenario_;
  std::unique_ptr<models::Site> plant_;
  std::unique_ptr<sim::StorageConverter> converter_;  ///< on plant_; or
  std::unique_ptr<sim::SolaxHybrid> solax_;           ///< likewise
  const sim::DeviceFace* face_ = nullptr;             ///< of one of them
};

}  // namespace hil::harness
