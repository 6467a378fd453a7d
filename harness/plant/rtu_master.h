#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/plant/ems_master.h"
#include "sim/kernel/kernel.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// The far side of one line: puts requests on it one after the other, in their order, and tells what came back.
///
/// What arrives until t3.5 of silence is a frame. The answer to a request is the first sound frame behind it: good
/// checksum, from the unit, of the function or its exception. Others are dropped, and the answer is waited for until
/// the timeout, which counts from the last bit of the request; a frame that has begun by then may end. Must not outlive
/// line and kernel.
class RtuMaster final : public EmsMaster {
 public:
  RtuMaster(sim::Kernel& kernel, sim::SerialLine& line, sim::Time timeout, Done done);
  RtuMaster(const RtuMaster&) = delete;  // the line holds its address
  RtuMaster& operator=(const RtuMaster&) = delete;

  void ask(const Request& request) override;
  /// Requests that are under way or wait.
  std::size_t waiting() const { return queue_.size(); }

 private:
  void send_first();
  void arrived(std::span<const std::uint8_t> bytes, sim::Time now);
  void frame_over();
  void timed_out();
  void finish(Outcome outcome, std::span<const std::uint8_t> pdu);

  sim::Kernel& kernel_;
  sim::SerialLine& line_;
  sim::Time timeout_;
  Done done_;
  std::vector<Request> queue_;  ///< the first is under way
  bool under_way_ = false;
  bool expired_ = false;  ///< its time is over, with a frame begun
  bool dropped_ = false;  ///< a frame came that was no answer
  std::vector<std::uint8_t> sent_;
  std::vector<std::uint8_t> received_;  ///< of the frame that has begun
  sim::Kernel::Alarm silence_;
  sim::Kernel::Alarm deadline_;
};

}  // namespace hil::harness
