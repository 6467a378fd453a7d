#include "harness/record/capture_set.h"

#include <algorithm>

#include "harness/faults/fault_kinds.h"

namespace hil::harness {

CaptureSet::CaptureSet(const std::filesystem::path& folder, const SiteSpec& site, Bench& bench)
    : folder_(folder), site_(site) {
  for (const LineSpec& line : site.lines) {
    lines_.push_back(std::make_unique<FrameRecorder>(folder, line.name));
    bench.on_frame(line.name, [recorder = lines_.back().get()](const sim::SerialLine::FrameRecord& record) {
      recorder->frame(record);
    });
  }
}

NetworkRecorder& CaptureSet::add(const std::string& device, NetworkRecorder::Protocol protocol, NetworkEnd at) {
  const char* suffix = protocol == NetworkRecorder::Protocol::tcp ? "_tcp" : "_udp";
  auto& recorder = network_[{device, protocol}];
  recorder = std::make_unique<NetworkRecorder>(folder_, device + suffix, protocol, at);
  return *recorder;
}

/// Whether the fault of this line or unit belongs into the capture of the line.
bool CaptureSet::concerns(const std::string& line, const std::string& target) const {
  const std::vector<UnitSpec> units = units_of(site_);
  return target == line || std::any_of(units.begin(), units.end(),
                                       [&](const UnitSpec& unit) { return unit.name == target && unit.line == line; });
}

void CaptureSet::note(const Event& event) {
  if (event.kind != "fault") return;
  const std::string what = event.kind + " of " + event.subject + ": " + event.text;
  const FaultKind* kind = find_fault_kind(event.text.substr(0, event.text.find(' ')));
  const FaultTarget target = kind == nullptr ? FaultTarget::unit : kind->target;
  if (target == FaultTarget::tcp || target == FaultTarget::dongle) {
    const auto protocol = target == FaultTarget::tcp ? NetworkRecorder::Protocol::tcp : NetworkRecorder::Protocol::udp;
    const auto found = network_.find({event.subject, protocol});
    if (found != network_.end()) found->second->note(event.at, what);
    return;
  }
  if (target == FaultTarget::inverter || target == FaultTarget::inverter_with_meter) {
    for (const auto& [whose, recorder] : network_) {
      if (whose.first == event.subject) recorder->note(event.at, what);
    }
  }
  // The line has no part in it.
  if (kind != nullptr && kind->kind == "dongle_link_lost") return;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (concerns(site_.lines[i].name, event.subject)) lines_[i]->note(event.at, what);
  }
}

void CaptureSet::flush() noexcept {
  for (const auto& recorder : lines_) recorder->flush();
  for (const auto& [name, recorder] : network_) recorder->flush();
}

std::string CaptureSet::failure() const {
  for (const auto& recorder : lines_) {
    if (std::string failure = recorder->failure(); !failure.empty()) return failure;
  }
  for (const auto& [name, recorder] : network_) {
    if (std::string failure = recorder->failure(); !failure.empty()) return failure;
  }
  return {};
}

}  // namespace hil::harness
