#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hil::harness {

/// XXH3, 128 bits, over bytes as they come. The same as `xxh128sum` over the same bytes.
class ContentHash {
 public:
  ContentHash();
  ContentHash(const ContentHash& other);
  ~ContentHash();
  ContentHash& operator=(const ContentHash&) = delete;
  void update(std::string_view bytes) noexcept;
  /// 32 hex digits, high half first.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hil::harness
