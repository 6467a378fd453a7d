#include "controller/fleet/pcs_unit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr Time refused_pause = 1s;

constexpr std::size_t at(PcsSetting setting) {
  return static_cast<std::size_t>(setting);
}

constexpr bool is_power(PcsSetting setting) {
  return setting == PcsSetting::active_power || setting == PcsSetting::reactive_power;
}

}  // namespace

bool PcsUnit::runs_off_grid() const noexcept {
  return status_ && status_->running && acknowledged_[at(PcsSetting::grid_interconnection)] == 1;
}

bool PcsUnit::wants_to_run() const noexcept {
  if (!order_.run || !status_) return false;
  const std::optional<std::uint16_t>& mode = acknowledged_[at(PcsSetting::grid_interconnection)];
  // What runs the other way has to rest before it can be changed.
  return !status_->running || !mode || *mode == (order_.off_grid ? 1 : 0);
}

PcsUnit::Phase PcsUnit::phase() const noexcept {
  if (!status_) return Phase::unknown;
  // With one string latched the others may still run: then it is led like any other.
  if (status_->fault_latched && !status_->running) {
    const bool may_yet_clear = clears_ < most_clears || status_at_ < last_clear_ + clear_shows_after;
    return may_yet_clear ? Phase::faulted : Phase::left_alone;
  }
  if (!wants_to_run()) return status_->running ? Phase::stopping : Phase::stopped;
  if (status_->running) return Phase::running;
  return start_began_ == Time::max() ? Phase::setting_up : Phase::starting;
}

PcsWords PcsUnit::wanted() const noexcept {
  if (phase() == Phase::stopping) {
    PcsWords words = encode_pcs_settings(false, 0.0, 0.0);
    for (std::size_t k = 0; k < words.size(); ++k) {
      if (!is_power(static_cast<PcsSetting>(k))) words[k] = acknowledged_[k].value_or(words[k]);
    }
    return words;
  }
  return encode_pcs_settings(order_.off_grid, order_.ac_injection_w, order_.ac_injection_var);
}

std::optional<PcsUnit::Job> PcsUnit::write_due(Time now) const noexcept {
  if (now < no_write_before_) return std::nullopt;
  const PcsWords words = wanted();
  // Off the grid nobody regulates power: the load does.
  const bool load_decides = status_->running ? runs_off_grid() : order_.off_grid;
  for (std::size_t k = 0; k < words.size(); ++k) {
    const auto setting = static_cast<PcsSetting>(k);
    if (acknowledged_[k] == words[k]) continue;
    if (is_power(setting) && load_decides) continue;
    return Job{.kind = Job::Kind::write, .setting = setting, .word = words[k]};
  }
  return std::nullopt;
}

// The limits of each string in turn, then the states of all: a fleet's lines have no time for all of it at once.
std::optional<PcsUnit::Job> PcsUnit::battery_due(Time now) const noexcept {
  const Time period = battery_period / static_cast<std::int64_t>(strings_ + 1);
  if (battery_read_at_ != Time::min() && now - battery_read_at_ < period) return std::nullopt;
  if (next_read_ == strings_) return Job{.kind = Job::Kind::strings, .string = strings_};
  return Job{.kind = Job::Kind::limits, .string = next_read_ + 1};
}

bool PcsUnit::strings_due(Time now) const noexcept {
  if (strings_ == 1) return false;
  const bool one_stands = std::any_of(battery_.begin(), battery_.begin() + static_cast<std::ptrdiff_t>(strings_),
                                      [](const String& string) { return string.stands_since != Time::max(); });
  return strings_news_ || (one_stands && now - strings_read_at_ >= strings_period);
}

