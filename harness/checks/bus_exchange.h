#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "harness/plant/tcp_traffic.h"
#include "sim/devices/register_map.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// A request on a line, or of an EMS on Modbus TCP to a device of that line, and what became of it.
struct BusExchange {
  std::uint8_t unit = 0;
  std::uint8_t function = 0;
  std::uint16_t address = 0;  ///< first register, where the function has one
  std::uint16_t count = 0;    ///< registers; 0: the function has none
  bool on_network = false;    ///< on Modbus TCP
  sim::Time begin{0};         ///< first bit of the request; on TCP when the EMS puts it
  bool repeated = false;      ///< unit, function and first register of the request before on the line (on TCP to that
                              ///< device), which stayed without an answer
  bool answered = false;      ///< with a sound frame of the unit
  bool refused = false;       ///< which was an exception
  sim::Time answered_at{0};   ///< last bit of the answer; on TCP when the EMS has it whole

  bool reads(sim::Table table) const;
  bool writes(sim::Table table) const;
  bool covers(std::uint16_t first, int registers) const;
};

struct ExchangeListener {
  std::function<void(const BusExchange&)> requested;  ///< at the end of each request; on TCP when it is put
  std::function<void(const BusExchange&)>
      concluded;  ///< with its answer, or at the next request; on TCP at the timeout
};

/// What the request before asked, and whether it stayed without an answer. A master may ask for more or fewer registers
/// when it repeats, so that a late answer cannot pass for the other.
class FormerRequest {
 public:
  /// `head`: unit, if it has one, function and first register of the request now; whether it repeats the one before.
  bool repeated_by(std::span<const std::uint8_t> head);
  void stayed_unanswered() { unanswered_ = true; }
  /// Nothing repeats it.
  void forget() { size_ = 0; }

 private:
  std::array<std::uint8_t, 4> bytes_{};
  std::size_t size_ = 0;
  bool unanswered_ = false;
};

/// Puts the frames of one line together to exchanges. Broadcasts and spoilt requests are none.
class ExchangeFollower {
 public:
  explicit ExchangeFollower(ExchangeListener listener) : listener_(std::move(listener)) {}

  /// A monitor of the line; allocates nothing.
  void frame(const sim::SerialLine::FrameRecord& record);

 private:
  void request(const sim::SerialLine::FrameRecord& record);

  ExchangeListener listener_;
  BusExchange present_;
  bool open_ = false;
  FormerRequest former_;
};

/// The same of what an EMS asks one device on Modbus TCP: each request that it puts, whether or not there is a
/// connection; answered is what its client takes for an answer.
class TcpExchangeFollower {
 public:
  explicit TcpExchangeFollower(ExchangeListener listener) : listener_(std::move(listener)) {}

  /// A monitor of the device's connection; allocates nothing.
  void exchange(const TcpExchange& part);

 private:
  ExchangeListener listener_;
  BusExchange present_;
  FormerRequest former_;
};

}  // namespace hil::harness
