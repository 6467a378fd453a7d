#include "harness/plant/metering_events.h"

#include <algorithm>
#include <utility>

namespace hil::harness {
namespace {

using models::CtFlag;
using models::MeterFlag;

template <typename Flag>
constexpr std::uint32_t place_of(Flag flag) {
  return static_cast<std::uint32_t>(flag);
}

template <typename Flag>
constexpr std::uint32_t bit_of(Flag flag) {
  return std::uint32_t{1} << place_of(flag);
}

}  // namespace

MeteringEvents::MeteringEvents(const models::Site& site, std::string meter, EventSink tell)
    : site_(site), tell_(std::move(tell)) {
  meter_.name = std::move(meter);
  for (std::size_t k = 0; k < transformers_.size(); ++k) transformers_[k].name = "ct_l" + std::to_string(k + 1);
}

/// An outage is told by itself.
bool MeteringEvents::meter_is_dead() const {
  const models::EnergyMeter::Reading& reading = site_.meter().reading();
  const double highest_v = *std::max_element(reading.voltage_ln_v.begin(), reading.voltage_ln_v.end());
  return highest_v < site_.meter().parameters().input_limits.min_ln_v;
}

void MeteringEvents::compare(Subject& subject, std::uint32_t bits, std::span<const Word> words, sim::Time now) {
  for (const Word& word : words) {
    const std::uint32_t bit = std::uint32_t{1} << word.place;
    const bool told = (subject.told & bit) != 0;
    if ((bits & bit) != 0) {
      if ((subject.present & bit) == 0) subject.first_seen[word.place] = now;
      subject.last_seen[word.place] = now;
      if (told || (word.lasting && now - subject.first_seen[word.place] < hold)) continue;
      subject.told |= bit;
      tell_({now, "state", subject.name, std::string(word.text)});
    } else if (told && now - subject.last_seen[word.place] >= hold) {
      subject.told &= ~bit;
      tell_({now, "state", subject.name, "over: " + std::string(word.text)});
    }
  }
  subject.present = bits;
}

void MeteringEvents::step(sim::Time now) {
  static constexpr std::array meter_words{
      Word{place_of(MeterFlag::current_high), "current at an input above its limit"},
      Word{place_of(MeterFlag::phase_voltage_low), "phase voltage below its limit", true},
      Word{place_of(MeterFlag::phase_voltage_high), "phase voltage above its limit"},
      Word{place_of(MeterFlag::line_voltage_low), "line voltage below its limit", true},
      Word{place_of(MeterFlag::line_voltage_high), "line voltage above its limit"},
      Word{place_of(MeterFlag::frequency_wrong), "frequency is neither 50 nor 60 Hz", true},
      Word{place_of(MeterFlag::sequence_wrong), "phases in the wrong order", true},
      Word{place_of(MeterFlag::neutral_missing), "no neutral"}};
  static constexpr std::array transformer_words{
      Word{place_of(CtFlag::secondary_open), "secondary open: phase lost"},
      Word{place_of(CtFlag::secondary_shorted), "secondary shorted: phase lost"},
      Word{place_of(CtFlag::hazard_voltage), "hazardous voltage at the open secondary"},
      Word{place_of(CtFlag::above_class_range), "current above the range of its class"},
      Word{place_of(CtFlag::burden_out_of_range), "burden outside 25 to 100 % of the rated one"},
      Word{place_of(CtFlag::lead_too_long), "lead longer than 5 m"},
      Word{place_of(CtFlag::saturated), "saturated"},
      Word{place_of(CtFlag::primary_overrun), "current above what its type is made for"},
      Word{place_of(CtFlag::wrong_frequency), "frequency is not its own", true}};
  constexpr std::uint32_t no_trouble = bit_of(CtFlag::reversed) | bit_of(CtFlag::below_class_range);
  // Nearly every step has nothing to compare.
  const auto follow = [&](Subject& subject, std::uint32_t bits, std::span<const Word> words) {
    if ((bits | subject.told | subject.present) != 0) compare(subject, bits, words, now);
  };
  // A dead meter flags nothing; what it said before is not over by that.
  if (meter_is_dead()) {
    meter_.last_seen.fill(now);
  } else {
    follow(meter_, site_.meter().reading().flags.bits() & ~bit_of(MeterFlag::below_start), meter_words);
  }
  for (std::size_t k = 0; k < transformers_.size(); ++k) {
    follow(transformers_[k], site_.metering().transformer_flags(k).bits() & ~no_trouble, transformer_words);
  }
}

}  // namespace hil::harness
