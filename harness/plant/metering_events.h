#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/plant/event.h"
#include "models/site/site.h"

namespace hil::harness {

/// Tells in words when the meter's inputs or its transformers leave what they are made for, and when they are back.
///
/// An open or shorted secondary is told as the phase that the meter loses by it. What comes and goes is told once and
/// counts as over when it has been away for `hold`. Not told: what is no trouble (a current below the class, a reversed
/// transformer, which is a fault of the timeline), and a meter without voltage.
class MeteringEvents {
 public:
  static constexpr sim::Time hold = std::chrono::seconds{1};

  /// The site must outlive this object.
  MeteringEvents(const models::Site& site, std::string meter, EventSink tell);

  /// After each step of the plant. Does not allocate while nothing changes.
  void step(sim::Time now);

 private:
  static constexpr std::size_t most_flags = 16;
  struct Subject {
    std::string name;
    std::uint32_t told = 0;
    std::uint32_t present = 0;
    std::array<sim::Time, most_flags> first_seen{};  ///< of each bit, this time
    std::array<sim::Time, most_flags> last_seen{};
  };
  /// One flag worth a word: the place of its bit, what is told of it, and whether only when it has lasted for `hold`:
  /// voltage and frequency that pass through on their way to or from an outage are not.
  struct Word {
    std::uint32_t place = 0;
    std::string_view text;
    bool lasting = false;
  };
  void compare(Subject& subject, std::uint32_t bits, std::span<const Word> words, sim::Time now);
  bool meter_is_dead() const;

  const models::Site& site_;
  EventSink tell_;
  Subject meter_;
  std::array<Subject, models::phase_count> transformers_;
};

}  // namespace hil::harness
