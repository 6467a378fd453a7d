#pragma once

#include <string>
#include <vector>

#include "harness/plant/event.h"
#include "harness/scenario/actions.h"
#include "harness/scenario/scenario.h"
#include "models/site/site.h"

namespace hil::harness {

/// Carries out on the site what the timeline orders; faults and marks are not its business.
///
/// Each function returns what to tell of it, its instant left open. They throw std::invalid_argument for a name that
/// does not exist and models::InvalidParameter for a value out of range.
class PlantActions {
 public:
  /// `site` must outlive this object.
  PlantActions(models::Site& site, const SiteSpec& spec);

  Event carry_out(const SwitchLoad& order);
  Event carry_out(const CommandLoad& order);
  Event carry_out(const SetIrradiance& order);
  Event carry_out(const SetClearIndex& order);
  Event carry_out(const ShadeString& order);
  Event carry_out(const SetAmbient& order);
  Event carry_out(const SwitchCable& order);
  Event carry_out(const SwitchContactor& order);

 private:
  models::Site& site_;
  std::vector<std::string> loads_;
  std::vector<std::string> inverters_;
  std::vector<std::string> cables_;
};

}  // namespace hil::harness
