#include "sim/devices/pcs_state.h"

#include <algorithm>

namespace hil::sim {
namespace {

/// These show only when a string is to carry current.
constexpr std::uint32_t causes_under_way =
    PcsState::dc_contactor | PcsState::no_battery | PcsState::off_grid_undervoltage;

}  // namespace

void PcsState::power_down() {
  for (String& string : used()) enter(string, Phase::stopped);
}

void PcsState::power_up(Time now) {
  now_ = now;
  powered_at_ = now;
  initialising_ = true;
  shared_latched_ = 0;
  for (String& string : used()) {
    enter(string, Phase::stopped);
    string.latched = 0;
  }
}

bool PcsState::switched_on() const {
  return std::any_of(used().begin(), used().end(), [](const String& string) { return string.phase != Phase::stopped; });
}

bool PcsState::anything_latched() const {
  return shared_latched_ != 0 ||
         std::any_of(used().begin(), used().end(), [](const String& string) { return string.latched != 0; });
}

std::size_t PcsState::running() const {
  return static_cast<std::size_t>(
      std::count_if(used().begin(), used().end(), [](const String& string) { return string.phase == Phase::running; }));
}

bool PcsState::may_start() const {
  return !initialising_ && !switched_on() && !anything_latched();
}

bool PcsState::may_start(std::size_t string) const {
  return !initialising_ && strings_[string].phase == Phase::stopped && latched(string) == 0;
}

bool PcsState::may_stop(std::size_t string) const {
  const Phase phase = strings_[string].phase;
  return !initialising_ && (phase == Phase::starting || phase == Phase::running);
}

bool PcsState::may_clear() const {
  if (initialising_) return false;
  if (shared_latched_ != 0 && (shared_latched_ & shared_present_) == 0) return true;
  return std::any_of(used().begin(), used().end(), [](const String& string) {
    return string.latched != 0 && (string.latched & string.present) == 0;
  });
}

bool PcsState::may_clear(std::size_t string) const {
  const String& one = strings_[string];
  return !initialising_ && one.latched != 0 && (one.latched & one.present) == 0;
}

void PcsState::take_modes(bool off_grid, Dispatch dispatch) {
  if (switched_on()) return;
  off_grid_ = off_grid;
  dispatch_ = dispatch;
}

void PcsState::start(bool off_grid, Dispatch dispatch) {
  take_modes(off_grid, dispatch);
  for (String& string : used()) enter(string, Phase::starting);
}

void PcsState::start(std::size_t string, bool off_grid, Dispatch dispatch) {
  take_modes(off_grid, dispatch);
  enter(strings_[string], Phase::starting);
}

void PcsState::stop() {
  for (std::size_t i = 0; i < count_; ++i) {
    if (may_stop(i)) stop(i);
  }
}

// What is not connected yet has nothing to bring down.
void PcsState::stop(std::size_t string) {
  String& one = strings_[string];
  enter(one, one.connects ? Phase::stopping : Phase::stopped);
}

void PcsState::clear() {
  if ((shared_latched_ & shared_present_) == 0) shared_latched_ = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (may_clear(i)) clear(i);
  }
}

void PcsState::clear(std::size_t string) {
  strings_[string].latched = 0;
}

void PcsState::latch(std::uint32_t causes, std::size_t string) {
  strings_[string].latched |= causes;
}

void PcsState::enter(String& string, Phase phase) {
  string.phase = phase;
  string.since = now_;
  string.connects = phase == Phase::running || phase == Phase::stopping;
}

void PcsState::advance(Time now, const Inputs& inputs) {
  now_ = now;
  if (initialising_ && now - powered_at_ >= init_time) initialising_ = false;
  waits_ = false;
  if (initialising_) return;
  for (String& string : used()) find_faults(string, inputs.undetected);
  for (std::size_t i = 0; i < count_; ++i) move(strings_[i], inputs, inputs.in_service[i]);
}

void PcsState::find_faults(String& string, std::uint32_t undetected) {
  const bool idle = string.phase == Phase::stopped;
  const std::uint32_t seen = ~undetected & (idle ? ~causes_under_way : ~0U);
  string.latched |= string.present & seen;
  shared_latched_ |= shared_present_ & seen;
}

void PcsState::move(String& string, const Inputs& inputs, bool in_service) {
  if ((string.latched | shared_latched_) != 0) {
    if (string.phase != Phase::stopped) enter(string, Phase::stopped);
    return;
  }
  const bool waits = inputs.grid_waits && !off_grid_;
  switch (string.phase) {
    case Phase::stopped:
      break;
    case Phase::starting:
      waits_ = waits_ || waits;
      if (now_ - string.since < connect_time || waits) {
        string.connects = false;
      } else if (string.connects && in_service) {
        enter(string, Phase::running);
      } else {
        waits_ = waits_ || string.connects;
        string.connects = true;
      }
      break;
    case Phase::running:
      if (in_service) break;
      // On the grid the relay opened: it closes again when the grid has been good for long enough, without another
      // start.
      enter(string, Phase::starting);
      string.since = now_ - connect_time;
      string.connects = off_grid_;  // there the stage itself knows when to begin again
      waits_ = true;
      break;
    case Phase::stopping:
      if (now_ - string.since >= stop_time) enter(string, Phase::stopped);
      break;
  }
}

PcsState::State PcsState::state() const {
  if (initialising_) return State::init;
  const auto any = [this](Phase phase) {
    return std::any_of(used().begin(), used().end(), [phase](const String& string) { return string.phase == phase; });
  };
  if (any(Phase::running)) {
    if (off_grid_) return State::off_grid;
    return dispatch_ == Dispatch::ac ? State::grid_ac : dispatch_ == Dispatch::dc ? State::grid_dc : State::grid_string;
  }
  if (any(Phase::starting)) return State::starting;
  if (any(Phase::stopping)) return State::stopping;
  return anything_latched() ? State::fault : State::stopped;
}

}  // namespace hil::sim
