#include "harness/record/frame_recorder.h"

#include "harness/record/number_text.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::harness {

FrameRecorder::FrameRecorder(const std::filesystem::path& folder, const std::string& line)
    : line_(line),
      capture_(made_folder(folder) / (line + ".pcapng"), line),
      text_(folder / (line + ".txt"), longest_frame_text + 1) {}

void FrameRecorder::frame(const sim::SerialLine::FrameRecord& record) {
  const std::string_view marks = write_marks(comment_, record.marks);
  const bool noted = !notes_.empty();
  if (noted) notes_.append(marks.empty() ? "" : "; ").append(marks);
  capture_.write({.bytes = record.bytes,
                  .at = record.begin,
                  .request = record.from_far_side,
                  .bad_checksum = !sim::has_valid_crc(record.bytes),
                  .comment = noted ? std::string_view(notes_) : marks});
  notes_.clear();
  text_.append(write_frame(row_, line_, record));
  text_.append("\n");
  if (record.end < next_flush_) return;
  next_flush_ = record.end + flush_each;
  flush();
}

void FrameRecorder::note(sim::Time at, std::string_view what) {
  std::array<char, longest_number> time{};
  const char* end = write_time(time.data(), at);
  text_.append({time.data(), static_cast<std::size_t>(end - time.data())});
  text_.append(" ");
  text_.append(line_);
  text_.append(" ");
  text_.append(what);
  text_.append("\n");
  notes_.append(notes_.empty() ? "" : "; ").append(what);
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
