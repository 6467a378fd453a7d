#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hil::harness {

/// Finds the first whole Modbus RTU request in what comes on a line: for any unit, in any pieces, whatever came before.
///
/// Of the functions whose length is known, see sim::is_whole_rtu_request(). Gaps between bytes say nothing here:
/// adapters and serial servers make and swallow them.
class FirstRequest {
 public:
  /// True when a request ends with this byte.
  bool take(std::uint8_t byte);
  /// That request; empty: there was none yet.
  std::span<const std::uint8_t> request() const { return request_; }
  /// Bytes taken, those of the request among them.
  std::uint64_t taken() const { return taken_; }

 private:
  std::vector<std::uint8_t> latest_;  ///< at least the last of the length of a frame
  std::vector<std::uint8_t> request_;
  std::uint64_t taken_ = 0;
};

}  // namespace hil::harness
