#pragma once

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "harness/record/output_file.h"
#include "harness/record/pcapng_file.h"
#include "sim/wire/can_bus.h"

namespace hil::harness {

/// All frames of a CAN bus: <name>.pcapng for Wireshark (link type 227, SocketCAN), <name>.txt for people:
///
///   12.345678 system_can a1 sends 18600000 [7] 00 04 03 01 02 00 4C
///   12.346012 system_can a2 fails with 18600001: no acknowledge
///   12.350007 system_can a2 has failed 27 more times
///
/// A sender that fails with the same frame again and again stands there once, with the count behind it: when it does
/// something else, and at each flush(). In the pcapng a failure is an error frame. Time of the first bit; a frame
/// stands where it ended. Reaches the disk each 64 KiB or 60 virtual seconds.
class CanRecorder {
 public:
  static constexpr sim::Time flush_each = std::chrono::seconds{60};

  /// Creates the folder. `bus` tells the names of the nodes, and must outlive it. Throws std::runtime_error.
  CanRecorder(const std::filesystem::path& folder, const std::string& name, const sim::CanBus& bus);

  /// A monitor of the bus. Allocates nothing.
  void attempt(const sim::CanBus::Record& record);
  /// What happened to the wires or to a node: a line of the text, and in the comment of the next packet.
  void note(sim::Time at, std::string_view what);
  /// Whether a node has that name.
  bool knows(const std::string& node) const;
  void flush();
  /// Of the first file that could not be written; empty: none.
  std::string failure() const;

 private:
  using Outcome = sim::CanBus::Outcome;
  static constexpr std::size_t longest_line = 512;
  struct Last {
    Outcome outcome = Outcome::sent;
    std::uint32_t key = 0;
    std::uint64_t repeats = 0;
  };
  void write_packet(const sim::CanBus::Record& record);
  void write_line(const sim::CanBus::Record& record);
  /// How often it has failed beside what stands there, if it has.
  void write_repeats(std::size_t sender);
  template <typename... Arguments>
  void line(sim::Time at, fmt::format_string<Arguments...> format, Arguments&&... arguments);

  std::string name_;
  const sim::CanBus& bus_;
  PcapngFile capture_;
  OutputFile text_;
  std::array<Last, sim::CanBus::most_nodes> last_{};
  std::string notes_;    ///< for the next packet
  sim::Time latest_{0};  ///< beginning of an attempt, or a note
  sim::Time next_flush_ = flush_each;
};

}  // namespace hil::harness
