#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/checks/check.h"
#include "sim/wire/modbus_tcp.h"

namespace hil::harness {

/// The frames around the worst instant of each broken check.
///
/// The last `ring_size` frames of all lines, and of EMSs on Modbus TCP with their units, are kept, which is a minute
/// and more of four busy lines. Each `look_every` frames it asks the checks for their worst instants and copies what is
/// around those that are new. So an instant that a check names later than the ring reaches back (a formula with
/// intervals of minutes) has no frames.
class BusEvidence {
 public:
  static constexpr std::size_t ring_size = 4096;
  static constexpr std::size_t look_every = 64;
  static constexpr std::size_t most_before = 8;  ///< frames that ended up to the instant
  static constexpr std::size_t most_after = 4;

  /// Listens to the lines of the bench; before its run, which it must outlive. Nothing is allocated afterwards.
  BusEvidence(Bench& bench, const std::vector<std::unique_ptr<Check>>& checks);
  BusEvidence(const BusEvidence&) = delete;
  BusEvidence& operator=(const BusEvidence&) = delete;

  /// After the run: what a broken check saw on its line, or on all of them, a line each as in captures/LINE.txt and
  /// captures/DEVICE_tcp.txt. Behind
  /// a frame with registers that the map of its unit knows stands a line that begins with blanks: their names and
  /// values.
  std::vector<std::string> around(std::size_t check);

 private:
  static constexpr std::size_t on_a_line = SIZE_MAX;
  struct Frame {
    sim::Time begin{0};
    sim::Time end{0};
    std::size_t line = 0;
    std::size_t size = 0;
    bool from_far_side = false;
    bool garbled = false;
    sim::WireMarks marks = 0;
    std::size_t device = on_a_line;  ///< of those on the network that it came from or went to
    sim::NetworkMarks network_marks = 0;
    std::array<std::uint8_t, sim::largest_tcp_frame> bytes;
  };
  /// One on Modbus TCP, of the line of its unit.
  struct Device {
    std::string name;
    std::size_t line = 0;
  };
  struct Case {
    std::optional<std::size_t> line{};  ///< nullopt: all
    std::optional<sim::Time> at{};      ///< worst instant that `frames` are of
    bool whole = false;                 ///< as many came after it as are shown
    std::vector<Frame> frames{};
  };
  void frame(std::size_t line, const sim::SerialLine::FrameRecord& record);
  void segment(const std::string& device, const TcpTraffic& traffic);
  Frame& next_frame(std::size_t line, std::span<const std::uint8_t> bytes, sim::Time begin, sim::Time end);
  void look();
  void copy_around(sim::Time at, Case& into) const;
  const Frame& newest(std::size_t back) const { return ring_[(written_ - 1 - back) % ring_size]; }
  std::string text_of(const Frame& frame) const;
  std::vector<std::uint8_t> serial_bytes_of(const Frame& frame) const;
  /// By the map of its unit; `request`: the last one on its line, nullptr when the frame is one itself.
  std::string rows_of(const Frame& frame, const Frame* request) const;

  const std::vector<std::unique_ptr<Check>>& checks_;
  std::vector<std::string> lines_;
  std::vector<Device> devices_;                                                   ///< on the network
  std::map<std::pair<std::size_t, std::uint8_t>, const sim::RegisterMap*> maps_;  ///< by line and address
  std::vector<Case> cases_;                                                       ///< as checks_
  std::vector<Frame> ring_;
  std::uint64_t written_ = 0;
};

}  // namespace hil::harness
