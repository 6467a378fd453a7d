#pragma once

#include <optional>

#include "sim/devices/solax_hybrid.h"
#include "sim/wire/modbus_server.h"

namespace hil::sim {

/// In front of the registers of a SolaX inverter: silence while that has no supply or boots. Its maker asks for a
/// second between requests; sooner ones are counted and, with `strict`, not answered (what a device does with them is
/// not public: solax-parallel 3).
class SolaxPort final : public ModbusServer {
 public:
  static constexpr std::chrono::seconds least_interval{1};

  SolaxPort(const SolaxHybrid& device, ModbusServer& registers, bool strict)
      : device_(device), registers_(registers), strict_(strict) {}

  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) override {
    if (!device_.answers()) return 0;
    const bool too_soon = last_request_ && now - *last_request_ < least_interval;
    last_request_ = now;
    if (too_soon) rushed_requests_ += 1.0;
    return too_soon && strict_ ? 0 : registers_.serve(request_pdu, reply, now);
  }

  const double& rushed_requests() const { return rushed_requests_; }

 private:
  const SolaxHybrid& device_;
  ModbusServer& registers_;
  bool strict_;
  std::optional<Time> last_request_{};
  double rushed_requests_ = 0.0;
};

}  // namespace hil::sim
