#pragma once

#include "controller/hosts/linux/hosted_core.h"

namespace hil::hosts {

/// The energy controller on a host.
class EnergyCore final : public HostedCore {
 public:
  EnergyCore(const controller::StorageImage& image, const controller::Settings& settings)
      : settings_(settings), core_(image, settings) {}

  void bytes_arrived(std::size_t line, std::span<const std::uint8_t> bytes, controller::Time now) override {
    core_.bytes_arrived(line, bytes, now);
  }
  void woken(controller::Time now) override { core_.woken(now); }
  const controller::Output& output() const override { return core_.output(); }
  void sent() override { core_.sent(); }
  void storage_written(bool good, controller::Time now) override { core_.storage_written(good, now); }

  std::vector<std::string> setup_texts() const override;
  std::string summary(controller::Time now) const override;
  std::string unit_lines(controller::Time now) const override;
  std::string order_lines() const override;
  std::string order(const std::string& /*words*/, controller::Time /*now*/) override {
    return "refused: an energy controller has its orders from LAN clients\n";
  }
  controller::Controller* with_lan_server() override { return &core_; }

 private:
  controller::Settings settings_;  ///< the installer's
  controller::Controller core_;
};

}  // namespace hil::hosts
