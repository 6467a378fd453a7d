#include "sim/wire/stray_bytes.h"

#include <cmath>
#include <utility>

namespace hil::sim {

StrayBytes::StrayBytes(Kernel& kernel, std::uint64_t seed, Sink sink)
    : random_(seed), sink_(std::move(sink)), alarm_(kernel.make_alarm([this](Time now) {
        const auto byte = static_cast<std::uint8_t>(random_.next() >> 56);
        schedule(now);
        sink_(byte, now);
      })) {}

void StrayBytes::set_rate(double per_s, Time now) {
  if (per_s == per_s_) return;
  per_s_ = per_s;
  if (per_s_ > 0.0) {
    schedule(now);
  } else {
    alarm_.cancel();
  }
}

void StrayBytes::schedule(Time now) {
  const double wait_s = -std::log(1.0 - random_.uniform()) / per_s_;
  alarm_.set(now + Time{1 + std::llround(wait_s * 1e9)});
}

}  // namespace hil::sim
