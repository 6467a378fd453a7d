#include "harness/checks/bus_evidence.h"

#include <algorithm>

#include "harness/checks/frame_rows.h"
#include "harness/record/frame_text.h"

namespace hil::harness {

BusEvidence::BusEvidence(Bench& bench, const std::vector<std::unique_ptr<Check>>& checks)
    : checks_(checks), cases_(checks.size()), ring_(ring_size) {
  for (const LineSpec& line : bench.scenario().site.lines) {
    bench.on_frame(line.name, [this, number = lines_.size()](const sim::SerialLine::FrameRecord& record) {
      frame(number, record);
    });
    lines_.push_back(line.name);
  }
  const Scenario& scenario = bench.scenario();
  for (const UnitSpec& unit : units_of(scenario.site)) {
    const auto line = std::find(lines_.begin(), lines_.end(), unit.line);
    const auto map = scenario.register_maps.find(unit.register_map);
    if (line == lines_.end() || map == scenario.register_maps.end()) continue;
    const auto number = static_cast<std::size_t>(line - lines_.begin());
    maps_.emplace(std::pair{number, static_cast<std::uint8_t>(unit.unit)}, &map->second);
  }
  for (std::size_t k = 0; k < checks_.size(); ++k) {
    cases_[k].frames.reserve(most_before + most_after);
    const auto own = std::find(lines_.begin(), lines_.end(), checks_[k]->line());
    if (own != lines_.end()) cases_[k].line = static_cast<std::size_t>(own - lines_.begin());
  }
}

void BusEvidence::frame(std::size_t line, const sim::SerialLine::FrameRecord& record) {
  Frame& slot = ring_[written_ % ring_size];
  slot.begin = record.begin;
  slot.end = record.end;
  slot.line = line;
  slot.size = std::min(record.bytes.size(), slot.bytes.size());
  slot.from_far_side = record.from_far_side;
  slot.garbled = record.garbled;
  slot.marks = record.marks;
  std::copy_n(record.bytes.begin(), slot.size, slot.bytes.begin());
  if (++written_ % look_every == 0) look();
}

void BusEvidence::look() {
  for (std::size_t k = 0; k < checks_.size(); ++k) {
    const std::optional<sim::Time> at = checks_[k]->broken_at();
    if (at && (at != cases_[k].at || !cases_[k].whole)) copy_around(*at, cases_[k]);
  }
}

void BusEvidence::copy_around(sim::Time at, Case& into) const {
  const std::uint64_t kept = std::min<std::uint64_t>(written_, ring_size);
  const auto concerns = [&into](const Frame& frame) { return !into.line || *into.line == frame.line; };
  // From the newest back to the last one that ended up to the instant: those behind it, of which the first are shown.
  std::array<std::size_t, most_after> after{};
  std::size_t behind = 0;
  std::size_t back = 0;
  for (; back < kept && newest(back).end > at; ++back) {
    if (concerns(newest(back))) after[behind++ % most_after] = back;
  }
  into.at = at;
  into.whole = behind >= most_after;
  into.frames.clear();
  if (back == kept && written_ > ring_size) return;  // what was there is gone
  for (; back < kept && into.frames.size() < most_before; ++back) {
    if (concerns(newest(back))) into.frames.push_back(newest(back));
  }
  std::reverse(into.frames.begin(), into.frames.end());
  for (std::size_t k = 0; k < std::min(behind, most_after); ++k) {
    into.frames.push_back(newest(after[(behind - 1 - k) % most_after]));
  }
}

std::string BusEvidence::text_of(const Frame& frame) const {
  std::array<char, longest_frame_text> room{};
  return std::string{write_frame(room, lines_[frame.line],
                                 {.bytes = std::span(frame.bytes).first(frame.size),
                                  .begin = frame.begin,
                                  .end = frame.end,
                                  .from_far_side = frame.from_far_side,
                                  .garbled = frame.garbled,
                                  .marks = frame.marks})};
}

std::string BusEvidence::rows_of(const Frame& frame, const Frame* request) const {
  if (frame.size == 0 || (request == nullptr && !frame.from_far_side)) return {};
  const auto map = maps_.find({frame.line, frame.bytes[0]});
  if (map == maps_.end()) return {};
  const auto bytes = [](const Frame& of) { return std::span(of.bytes).first(of.size); };
  return rows_in_frame(*map->second, bytes(frame),
                       request == nullptr ? std::span<const std::uint8_t>{} : bytes(*request));
}

std::vector<std::string> BusEvidence::around(std::size_t check) {
  std::vector<std::string> texts;
  // Only the end tells what a check is that can still be mended.
  const CheckResult result = checks_.at(check)->result();
  Case& found = cases_[check];
  if (result.state != CheckState::broken || !result.worst_at) return texts;
  if (found.at != result.worst_at || !found.whole) copy_around(*result.worst_at, found);
  std::map<std::size_t, const Frame*> asked;  // by line
  for (const Frame& frame : found.frames) {
    texts.push_back(text_of(frame));
    const Frame*& request = asked[frame.line];
    const std::string rows = rows_of(frame, frame.from_far_side ? nullptr : request);
    request = frame.from_far_side ? &frame : nullptr;
    if (!rows.empty()) texts.push_back("      " + rows);
  }
  return texts;
}

}  // namespace hil::harness
