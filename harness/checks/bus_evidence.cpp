#include "harness/checks/bus_evidence.h"

#include <algorithm>

#include "harness/checks/frame_rows.h"
#include "harness/record/frame_text.h"
#include "sim/wire/modbus_rtu.h"

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
  for (const std::string& device : bench.devices_on_tcp()) {
    for (const UnitSpec& unit : units_of(scenario.site)) {
      const auto line = std::find(lines_.begin(), lines_.end(), unit.line);
      if (unit.name != device || line == lines_.end()) continue;
      devices_.push_back({device, static_cast<std::size_t>(line - lines_.begin())});
    }
  }
  if (!devices_.empty()) {
    bench.on_tcp([this](const std::string& device, const TcpTraffic& traffic) { segment(device, traffic); });
  }
  for (std::size_t k = 0; k < checks_.size(); ++k) {
    cases_[k].frames.reserve(most_before + most_after);
    const auto own = std::find(lines_.begin(), lines_.end(), checks_[k]->line());
    if (own != lines_.end()) cases_[k].line = static_cast<std::size_t>(own - lines_.begin());
  }
}

BusEvidence::Frame& BusEvidence::next_frame(std::size_t line, std::span<const std::uint8_t> bytes, sim::Time begin,
                                            sim::Time end) {
  Frame& slot = ring_[written_ % ring_size];
  slot.begin = begin;
  slot.end = end;
  slot.line = line;
  slot.size = std::min(bytes.size(), slot.bytes.size());
  std::copy_n(bytes.begin(), slot.size, slot.bytes.begin());
  return slot;
}

void BusEvidence::frame(std::size_t line, const sim::SerialLine::FrameRecord& record) {
  Frame& slot = next_frame(line, record.bytes, record.begin, record.end);
  slot.from_far_side = record.from_far_side;
  slot.garbled = record.garbled;
  slot.marks = record.marks;
  slot.device = on_a_line;
  if (++written_ % look_every == 0) look();
}

void BusEvidence::segment(const std::string& device, const TcpTraffic& traffic) {
  const bool request = traffic.what == TcpTraffic::What::request;
  if (!request && traffic.what != TcpTraffic::What::reply) return;
  const auto found =
      std::find_if(devices_.begin(), devices_.end(), [&device](const Device& each) { return each.name == device; });
  if (found == devices_.end()) return;
  Frame& slot = next_frame(found->line, traffic.bytes, traffic.at, traffic.at);
  slot.from_far_side = request;
  slot.network_marks = traffic.marks;
  slot.device = static_cast<std::size_t>(found - devices_.begin());
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
  if (frame.device != on_a_line) {
    return std::string{write_network_frame(room, devices_[frame.device].name + "_tcp",
                                           {.bytes = std::span(frame.bytes).first(frame.size),
                                            .client = {},
                                            .at = frame.begin,
                                            .request = frame.from_far_side,
                                            .stream = true,
                                            .marks = frame.network_marks})};
  }
  return std::string{write_frame(room, lines_[frame.line],
                                 {.bytes = std::span(frame.bytes).first(frame.size),
                                  .begin = frame.begin,
                                  .end = frame.end,
                                  .from_far_side = frame.from_far_side,
                                  .garbled = frame.garbled,
                                  .marks = frame.marks})};
}

/// As a frame on a line: unit, PDU, CRC. Empty: what was on the network is no whole frame.
std::vector<std::uint8_t> BusEvidence::serial_bytes_of(const Frame& frame) const {
  const auto bytes = std::span(frame.bytes).first(frame.size);
  if (frame.device == on_a_line) return {bytes.begin(), bytes.end()};
  if (bytes.empty() || whole_tcp_frame(bytes) != bytes.size()) return {};
  const auto body = bytes.subspan(sim::mbap_header_bytes - 1);
  std::vector<std::uint8_t> serial(body.begin(), body.end());
  sim::append_crc(serial);
  return serial;
}

std::string BusEvidence::rows_of(const Frame& frame, const Frame* request) const {
  if (request == nullptr && !frame.from_far_side) return {};
  const std::vector<std::uint8_t> bytes = serial_bytes_of(frame);
  if (bytes.empty()) return {};
  const auto map = maps_.find({frame.line, bytes[0]});
  if (map == maps_.end()) return {};
  return rows_in_frame(*map->second, bytes,
                       request == nullptr ? std::vector<std::uint8_t>{} : serial_bytes_of(*request));
}

std::vector<std::string> BusEvidence::around(std::size_t check) {
  std::vector<std::string> texts;
  // Only the end tells what a check is that can still be mended.
  const CheckResult result = checks_.at(check)->result();
  Case& found = cases_[check];
  if (result.state != CheckState::broken || !result.worst_at) return texts;
  if (found.at != result.worst_at || !found.whole) copy_around(*result.worst_at, found);
  std::map<std::pair<std::size_t, std::size_t>, const Frame*> asked;  // by line and device on the network
  for (const Frame& frame : found.frames) {
    texts.push_back(text_of(frame));
    const Frame*& request = asked[{frame.line, frame.device}];
    const std::string rows = rows_of(frame, frame.from_far_side ? nullptr : request);
    request = frame.from_far_side ? &frame : nullptr;
    if (!rows.empty()) texts.push_back("      " + rows);
  }
  return texts;
}

}  // namespace hil::harness
