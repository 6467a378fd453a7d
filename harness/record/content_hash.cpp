#include "harness/record/content_hash.h"

#define XXH_STATIC_LINKING_ONLY  // the state as a complete type, so that it needs no allocation of its own
#include <fmt/format.h>
#include <xxhash.h>

namespace hil::harness {

struct ContentHash::State {
  XXH3_state_t xxh3;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) {
  XXH3_INITSTATE(&state_->xxh3);
  XXH3_128bits_reset(&state_->xxh3);
}
ContentHash::ContentHash(const ContentHash& other) : state_(std::make_unique<State>()) {
  XXH3_INITSTATE(&state_->xxh3);
  XXH3_128bits_reset(&state_->xxh3);
  XXH3_copyState(&state_->xxh3, &other.state_->xxh3);
}
ContentHash::~ContentHash() = default;

void ContentHash::update(std::string_view bytes) noexcept {
  XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

std::string ContentHash::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh3);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace hil::harness
