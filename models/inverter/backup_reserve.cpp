#include "models/inverter/backup_reserve.h"

#include <algorithm>
#include <cmath>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

using Seconds = std::chrono::duration<double>;

// Less than this is nothing: neither a limit nor a draw.
constexpr double least_w = 1.0;
// Sums of steps miss a time by less; it must not cost a step.
constexpr double rounding_s = 1e-9;

const BackupReserve::Parameters& checked(const BackupReserve::Parameters& p) {
  require(p.lowest_soc >= 0.0 && p.lowest_soc <= 1.0, "lowest_soc", p.lowest_soc, "0..1");
  require(p.restart_soc_rise >= 0.0 && p.restart_soc_rise <= 1.0, "restart_soc_rise", p.restart_soc_rise, "0..1");
  require(std::isfinite(p.restart_pv_w) && p.restart_pv_w > 0.0, "restart_pv_w", p.restart_pv_w, "> 0");
  require(p.bridge.count() >= 0, "bridge_s", Seconds{p.bridge}.count(), ">= 0");
  require(p.restart_delay.count() >= 0, "restart_delay_s", Seconds{p.restart_delay}.count(), ">= 0");
  return p;
}

}  // namespace

BackupReserve::BackupReserve(const Parameters& parameters, std::chrono::nanoseconds step)
    : parameters_(checked(parameters)), step_s_(Seconds{step}.count()), restart_pv_w_(parameters.restart_pv_w) {}

bool BackupReserve::gives(const Inputs& inputs) const {
  return inputs.max_discharge_w > least_w && inputs.soc > parameters_.lowest_soc && inputs.soc >= restart_soc_;
}

bool BackupReserve::may_start(const Inputs& inputs) const {
  return gives(inputs) || inputs.pv_available_w >= parameters_.restart_pv_w;
}

bool BackupReserve::low(double soc) const {
  return soc < std::max(derated_soc, parameters_.lowest_soc + parameters_.restart_soc_rise);
}

bool BackupReserve::exhausted(const Inputs& inputs) {
  // An island that PV alone began again has the battery for its bridge only, until that is charged.
  if (inputs.soc >= restart_soc_) restart_soc_ = 0.0;
  const bool beyond_limit = inputs.battery_discharge_w > inputs.max_discharge_w;
  if (inputs.battery_discharge_w <= least_w || (gives(inputs) && !(low(inputs.soc) && beyond_limit))) {
    short_s_ = 0.0;
    return false;
  }
  short_s_ += step_s_;
  return beyond_limit || inputs.missing || short_s_ > Seconds{parameters_.bridge}.count() + rounding_s;
}

void BackupReserve::end(const Inputs& inputs, bool empty) {
  waits_ = true;
  short_s_ = waited_s_ = sunny_s_ = 0.0;
  const double from_soc = std::max(parameters_.lowest_soc, inputs.soc);
  restart_soc_ = empty ? std::min(1.0, from_soc + parameters_.restart_soc_rise) : 0.0;
  restart_pv_w_ = std::max(parameters_.restart_pv_w, pv_margin * inputs.pv_available_w);
}

bool BackupReserve::restarts(const Inputs& inputs) {
  waited_s_ += step_s_;
  sunny_s_ = inputs.pv_available_w >= restart_pv_w_ ? sunny_s_ + step_s_ : 0.0;
  const double delay_s = Seconds{parameters_.restart_delay}.count() - rounding_s;
  const bool charged = gives(inputs);
  if (sunny_s_ < delay_s && !(charged && waited_s_ >= delay_s)) return false;
  waits_ = false;
  return true;
}

void BackupReserve::reset() {
  waits_ = false;
  short_s_ = restart_soc_ = 0.0;
}

void BackupReserve::set_restart_delay(std::chrono::nanoseconds restart_delay) {
  Parameters changed = parameters_;
  changed.restart_delay = restart_delay;
  parameters_ = checked(changed);
}

}  // namespace hil::models
