#include "sim/wire/driven_characters.h"

#include <algorithm>

#include "sim/wire/modbus_rtu.h"

namespace hil::sim {

namespace {
constexpr std::uint8_t spoiling_pattern = 0x5A;
}

bool add_noise(std::span<std::uint8_t> bytes, double rate, models::SplitMix64& random) {
  bool hit = false;
  for (std::uint8_t& byte : bytes) {
    if (random.uniform() >= rate) continue;
    const auto other = static_cast<unsigned>(random.uniform() * 255.0);  // 0..254: never the same byte
    byte = static_cast<std::uint8_t>(byte ^ (1U + other));
    hit = true;
  }
  return hit;
}

DrivenCharacters::DrivenCharacters(const SerialFormat& format) : format_(format) {
  // Room for a frame and the next one run into it; a longer stream is no Modbus and may allocate.
  bytes_.reserve(2 * largest_rtu_frame);
  begins_.reserve(2 * largest_rtu_frame);
  is_spoilt_.reserve(2 * largest_rtu_frame);
}

void DrivenCharacters::clear() {
  bytes_.clear();
  begins_.clear();
  is_spoilt_.clear();
  any_spoilt_ = false;
  marks_ = 0;
  noise_reached_ = 0;
  longest_gap_ = Time{0};
  run_length_ = 0;
}

void DrivenCharacters::append(std::span<const std::uint8_t> bytes, Time begin) {
  if (run_length_ == 0 || begin != end_) {
    if (!bytes_.empty()) longest_gap_ = std::max(longest_gap_, begin - end_);
    run_begin_ = begin;
    run_length_ = 0;
  }
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  is_spoilt_.resize(bytes_.size(), 0);
  while (begins_.size() < bytes_.size()) begins_.push_back(run_begin_ + format_.characters(run_length_++));
  end_ = run_begin_ + format_.characters(run_length_);
}

void DrivenCharacters::spoil(Time from, Time until, WireMarks why) {
  const Time character = format_.characters(1);
  for (std::size_t i = bytes_.size(); i-- > 0 && begins_[i] + character > from;) {
    if (begins_[i] >= until || is_spoilt_[i] != 0) continue;
    bytes_[i] ^= spoiling_pattern;
    is_spoilt_[i] = 1;
    any_spoilt_ = true;
    marks_ |= why;
  }
}

void DrivenCharacters::add_noise(double rate, models::SplitMix64& random, Time until) {
  const std::size_t from = noise_reached_;
  if (!begins_.empty() && begins_.back() < until) noise_reached_ = bytes_.size();
  while (noise_reached_ < bytes_.size() && begins_[noise_reached_] < until) ++noise_reached_;
  if (rate <= 0.0) return;
  const std::span<std::uint8_t> reached = std::span(bytes_).subspan(from, noise_reached_ - from);
  if (sim::add_noise(reached, rate, random)) marks_ |= wire_mark::noise;
}

void DrivenCharacters::cut(Time now) {
  if (end_ <= now) return;
  const Time character = format_.characters(1);
  while (!bytes_.empty() && begins_.back() + character > now) {
    bytes_.pop_back();
    begins_.pop_back();
    is_spoilt_.pop_back();
  }
  noise_reached_ = std::min(noise_reached_, bytes_.size());
  end_ = now;
  marks_ |= wire_mark::cable_cut;
}

bool DrivenCharacters::change_format(const SerialFormat& format, Time now) {
  if (format == format_) return false;
  const std::size_t first = begun_before(now);
  if (first == bytes_.size()) return false;
  run_begin_ = begins_[first];  // the character under way ends first
  format_ = format;
  run_length_ = 0;
  for (std::size_t i = first; i < begins_.size(); ++i) begins_[i] = run_begin_ + format_.characters(run_length_++);
  end_ = run_begin_ + format_.characters(run_length_);
  return true;
}

void DrivenCharacters::seal() {
  if (!any_spoilt_ || !has_valid_crc(bytes_)) return;
  // One changed bit in a frame that fits its CRC never fits it again.
  const auto spoilt = std::find(is_spoilt_.begin(), is_spoilt_.end(), std::uint8_t{1});
  bytes_[static_cast<std::size_t>(spoilt - is_spoilt_.begin())] ^= 1u;
}

std::span<const std::uint8_t> DrivenCharacters::bytes_begun_since(Time from) const {
  return std::span<const std::uint8_t>(bytes_).subspan(begun_before(from));
}

std::size_t DrivenCharacters::begun_before(Time moment) const {
  return static_cast<std::size_t>(std::lower_bound(begins_.begin(), begins_.end(), moment) - begins_.begin());
}

}  // namespace hil::sim
