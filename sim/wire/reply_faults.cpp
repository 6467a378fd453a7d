#include "sim/wire/reply_faults.h"

#include <algorithm>

namespace hil::sim {
namespace {

/// 0 .. count - 1.
std::size_t draw_below(std::size_t count, models::SplitMix64& random) {
  return std::min(static_cast<std::size_t>(random.uniform() * static_cast<double>(count)), count - 1);
}

}  // namespace

WireMarks draw(const ReplyFaults& faults, WireMarks candidates, models::SplitMix64& random) {
  WireMarks hits = 0;
  for (std::size_t i = 0; i < reply_fault_count; ++i) {
    const WireMarks mark = mark_of(static_cast<ReplyFault>(i));
    const double probability = faults.settings[i].probability;
    if ((candidates & mark) != 0 && probability > 0.0 && random.uniform() < probability) hits |= mark;
  }
  return hits;
}

Time added_wait(const ReplyFaults& faults, WireMarks hits, models::SplitMix64& random) {
  Time wait{0};
  if ((hits & wire_mark::delay) != 0) wait += faults[ReplyFault::delay].time;
  if ((hits & wire_mark::jitter) != 0) {
    const auto most = static_cast<double>(faults[ReplyFault::jitter].time.count());
    wait += Time{static_cast<Time::rep>(most * random.uniform())};
  }
  return wait;
}

void OutgoingReply::insert(std::size_t at, std::uint8_t byte) {
  const auto place = bytes_.begin() + static_cast<std::ptrdiff_t>(at);
  const auto end = bytes_.begin() + static_cast<std::ptrdiff_t>(size_);
  std::copy_backward(place, end, end + 1);
  *place = byte;
  ++size_;
}

void OutgoingReply::build(std::uint8_t address, std::size_t pdu_length, const ReplyFaults& faults, WireMarks hits,
                          models::SplitMix64& random) {
  const auto hit = [hits](ReplyFault fault) { return (hits & mark_of(fault)) != 0; };
  const auto number = [&faults](ReplyFault fault) { return faults[fault].number; };
  marks_ = hits;
  size_ = 1 + pdu_length;
  bytes_[0] = hit(ReplyFault::wrong_unit) ? static_cast<std::uint8_t>(number(ReplyFault::wrong_unit)) : address;
  if (hit(ReplyFault::wrong_function)) bytes_[1] = static_cast<std::uint8_t>(number(ReplyFault::wrong_function));
  const std::uint16_t crc = modbus_crc(std::span(bytes_).first(size_));
  bytes_[size_++] = static_cast<std::uint8_t>(crc & 0xFFU);
  bytes_[size_++] = static_cast<std::uint8_t>(crc >> 8);

  if (hit(ReplyFault::flipped_bit)) {
    const std::size_t bit = draw_below(8 * size_, random);
    bytes_[bit / 8] = static_cast<std::uint8_t>(bytes_[bit / 8] ^ 1U << bit % 8);
  }
  if (hit(ReplyFault::wrong_crc)) {
    for (std::size_t i = size_ - 2; i < size_; ++i) bytes_[i] = static_cast<std::uint8_t>(~bytes_[i]);
  }
  if (hit(ReplyFault::doubled_byte)) {
    const std::size_t at = draw_below(size_, random);
    insert(at, bytes_[at]);
  }
  if (hit(ReplyFault::extra_bytes)) {
    const int count = number(ReplyFault::extra_bytes);
    for (int i = 0; i < std::abs(count); ++i) {
      insert(count < 0 ? 0 : size_, static_cast<std::uint8_t>(random.next() >> 56));
    }
  }
  if (hit(ReplyFault::truncated)) {
    const auto wanted = static_cast<std::size_t>(number(ReplyFault::truncated));
    size_ = wanted == 0 ? 1 + draw_below(size_ - 1, random) : std::min(wanted, size_ - 1);
  }

  run_count_ = 0;
  const std::size_t wanted = static_cast<std::size_t>(number(ReplyFault::split));
  const std::size_t head = wanted == 0 ? size_ / 2 : std::min(wanted, size_);
  const int times = hit(ReplyFault::duplicated) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    const Time pause = i == 0 ? Time{0} : faults[ReplyFault::duplicated].time;
    if (hit(ReplyFault::split) && head > 0 && head < size_) {
      add_run({0, head, pause});
      add_run({head, size_ - head, faults[ReplyFault::split].time});
    } else {
      add_run({0, size_, pause});
    }
  }
}

}  // namespace hil::sim
