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

// A lost unit is looked for every few seconds, and whoever is set up for this site has asked each by then.
constexpr sim::Time shortest_run = 10s;
constexpr std::size_t most_told = 5;

}  // namespace

AskedUnits::AskedUnits(Bench& bench, const std::vector<std::string>& lines)
    : devices_(devices_of(bench.scenario().site)) {
  for (const std::string& name : lines) {
    Line* const line = lines_.emplace_back(std::make_unique<Line>()).get();
    line->name = name;
    bench.on_frame(name, [line](const sim::SerialLine::FrameRecord& frame) {
      if (!frame.from_far_side || !sim::has_valid_crc(frame.bytes)) return;
      ++line->requests.at(frame.bytes.front());
    });
  }
}

std::vector<std::string> AskedUnits::notes(sim::Time now, Clock clock) const {
  std::vector<std::string> notes;
  if (now < shortest_run) return notes;
  std::uint64_t most_requests = 0;  // on any line
  for (const auto& line : lines_) {
    std::string missing;
    for (const OpenableDevice& device : devices_) {
      if (device.line != line->name || line->requests.at(static_cast<std::uint8_t>(device.unit)) > 0) continue;
      missing += fmt::format("{}{} unit {}", missing.empty() ? "" : ", ", device.name, device.unit);
    }
    const std::uint64_t in_all = std::accumulate(line->requests.begin(), line->requests.end(), std::uint64_t{0});
    most_requests = std::max(most_requests, in_all);
    if (missing.empty()) continue;
    std::string asked;
    std::size_t told = 0;
    for (std::size_t unit = 0; unit < line->requests.size(); ++unit) {
      if (line->requests.at(unit) == 0) continue;
      if (++told <= most_told) asked += fmt::format("{}{}", asked.empty() ? "" : ", ", unit);
    }
    if (told > most_told) asked += fmt::format(" and {} more", told - most_told);
    notes.push_back(
        fmt::format("{}: nobody asked {}, {}: is the controller, or the board's image, set up for this site?",
                    line->name, missing, told == 0 ? "nor any other unit" : "only unit " + asked));
  }
  if (clock == Clock::own && most_requests == 1) {
    return {
        "no line heard more than one request: does the controller wait for the bench's time, as the board's "
        "..._stepped.elf does? It needs --clock"};
  }
  return notes;
}

}  // namespace hil::harness
