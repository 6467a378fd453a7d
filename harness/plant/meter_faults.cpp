#include "harness/plant/meter_faults.h"

#include "harness/faults/fault_kinds.h"

namespace hil::harness {
namespace {

struct Pair {
  std::size_t one;
  std::size_t other;
};
constexpr std::array<Pair, 3> pairs{{{0, 1}, {1, 2}, {0, 2}}};

}  // namespace

MeterFaults::MeterFaults(models::MeterInstallation& installation)
    : installation_(installation), neutral_built_(installation.meter().parameters().neutral_connected) {
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    built_[k] = installation.meter().input(k);
    reversed_built_[k] = installation.transformer(k).reversed();
    secondary_built_[k] = installation.transformer(k).secondary();
  }
}

void MeterFaults::expose(FaultInjector& faults, const std::string& meter) {
  const auto transformers = fixed_targets(FaultTarget::ct);
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    const std::string target{transformers[k]};
    faults.expose_switch("ct_reversed", target,
                         [this, k](bool on) { installation_.set_reversed(k, on != reversed_built_[k]); });
    faults.expose_switch("ct_open", target, [this, k](bool on) {
      open_[k] = on;
      wire();
    });
    faults.expose_switch("ct_shorted", target, [this, k](bool on) {
      shorted_[k] = on;
      wire();
    });
  }
  const auto pair_targets = fixed_targets(FaultTarget::ct_pair);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    faults.expose_switch("ct_swapped", std::string{pair_targets[p]}, [this, p](bool on) {
      swapped_[p] = on;
      wire();
    });
  }
  faults.expose_switch("ct_rotated", meter, [this](bool on) {
    rotated_ = on;
    wire();
  });
  faults.expose_switch("meter_neutral_lost", meter,
                       [this](bool on) { installation_.set_neutral_connected(!on && neutral_built_); });
}

void MeterFaults::wire() {
  using Secondary = models::CurrentTransformer::Secondary;
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    installation_.set_input(k, built_[k]);
    installation_.set_secondary(k, open_[k] ? Secondary::open : shorted_[k] ? Secondary::shorted : secondary_built_[k]);
  }
  if (rotated_) installation_.rotate_inputs();
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    if (swapped_[p]) installation_.swap_inputs(pairs[p].one, pairs[p].other);
  }
}

}  // namespace hil::harness