std::optional<PcsUnit::Job> PcsUnit::string_start_due(Time now) const noexcept {
  if (now < no_command_before_ || runs_off_grid()) return std::nullopt;
  for (std::size_t k = 0; k < strings_; ++k) {
    const String& string = battery_[k];
    if (string.stands_since == Time::max() || string.fault_latched || now < string.no_start_before) continue;
    if (now - string.stands_since < string_start_pause) continue;
    return Job{.kind = Job::Kind::start_string, .string = k + 1};
  }
  return std::nullopt;
}

double PcsUnit::able_share(Time now) const noexcept {
  std::size_t able = 0;
  for (std::size_t k = 0; k < strings_; ++k) {
    able += battery_[k].stands_since == Time::max() && now >= battery_[k].counts_from ? 1 : 0;
  }
  return static_cast<double>(able) / static_cast<double>(strings_);
}

std::uint8_t PcsUnit::limit_findings() const noexcept {
  constexpr double least_distance_v = 5.0;
  constexpr double most_distance_v = 10.0;
  constexpr double half_count_v = 0.05;
  std::uint8_t found = 0;
  const auto add_if = [&found](bool odd, LimitFinding finding) {
    if (odd) found = static_cast<std::uint8_t>(found | static_cast<std::uint8_t>(finding));
  };
  for (std::size_t k = 0; k < strings_; ++k) {
    const PcsBatteryLimits& limits = battery_[k].limits;
    if (!battery_[k].limits_known) continue;
    const double distance_v = limits.end_of_discharge_v - limits.lower_limit_v;
    add_if(std::abs(limits.float_v - limits.topping_v) > half_count_v, LimitFinding::float_is_not_topping);
    add_if(distance_v < least_distance_v - half_count_v, LimitFinding::lower_limit_too_near);
    add_if(distance_v > most_distance_v + half_count_v, LimitFinding::lower_limit_too_far);
  }
  return found;
}

bool PcsUnit::must_charge() const noexcept {
  for (std::size_t k = 0; k < strings_; ++k) {
    // 0 V is no reading: a converter has it where it has no such register.
    const String& string = battery_[k];
    if (string.fault_latched) continue;  // it takes no charge
    if (string.battery_v > 0.0 && string.battery_v <= string.limits.lower_limit_v) return true;
  }
  return false;
}

std::optional<PcsUnit::Job> PcsUnit::command_due(PcsCommand command, Time now) const noexcept {
  if (now < no_command_before_) return std::nullopt;
  return Job{.kind = Job::Kind::command, .command = command};
}

std::optional<PcsUnit::Job> PcsUnit::clear_due(Time now) const noexcept {
  if (!status_->fault_latched || clears_ >= most_clears || now - fault_seen_ < clear_pause) return std::nullopt;
  return command_due(PcsCommand::clear_faults, now);
}

std::optional<PcsUnit::Job> PcsUnit::due(Time now) const noexcept {
  if (!status_ || !health_.answering()) return std::nullopt;
  const auto command = [&](PcsCommand which) { return command_due(which, now); };
  const Job read_back{.kind = Job::Kind::settings};
  switch (phase()) {
    case Phase::unknown:
      return std::nullopt;
    case Phase::stopped:
    case Phase::left_alone:
      return battery_due(now);
    case Phase::faulted:
      if (const std::optional<Job> clear = clear_due(now)) return clear;
      return battery_due(now);
    case Phase::setting_up:
      if (const std::optional<Job> write = write_due(now)) return write;
      if (now < no_write_before_) return std::nullopt;
      if (written_since_read_) return read_back;
      return order_.waits ? std::nullopt : command(PcsCommand::start);
    case Phase::starting:
      if (const std::optional<Job> write = write_due(now)) return write;
      if (const std::optional<Job> start = command(PcsCommand::start)) return start;
      return battery_due(now);
    case Phase::running:
      if (const std::optional<Job> write = write_due(now)) return write;
      if (const std::optional<Job> clear = clear_due(now)) return clear;
      if (strings_due(now)) return Job{.kind = Job::Kind::strings, .string = strings_};
      if (const std::optional<Job> start = string_start_due(now)) return start;
      if (settings_read_at_ == Time::min() || now - settings_read_at_ >= settings_repeat) return read_back;
      return battery_due(now);
    case Phase::stopping: {
      // Until the next status shows it, stop_began_ is Time::max(): then there is time.
      const bool patient = !runs_off_grid() && (stop_began_ == Time::max() || now - stop_began_ < discharge_patience);
      if (patient && std::abs(status_->ac_injection_w) >= rest_w) return write_due(now);
      return command(PcsCommand::stop);
    }
  }
  return std::nullopt;
}

