#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "harness/record/frame_text.h"
#include "harness/record/network_capture.h"
#include "harness/record/output_file.h"

namespace hil::harness {

/// All that a device on the network is asked and answers: <name>.pcapng for Wireshark, <name>.txt for people; with the
/// faults that leave nothing to mark.
class NetworkRecorder {
 public:
  using Protocol = NetworkCapture::Protocol;

  /// Creates the folder. Throws std::runtime_error.
  NetworkRecorder(const std::filesystem::path& folder, const std::string& name, Protocol protocol, NetworkEnd device);

  void opened(NetworkEnd client, sim::Time at);
  void received(NetworkEnd client, std::span<const std::uint8_t> bytes, sim::Time at);
  void sent(NetworkEnd client, std::span<const std::uint8_t> bytes, sim::NetworkMarks marks, sim::Time at);
  /// A request or reply that never arrived.
  void lost(NetworkEnd client, sim::NetworkMarks marks, sim::Time at);
  void closed(NetworkEnd client, bool by_client, sim::Time at);
  void reset(NetworkEnd client, sim::Time at);
  /// What happened to the device: a line of the text, and in the comment of the next packet.
  void note(sim::Time at, std::string_view what);
  void flush() noexcept;
  /// Of the first file that could not be written; empty: none.
  std::string failure() const;

 private:
  void line(sim::Time at, std::string_view client, std::string_view what);
  void write(NetworkEnd client, bool request, std::span<const std::uint8_t> bytes, sim::NetworkMarks marks,
             sim::Time at);
  std::string comment_with(std::string_view marks);

  std::string name_;
  Protocol protocol_;
  NetworkCapture capture_;
  OutputFile text_;
  std::array<char, longest_frame_text> row_;
  std::array<char, NetworkCapture::longest_comment> marks_;
  std::string notes_;  ///< for the next packet
};

}  // namespace hil::harness
