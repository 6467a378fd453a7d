#include "harness/live/master_habits.h"

#include <fmt/format.h>

#include <algorithm>
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
constexpr std::size_t most_unanswered = 8;
// At 9600 baud the longest reply, behind the longest turn-around of an ET, has begun by then; later ones nobody waits
// for.
constexpr sim::Time latest_reply = 500ms;

}  // namespace

MasterHabits::MasterHabits(Bench& bench, const std::vector<std::string>& lines) {
  for (const std::string& name : lines) {
    Line* const line = lines_.emplace_back(std::make_unique<Line>()).get();
    line->name = name;
    line->line = &bench.line(name);
    line->unanswered.reserve(most_unanswered);
    bench.on_frame(name, [line](const sim::SerialLine::FrameRecord& frame) { take(*line, frame); });
  }
}

void MasterHabits::take(Line& line, const sim::SerialLine::FrameRecord& frame) {
  const std::uint64_t odd_before = line.odd();
  frame.from_far_side ? take_request(line, frame) : take_reply(line, frame);
  if (line.odd() == odd_before) return;
  if (odd_before == 0) line.first_odd = frame.begin;
  line.last_odd = frame.begin;
}

void MasterHabits::take_request(Line& line, const sim::SerialLine::FrameRecord& frame) {
  ++line.frames;
  const bool overlaps = (frame.marks & sim::wire_mark::collision) != 0;
  const bool by_a_fault = (frame.marks & sim::wire_mark::garbling & ~sim::wire_mark::collision) != 0;
  const bool whole = sim::has_valid_crc(frame.bytes);
  line.overlaps += overlaps ? 1 : 0;
  line.broken += !overlaps && !whole && !by_a_fault ? 1 : 0;
  if (!whole) return;
  line.last_request = frame.begin;
  if (frame.bytes.front() == sim::broadcast_address) return;
  if (line.unanswered.size() == most_unanswered) line.unanswered.erase(line.unanswered.begin());
  line.unanswered.push_back({frame.bytes.front(), frame.begin});
}

/// It answers the newest request to its unit: a master that repeats has given up the ones before. What was asked after
/// that request, and before this, was asked too early.
void MasterHabits::take_reply(Line& line, const sim::SerialLine::FrameRecord& frame) {
  if (frame.bytes.empty()) return;
  std::erase_if(line.unanswered, [&frame](const Asked& each) { return frame.begin - each.at > latest_reply; });
  const std::uint8_t unit = frame.bytes.front();
  const auto is_its = [unit](const Asked& each) { return each.unit == unit; };
  const auto newest = std::find_if(line.unanswered.rbegin(), line.unanswered.rend(), is_its);
  if (newest == line.unanswered.rend()) return;
  line.early += newest != line.unanswered.rbegin() && line.unanswered.back().at < frame.begin ? 1 : 0;
  line.unanswered.erase(std::remove_if(line.unanswered.begin(), newest.base(), is_its), newest.base());
}

std::vector<std::string> MasterHabits::counts() const {
  std::vector<std::string> texts;
  for (const auto& line : lines_) {
    const sim::SerialLine::Counters& counters = line->line->counters();
    texts.push_back(
        fmt::format("{}: {:.0f} requests, {:.0f} replies, {:.0f} requests without one; {} came before the reply to an "
                    "earlier one, {} "
                    "ran into another frame, {} were broken",
                    line->name, counters.requests, counters.replies, counters.unanswered, line->early, line->overlaps,
                    line->broken));
  }
  return texts;
}

std::vector<std::string> MasterHabits::notes(sim::Time now) const {
  std::vector<std::string> notes;
  for (const auto& line : lines_) {
    if (line->odd() >= few_odd) {
      notes.push_back(
          fmt::format("{}: of {} frames that came from outside {} came before the reply to an earlier one, {} ran into "
                      "another frame, {} "
                      "were broken, from {} to {}: are two masters on the line, is it noise, or does the controller "
                      "not wait for its "
                      "replies?",
                      line->name, line->frames, line->early, line->overlaps, line->broken, time_text(line->first_odd),
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
