#include "sim/devices/solax_run_state.h"

#include <algorithm>

namespace hil::sim {

void SolaxRunState::restart(Time now) {
  now_ = now;
  lost_grid_ = false;
  countdown_s_ = 0.0;
  enter(Mode::waiting);
}

void SolaxRunState::enter(Mode mode) {
  mode_ = mode;
  good_since_ = busy_at_ = now_;
}

void SolaxRunState::advance(Time now, const Inputs& inputs) {
  now_ = now;
  countdown_s_ = 0.0;
  if (inputs.fails_for_good || mode_ == Mode::permanent_fault) return enter(Mode::permanent_fault);
  if (inputs.faulty) return enter(Mode::fault);
  if (!inputs.switched_on) return enter(Mode::standby);
  switch (mode_) {
    case Mode::normal:
    case Mode::idle:
      return serve(inputs);
    case Mode::off_grid_waiting:
    case Mode::off_grid:
      return serve_island(inputs);
    case Mode::fault: {
      // Without an island the loss of the grid is the fault.
      const bool stays = lost_grid_ && !inputs.grid_good && !inputs.may_island;
      if (!stays) enter(Mode::waiting);
      return;
    }
    case Mode::standby:
      return enter(Mode::waiting);
    case Mode::waiting:
    case Mode::checking:
    case Mode::permanent_fault:
      return wait(inputs);
  }
}

void SolaxRunState::wait(const Inputs& inputs) {
  if (!inputs.has_source || !inputs.grid_good) {
    const bool islands = inputs.has_source && inputs.grid_lost && inputs.may_island;
    return enter(islands ? Mode::off_grid_waiting : Mode::waiting);
  }
  if (mode_ == Mode::waiting) enter(Mode::checking);
  if (!counted_down(inputs)) return;
  lost_grid_ = false;
  enter(Mode::normal);
}

void SolaxRunState::serve(const Inputs& inputs) {
  if (inputs.grid_lost) {
    lost_grid_ = true;
    return enter(inputs.may_island ? Mode::off_grid_waiting : Mode::fault);
  }
  if (!inputs.rests) busy_at_ = now_;
  mode_ = now_ - busy_at_ >= idle_after ? Mode::idle : Mode::normal;
}

void SolaxRunState::serve_island(const Inputs& inputs) {
  lost_grid_ = true;
  if (!inputs.may_island) return enter(Mode::waiting);
  mode_ = inputs.island_live ? Mode::off_grid : Mode::off_grid_waiting;
  if (!inputs.grid_good) {
    good_since_ = now_;
  } else if (inputs.joins_grid || counted_down(inputs)) {
    lost_grid_ = false;
    enter(Mode::normal);
  }
}

bool SolaxRunState::counted_down(const Inputs& inputs) {
  const double whole_s = lost_grid_ ? inputs.reconnection_s : inputs.checking_s;
  countdown_s_ = std::max(0.0, whole_s - std::chrono::duration<double>{now_ - good_since_}.count());
  return countdown_s_ <= 0.0;
}

}  // namespace hil::sim
