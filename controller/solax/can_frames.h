#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "controller/settings.h"

namespace hil::controller {

/// A data frame of classical CAN with an identifier of 29 bits.
struct CanMessage {
  std::uint32_t id = 0;
  std::uint8_t length = 0;
  std::array<std::uint8_t, 8> data{};
};

/// What one of the parallel inverters says of itself.
struct SolaxReadings {
  double ac_injection_w = 0.0;       ///< + leaves the inverter
  double battery_discharge_w = 0.0;  ///< - charge
  double pv_w = 0.0;                 ///< taken
  double pv_offered_w = 0.0;         ///< what its PV inputs could give
  double max_charge_w = 0.0;         ///< what BMS and settings allow now, >= 0
  double max_discharge_w = 0.0;
  double capacity_wh = 0.0;
  double rated_w = 0.0;
  double soc = 0.0;  ///< 0 empty, 1 full
  double soc_floor = 0.0;
  std::uint8_t run_mode = 0;        ///< as input register 0x09 (solax-parallel 11.1)
  std::uint8_t order_followed = 0;  ///< sequence of the last order that reached it
  bool in_fallback = false;         ///< no order for too long: it feeds nothing

  /// It is connected to the grid and does what it is told.
  bool feeds() const;
  /// It feeds without the grid, or is about to.
  bool off_grid() const;
};

/// What the primary wants of one of the others.
struct SolaxUnitOrder {
  double ac_injection_w = 0.0;  ///< at its AC port, -32767..32767, rounded to 1 W
  double injection_var = 0.0;   ///< likewise, + as a capacitor gives it; rounded to 1 var
  std::uint8_t sequence = 0;
  Time valid_for{0};      ///< 0.1..25.5 s; then it feeds nothing
  bool follow = false;    ///< false: it is to feed nothing, whatever the power says
  bool off_grid = false;  ///< the system is behind an open switch
};

/// What the backup interface says of itself.
struct InterfaceReadings {
  bool grid_good = false;  ///< voltage and frequency on its grid side are inside their bounds
  bool closed = false;     ///< its grid switch
};
struct InterfaceOrder {
  bool connect = false;  ///< false: island
  std::uint8_t sequence = 0;
  Time valid_for{0};  ///< 0.1..25.5 s
};

/// The frames between the units of a parallel system. Their format is the bench's own, none is published
/// (solax-parallel 15); it stands in controller/README.md. Numbers are those of the inverters on the bus, 0..15.
inline constexpr std::size_t status_pages = 3;
/// Which page of the status of which inverter it was, taken over into `readings`.
struct StatusHeard {
  std::size_t number = 0;
  std::size_t page = 0;
};
/// Who sent this page of a status; nullopt: it is none, or is too short for its page.
std::optional<StatusHeard> status_in(const CanMessage& message) noexcept;
/// Takes over what the page holds. Only for a message of which status_in() tells the page.
void decode_status(const CanMessage& message, std::size_t page, SolaxReadings& readings) noexcept;
std::optional<InterfaceReadings> decode_interface(const CanMessage& message) noexcept;

CanMessage encode_order(std::size_t from, std::size_t to, const SolaxUnitOrder& order) noexcept;
CanMessage encode_interface_order(std::size_t from, const InterfaceOrder& order) noexcept;

}  // namespace hil::controller
