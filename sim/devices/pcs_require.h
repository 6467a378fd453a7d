#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace hil::sim {

/// Of the settings of a storage converter. Throws std::invalid_argument; allocates then only.
inline void require(bool holds, std::string_view what) {
  if (!holds) throw std::invalid_argument(std::string{"storage converter: "}.append(what));
}

}  // namespace hil::sim
