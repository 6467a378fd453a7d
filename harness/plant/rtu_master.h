#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// The far side of one line: puts requests on it one after the other, in their order, and tells what came back.
///
/// What arrives until t3.5 of silence is a frame. The answer to a request is the first sound frame behind it: good
/// checksum, from the unit, of the function or its exception. Others are dropped, and the answer is waited for until
/// the timeout, which counts from the last bit of the request; a frame that has begun by then may end. Nothing is asked
/// again. Must not outlive line and kernel.
class RtuMaster {
 public:
  static constexpr std::size_t longest_pdu = 253;
  struct Request {
    std::uint8_t unit = 0;
    std::array<std::uint8_t, longest_pdu> pdu{};
    std::size_t length = 0;
    std::size_t tag = 0;  ///< the owner's own

    std::span<const std::uint8_t> bytes() const { return std::span{pdu}.first(length); }
  };
  enum class Outcome : unsigned char {
    reply,    ///< with its PDU
    none,     ///< nothing came
    garbled,  ///< something came, but no answer
  };
  using Done = std::function<void(const Request& request, Outcome outcome, std::span<const std::uint8_t> pdu)>;

  RtuMaster(sim::Kernel& kernel, sim::SerialLine& line, sim::Time timeout, Done done);
  RtuMaster(const RtuMaster&) = delete;  // the line holds its address
  RtuMaster& operator=(const RtuMaster&) = delete;

  /// Behind those that wait.
  void ask(const Request& request);
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
