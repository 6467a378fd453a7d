#include "sim/wire/station.h"

#include <algorithm>
#include <stdexcept>

#include "sim/wire/modbus_rtu.h"
#include "sim/wire/uart_receiver.h"

namespace hil::sim {

Station::Station(const SerialLine::Unit& unit, const SerialFormat& line_format)
    : driven(line_format), unit_(unit), line_format_(line_format), random_(unit.seed) {}

void Station::settle_wiring(const DrivenCharacters& request, bool swapped, Time now) {
  const UartReceiver::Wiring out = wiring_out(swapped);
  if (sending()) reply_wiring.settle(driven.begun_before(now), out);
  if (request.empty()) return;
  request_wiring_.settle(request.begun_before(now),
                         {.sender = out.receiver, .receiver = out.sender, .swapped = out.swapped});
}

std::span<const std::uint8_t> Station::make_out(const DrivenCharacters& request, bool swapped,
                                                std::span<std::uint8_t> scratch) {
  if (condition_.silent || cut_off_ || !listening()) return {};
  if (condition_.strict_gaps && request.longest_gap() > format().t1_5()) return {};
  std::span<const std::uint8_t> frame = request.bytes();
  const UartReceiver::Wiring wiring{
      .sender = line_format_, .receiver = format(), .swapped = swapped != condition_.polarity_swapped};
  const bool as_sent = request_wiring_.marks(frame.size(), wiring) == 0;
  const bool noisy = condition_.byte_error_rate > 0.0;
  if (as_sent && !noisy) return frame;
  if (!as_sent) {
    const UartReceiver::Heard heard = request_wiring_.hear(frame, wiring, scratch);
    if (!heard.sound) return {};
    frame = scratch.first(heard.count);
  } else {
    std::copy(frame.begin(), frame.end(), scratch.begin());
    frame = scratch.first(frame.size());
  }
  if (noisy) add_noise(scratch.first(frame.size()), condition_.byte_error_rate, random_);
  return frame.size() <= largest_rtu_frame && has_valid_crc(frame) ? frame : std::span<const std::uint8_t>{};
}

bool Station::serve(std::span<const std::uint8_t> frame, bool broadcast, Time now) {
  const std::span<const std::uint8_t> request_pdu = frame.subspan(1, frame.size() - 3);
  const std::span<std::uint8_t> pdu = reply_.pdu();
  hits_ = broadcast ? 0 : draw(condition_.replies, decided_at_request, random_);
  pdu_length_ = 0;
  if ((hits_ & wire_mark::exception) != 0) {
    constexpr unsigned exception_bit = 0x80;
    pdu[0] = static_cast<std::uint8_t>(request_pdu[0] | exception_bit);
    pdu[1] = static_cast<std::uint8_t>(condition_.replies[ReplyFault::exception].number);
    pdu_length_ = 2;
  } else {
    pdu_length_ = unit_.server->serve(request_pdu, pdu, now);
  }
  if (pdu_length_ > pdu.size()) throw std::length_error("reply of unit \"" + unit_.name + "\" exceeds 253 bytes");
  if (broadcast || pdu_length_ == 0) return false;
  state_ = State::turnaround;
  next_run_ = 0;
  reply_at_ = now + unit_.turnaround + added_wait(condition_.replies, hits_, random_);
  return true;
}

void Station::begin_run() {
  state_ = State::sending;
  if (next_run_ == 0) {
    hits_ |= draw(condition_.replies, decided_at_reply, random_);
    reply_.build(address(), pdu_length_, condition_.replies, hits_, random_);
  }
  driven.clear();
  reply_wiring.clear();
  driven.set_format(format());
  driven.append(reply_.bytes(reply_.runs()[next_run_]), reply_at_);
  driven.mark(reply_.marks());
  unheard_until = reply_at_;
}

bool Station::end_run() {
  ++next_run_;
  const bool more = next_run_ < reply_.runs().size() && !cut_off_ && !condition_.silent;
  if (more) {
    state_ = State::turnaround;
    reply_at_ = driven.end() + reply_.runs()[next_run_].pause;
    return false;
  }
  state_ = State::listening;
  held_until = driven.end() + condition_.slow_release;
  return true;
}

}  // namespace hil::sim
