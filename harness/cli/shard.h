#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hil::harness {

/// One share of a run that several machines do: every `of`-th case, from `part` on, counted from 1.
struct Shard {
  std::size_t part = 1;
  std::size_t of = 1;

  bool holds(std::size_t place) const { return place % of == part - 1; }
};

/// From "2/4"; nullopt for anything but two whole numbers with 1 <= part <= of.
std::optional<Shard> shard_from(std::string_view text);

/// What is wrong with such a text.
std::string shard_fault(std::string_view text);

}  // namespace hil::harness
