#include "harness/live/asked_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <numeric>

#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

// Whoever is set up for this site looks for a lost unit every few seconds; one that is not asks it once, in a sweep of
// all addresses. But a master may be slow with all of them.
constexpr sim::Time longest_period = 10s;
constexpr std::uint64_t times_that_of_others = 20;
constexpr unsigned exception_bit = 0x80;

std::string times(std::uint64_t count) {
  if (count == 0) return "never";
  return count == 1 ? "once" : fmt::format("{} times", count);
}

}  // namespace

AskedUnits::AskedUnits(Bench& bench, const std::vector<std::string>& lines)
    : devices_(devices_of(bench.scenario().site)) {
  for (const std::string& name : lines) {
    Line* const line = lines_.emplace_back(std::make_unique<Line>()).get();
    line->name = name;
    bench.on_frame(name, [line](const sim::SerialLine::FrameRecord& frame) {
      if (!sim::has_valid_crc(frame.bytes)) return;
      const std::uint8_t unit = frame.bytes.front();
      if (frame.from_far_side) {
        ++line->requests.at(unit);
        return;
      }
      ++line->replies.at(unit);
      const std::uint8_t function = frame.bytes[1];
      if ((function & exception_bit) == 0) return;
      ++line->refusals.at(unit);
      line->refused.at(unit) = static_cast<std::uint8_t>(function & ~exception_bit);
    });
  }
}

std::vector<std::string> AskedUnits::notes(sim::Time now, Clock clock) const {
  std::vector<std::string> notes;
  if (now < longest_period) return notes;
  const auto few = static_cast<std::uint64_t>(now / longest_period);
  std::uint64_t most_of_a_unit = 0;
  std::uint64_t most_on_a_line = 0;
  for (const auto& line : lines_) {
    most_of_a_unit = std::max(most_of_a_unit, *std::max_element(line->requests.begin(), line->requests.end()));
    most_on_a_line =
        std::max(most_on_a_line, std::accumulate(line->requests.begin(), line->requests.end(), std::uint64_t{0}));
  }
  if (clock == Clock::own && most_on_a_line == 1) {
    return {
        "no line heard more than one request: does the controller wait for the bench's time, as the board's "
        "..._stepped.elf does? It needs --clock"};
  }
  for (const auto& line : lines_) {
    std::string left_alone;
    for (const OpenableDevice& device : devices_) {
      if (device.line != line->name) continue;
      const std::uint64_t asked = line->requests.at(static_cast<std::uint8_t>(device.unit));
      if (asked > 0 && (asked > few || asked * times_that_of_others > most_of_a_unit)) continue;
      left_alone +=
          fmt::format("{}{} unit {} {}", left_alone.empty() ? "" : ", ", device.name, device.unit, times(asked));
    }
    for (const OpenableDevice& device : devices_) {
      if (device.line != line->name) continue;
      const auto unit = static_cast<std::size_t>(device.unit);
      const std::uint64_t replies = line->replies.at(unit);
      if (replies <= few || line->refusals.at(unit) < replies) continue;
      notes.push_back(fmt::format(
          "{}: {} unit {} refused each of {} requests, the last one of function {}: does the controller expect another "
          "register map?",
          line->name, device.name, device.unit, replies, line->refused.at(unit)));
    }
    if (left_alone.empty()) continue;
    const auto most = std::max_element(line->requests.begin(), line->requests.end());
    std::string others = "and no other unit more often";
    if (*most == 0) others = "nor any other unit";
    if (*most > few) others = fmt::format("but unit {} {}", most - line->requests.begin(), times(*most));
    notes.push_back(fmt::format("{}: the controller asked {}, {}: is it, or the board's image, set up for this site?",
                                line->name, left_alone, others));
  }
  return notes;
}

}  // namespace hil::harness
