#include "sim/devices/pws2_state.h"

namespace hil::sim {

void Pws2State::power_up(Time now, bool off_grid) {
  now_ = now;
  powered_at_ = now;
  initialising_ = true;
  faulty_ = false;
  off_grid_ = off_grid;
  enter(Phase::stopped);
}

bool Pws2State::start(bool faulty) {
  if (initialising_ || faulty) return false;
  if (phase_ == Phase::starting || phase_ == Phase::running) return true;
  if (phase_ == Phase::stopping) return false;
  enter(Phase::starting);
  return true;
}

// What is not connected yet has nothing to bring down.
void Pws2State::stop() {
  if (phase_ == Phase::starting || phase_ == Phase::running) enter(connects_ ? Phase::stopping : Phase::stopped);
}

bool Pws2State::set_off_grid(bool off_grid) {
  if (off_grid == off_grid_) return true;
  if (phase_ != Phase::stopped) return false;
  off_grid_ = off_grid;
  return true;
}

void Pws2State::set_standby(bool standby) {
  if (standby_ && !standby) switches_from_ = now_ + standby_exit_time;
  standby_ = standby && running();
}

void Pws2State::enter(Phase phase) {
  phase_ = phase;
  since_ = now_;
  connects_ = phase == Phase::running || phase == Phase::stopping;
  standby_ = standby_ && phase == Phase::running;
}

void Pws2State::start_up(const Inputs& inputs) {
  const bool waits = inputs.grid_waits && !off_grid_;
  const Time takes = inputs.checks ? check_time : unchecked_time;
  waits_ = waits;
  if (now_ - since_ < takes || waits) {
    connects_ = false;
  } else if (connects_ && inputs.in_service) {
    enter(Phase::running);
  } else {
    waits_ = connects_;
    connects_ = true;
  }
}

void Pws2State::advance(Time now, const Inputs& inputs) {
  now_ = now;
  waits_ = false;
  if (initialising_ && now - powered_at_ >= init_time) initialising_ = false;
  if (initialising_) return;
  faulty_ = inputs.faulty;
  if (faulty_) {
    const bool held = inputs.restarts && (phase_ == Phase::starting || phase_ == Phase::running);
    if (held || phase_ != Phase::stopped) enter(held ? Phase::starting : Phase::stopped);
    return;
  }
  switch (phase_) {
    case Phase::stopped:
      break;
    case Phase::starting:
      start_up(inputs);
      break;
    case Phase::running:
      if (inputs.in_service) break;
      enter(Phase::starting);
      waits_ = true;
      break;
    case Phase::stopping:
      if (now_ - since_ >= stop_time) enter(Phase::stopped);
      break;
  }
}

Pws2State::State Pws2State::state() const {
  if (initialising_) return State::init;
  if (faulty_) return State::fault;
  switch (phase_) {
    case Phase::stopped:
      return State::stopped;
    case Phase::starting:
      return State::starting;
    case Phase::stopping:
      return State::stopping;
    case Phase::running:
      break;
  }
  if (standby_) return State::standby;
  return off_grid_ ? State::off_grid : State::grid_tied;
}

}  // namespace hil::sim
