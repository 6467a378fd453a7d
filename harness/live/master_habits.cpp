#include "harness/live/master_habits.h"

#include <fmt/format.h>

#include <chrono>

#include "harness/record/number_text.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/wire_marks.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

// Every controller looks for a lost unit within this.
constexpr sim::Time longest_silence = 10s;
// A master that begins or ends in the middle of a frame leaves one or two.
constexpr std::uint64_t few_odd = 3;

}  // namespace

MasterHabits::MasterHabits(Bench& bench, const std::vector<std::string>& lines) {
  for (const std::string& name : lines) {
    Line* const line = lines_.emplace_back(std::make_unique<Line>()).get();
    line->name = name;
    line->line = &bench.line(name);
    bench.on_frame(name, [line](const sim::SerialLine::FrameRecord& frame) { take(*line, frame); });
  }
}

void MasterHabits::take(Line& line, const sim::SerialLine::FrameRecord& frame) {
  if (!frame.from_far_side) return;
  ++line.frames;
  const bool overlaps = (frame.marks & sim::wire_mark::collision) != 0;
  const bool by_a_fault = (frame.marks & sim::wire_mark::garbling & ~sim::wire_mark::collision) != 0;
  const bool whole = sim::has_valid_crc(frame.bytes);
  if (whole) line.last_request = frame.begin;
  line.overlaps += overlaps ? 1 : 0;
  line.broken += !overlaps && !whole && !by_a_fault ? 1 : 0;
  if (!overlaps && (whole || by_a_fault)) return;
  if (line.overlaps + line.broken == 1) line.first_odd = frame.begin;
  line.last_odd = frame.begin;
}

std::vector<std::string> MasterHabits::counts() const {
  std::vector<std::string> texts;
  for (const auto& line : lines_) {
    const sim::SerialLine::Counters& counters = line->line->counters();
    texts.push_back(fmt::format(
        "{}: {:.0f} requests, {:.0f} replies, {:.0f} requests without one; {} requests that ran into another frame, {} "
        "broken ones",
        line->name, counters.requests, counters.replies, counters.unanswered, line->overlaps, line->broken));
  }
  return texts;
}

std::vector<std::string> MasterHabits::notes(sim::Time now) const {
  std::vector<std::string> notes;
  for (const auto& line : lines_) {
    if (line->overlaps + line->broken >= few_odd) {
      notes.push_back(
          fmt::format("{}: of {} frames that came from outside {} ran into another frame and {} were broken, from {} "
                      "to {}: are two "
                      "masters on the line, is it noise, or does the controller not wait for its replies?",
                      line->name, line->frames, line->overlaps, line->broken, time_text(line->first_odd),
                      time_text(line->last_odd)));
    }
    if (line->last_request >= 0s && now - line->last_request >= longest_silence) {
      notes.push_back(
          fmt::format("{}: after {} nothing was asked until the end at {}: has the controller ended, or lost "
                      "the line?",
                      line->name, time_text(line->last_request), time_text(now)));
    }
  }
  return notes;
}

}  // namespace hil::harness
