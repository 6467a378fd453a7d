#include "harness/plant/invariant_text.h"

#include <fmt/format.h>

namespace hil::harness {
namespace {

std::string worst_energy(const models::Site& site, const std::vector<std::string>& inverters) {
  std::size_t worst = 0;
  for (std::size_t i = 1; i < site.inverter_count(); ++i) {
    if (site.energy_residual_w(i) > site.energy_residual_w(worst)) worst = i;
  }
  return inverters.at(worst);
}

std::string not_finite(const models::Site& site, const std::vector<std::string>& inverters) {
  for (std::size_t i = 0; i < site.inverter_count(); ++i) {
    if (!site.finite(i)) return "a value of " + inverters.at(i) + " is not a number";
  }
  return "a value of the plant is not a number";
}

}  // namespace

std::string describe_broken(const models::Site& site, const std::vector<std::string>& inverters) {
  using Bounds = models::Site::Invariants;
  const models::Site::Invariants& now = site.invariants();
  if (!now.finite) return not_finite(site, inverters);
  if (!now.solved) {
    return fmt::format(
        "the network has no solution: the last iterate misses the current law at {} by {:.3g} A, at most {:g} A",
        site.bus_name(now.unsolved_bus), now.current_residual_a, Bounds::current_residual_bound_a);
  }
  if (now.inverter_energy_residual_w > Bounds::energy_residual_bound_w) {
    return fmt::format("energy of {} does not close: {:.3f} W, at most {} W", worst_energy(site, inverters),
                       now.inverter_energy_residual_w, Bounds::energy_residual_bound_w);
  }
  if (now.site_energy_residual_w > Bounds::energy_residual_bound_w) {
    return fmt::format("energy of the site does not close: {:.3f} W, at most {} W", now.site_energy_residual_w,
                       Bounds::energy_residual_bound_w);
  }
  if (now.current_residual_a > Bounds::current_residual_bound_a) {
    return fmt::format("the current law does not hold: {:.3g} A, at most {:g} A", now.current_residual_a,
                       Bounds::current_residual_bound_a);
  }
  return fmt::format("a state of charge is not the integral of its current: off by {:.3g}, at most {:g}",
                     now.soc_residual, Bounds::soc_residual_bound);
}

}  // namespace hil::harness
