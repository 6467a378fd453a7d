#include "harness/record/csv_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

constexpr std::size_t event_fields = 4;

/// The powers that a double holds as they are.
constexpr std::array<double, 16> power_of_ten{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// "-12.345", as a trace has them: of up to 15 digits whole number and power are exact, so that their quotient is the
/// nearest double, in a fifth of the time of from_chars. nullopt: another form, or none.
std::optional<double> plain_number(std::string_view text) {
  constexpr std::size_t most_digits = 15;
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > most_digits) return std::nullopt;
  std::int64_t whole = 0;
  std::size_t decimals = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    whole = 10 * whole + (c - '0');
    if (point) ++decimals;
  }
  if (text.front() == '.' || text.back() == '.') return std::nullopt;
  const double size = static_cast<double>(whole) / power_of_ten[decimals];
  return negative ? -size : size;
}

double number(std::string_view text) {
  if (const std::optional<double> plain = plain_number(text)) return *plain;
  double value = std::numeric_limits<double>::quiet_NaN();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Takes the text up to `end` off the front; all of it without one.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t length = text.find(end);
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
  return taken;
}

}  // namespace

std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      record.push_back(std::exchange(field, {}));
    } else if (c == '\n') {
      record.push_back(std::exchange(field, {}));
      records.push_back(std::exchange(record, {}));
    } else if (c != '\r') {
      field += c;
    }
  }
  if (!field.empty() || !record.empty()) {
    record.push_back(field);
    records.push_back(record);
  }
  return records;
}

Trace read_trace(const std::filesystem::path& file) {
  const std::string content = read_whole_file(file);
  std::string_view text = content;
  text = text.substr(0, text.rfind('\n') + 1);
  Trace trace;
  std::string_view header = take_until(text, '\n');
  while (!header.empty()) trace.names.emplace_back(take_until(header, ','));
  trace.columns.resize(trace.names.size());
  const auto rows = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  for (auto& column : trace.columns) column.reserve(rows);
  while (!text.empty()) {
    std::string_view row = take_until(text, '\n');
    for (auto& column : trace.columns) {
      const std::string_view cell = take_until(row, ',');
      column.push_back(cell.empty() && !column.empty() ? column.back() : number(cell));
    }
  }
  return trace;
}

std::vector<Event> read_events(const std::filesystem::path& file) {
  std::vector<Event> events;
  for (const auto& record : parse_csv(read_whole_file(file))) {
    if (record.size() != event_fields || record[0] == "time_s") continue;
    events.push_back({sim::Time{std::llround(number(record[0]) * 1e9)}, record[1], record[2], record[3]});
  }
  return events;
}

}  // namespace hil::harness
