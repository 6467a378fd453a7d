#include "harness/live/first_request.h"

#include <algorithm>

#include "sim/wire/modbus_rtu.h"

namespace hil::harness {

bool FirstRequest::take(std::uint8_t byte) {
  ++taken_;
  if (latest_.size() >= 2 * sim::largest_rtu_frame) {
    latest_.erase(latest_.begin(), latest_.end() - static_cast<std::ptrdiff_t>(sim::largest_rtu_frame));
  }
  latest_.push_back(byte);
  const std::span<const std::uint8_t> latest(latest_);
  for (std::size_t bytes = std::min(latest.size(), sim::largest_rtu_frame); bytes > 0; --bytes) {
    const auto end = latest.last(bytes);
    if (!sim::is_whole_rtu_request(end)) continue;
    request_.assign(end.begin(), end.end());
    return true;
  }
  return false;
}

}  // namespace hil::harness
