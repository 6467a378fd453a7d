#include "sim/devices/demand_response.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace hil::sim {
namespace {

constexpr int dred0 = 0x00FF;        // 47007: the code of DRED0; the others have a bit each, DRED1 the lowest
constexpr int plugged_in = 1 << 15;  // 37000
constexpr double no_receiver = 255.0;

constexpr std::array ripple_shares{0.0, 0.3, 0.6, 1.0};
constexpr std::array dred_shares{0.0, 0.5, 0.75};  // of DRED1..3 for import, DRED5..7 for export

bool has(int command, std::size_t dred) {
  return (command >> (dred - 1) & 1) != 0;
}

}  // namespace

void DemandResponse::publish(DeviceFace& face) {
  face.choice("demand_response_enabled", &enabled_, {0.0, 1.0});
  face.setting("demand_response_command", &command_, 0.0, 255.0);
  face.signal("demand_response_state", &state_);
}

bool DemandResponse::disconnects() const {
  return enabled_ != 0.0 && static_cast<int>(command_) == dred0;
}

DemandResponse::Bounds DemandResponse::bounds() {
  Bounds bounds;
  state_ = no_receiver;
  if (enabled_ == 0.0) return bounds;
  const int command = static_cast<int>(command_);
  // 37000 has bit 0 for DRM0, bit 1 for DRM1, and so on.
  state_ = plugged_in | (command == dred0 ? 1 : command << 1);
  if (command == dred0) {
    bounds.connected = false;
  } else if (ripple_control_) {
    for (std::size_t i = 0; i < ripple_shares.size(); ++i) {
      if (has(command, i + 1)) bounds.export_share = std::min(bounds.export_share, ripple_shares[i]);
    }
  } else {
    for (std::size_t i = 0; i < dred_shares.size(); ++i) {
      if (has(command, i + 1)) bounds.import_share = std::min(bounds.import_share, dred_shares[i]);
      if (has(command, i + 5)) bounds.export_share = std::min(bounds.export_share, dred_shares[i]);
    }
  }
  return bounds;
}

}  // namespace hil::sim
