#pragma once

#include <deque>
#include <string>

#include "harness/plant/controller_host.h"
#include "harness/plant/event.h"
#include "harness/plant/lan_link.h"
#include "harness/scenario/actions.h"

namespace hil::harness {

/// Carries out what the timeline orders of the controller and of the clients on its LAN port. Each function returns
/// what to tell of it.
class ControllerActions {
 public:
  /// `host`: nullptr when the scenario runs without its controller, orders to which are then only told. Both must
  /// outlive this object.
  ControllerActions(ControllerHost* host, std::deque<LanLink>& clients) : host_(host), clients_(clients) {}

  Event carry_out(const SwitchController& order, sim::Time now);
  Event carry_out(const MoveContact& order, sim::Time now);
  Event carry_out(const ChangeSettings& order, sim::Time now);
  Event carry_out(const StartCommissioning& order, sim::Time now);
  Event carry_out(const OrderLanClient& order, sim::Time now);
  Event carry_out(const SwitchLanClient& order, sim::Time now);

 private:
  /// Throws std::invalid_argument for an unknown client.
  LanLink& client(const std::string& name);

  ControllerHost* host_;
  std::deque<LanLink>& clients_;
};

}  // namespace hil::harness
