#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/plant/bench.h"
#include "harness/record/can_recorder.h"
#include "harness/record/frame_recorder.h"
#include "harness/record/network_recorder.h"

namespace hil::harness {

/// The captures of one bench: every serial line, the CAN between inverters (<parallel>_can), and what is opened on the
/// network, each with its own faults.
class CaptureSet {
 public:
  /// Begins with all lines, and with what its EMSs say on the network, before the bench runs; must outlive its run.
  /// Throws std::runtime_error.
  CaptureSet(const std::filesystem::path& folder, const SiteSpec& site, Bench& bench);

  /// Of the network alone, into the same folder as another set.
  CaptureSet(std::filesystem::path folder, const SiteSpec& site) : folder_(std::move(folder)), site_(site) {}

  /// <device>_tcp and <device>_udp.
  NetworkRecorder& add(const std::string& device, NetworkRecorder::Protocol protocol, NetworkEnd at);
  /// Of the set of the network alone: <device>_tcp, or <device>_tcp_clients where another set has what an EMS of the
  /// scenario says to that device.
  NetworkRecorder& add_clients(const Bench& bench, const std::string& device, NetworkEnd at);

  /// A fault becomes a note in the captures of what it happens to; other events are none.
  void note(const Event& event);
  void flush() noexcept;
  /// Of the first file that could not be written; empty: none.
  std::string failure() const;

 private:
  void add_ems_connections(Bench& bench);
  bool concerns(const std::string& line, const std::string& target) const;

  std::filesystem::path folder_;
  const SiteSpec& site_;
  std::vector<std::unique_ptr<FrameRecorder>> lines_;  ///< as in the site
  std::unique_ptr<CanRecorder> can_;                   ///< nullptr: there is no CAN
  std::map<std::pair<std::string, NetworkRecorder::Protocol>, std::unique_ptr<NetworkRecorder>> network_;
};

}  // namespace hil::harness
