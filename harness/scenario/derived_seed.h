#pragma once

#include <cstdint>
#include <string_view>

#include "models/split_mix64.h"

namespace hil::harness {

/// A generator's own seed from the scenario's and the name of who uses it: one consumer more changes no other.
inline std::uint64_t derived_seed(std::uint64_t scenario_seed, std::string_view consumer) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char letter : consumer) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  return models::SplitMix64{scenario_seed ^ hash}.next();
}

}  // namespace hil::harness