Request PcsUnit::request(std::uint8_t address, const Job& job) noexcept {
  switch (job.kind) {
    case Job::Kind::settings:
      return pcs_settings_request(address);
    case Job::Kind::write:
      return pcs_setting_request(address, job.setting, job.word);
    case Job::Kind::command:
      return pcs_command_request(address, job.command);
    case Job::Kind::limits:
      return pcs_limits_request(address, job.string);
    case Job::Kind::strings:
      return pcs_strings_request(address, job.string);
    case Job::Kind::start_string:
      return pcs_string_start_request(address, job.string);
    case Job::Kind::status:
      break;
  }
  return pcs_status_request(address);
}

void PcsUnit::take_settings(const PcsWords& found, Time now) noexcept {
  for (std::size_t k = 0; k < found.size(); ++k) {
    if (acknowledged_[k] && *acknowledged_[k] != found[k] && written_since_read_) {
      ++ignored_writes_;
      no_write_before_ = now + refused_pause;
    }
    acknowledged_[k] = found[k];
  }
  settings_read_at_ = now;
  written_since_read_ = false;
}

void PcsUnit::take_status(std::span<const std::uint8_t> data, Time now) noexcept {
  const bool latched_before = status_ && status_->fault_latched;
  status_ = decode_pcs_status(data);
  lost_off_grid_ = false;
  status_at_ = now;
  running_since_ = status_->running ? std::min(running_since_, now) : Time::max();
  fault_seen_ = status_->fault_latched ? std::min(fault_seen_, now) : Time::max();
  if (!status_->fault_latched && now - first_clear_ >= clears_counted_for) clears_ = 0;
  if (status_->running || status_->fault_latched || !order_.run) {
    start_began_ = Time::max();
    start_sent_ = false;
  }
  stop_began_ = phase() == Phase::stopping ? std::min(stop_began_, now) : Time::max();
  strings_news_ = strings_news_ || latched_before != status_->fault_latched;
  if (!status_->running) forget_strings();
}

void PcsUnit::take_strings(std::span<const std::uint8_t> data, Time now) noexcept {
  std::array<PcsString, most_pcs_strings> found{};
  bool one_runs = false;
  for (std::size_t k = 0; k < strings_; ++k) {
    found[k] = decode_pcs_string(data, k + 1);
    battery_[k].battery_v = found[k].battery_v;
    battery_[k].fault_latched = found[k].fault_latched;
    one_runs = one_runs || found[k].running;
  }
  strings_were_read(now);
  // While none of them runs, the converter has not connected yet or has no such registers.
  if (!one_runs || !status_ || !status_->running) return forget_strings();
  for (std::size_t k = 0; k < strings_; ++k) {
    String& string = battery_[k];
    if (found[k].running && !found[k].fault_latched) {
      string.stands_since = Time::max();
    } else {
      string.stands_since = std::min(string.stands_since, now);
      string.counts_from = now + connect_time;
    }
  }
}

void PcsUnit::forget_strings() noexcept {
  for (String& string : battery_) {
    string.stands_since = Time::max();
    string.counts_from = string.no_start_before = Time::min();
    string.fault_latched = false;
  }
}

