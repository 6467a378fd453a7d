#pragma once

#include <cstdint>

namespace hil::models {

/// Set of the bits that a named enum lists, one bit a value. Costs what an integer costs.
template <typename Flag>
class FlagSet {
 public:
  constexpr FlagSet() = default;
  constexpr void put(Flag flag, bool on = true) { bits_ = on ? bits_ | bit(flag) : bits_ & ~bit(flag); }
  constexpr bool has(Flag flag) const { return (bits_ & bit(flag)) != 0; }
  constexpr bool any() const { return bits_ != 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  constexpr FlagSet operator|(FlagSet other) const { return FlagSet(bits_ | other.bits_); }
  constexpr bool operator==(const FlagSet&) const = default;

 private:
  explicit constexpr FlagSet(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t bit(Flag flag) { return std::uint32_t{1} << static_cast<std::uint32_t>(flag); }
  std::uint32_t bits_ = 0;
};

}  // namespace hil::models
