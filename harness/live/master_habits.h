#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/plant/bench.h"

namespace hil::harness {

/// What the masters on attached lines do that one sound master does not: talk into frames under way, send broken ones,
/// fall silent. For whoever reads the verdict.
class MasterHabits {
 public:
  /// On those lines, from now on. Before the run; the bench must outlive it.
  MasterHabits(Bench& bench, const std::vector<std::string>& lines);

  /// Of each line what was asked and answered so far.
  std::vector<std::string> counts() const;
  /// A line for each thing that is odd; none: nothing is.
  std::vector<std::string> notes(sim::Time now) const;

 private:
  struct Asked {
    std::uint8_t unit = 0;
    sim::Time at{0};
  };
  struct Line {
    std::uint64_t odd() const { return early + overlaps + broken; }

    std::string name;
    const sim::SerialLine* line = nullptr;
    std::uint64_t frames = 0;    ///< of masters
    std::uint64_t early = 0;     ///< of those: asked while the reply to an earlier one was still to come
    std::uint64_t overlaps = 0;  ///< of those: met another frame on the wire
    std::uint64_t broken = 0;    ///< of those: without a good CRC, and no fault of the wire did it
    sim::Time first_odd{0};
    sim::Time last_odd{0};
    sim::Time last_request{-1};
    std::vector<Asked> unanswered;  ///< the latest, the oldest first
  };
  static void take(Line& line, const sim::SerialLine::FrameRecord& frame);
  static void take_request(Line& line, const sim::SerialLine::FrameRecord& frame);
  static void take_reply(Line& line, const sim::SerialLine::FrameRecord& frame);

  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace hil::harness
