#pragma once

#include "controller/fleet/fleet_controller.h"
#include "controller/hosts/linux/hosted_core.h"

namespace hil::hosts {

/// The leader of a fleet of storage converters on a host. It has no LAN server, and no transfer switch: a serial
/// adapter has no contact for one.
class FleetCore final : public HostedCore {
 public:
  FleetCore(const controller::StorageImage& image, const controller::FleetSettings& settings)
      : core_(image, settings) {}

  void bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, controller::Time now) override {
    core_.bytes_arrived(line, bytes, now);
  }
  void woken(controller::Time now) override { core_.woken(now); }
  const controller::Output& output() const override { return core_.output(); }
  void sent() override { core_.sent(); }
  void storage_written(bool good, controller::Time now) override { core_.storage_written(good, now); }

  std::vector<std::string> setup_texts() const override { return {}; }
  std::string summary(controller::Time now) const override;
  std::string unit_lines(controller::Time now) const override;
  std::string order_lines() const override;
  /// "stop", "power W [VAR]", "self_consumption [IMPORT_W [VAR]]", "release"
  std::string order(const std::string& words, controller::Time now) override;

 private:
  std::string carry_out(const std::string& name, std::vector<double> numbers, controller::Time now);
  std::string import_text(controller::Time now) const;

  controller::FleetController core_;
};

}  // namespace hil::hosts
