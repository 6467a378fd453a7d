#include "sim/devices/pws2_faults.h"

#include <algorithm>
#include <chrono>

namespace hil::sim {
namespace {

using Words = Pws2Faults::Words;

constexpr std::array<int, Pws2Faults::word_count> numbers{36, 37, 38, 39, 44, 45, 47};

constexpr std::uint16_t bit(Pws2Bit of) {
  return static_cast<std::uint16_t>(1U << of.place);
}
constexpr std::uint16_t all_bits = 0xFFFF;

// By Pws2Word.
constexpr Words restarting{
    bit(pws2::ac_overvoltage) | bit(pws2::ac_undervoltage) | bit(pws2::ac_overfrequency) | bit(pws2::ac_underfrequency),
    0,
    bit(pws2::long_overvoltage) | bit(pws2::rate_of_change) | bit(pws2::phase_jump),
    0,
    bit(pws2::dc_overvoltage) | bit(pws2::dc_undervoltage),
    0,
    0};
constexpr Words with_cause{
    restarting[0], 0, restarting[2], all_bits, static_cast<std::uint16_t>(restarting[4] | bit(pws2::bms_alarm)), 0,
    all_bits};
constexpr Words until_power_up{
    0, bit(pws2::parameter_mismatch), bit(pws2::setting) | bit(pws2::parameter_conflict), 0, 0, 0, 0};

constexpr bool is_alarm(std::size_t word) {
  return word == static_cast<std::size_t>(Pws2Word::alarm) || word == static_cast<std::size_t>(Pws2Word::dc_alarm);
}
constexpr std::size_t hardware = static_cast<std::size_t>(Pws2Word::hardware);

}  // namespace

std::optional<Pws2Word> Pws2Faults::word_of(int number) {
  const auto found = std::find(numbers.begin(), numbers.end(), number);
  if (found == numbers.end()) return std::nullopt;
  return static_cast<Pws2Word>(found - numbers.begin());
}

void Pws2Faults::set(Words& words, Pws2Bit of, bool on) {
  std::uint16_t& word = at(words, of.word);
  word = static_cast<std::uint16_t>(on ? word | bit(of) : word & ~bit(of));
}

std::uint16_t Pws2Faults::seen(std::size_t word) const {
  return static_cast<std::uint16_t>((present_[word] | conditions_[word]) & ~undetected_[word]);
}

void Pws2Faults::advance(Time now) {
  for (std::size_t i = 0; i < word_count; ++i) {
    const unsigned kept = active_[i] & ~with_cause[i];
    active_[i] = static_cast<std::uint16_t>(kept | seen(i));
  }
  constexpr unsigned pressed = bit(pws2::emergency_stop);
  if ((seen(hardware) & pressed) != 0) emergency_seen_ = now;
  if (now - emergency_seen_ >= emergency_release) {
    active_[hardware] = static_cast<std::uint16_t>(active_[hardware] & ~pressed);
  }
}

void Pws2Faults::clear() {
  for (std::size_t i = 0; i < word_count; ++i) {
    const unsigned emergency = i == hardware ? bit(pws2::emergency_stop) : 0U;
    active_[i] = static_cast<std::uint16_t>(active_[i] & (seen(i) | until_power_up[i] | emergency));
  }
}

bool Pws2Faults::any_fault() const {
  for (std::size_t i = 0; i < word_count; ++i) {
    if (!is_alarm(i) && active_[i] != 0) return true;
  }
  return false;
}

bool Pws2Faults::any_alarm() const {
  return word(Pws2Word::alarm) != 0 || word(Pws2Word::dc_alarm) != 0;
}

bool Pws2Faults::restarts_by_itself() const {
  for (std::size_t i = 0; i < word_count; ++i) {
    if (!is_alarm(i) && (active_[i] & ~restarting[i]) != 0) return false;
  }
  return true;
}

}  // namespace hil::sim
