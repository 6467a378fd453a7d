#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hil::harness::sec1000 {

// Frames of the SEC1000's LAN protocol as a client sends and reads them (sec1000-lan-protocol 2 and 3). Written apart
// from the controller that serves them: nothing is shared with it.

enum class Command : std::uint8_t {
  set_clock = 0x05,
  telemetry = 0x0B,
  rcr = 0x28,
  dred = 0x33,
  value = 0x40,
  write_settings = 0x42,
  read_settings = 0x43,
};

enum class Mode : std::uint8_t { off = 0, dred = 1, rcr = 2, value = 3 };

struct ClockTime {
  int year = 2000;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  bool operator==(const ClockTime&) const = default;
};

struct Request {
  Command command = Command::telemetry;
  std::size_t reply_length = 0;  ///< of the length field of its answer: what follows that field
  std::array<std::uint8_t, 16> bytes{};
  std::size_t count = 0;
  std::span<const std::uint8_t> view() const { return {bytes.data(), count}; }
};

Request telemetry_request();
Request read_settings_request();
Request write_settings_request(std::int32_t capacity_w, std::int32_t limit_w, bool sum_of_phases);
/// `command`: value, dred or rcr.
Request switch_request(Command command, bool on);
Request clock_request(const ClockTime& time);
/// The three switches that make `mode` the one in force, in the order of the field (section 3.5).
std::array<Request, 3> mode_requests(Mode mode);

struct Telemetry {
  std::array<double, 3> voltage_ln_v{};
  std::array<double, 3> current_a{};            ///< magnitude
  std::array<double, 3> phase_grid_export_w{};  ///< + export
  double grid_export_w = 0.0;                   ///< at the meter, sum of phases
  double inverter_output_w = 0.0;               ///< all inverters
};
struct DeviceSettings {
  std::uint8_t mode = 0;  ///< as sent; 0..3 are Mode
  std::int32_t capacity_w = 0;
  std::int32_t ct_ratio = 0;  ///< its scale is not known
  std::int32_t limit_w = 0;
};
// Of the data behind the command byte; nothing: too short.
std::optional<Telemetry> decode_telemetry(std::span<const std::uint8_t> data);
std::optional<DeviceSettings> decode_settings(std::span<const std::uint8_t> data);

/// How the answer to one request is read.
enum class Reading : unsigned char {
  strict,   ///< the whole frame, in however many segments, every field held against what it must be
  one_shot  ///< seven bytes, then one receive for the rest; length (low byte) and checksum only
};

/// The answer to one request, as segments arrive.
class ReplyReader {
 public:
  enum class State : unsigned char {
    waiting,
    good,
    bad_checksum,
    wrong_length,  ///< the length field is not that of this answer; one_shot only
    unexpected,    ///< well-formed or not, no answer to this request; strict only
  };

  ReplyReader() = default;
  ReplyReader(Reading reading, const Request& request);

  State take(std::span<const std::uint8_t> segment);
  /// The far side has closed: what one_shot makes of the part that it has.
  State closed();
  State state() const { return state_; }
  /// With `good`: what stands between the command byte and the checksum.
  std::span<const std::uint8_t> data() const;
  /// With `good`: the status byte of an acknowledgement; nothing: the answer bears another command or data.
  std::optional<std::uint8_t> status() const;

 private:
  State take_one_shot(std::span<const std::uint8_t> segment);
  State take_strict(std::span<const std::uint8_t> segment);
  /// The bytes from the length field on, held against their own last two.
  bool checksum_good() const;

  Reading reading_ = Reading::strict;
  Command command_ = Command::telemetry;
  std::size_t reply_length_ = 0;
  std::vector<std::uint8_t> bytes_;
  State state_ = State::waiting;
};

}  // namespace hil::harness::sec1000
