#include "harness/record/trace_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace hil::harness {
namespace {

std::vector<RecordedSignal> all_at(const std::vector<const sim::Signal*>& signals, sim::Time period) {
  std::vector<RecordedSignal> recorded;
  recorded.reserve(signals.size());
  for (const sim::Signal* signal : signals) recorded.push_back({signal, period, false});
  return recorded;
}

}  // namespace

TraceWriter::TraceWriter(const std::filesystem::path& file, const std::vector<const sim::Signal*>& signals,
                         sim::Time record_period)
    : TraceWriter(file, all_at(signals, record_period)) {
  if (signals.empty()) clock_of(record_period);
}

TraceWriter::TraceWriter(const std::filesystem::path& file, const std::vector<RecordedSignal>& recorded)
    : file_(file, longest_number * (recorded.size() + 2)), row_(longest_number * (recorded.size() + 2)) {
  std::string header = "time_s";
  for (const RecordedSignal& each : recorded) {
    header += "," + each.signal->name;
    columns_.push_back(
        {each.signal->value, number_format(each.signal->unit), clock_of(each.period), each.on_change, 0.0, {}});
    if (!each.on_change) continue;
    on_change_.push_back(columns_.size() - 1);
    columns_.back().text.reserve(longest_number);
  }
  write(header + "\n");
}

std::size_t TraceWriter::clock_of(sim::Time period) {
  const auto known =
      std::find_if(clocks_.begin(), clocks_.end(), [period](const Clock& clock) { return clock.period == period; });
  if (known != clocks_.end()) return static_cast<std::size_t>(known - clocks_.begin());
  clocks_.push_back({period, sim::Time{0}, false});
  return clocks_.size() - 1;
}

/// As it reads: what differs behind the last decimal only would be the same row again.
bool TraceWriter::Column::changed() const {
  if (std::bit_cast<std::uint64_t>(*value) == std::bit_cast<std::uint64_t>(written) && !text.empty()) return false;
  std::array<char, longest_number> now{};
  const char* const end = write_number(now.data(), *value, format);
  return text != std::string_view(now.data(), static_cast<std::size_t>(end - now.data()));
}

/// Whether anything is to be written.
bool TraceWriter::look(sim::Time now) {
  bool any = false;
  for (Clock& clock : clocks_) {
    clock.due = now >= clock.next;
    if (!clock.due) continue;
    clock.next = (now / clock.period + 1) * clock.period;
    any = true;
  }
  return any || std::any_of(on_change_.begin(), on_change_.end(),
                            [this](std::size_t column) { return columns_[column].changed(); });
}

void TraceWriter::write_row(sim::Time now) {
  char* end = write_time(row_.data(), now);
  for (Column& column : columns_) {
    *end++ = ',';
    if (!clocks_[column.clock].due && !(column.on_change && column.changed())) continue;
    char* const begin = end;
    end = write_number(begin, *column.value, column.format);
    if (!column.on_change) continue;
    column.written = *column.value;
    column.text.assign(begin, end);
  }
  *end++ = '\n';
  write({row_.data(), static_cast<std::size_t>(end - row_.data())});
}

void TraceWriter::step(sim::Time now) {
  if (look(now)) write_row(now);
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
