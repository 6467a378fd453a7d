#pragma once

#include <cstdint>
#include <functional>

#include "models/split_mix64.h"
#include "sim/kernel/kernel.h"

namespace hil::sim {

/// Bytes that nobody sends, at random: of a bus without bias. Times between two are exponential, so that each instant
/// is as likely as any other; every byte is as likely as any other.
class StrayBytes {
 public:
  using Sink = std::function<void(std::uint8_t byte, Time now)>;

  StrayBytes(Kernel& kernel, std::uint64_t seed, Sink sink);

  /// From `now` on; 0: none. The same rate again changes nothing.
  void set_rate(double per_s, Time now);

 private:
  void schedule(Time now);

  double per_s_ = 0.0;
  models::SplitMix64 random_;
  Sink sink_;
  Kernel::Alarm alarm_;
};

}  // namespace hil::sim
