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
  if (sim::ParallelGroup* const group = bench.parallel_group()) {
    can_ = std::make_unique<CanRecorder>(folder, site.parallel->name + "_can", group->can());
    group->can().add_monitor([this](const sim::CanBus::Record& record) { can_->attempt(record); });
  }
  add_ems_connections(bench);
}

namespace {

constexpr std::uint16_t modbus_port = 502;
constexpr std::uint16_t first_client_port = 49'152;  // of those that a machine hands out (RFC 6335, 6)
constexpr std::uint16_t client_ports = 16'384;

/// Of the network for documentation (RFC 5737), so that nobody takes them for real ones.
constexpr std::uint32_t documented_network = 0xC0000200;  // 192.0.2.0
constexpr NetworkEnd ems_end(std::uint64_t connection) {
  return {documented_network + 1, static_cast<std::uint16_t>(first_client_port + (connection - 1) % client_ports)};
}
constexpr std::uint32_t first_device = documented_network + 11;

}  // namespace

void CaptureSet::add_ems_connections(Bench& bench) {
  std::uint32_t address = first_device;
  for (const std::string& device : bench.devices_on_tcp()) {
    add(device, NetworkRecorder::Protocol::tcp, {address++, modbus_port});
  }
  bench.on_tcp([this](const std::string& device, const TcpTraffic& traffic) {
    NetworkRecorder& recorder = *network_.at({device, NetworkRecorder::Protocol::tcp});
    const NetworkEnd ems = ems_end(traffic.connection);
    switch (traffic.what) {
      case TcpTraffic::What::opened:
        return recorder.opened(ems, traffic.at);
      case TcpTraffic::What::refused:
        return recorder.note(traffic.at, "connection refused");
      case TcpTraffic::What::request:
        return recorder.received(ems, traffic.bytes, traffic.at);
      case TcpTraffic::What::reply:
        return recorder.sent(ems, traffic.bytes, traffic.marks, traffic.at);
      case TcpTraffic::What::closed:
        return recorder.closed(ems, true, traffic.at);
      case TcpTraffic::What::reset:
        return recorder.reset(ems, traffic.at);
    }
  });
}

NetworkRecorder& CaptureSet::add(const std::string& device, NetworkRecorder::Protocol protocol, NetworkEnd at) {
  const char* suffix = protocol == NetworkRecorder::Protocol::tcp ? "_tcp" : "_udp";
  auto& recorder = network_[{device, protocol}];
  recorder = std::make_unique<NetworkRecorder>(folder_, device + suffix, protocol, at);
  return *recorder;
}

NetworkRecorder& CaptureSet::add_clients(const Bench& bench, const std::string& device, NetworkEnd at) {
  const std::vector<std::string> with_ems = bench.devices_on_tcp();
  const bool taken = std::find(with_ems.begin(), with_ems.end(), device) != with_ems.end();
  auto& recorder = network_[{device, NetworkRecorder::Protocol::tcp}];
  recorder = std::make_unique<NetworkRecorder>(folder_, device + (taken ? "_tcp_clients" : "_tcp"),
                                               NetworkRecorder::Protocol::tcp, at);
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
  if (can_ && (event.subject == site_.parallel->name || can_->knows(event.subject))) can_->note(event.at, what);
  // The line has no part in it.
  if (kind != nullptr && kind->kind == "dongle_link_lost") return;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (concerns(site_.lines[i].name, event.subject)) lines_[i]->note(event.at, what);
  }
}

void CaptureSet::flush() noexcept {
  for (const auto& recorder : lines_) recorder->flush();
  if (can_) can_->flush();
  for (const auto& [name, recorder] : network_) recorder->flush();
}

std::string CaptureSet::failure() const {
  for (const auto& recorder : lines_) {
    if (std::string failure = recorder->failure(); !failure.empty()) return failure;
  }
  if (can_ && !can_->failure().empty()) return can_->failure();
  for (const auto& [name, recorder] : network_) {
    if (std::string failure = recorder->failure(); !failure.empty()) return failure;
  }
  return {};
}

}  // namespace hil::harness