void PcsUnit::answered(const Job& job, std::span<const std::uint8_t> data, Time now) noexcept {
  health_.answered();
  switch (job.kind) {
    case Job::Kind::status:
      take_status(data, now);
      return;
    case Job::Kind::settings:
      take_settings(decode_pcs_settings(data), now);
      return;
    case Job::Kind::write:
      acknowledged_[at(job.setting)] = job.word;
      if (job.setting == PcsSetting::active_power) acknowledged_at_ = now;
      written_since_read_ = true;
      return;
    case Job::Kind::command:
      no_command_before_ = now + command_repeat;
      if (job.command == PcsCommand::start) start_began_ = std::min(start_began_, now);
      if (job.command == PcsCommand::clear_faults) {
        no_command_before_ = now + clear_pause;
        if (clears_ == 0) first_clear_ = now;
        last_clear_ = now;
        ++clears_;
      }
      return;
    case Job::Kind::limits:
      battery_[job.string - 1].limits = decode_pcs_limits(data);
      battery_[job.string - 1].limits_known = true;
      battery_was_read(now);
      return;
    case Job::Kind::strings:
      take_strings(data, now);
      return;
    case Job::Kind::start_string:
      no_command_before_ = now + command_repeat;
      battery_[job.string - 1].no_start_before = now + start_patience;
      strings_news_ = true;
      return;
  }
}

void PcsUnit::battery_was_read(Time now) noexcept {
  battery_read_at_ = now;
  next_read_ = (next_read_ + 1) % (strings_ + 1);
}

void PcsUnit::strings_were_read(Time now) noexcept {
  strings_news_ = false;
  strings_read_at_ = now;
  if (next_read_ == strings_) battery_was_read(now);
}

void PcsUnit::refused(const Job& job, Time now) noexcept {
  health_.answered();
  if (job.kind == Job::Kind::write) no_write_before_ = now + refused_pause;
  if (job.kind == Job::Kind::command) no_command_before_ = now + command_repeat;
  if (job.kind == Job::Kind::start_string) battery_[job.string - 1].no_start_before = now + start_patience;
  if (job.kind == Job::Kind::limits) battery_was_read(now);
  if (job.kind == Job::Kind::strings) strings_were_read(now);
}

void PcsUnit::missed(Time now) noexcept {
  health_.missed(now);
  // Else one that is silent to this alone would hear nothing else any more.
  strings_news_ = false;
  strings_read_at_ = now;
  if (health_.state() != UnitHealth::State::lost) return;
  if (status_) {
    const std::optional<std::uint16_t>& mode = acknowledged_[at(PcsSetting::grid_interconnection)];
    lost_off_grid_ = mode == 1 && (status_->running || start_sent_);
  }
  // Whoever comes back may have been without power: nothing is known of it.
  status_.reset();
  acknowledged_.fill(std::nullopt);
  settings_read_at_ = Time::min();
  written_since_read_ = true;
  start_began_ = running_since_ = stop_began_ = fault_seen_ = Time::max();
  forget_strings();
}

bool PcsUnit::connected(Time now) const noexcept {
  if (phase() != Phase::running) return false;
  return std::abs(status_->ac_injection_w) >= rest_w || now - running_since_ >= connect_time;
}

bool PcsUnit::is_set_up(Time now) const noexcept {
  return phase() == Phase::setting_up && now >= no_write_before_ && !write_due(now) && !written_since_read_;
}

bool PcsUnit::may_run(bool open) const noexcept {
  if (health_.state() == UnitHealth::State::never_heard) return true;
  if (!status_) return lost_off_grid_ && !open;
  return status_->running || start_began_ != Time::max();
}

std::optional<double> PcsUnit::acknowledged_w() const noexcept {
  const std::optional<std::uint16_t>& word = acknowledged_[at(PcsSetting::active_power)];
  if (!word) return std::nullopt;
  PcsWords words{};
  words[at(PcsSetting::active_power)] = *word;
  return ac_injection_w_of(words);
}

bool PcsUnit::start_failed(Time now) const noexcept {
  return start_began_ != Time::max() && now - start_began_ >= start_patience;
}

}  // namespace hil::controller
