#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "sim/devices/register_map.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// A request on a line and what became of it.
struct BusExchange {
  std::uint8_t unit = 0;
  std::uint8_t function = 0;
  std::uint16_t address = 0;  ///< first register, where the function has one
  std::uint16_t count = 0;    ///< registers; 0: the function has none
  sim::Time begin{0};         ///< first bit of the request
  bool repeated = false;      ///< the same bytes as the request before on the line, which stayed without an answer
  bool answered = false;      ///< with a sound frame of the unit
  bool refused = false;       ///< which was an exception
  sim::Time answered_at{0};   ///< last bit of the answer

  bool reads(sim::Table table) const;
  bool writes(sim::Table table) const;
  bool covers(std::uint16_t first, int registers) const;
};

/// Puts the frames of one line together to exchanges. Broadcasts and spoilt requests are none.
class ExchangeFollower {
 public:
  struct Listener {
    std::function<void(const BusExchange&)> requested;  ///< at the end of each request
    std::function<void(const BusExchange&)> concluded;  ///< with its answer, or at the next request
  };
  explicit ExchangeFollower(Listener listener) : listener_(std::move(listener)) {}

  /// A monitor of the line; allocates nothing.
  void frame(const sim::SerialLine::FrameRecord& record);

 private:
  void request(const sim::SerialLine::FrameRecord& record);

  Listener listener_;
  BusExchange present_;
  bool open_ = false;
  std::array<std::uint8_t, 256> former_{};  ///< bytes of the last request
  std::size_t former_size_ = 0;
  bool former_unanswered_ = false;
};

}  // namespace hil::harness
