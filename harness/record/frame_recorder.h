#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "harness/record/frame_text.h"
#include "harness/record/output_file.h"
#include "harness/record/rtu_capture.h"
#include "sim/wire/serial_line.h"

namespace hil::harness {

/// All frames of one line: captures/<line>.pcapng for Wireshark, captures/<line>.txt for people; with the faults that
/// leave no frame to mark.
///
/// A frame stands where it ended: in a collision the stamps, of first bits, may step back. Both files reach the disk
/// each 64 KiB or 60 virtual seconds.
class FrameRecorder {
 public:
  static constexpr sim::Time flush_each = std::chrono::seconds{60};

  /// Creates the folder. Throws std::runtime_error.
  FrameRecorder(const std::filesystem::path& folder, const std::string& line);

  /// A monitor of the line. Allocates nothing.
  void frame(const sim::SerialLine::FrameRecord& record);
  /// What happened to the line between its frames: a line of the text, and in the comment of the next packet.
  void note(sim::Time at, std::string_view what);
  void flush() noexcept;
  /// Of the first file that could not be written; empty: none.
  std::string failure() const;

 private:
  std::string line_;
  RtuCapture capture_;
  OutputFile text_;
  std::array<char, longest_frame_text> row_;
  std::array<char, RtuCapture::longest_comment> comment_;
  std::string notes_;  ///< for the next packet
  sim::Time next_flush_ = flush_each;
};

}  // namespace hil::harness
