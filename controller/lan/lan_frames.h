#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hil::controller {

// Frames of the LAN protocol (sec1000-lan-protocol 2 and 3): what a client asks, what it is answered.

enum class LanCommand : std::uint8_t {
  set_clock = 0x05,
  telemetry = 0x0B,
  rcr_switch = 0x28,
  dred_switch = 0x33,
  value_switch = 0x40,
  write_limit = 0x42,
  read_limit = 0x43,
};

enum class LanStatus : std::uint8_t {
  clock_accepted = 0x03,
  accepted = 0x06,
  refused = 0x15,
};

inline constexpr std::size_t largest_lan_request = 64;   ///< of a command nobody knows; the known ones end at 16
inline constexpr std::size_t largest_lan_response = 56;  ///< telemetry
inline constexpr std::size_t smallest_lan_request = 7;

/// One whole request with the right checksum. Its fields are filled as far as the command has them.
struct LanRequest {
  LanCommand command = LanCommand::telemetry;
  bool on = false;                      ///< switches
  std::int32_t capacity_w = 0;          ///< write_limit
  std::int32_t export_limit_w = 0;      ///< write_limit
  std::uint8_t phase_mode = 0;          ///< write_limit: 1 each, 2 sum; other values are the caller's to refuse
  std::array<std::uint8_t, 7> clock{};  ///< set_clock: year - 2000, month, unknown, day, hour, minute, second
};

/// What stands at the front of what a client has sent.
struct LanFront {
  enum class Kind : std::uint8_t {
    unfinished,  ///< nothing, or the beginning of a request
    noise,       ///< no request begins here: `size` bytes to pass over
    malformed,   ///< as long as a request, but wrong: `size` bytes to pass over, perhaps to be refused
    request,     ///< `size` bytes
  };
  Kind kind = Kind::unfinished;
  std::size_t size = 0;
  std::uint8_t command_byte = 0;  ///< malformed
  LanRequest request;
};
/// A wrong checksum may come from a wrong length: then only the first byte is passed over, and the next request is
/// found inside. A right checksum around a command that is unknown, has another length or a data byte that is no
/// switch position passes over the whole frame.
LanFront lan_front(std::span<const std::uint8_t> bytes) noexcept;

struct LanTelemetry {
  std::array<double, 3> voltage_ln_rms_v{};
  std::array<double, 3> current_a{};  ///< magnitude
  std::array<double, 3> phase_export_w{};
  double grid_export_w = 0.0;
  double inverters_w = 0.0;
};
struct LanLimit {
  std::uint8_t control_mode = 0;  ///< 0 off, 1 DRED, 2 RCR, 3 VALUE
  double capacity_w = 0.0;
  double ct_ratio = 0.0;
  double export_limit_w = 0.0;
};

/// A whole response: preamble, length, body, checksum. Values are rounded to counts and clamped to 32 bits.
struct LanResponse {
  std::array<std::uint8_t, largest_lan_response> bytes{};
  std::size_t count = 0;
  std::span<const std::uint8_t> all() const { return {bytes.data(), count}; }
};
LanResponse lan_response(const LanTelemetry& telemetry) noexcept;
LanResponse lan_response(const LanLimit& limit) noexcept;
/// Of 42, 40, 33, 28 and 05; with `refused` also for what nobody understood.
LanResponse lan_response(std::uint8_t command_byte, LanStatus status) noexcept;

}  // namespace hil::controller
