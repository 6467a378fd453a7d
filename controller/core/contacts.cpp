#include "controller/core/contacts.h"

#include <algorithm>

namespace hil::controller {
namespace {

constexpr std::size_t first_rcr = static_cast<std::size_t>(Input::rcr1);
/// DRM1..3 and DRM5..7 (physics-and-standards 3.4).
constexpr std::array dred_bounds{0.0, 0.5, 0.75};

}  // namespace

void Contacts::changed(std::size_t input, bool closed, Time now) noexcept {
  if (input >= contacts_.size()) return;
  settle(now);
  Contact& contact = contacts_[input];
  if (contact.level == closed) return;
  contact.level = closed;
  contact.since = now;
  next_wake_ = std::min(next_wake_, now + debounce);
}

void Contacts::settle(Time now) noexcept {
  next_wake_ = Time::max();
  for (Contact& contact : contacts_) {
    if (contact.level == contact.closed) continue;
    if (now - contact.since >= debounce) {
      contact.closed = contact.level;
    } else {
      next_wake_ = std::min(next_wake_, contact.since + debounce);
    }
  }
}

GridDemand Contacts::demand(const Settings& settings, Time now) noexcept {
  settle(now);
  if (settings.control_mode == ControlMode::dred) return dred(settings);
  if (settings.control_mode == ControlMode::rcr) return rcr(settings, now);
  return {};
}

GridDemand Contacts::dred(const Settings& settings) const noexcept {
  constexpr int none = 9;
  int consumption = none;
  int generation = none;
  GridDemand demand;
  for (std::size_t k = 0; k < settings.dred_modes.size(); ++k) {
    const int mode = settings.dred_modes[k];
    if (!contacts_[k].closed || mode >= none) continue;
    if (mode == 0) {
      demand.disconnect = true;
    } else if (mode <= 4) {
      consumption = std::min(consumption, mode);
    } else {
      generation = std::min(generation, mode);
    }
  }
  if (consumption <= 3) demand.import_share = dred_bounds[static_cast<std::size_t>(consumption - 1)];
  if (generation <= 7) demand.generation_share = dred_bounds[static_cast<std::size_t>(generation - 5)];
  demand.increase_import = consumption == 4;
  demand.increase_generation = generation == 8;
  return demand;
}

GridDemand Contacts::rcr(const Settings& settings, Time now) noexcept {
  std::size_t closed = 0;
  double lowest = 1.0;
  for (std::size_t k = 0; k < settings.rcr_shares.size(); ++k) {
    if (!contacts_[first_rcr + k].closed) continue;
    ++closed;
    lowest = std::min(lowest, settings.rcr_shares[k]);
  }
  GridDemand demand;
  double share = lowest;
  if (closed == 1) {
    rcr_share_ = lowest;
    rcr_bad_since_.reset();
  } else {
    if (!rcr_bad_since_) rcr_bad_since_ = now;
    demand.contacts_faulty = now - *rcr_bad_since_ >= rcr_change_over;
    if (!demand.contacts_faulty) next_wake_ = std::min(next_wake_, *rcr_bad_since_ + rcr_change_over);
    if (closed == 0) share = settings.rcr_open_share;
    if (!demand.contacts_faulty && rcr_share_) share = *rcr_share_;
  }
  if (settings.rcr_basis == RcrBasis::feed_in) {
    demand.feed_in_share = share;
  } else {
    demand.generation_share = share;
  }
  return demand;
}

}  // namespace hil::controller
