#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "controller/lan/lan_settings.h"

namespace hil::controller {

using Time = std::chrono::nanoseconds;  ///< since the controller's start; the core owns no clock

inline constexpr std::size_t max_lines = 4;  ///< COM1..COM3 inverters, COM4 meter
inline constexpr std::size_t max_inverters = 10;
inline constexpr std::size_t max_units_per_line = 10;
inline constexpr std::size_t largest_frame = 256;
inline constexpr std::size_t meter_line = 3;

/// Which rule limits the export; the values are the LAN protocol's (sec1000-lan-protocol 3.3).
enum class ControlMode : std::uint8_t {
  off = 0,    ///< no limit: everything may be exported
  dred = 1,   ///< contacts of the DRED port (AS/NZS 4755)
  rcr = 2,    ///< contacts of the ripple-control receiver (Germany)
  value = 3,  ///< the entered export limit
};
/// What the export limit is compared with; the values are the LAN protocol's (section 3.4).
enum class PhaseMode : std::uint8_t { each = 1, sum = 2 };
enum class ReactiveMode : std::uint8_t { none, power_factor, reactive_power };
/// What a share of the ripple-control receiver limits (physics-and-standards 3.2): the feed-in at the meter, or what
/// the inverters together generate (older plants).
enum class RcrBasis : std::uint8_t { feed_in, generation };

/// Digital inputs: four contacts of the DRED port, four of the ripple-control receiver, the RELOAD button.
enum class Input : std::uint8_t { dred1, dred2, dred3, dred4, rcr1, rcr2, rcr3, rcr4, reload };
inline constexpr std::size_t input_count = 9;

/// How the product is reached over its LAN port. Where the host's operating system owns the network, this is only kept
/// and shown. Factory state and what RELOAD restores: static 192.168.1.200 (seed 001, figure of the configuration);
/// the gateway is its example's.
struct NetworkSettings {
  using Address = std::array<std::uint8_t, 4>;
  bool dhcp = true;
  Address address{192, 168, 1, 200};  ///< of the static mode, as the two below
  Address netmask{255, 255, 255, 0};
  Address gateway{192, 168, 1, 254};
  bool operator==(const NetworkSettings&) const = default;
};
inline constexpr NetworkSettings reload_network{.dhcp = false};

/// What the installer sets up, and what clients change during operation.
struct Settings {
  struct Line {
    std::array<std::uint8_t, max_units_per_line> addresses{};  ///< Modbus addresses of the inverters, in order
    std::size_t count = 0;
    std::int32_t baud = 9600;
    std::int32_t bits_per_character = 10;  ///< start, data, parity and stop bits: 10 (8N1) to 12
    /// Of the battery behind each, Wh; 0: not known (an ET of platform 205 does not tell it), taken as the mean of
    /// those known.
    std::array<double, max_units_per_line> capacity_wh{};
  };
  std::array<Line, max_lines - 1> inverter_lines{};  ///< COM1..COM3
  std::uint8_t meter_address = 1;
  std::int32_t meter_baud = 9600;
  std::int32_t meter_bits_per_character = 10;
  ControlMode control_mode = ControlMode::value;
  PhaseMode phase_mode = PhaseMode::sum;
  bool freeze_cure_enabled = true;  ///< ends an inverter's export-limit freeze by taking its limit away for 6.2 s
  /// At the meter, sum of the phases or each, -100..100 kW; below 0: demanded import; not a number: not entered.
  double export_limit_w = 0.0;
  double total_capacity_w = 0.0;    ///< sum of the inverters' ratings, > 0
  double ct_ratio = 0.0;            ///< primary over secondary current, e.g. 40 for 200 A / 5 A; 0: not set
  double active_power_share = 1.0;  ///< active power regulation: of the total capacity, 0..1
  ReactiveMode reactive_mode = ReactiveMode::none;
  double power_factor = 1.0;        ///< 0.8..1 leading (< 0: lagging), of the inverters together
  double reactive_power_var = 0.0;  ///< + capacitive (raises the voltage), of the inverters together
  /// DRM that each contact of the DRED port stands for, 0..8. A pin is DRMn or DRM(n + 4) by what it is closed to
  /// (physics-and-standards 3.4), which four contacts do not tell: 5..8, as the port belongs to generators, is chosen.
  std::array<std::uint8_t, 4> dred_modes{5, 6, 7, 8};
  double dred_increase_share = 0.5;  ///< DRM4 draws, DRM8 discharges this share of the capacity, 0..1; chosen
  std::array<double, 4> rcr_shares{0.0, 0.3, 0.6, 1.0};  ///< of the four contacts (goodwe-et-modbus 6.4, 47007)
  RcrBasis rcr_basis = RcrBasis::feed_in;                ///< chosen: what new plants have
  double rcr_open_share = 0.0;                           ///< without any contact; physics-and-standards 3.2: the lowest
  LanSettings lan{};
  NetworkSettings network;
};

/// A setting out of its range: "export_limit_w is 200000, must be -100000..100000".
struct SettingsProblem {
  const char* field = "";
  double value = 0.0;
  double lowest = 0.0;
  double highest = 0.0;
};
/// The first setting out of range among those that may be changed while the controller runs; nullopt: none.
std::optional<SettingsProblem> problem_in(const Settings& settings) noexcept;
/// Whether lines, addresses, formats and meter are the same: they are taken at start only.
bool same_wiring(const Settings& a, const Settings& b) noexcept;

}  // namespace hil::controller
