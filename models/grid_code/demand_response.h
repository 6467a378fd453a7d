#pragma once

#include <array>
#include <bitset>
#include <cstddef>

namespace hil::models {

/// Demand response modes of AS/NZS 4755 and 4777.2: DRM0 to DRM8, one contact each.
/// Source: physics-and-standards 3.4 (A/B).
inline constexpr std::size_t demand_response_mode_count = 9;
using DemandResponseModes = std::bitset<demand_response_mode_count>;

struct DemandResponse {
  bool disconnect = false;
  double import_ceiling = 1.0;      ///< 0..1 of rated power
  double generation_ceiling = 1.0;  ///< 0..1 of rated power
  bool increase_import = false;
  bool increase_generation = false;
  bool absorb_reactive = false;  ///< if able
  bool operator==(const DemandResponse&) const = default;
};

inline constexpr std::array<DemandResponse, demand_response_mode_count> demand_response_modes{{
    {.disconnect = true, .import_ceiling = 0.0, .generation_ceiling = 0.0},
    {.import_ceiling = 0.0},
    {.import_ceiling = 0.5},
    {.import_ceiling = 0.75},
    {.increase_import = true},
    {.generation_ceiling = 0.0},
    {.generation_ceiling = 0.5},
    {.generation_ceiling = 0.75, .absorb_reactive = true},
    {.increase_generation = true},
}};

/// Several modes at once: the most restrictive of each quantity. A request for more loses against a limit on the same
/// direction (assumed).
DemandResponse demand_response(const DemandResponseModes& asserted);

/// Ripple-control receiver of German feed-in management: four contacts, physics-and-standards 3.2 (B; rule for several
/// or no contacts C).
struct RippleControl {
  static constexpr std::array<double, 4> contact_fractions{1.0, 0.6, 0.3, 0.0};

  double feed_in_ceiling = 0.0;  ///< 0..1 of installed power, whatever the basis
  bool unclear = false;          ///< no contact or several: to be warned about
};

/// Several closed: the lowest. None closed: `without_contact` (assumed 0, the lowest of all).
RippleControl ripple_control(const std::bitset<4>& closed, double without_contact = 0.0);

}  // namespace hil::models
