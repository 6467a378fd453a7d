#include "sim/wire/wiring_history.h"

#include <algorithm>

namespace hil::sim {
namespace {

WireMarks marks_of(const UartReceiver::Wiring& wiring) {
  SerialFormat at_one_baud = wiring.receiver;
  at_one_baud.baud = wiring.sender.baud;
  return (wiring.swapped ? wire_mark::polarity_swapped : 0) |
         (wiring.sender.baud != wiring.receiver.baud ? wire_mark::wrong_baud : 0) |
         (at_one_baud != wiring.sender ? wire_mark::wrong_format : 0);
}

bool same(const UartReceiver::Wiring& one, const UartReceiver::Wiring& other) {
  return one.sender == other.sender && one.receiver == other.receiver && one.swapped == other.swapped;
}

}  // namespace

void WiringHistory::settle(std::size_t characters, const Wiring& wiring) {
  if (characters <= settled()) return;
  if (!parts_.empty() && same(parts_.back().wiring, wiring)) {
    parts_.back().end = characters;
  } else {
    parts_.push_back({.end = characters, .wiring = wiring});
  }
}

WireMarks WiringHistory::marks(std::size_t characters, const Wiring& last) const {
  WireMarks marks = characters > settled() ? marks_of(last) : 0;
  for (const Part& part : parts_) marks |= marks_of(part.wiring);
  return marks;
}

UartReceiver::Heard WiringHistory::hear(std::span<const std::uint8_t> sent, const Wiring& last,
                                        std::span<std::uint8_t> heard) const {
  UartReceiver::Heard all;
  std::size_t begin = 0;
  const auto hear_until = [&](std::size_t end, const Wiring& wiring) {
    end = std::min(end, sent.size());  // a cut takes away the character under way
    if (end <= begin) return;
    const UartReceiver::Heard part =
        UartReceiver::hear(sent.subspan(begin, end - begin), wiring, heard.subspan(all.count));
    all.count += part.count;
    all.sound = all.sound && part.sound;
    begin = end;
  };
  // What goes on over the same wires is one run.
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const bool goes_on = i + 1 == parts_.size() && same(parts_[i].wiring, last);
    hear_until(goes_on ? sent.size() : parts_[i].end, parts_[i].wiring);
  }
  hear_until(sent.size(), last);
  return all;
}

}  // namespace hil::sim
