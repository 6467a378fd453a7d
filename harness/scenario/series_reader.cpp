#include "harness/scenario/series_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "harness/scenario/names.h"
#include "harness/scenario/time_stamp.h"

namespace hil::harness {
namespace {

constexpr std::uintmax_t largest_series_bytes = 2U << 20U;
constexpr Bounds row_time{.lowest = 0.0, .highest = longest_s};

std::filesystem::path beside(const Attribute& file) {
  return std::filesystem::path{file.place.file.text()}.parent_path() / file.value;
}

/// Text of the file, or what keeps it from being read.
std::optional<std::string> text_of(const std::filesystem::path& file, std::string& trouble) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    trouble = fmt::format("no such file: looked for {}", file.string());
    return std::nullopt;
  }
  const auto size = std::filesystem::file_size(file, error);
  if (error || size > largest_series_bytes) {
    trouble = fmt::format("is {} bytes long, must be <= {} (2 MiB)", size, largest_series_bytes);
    return std::nullopt;
  }
  std::ifstream stream{file, std::ios::binary};
  return std::string{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return trimmed(line);
}

/// What the first column may be called; a factor of 0: time stamps.
struct TimeColumn {
  std::string_view name;
  double factor;
};
constexpr std::array time_columns{TimeColumn{"time_s", 1.0}, TimeColumn{"time_min", 60.0}, TimeColumn{"time_h", 3600.0},
                                  TimeColumn{"time", 0.0}};

struct Header {
  TimeColumn time{};
  SeriesColumn value{};
};

/// nullopt: it names something else.
std::optional<Header> header_of(std::string_view line, const std::vector<SeriesColumn>& columns) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto has_name = [](std::string_view name) {
    return [name](const auto& column) { return column.name == name; };
  };
  const auto* time = std::find_if(time_columns.begin(), time_columns.end(), has_name(trimmed(line.substr(0, comma))));
  const auto value = std::find_if(columns.begin(), columns.end(), has_name(trimmed(line.substr(comma + 1))));
  if (time == time_columns.end() || value == columns.end()) return std::nullopt;
  return Header{*time, *value};
}

/// Puts the rows together.
class Rows {
 public:
  Rows(const Header& header, const std::optional<double>& zone_s, Series& series)
      : header_(header), zone_s_(zone_s), series_(series) {}

  /// The fault's text when it is no row.
  std::string add(std::string_view line) {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos || line.find(',', comma + 1) != std::string_view::npos) {
      return fmt::format("{} is no row of {},{}", in_quotes(line), header_.time.name, header_.value.name);
    }
    double time_s = 0.0;
    std::string trouble = read_time(line.substr(0, comma), time_s);
    if (!trouble.empty()) return trouble;
    const std::optional<double> value = parse_number(line.substr(comma + 1));
    const std::string_view name = header_.value.name;
    if (!value) return fmt::format("{} is {}, must be a decimal number", name, in_quotes(line.substr(comma + 1)));
    if (!header_.value.bounds.contain(*value)) {
      return fmt::format("{} is {}, must be {}", name, *value, header_.value.bounds.text());
    }
    series_.time_s.push_back(time_s);
    series_.values.push_back(*value * header_.value.factor + header_.value.offset);
    return {};
  }

 private:
  /// Seconds after the first row.
  std::string read_time(std::string_view given, double& time_s) {
    const std::string_view name = header_.time.name;
    if (header_.time.factor == 0.0) {
      std::string trouble = read_stamp(trimmed(given), time_s);
      if (!trouble.empty()) return trouble;
    } else {
      const std::optional<double> number = parse_number(given);
      if (!number) return fmt::format("{} is {}, must be a decimal number", name, in_quotes(given));
      time_s = *number * header_.time.factor;
      if (!row_time.contain(time_s)) return fmt::format("{} is {}, must be {} s", name, *number, row_time.text());
      if (!begun_ && time_s != 0.0) return fmt::format("{} is {}, must begin at 0", name, *number);
    }
    begun_ = true;
    if (!series_.time_s.empty() && time_s <= series_.time_s.back()) {
      return fmt::format("{} is {}, must be > the one before ({} s after the first)", name, in_quotes(trimmed(given)),
                         series_.time_s.back());
    }
    return {};
  }
  std::string read_stamp(std::string_view given, double& time_s) {
    const std::optional<TimeStamp> stamp = parse_time_stamp(given);
    if (!stamp) {
      return fmt::format("time is {}, must be a time of 1950..2099 such as {} or 2026-06-21 12:00:00+02:00",
                         in_quotes(given), time_stamp_form);
    }
    if (!stamp->offset_s && !zone_s_) {
      return fmt::format(
          "time is {} without a time zone, needs Z or an offset such as +02:00 behind it, or a "
          "time_zone for all",
          in_quotes(given));
    }
    const double utc_s = stamp->local_s - stamp->offset_s.value_or(zone_s_.value_or(0.0));
    if (!series_.first_utc_s) series_.first_utc_s = utc_s;
    time_s = utc_s - *series_.first_utc_s;
    if (time_s > longest_s) return fmt::format("time is {}, must be within 366 days of the first", in_quotes(given));
    return {};
  }

  Header header_;
  std::optional<double> zone_s_;
  Series& series_;
  bool begun_ = false;  ///< a row had a time, whatever its value was
};

