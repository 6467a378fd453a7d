#include "harness/record/frame_recorder.h"

#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

/// As std::filesystem wants it in an initialiser list.
const std::filesystem::path& made(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

FrameRecorder::FrameRecorder(const std::filesystem::path& folder, const std::string& line)
    : line_(line),
      capture_(made(folder) / (line + ".pcapng"), line),
      text_(folder / (line + ".txt"), longest_frame_text + 1) {}

void FrameRecorder::frame(const sim::SerialLine::FrameRecord& record) {
  capture_.write({.bytes = record.bytes,
                  .at = record.begin,
                  .request = record.from_far_side,
                  .bad_checksum = !sim::has_valid_crc(record.bytes),
                  .comment = write_marks(comment_, record.marks)});
  text_.append(write_frame(row_, line_, record));
  text_.append("\n");
  if (record.end < next_flush_) return;
  next_flush_ = record.end + flush_each;
  flush();
}

void FrameRecorder::flush() noexcept {
  capture_.flush();
  text_.flush();
}

std::string FrameRecorder::failure() const {
  const std::string of_capture = capture_.failure();
  return of_capture.empty() ? text_.failure() : of_capture;
}

}  // namespace hil::harness
