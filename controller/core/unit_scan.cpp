#include "controller/core/unit_scan.h"

#include <algorithm>
#include <utility>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

/// Chosen: a collision of two answers does not spoil three in a row alike.
constexpr std::size_t identity_reads = 3;
/// Chosen: a probe that nobody answers takes the line for 0.19 s; the range is through within half a minute.
constexpr Time sweep_pause = 2s;
constexpr Time held_sweep_pause = 1s;

}  // namespace

void UnitScan::begin(const Settings::Line& line, std::uint8_t first_address, Time first_at) noexcept {
  const bool hold = hold_strangers_;
  *this = UnitScan{};
  hold_strangers_ = hold;
  addresses_ = line.addresses;
  count_ = std::min(line.count, max_units_per_line);
  first_address_ = first_address;
  begun_ = true;
  next_at_ = first_at;
}

std::uint8_t UnitScan::candidate(std::size_t position) const {
  return position < scanned_range ? static_cast<std::uint8_t>(first_address_ + position) : factory_address;
}

bool UnitScan::is_configured(std::uint8_t address) const {
  return std::find(addresses_.begin(), addresses_.begin() + static_cast<std::ptrdiff_t>(count_), address) !=
         addresses_.begin() + static_cast<std::ptrdiff_t>(count_);
}

std::optional<UnitScan::Question> UnitScan::configured_question() noexcept {
  if (position_ == count_) {
    position_ = 0;
    ++pass_;
  }
  if (count_ == 0 || pass_ == identity_reads) {
    phase_ = Phase::firmware;
    position_ = 0;
    return std::nullopt;
  }
  return Question{addresses_[position_++], Question::Kind::identity};
}

std::optional<UnitScan::Question> UnitScan::question_of_each(Question::Kind kind, Phase after) noexcept {
  while (position_ < count_) {
    const std::size_t unit = position_++;
    if (records_[unit].presence == UnitRecord::Presence::answering) {
      return Question{addresses_[unit], kind};
    }
  }
  phase_ = after;
  position_ = 0;
  return std::nullopt;
}

std::optional<UnitScan::Question> UnitScan::sweep_question(Time now) noexcept {
  for (; position_ <= scanned_range; ++position_) {
    const std::uint8_t address = candidate(position_);
    const bool again = position_ == scanned_range && in_range(address);
    if (address > highest_address || is_configured(address) || again) continue;
    ++position_;
    next_at_ = now + (hold_strangers_ ? held_sweep_pause : sweep_pause);
    return Question{address, Question::Kind::identity};
  }
  swept_ = true;
  phase_ = Phase::done;
  next_at_ = now + held_sweep_pause;
  return std::nullopt;
}

std::optional<UnitScan::Question> UnitScan::next(Time now, bool idle) noexcept {
  if (!begun_ || now < next_at_) return std::nullopt;
  if (to_stop_) {
    asked_ = {*std::exchange(to_stop_, std::nullopt), Question::Kind::stand_still};
    return asked_;
  }
  std::optional<Question> question;
  if (phase_ == Phase::configured) question = configured_question();
  if (!question && phase_ == Phase::firmware) {
    question = question_of_each(Question::Kind::firmware, Phase::own_meters);
  }
  if (!question && phase_ == Phase::own_meters) {
    question = question_of_each(Question::Kind::own_meter, Phase::sweep);
  }
  if (!question && phase_ == Phase::done && hold_strangers_) {
    phase_ = Phase::sweep;
    position_ = 0;
  }
  if (!question && phase_ == Phase::sweep && idle) question = sweep_question(now);
  if (question) asked_ = *question;
  return question;
}

Time UnitScan::next_wake() const noexcept {
  const bool nothing_left = phase_ == Phase::done && !hold_strangers_ && !to_stop_;
  return !begun_ || nothing_left ? Time::max() : next_at_;
}

bool UnitScan::own_meter_found() const noexcept {
  return std::any_of(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [](const UnitRecord& record) { return record.own_meter; });
}

UnitRecord* UnitScan::asked_record(bool add) noexcept {
  for (std::size_t k = 0; k < count_; ++k) {
    if (addresses_[k] == asked_.address) return &records_[k];
  }
  for (std::size_t k = 0; k < stranger_count_; ++k) {
    if (strangers_[k].address == asked_.address) return &strangers_[k].record;
  }
  // Address 0: the answer to what was asked before begin().
  if (!add || stranger_count_ == max_strangers || asked_.address == 0) return nullptr;
  strangers_[stranger_count_].address = asked_.address;
  return &strangers_[stranger_count_++].record;
}

void UnitScan::answered(std::span<const std::uint8_t> data) noexcept {
  if (asked_.kind == Question::Kind::stand_still) return;
  UnitRecord* record = asked_record(true);
  if (record == nullptr) return;
  if (asked_.kind == Question::Kind::own_meter) {
    record->own_meter = decode_own_meter(data);
    return;
  }
  if (asked_.kind == Question::Kind::firmware) {
    record->firmware = decode_firmware(data);
    return;
  }
  const EtIdentity identity = decode_identity(data);
  if (!identity.is_inverter) return refused();
  if (record->presence == UnitRecord::Presence::answering && record->identity.serial != identity.serial) {
    record->two_units = true;
  }
  record->presence = UnitRecord::Presence::answering;
  record->identity = identity;
  if (hold_strangers_ && !is_configured(asked_.address)) {
    to_stop_ = asked_.address;
    next_at_ = Time{0};  // at once
  }
}

void UnitScan::refused() noexcept {
  if (asked_.kind != Question::Kind::identity) return;
  UnitRecord* record = asked_record(true);
  if (record == nullptr) return;
  // An ET and something else at one address: whoever is faster answers.
  if (record->presence == UnitRecord::Presence::answering) {
    record->two_units = true;
  } else {
    record->presence = UnitRecord::Presence::refusing;
  }
}

void UnitScan::timed_out(bool bytes_heard) noexcept {
  if (asked_.kind != Question::Kind::identity) return;
  if (bytes_heard && phase_ == Phase::sweep && unreadable_ != asked_.address) {
    // Noise, or a late answer of somebody else: once is nothing.
    unreadable_ = asked_.address;
    --position_;
    return;
  }
  UnitRecord* record = asked_record(bytes_heard);
  if (record == nullptr) return;
  if (record->presence == UnitRecord::Presence::not_asked) record->presence = UnitRecord::Presence::silent;
  if (record->presence == UnitRecord::Presence::silent && bytes_heard) record->presence = UnitRecord::Presence::garbled;
}

void UnitScan::second_answer() noexcept {
  if (asked_.kind != Question::Kind::identity) return;
  UnitRecord* record = asked_record(false);
  if (record != nullptr && record->presence == UnitRecord::Presence::answering) record->two_units = true;
}

}  // namespace hil::controller
