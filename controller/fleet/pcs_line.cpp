#include "controller/fleet/pcs_line.h"

#include <algorithm>
#include <utility>

namespace hil::controller {

PcsLine::PcsLine(const Settings::Line& settings, std::size_t strings) noexcept
    : settings_(settings), master_({settings.baud, settings.bits_per_character}) {
  settings_.count = std::min(settings_.count, max_units_per_line);
  units_.fill(PcsUnit(std::clamp<std::size_t>(strings, 1, most_pcs_strings)));
}

bool PcsLine::heard(std::span<const std::uint8_t> bytes, Time now) noexcept {
  const BusMaster::Outcome outcome = master_.heard(bytes, now);
  if (outcome == BusMaster::Outcome::none || !open_) return false;
  const Open open = *std::exchange(open_, std::nullopt);
  if (outcome == BusMaster::Outcome::answered) {
    units_[open.unit].answered(open.job, master_.data(), now);
    return open.job.kind == PcsUnit::Job::Kind::status;
  }
  units_[open.unit].refused(open.job, now);
  return false;
}

bool PcsLine::woken(Time now) noexcept {
  if (master_.woken(now) != BusMaster::Outcome::timed_out || !open_) return false;
  const Open open = *std::exchange(open_, std::nullopt);
  units_[open.unit].missed(now);
  return true;
}

std::size_t PcsLine::ask(Time now, std::span<std::uint8_t> frame) noexcept {
  if (!master_.free(now)) return 0;
  // Each unit is looked at twice at most: for its status and for a job.
  for (std::size_t looks = 0; looks <= 2 * settings_.count; ++looks) {
    if (settings_.count == 0) break;
    PcsUnit& unit = units_[next_unit_];
    std::optional<PcsUnit::Job> job;
    if (!std::exchange(status_asked_, true)) {
      if (unit.health().due(now)) job = PcsUnit::Job{};
    } else {
      job = unit.due(now);
      status_asked_ = false;
    }
    const std::size_t asked = next_unit_;
    if (!status_asked_) next_unit_ = (next_unit_ + 1) % settings_.count;
    if (!job) continue;
    if (job->kind == PcsUnit::Job::Kind::command && job->command == PcsCommand::start) unit.start_was_sent();
    open_ = Open{asked, *job};
    return master_.send(PcsUnit::request(settings_.addresses[asked], *job), now, frame);
  }
  return 0;
}

Time PcsLine::next_wake() const noexcept {
  if (master_.state() != BusMaster::State::free) return master_.next_wake();
  Time next = Time::max();
  for (std::size_t k = 0; k < settings_.count; ++k) next = std::min(next, units_[k].health().next_try());
  return next;
}

}  // namespace hil::controller
