#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/devices/goodwe_et_identity.h"
#include "controller/settings.h"

namespace hil::controller {

/// What the scan knows of one address.
struct UnitRecord {
  enum class Presence : std::uint8_t {
    not_asked,
    silent,
    garbled,    ///< bytes came, never a sound reply
    refusing,   ///< an exception, or no device information: not an ET
    answering,  ///< with the identity below
  };
  Presence presence = Presence::not_asked;
  bool two_units = false;  ///< two serial numbers, or a second answer behind the first
  bool own_meter = false;
  EtIdentity identity;
  std::optional<EtFirmware> firmware;  ///< nullopt: not read
};

/// Address range of the system: ten from the lowest configured one on, and the factory's 247 (goodwe-et-modbus 1.1).
inline constexpr std::size_t scanned_range = 10;
inline constexpr std::uint8_t factory_address = 247;
inline constexpr std::uint8_t highest_address = 247;

/// Asks one port who is there. First each configured address three times (two units at one address give two serial
/// numbers, or noise), then its firmware and whether it has a meter of its own, one question between two rounds of
/// regulation; then, as long as nothing else is to be said, the other addresses of the range, one each two seconds.
/// With strangers held (safe state) the sweep goes on for ever, one address a second, and an ET that nobody entered is
/// told to stand still: what it exports no one would count.
class UnitScan {
 public:
  struct Question {
    enum class Kind : std::uint8_t { identity, firmware, own_meter, stand_still };
    std::uint8_t address = 0;
    Kind kind = Kind::identity;
  };
  struct Stranger {
    std::uint8_t address = 0;
    UnitRecord record;
  };
  static constexpr std::size_t max_strangers = 4;  ///< chosen: more than one is a mess anyway

  /// From now on; the first question not before `first_at`. `first_address`: lowest of the whole system.
  void begin(const Settings::Line& line, std::uint8_t first_address, Time first_at) noexcept;
  void hold_strangers(bool on) noexcept { hold_strangers_ = on; }

  /// The next question, when one is due. `idle`: the line has nothing better to do.
  std::optional<Question> next(Time now, bool idle) noexcept;
  Time next_wake() const noexcept;
  void answered(std::span<const std::uint8_t> data) noexcept;
  void refused() noexcept;
  void timed_out(bool bytes_heard) noexcept;
  /// More bytes came after the reply to the question: somebody else answered too.
  void second_answer() noexcept;

  /// It has not come to the sweep yet: the next question goes to a configured unit, or is none.
  bool asks_configured() const { return phase_ < Phase::sweep && !to_stop_; }
  bool configured_done() const { return phase_ == Phase::sweep || phase_ == Phase::done; }
  bool sweep_done() const { return swept_; }
  /// Once configured_done(): an entered ET has a smart meter of its own.
  bool own_meter_found() const noexcept;
  std::size_t count() const { return count_; }
  std::uint8_t address(std::size_t unit) const { return addresses_[unit]; }
  const UnitRecord& record(std::size_t unit) const { return records_[unit]; }
  std::span<const Stranger> strangers() const { return {strangers_.data(), stranger_count_}; }
  bool in_range(std::uint8_t address) const {
    return address >= first_address_ && address < first_address_ + scanned_range;
  }

 private:
  enum class Phase : std::uint8_t { configured, firmware, own_meters, sweep, done };
  std::optional<Question> configured_question() noexcept;
  /// One of each unit that answers, then `after` begins.
  std::optional<Question> question_of_each(Question::Kind kind, Phase after) noexcept;
  std::optional<Question> sweep_question(Time now) noexcept;
  std::uint8_t candidate(std::size_t position) const;
  bool is_configured(std::uint8_t address) const;
  /// Of what was asked last; nullptr when a stranger is not known yet and did not answer.
  UnitRecord* asked_record(bool add) noexcept;

  std::array<std::uint8_t, max_units_per_line> addresses_{};
  std::array<UnitRecord, max_units_per_line> records_{};
  std::size_t count_ = 0;
  std::array<Stranger, max_strangers> strangers_{};
  std::size_t stranger_count_ = 0;
  std::uint8_t first_address_ = 1;
  Phase phase_ = Phase::configured;
  bool begun_ = false;
  std::size_t position_ = 0;  ///< in the phase
  std::size_t pass_ = 0;      ///< of the configured ones
  Question asked_;
  std::optional<std::uint8_t> to_stop_;
  std::optional<std::uint8_t> unreadable_;  ///< not configured: gave noise once, asked again
  bool hold_strangers_ = false;
  bool swept_ = false;
  Time next_at_{0};
};

}  // namespace hil::controller
