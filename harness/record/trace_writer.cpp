#include "harness/record/trace_writer.h"

namespace hil::harness {

TraceWriter::TraceWriter(const std::filesystem::path& file, const std::vector<const sim::Signal*>& signals,
                         sim::Time record_period)
    : file_(file, longest_number * (signals.size() + 2)),
      row_(longest_number * (signals.size() + 2)),
      record_period_(record_period) {
  std::string header = "time_s";
  for (const sim::Signal* signal : signals) {
    header += "," + signal->name;
    columns_.push_back({signal->value, number_format(signal->unit)});
  }
  write(header + "\n");
}

void TraceWriter::step(sim::Time now) {
  if (now >= next_row_) {
    next_row_ = (now / record_period_ + 1) * record_period_;
    char* end = write_time(row_.data(), now);
    for (const Column& column : columns_) {
      *end++ = ',';
      end = write_number(end, *column.value, column.format);
    }
    *end++ = '\n';
    write({row_.data(), static_cast<std::size_t>(end - row_.data())});
  }
  if (now >= next_flush_) {
    next_flush_ = now + flush_each;
    file_.flush();
  }
}

void TraceWriter::write(std::string_view text) {
  file_.append(text);
  hash_.update(text);
}

}  // namespace hil::harness
