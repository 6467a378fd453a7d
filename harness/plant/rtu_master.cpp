#include "harness/plant/rtu_master.h"

#include <utility>

#include "harness/plant/modbus_codes.h"

namespace hil::harness {
namespace {

constexpr std::size_t shortest_frame = 5;  // unit, function, exception code, checksum
constexpr std::size_t checksum_bytes = 2;
constexpr std::size_t usual_queue = 64;

}  // namespace

RtuMaster::RtuMaster(sim::Kernel& kernel, sim::SerialLine& line, sim::Time timeout, Done done)
    : kernel_(kernel),
      line_(line),
      timeout_(timeout),
      done_(std::move(done)),
      silence_(kernel.make_alarm([this](sim::Time /*now*/) { frame_over(); })),
      deadline_(kernel.make_alarm([this](sim::Time /*now*/) { timed_out(); })) {
  queue_.reserve(usual_queue);
  sent_.reserve(sim::largest_rtu_frame);
  received_.reserve(sim::largest_rtu_frame);
  line_.set_far_side([this](std::span<const std::uint8_t> bytes, sim::Time now) { arrived(bytes, now); });
}

void RtuMaster::ask(const Request& request) {
  queue_.push_back(request);
  if (!under_way_) send_first();
}

void RtuMaster::send_first() {
  if (queue_.empty()) return;
  const Request& request = queue_.front();
  under_way_ = true;
  expired_ = dropped_ = false;
  received_.clear();
  sent_.assign(1, request.unit);
  const auto pdu = request.bytes();
  sent_.insert(sent_.end(), pdu.begin(), pdu.end());
  sim::append_crc(sent_);
  deadline_.set(kernel_.now() + line_.format().characters(static_cast<long>(sent_.size())) + timeout_);
  line_.send(sent_);
}

void RtuMaster::arrived(std::span<const std::uint8_t> bytes, sim::Time now) {
  if (!under_way_) return;
  // A frame is no longer than that; what comes without a silence is none.
  if (received_.size() < sim::largest_rtu_frame) received_.insert(received_.end(), bytes.begin(), bytes.end());
  if (expired_ && received_.size() >= sim::largest_rtu_frame) return finish(Outcome::garbled, {});
  silence_.set(now + line_.format().t3_5());
}

void RtuMaster::frame_over() {
  if (!under_way_ || received_.empty()) return;
  const Request& request = queue_.front();
  const bool sound = received_.size() >= shortest_frame && sim::has_valid_crc(received_) &&
                     received_[0] == request.unit && (received_[1] & ~exception_bit) == request.pdu[0];
  if (sound) {
    finish(Outcome::reply, std::span{received_}.subspan(1, received_.size() - 1 - checksum_bytes));
    return;
  }
  dropped_ = true;
  received_.clear();
  if (expired_) finish(Outcome::garbled, {});
}

void RtuMaster::timed_out() {
  if (!under_way_) return;
  expired_ = true;
  if (received_.empty()) finish(dropped_ ? Outcome::garbled : Outcome::none, {});
}

void RtuMaster::finish(Outcome outcome, std::span<const std::uint8_t> pdu) {
  deadline_.cancel();
  silence_.cancel();
  const Request request = queue_.front();
  queue_.erase(queue_.begin());
  done_(request, outcome, pdu);
  under_way_ = false;
  send_first();
}

}  // namespace hil::harness