/// What a header may be, instead of this one.
std::string known_headers(std::string_view given, const std::vector<SeriesColumn>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const SeriesColumn& column : columns) names.emplace_back(column.name);
  const std::size_t comma = given.find(',');
  const std::string_view wanted = comma == std::string_view::npos ? given : trimmed(given.substr(comma + 1));
  return fmt::format("TIME,NAME with a TIME of time_s, time_min, time_h, time and a NAME of {}",
                     list_nearest_first(wanted, std::move(names)));
}

/// Of stamps that have none themselves; nullopt: not given.
std::optional<double> read_zone(ElementReader& reader) {
  std::string given;
  if (!reader.text("time_zone", given, Need::optional)) return std::nullopt;
  const std::optional<double> zone_s = parse_utc_offset(given);
  if (!zone_s) {
    reader.fault_of("time_zone",
                    fmt::format("time_zone is {}, must be Z or an offset from UTC such as +02:00", in_quotes(given)));
  }
  return zone_s;
}

/// `place_of` says where row n (from 1, the header) stands.
template <typename PlaceOf>
void read_rows(std::string_view text, const std::vector<SeriesColumn>& columns, const PlaceOf& place_of,
               ElementReader& reader, Diagnostics& diagnostics, Series& series) {
  const std::optional<double> zone_s = read_zone(reader);
  constexpr int most_faults = 10;
  int faults = 0;
  const auto refuse = [&](int row, const std::string& message) {
    const auto [place, prefix] = place_of(row);
    diagnostics.add(place, prefix + message);
    reader.mark_unsound();
    return ++faults >= most_faults;
  };
  const std::string_view first = next_line(text);
  const std::optional<Header> header = header_of(first, columns);
  if (!header) {
    refuse(1, fmt::format("header is {}, must be {}", in_quotes(first), known_headers(first, columns)));
    return;
  }
  if (zone_s && header->time.factor != 0.0) {
    reader.fault_of("time_zone", fmt::format("time_zone is of time stamps, this file has {}", header->time.name));
  }
  Rows rows(*header, zone_s, series);
  for (int row = 2; !trimmed(text).empty(); ++row) {
    std::string trouble = rows.add(next_line(text));
    if (!trouble.empty() && refuse(row, trouble)) return;
  }
  if (series.time_s.empty() && faults == 0) refuse(1, "has no row below its header");
  if (faults == 0) series.column = header->value.is;
}

}  // namespace

Series read_series(ElementReader& reader, const std::vector<SeriesColumn>& columns, Diagnostics& diagnostics) {
  Series series;
  const Element& element = reader.element();
  std::string ignored;
  reader.text("time_zone", ignored, Need::optional);
  const Attribute* file = element.attribute("file");
  const bool has_file = reader.text("file", ignored, Need::optional);
  if (file != nullptr && !element.text.empty()) {
    reader.fault("has a file and text inside, must have one of them");
  } else if (has_file && file != nullptr) {
    const std::filesystem::path path = beside(*file);
    std::string trouble;
    if (const auto text = text_of(path, trouble)) {
      read_rows(
          *text, columns,
          [&](int row) {
            return std::pair{Place{path.string(), row, 1}, std::string{}};
          },
          reader, diagnostics, series);
    } else {
      reader.fault_of("file", fmt::format("file is {}, {}", in_quotes(file->value), trouble));
    }
  } else if (file == nullptr && element.text.empty()) {
    reader.fault("file is missing");
  }
  if (!element.text.empty() && reader.content(ignored) && file == nullptr) {
    read_rows(
        ignored, columns,
        [&](int row) {
          return std::pair{element.place, fmt::format("{}: line {}: ", element.label(), row)};
        },
        reader, diagnostics, series);
  }
  return series;
}

double first_row_s(ElementReader& reader, const Series& series, const std::optional<double>& site_start_utc_s) {
  std::optional<double> start_utc_s = site_start_utc_s;
  std::string given;
  if (reader.text("start_utc", given, Need::optional)) {
    const std::optional<double> stamp_s = parse_utc_stamp(given);
    if (!stamp_s) {
      reader.fault_of("start_utc", fmt::format("start_utc is {}, must be a UTC time of 1950..2099 such as {}",
                                               in_quotes(given), time_stamp_form));
      return 0.0;
    }
    start_utc_s = *stamp_s;
    if (!series.column.empty() && !series.first_utc_s) {
      reader.fault_of("start_utc", "start_utc is of time stamps, this file has none");
    }
  }
  return series.first_utc_s && start_utc_s ? *series.first_utc_s - *start_utc_s : 0.0;
}

void move_series(Series& series, double shift_s, bool linear) {
  for (double& time_s : series.time_s) time_s += shift_s;
  std::size_t before = 0;  // rows at or before 0
  while (before < series.time_s.size() && series.time_s[before] <= 0.0) ++before;
  if (before == 0) return;
  const std::size_t first = before - 1;
  if (linear && before < series.time_s.size()) {
    const double share = -series.time_s[first] / (series.time_s[before] - series.time_s[first]);
    series.values[first] += share * (series.values[before] - series.values[first]);
  }
  series.time_s[first] = 0.0;
  series.time_s.erase(series.time_s.begin(), series.time_s.begin() + static_cast<std::ptrdiff_t>(first));
  series.values.erase(series.values.begin(), series.values.begin() + static_cast<std::ptrdiff_t>(first));
}

void put_series_inside(Element& element) {
  const Attribute* file = element.attribute("file");
  std::string trouble;
  if (file == nullptr) return;
  if (const auto text = text_of(beside(*file), trouble)) {
    element.text = std::string{trimmed(*text)};
    std::erase_if(element.attributes, [](const Attribute& attribute) { return attribute.name == "file"; });
  }
}

}  // namespace hil::harness
