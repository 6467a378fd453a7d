#include "controller/core/bus_master.h"

#include <algorithm>

namespace hil::controller {

using namespace std::chrono_literals;

Time LineTiming::characters(std::size_t count) const noexcept {
  const std::int64_t bits = std::int64_t{bits_per_character} * static_cast<std::int64_t>(count);
  return Time{(bits * 1'000'000'000 + baud - 1) / baud};
}

Time LineTiming::frame_gap() const noexcept {
  constexpr std::int32_t fixed_gap_above_baud = 19200;
  return baud > fixed_gap_above_baud ? Time{1750us} : characters(7) / 2 + 1ns;  // rounded up, never short
}

void UnitHealth::answered() {
  state_ = State::answering;
  misses_ = 0;
}

void UnitHealth::missed(Time now) {
  if (++misses_ < misses_until_lost) return;
  misses_ = misses_until_lost;
  state_ = State::lost;
  next_try_ = now + lost_unit_period;
}

bool BusMaster::free(Time now) noexcept {
  if (state_ == State::gap && now >= deadline_) state_ = State::free;
  return state_ == State::free;
}

std::size_t BusMaster::send(const Request& request, Time now, std::span<std::uint8_t> frame, Time turnaround) noexcept {
  const std::size_t size = build_request(request, frame);
  open_ = request;
  heard_count_ = 0;
  stray_count_ = 0;
  data_count_ = 0;
  asked_at_ = now + timing_.characters(size) + timing_.frame_gap();
  deadline_ = asked_at_ + turnaround + timing_.characters(reply_size(request));
  last_heard_ = now;
  state_ = State::waiting_for_reply;
  return size;
}

BusMaster::Outcome BusMaster::heard(std::span<const std::uint8_t> bytes, Time now) noexcept {
  if (state_ != State::waiting_for_reply) {
    stray_count_ += bytes.size();
    if (state_ == State::free) state_ = State::gap;
    deadline_ = std::min(now + timing_.frame_gap(), longest_gap_);
    return Outcome::none;
  }
  last_heard_ = now;
  for (const std::uint8_t byte : bytes) {
    if (heard_count_ == heard_.size()) {  // noise: keep the newer half, a reply may still come
      std::copy(heard_.begin() + largest_frame / 2, heard_.end(), heard_.begin());
      heard_count_ = largest_frame / 2;
    }
    heard_[heard_count_++] = byte;
  }
  const Reply reply = find_reply(open_, {heard_.data(), heard_count_});
  if (reply.kind == Reply::Kind::none) return Outcome::none;
  end_exchange(now, now);
  turnaround_ = now - asked_at_ - timing_.characters(heard_count_);
  if (reply.kind == Reply::Kind::exception) return Outcome::refused;
  data_count_ = reply.data.size();
  std::copy(reply.data.begin(), reply.data.end(), data_.begin());
  constexpr std::size_t crc_size = 2;
  if (!reply.data.empty()) {
    const auto data_at = static_cast<std::size_t>(reply.data.data() - heard_.data());
    stray_count_ = heard_count_ - data_at - data_count_ - crc_size;
  }
  return Outcome::answered;
}

BusMaster::Outcome BusMaster::woken(Time now) noexcept {
  if (state_ != State::waiting_for_reply || now < deadline_) return Outcome::none;
  end_exchange(last_heard_, now);
  return Outcome::timed_out;
}

void BusMaster::end_exchange(Time quiet_since, Time now) {
  state_ = State::gap;
  deadline_ = quiet_since + timing_.frame_gap();
  longest_gap_ = now + longest_turnaround;
}

}  // namespace hil::controller
