#include "harness/scenario/series_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr std::string_view time_column = "time_s,";
constexpr std::uintmax_t largest_series_bytes = 2U << 20U;
constexpr Bounds row_time{.lowest = 0.0, .highest = longest_s};

std::filesystem::path beside(const Attribute& file) {
  return std::filesystem::path{file.place.file}.parent_path() / file.value;
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

/// The column that the header names; nullptr when it is none of them.
const SeriesColumn* column_of(std::string_view header, const std::vector<SeriesColumn>& columns) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const SeriesColumn& column) {
    return header.starts_with(time_column) && header.substr(time_column.size()) == column.name;
  });
  return found == columns.end() ? nullptr : &*found;
}

/// One row after the header; the fault's text when it is none.
std::string add_row(std::string_view line, const SeriesColumn& column, Series& series) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos || line.find(',', comma + 1) != std::string_view::npos) {
    return fmt::format("{} is no row of {}{}", in_quotes(line), time_column, column.name);
  }
  const std::optional<double> time = parse_number(line.substr(0, comma));
  const std::optional<double> value = parse_number(line.substr(comma + 1));
  if (!time) return fmt::format("time_s is {}, must be a decimal number", in_quotes(line.substr(0, comma)));
  if (!value) {
    return fmt::format("{} is {}, must be a decimal number", column.name, in_quotes(line.substr(comma + 1)));
  }
  if (!row_time.contain(*time)) return fmt::format("time_s is {}, must be {}", *time, row_time.text());
  if (!column.bounds.contain(*value)) {
    return fmt::format("{} is {}, must be {}", column.name, *value, column.bounds.text());
  }
  if (series.time_s.empty() && *time != 0.0) return fmt::format("time_s is {}, must begin at 0", *time);
  if (!series.time_s.empty() && *time <= series.time_s.back()) {
    return fmt::format("time_s is {}, must be > the one before ({})", *time, series.time_s.back());
  }
  series.time_s.push_back(*time);
  series.values.push_back(*value);
  return {};
}

std::string known_headers(const std::vector<SeriesColumn>& columns) {
  std::string known;
  for (const SeriesColumn& column : columns)
    known += fmt::format("{}{}{}", known.empty() ? "" : " or ", time_column, column.name);
  return known;
}

/// `place_of` says where row n (from 1, the header) stands.
template <typename PlaceOf>
void read_rows(std::string_view text, const std::vector<SeriesColumn>& columns, const PlaceOf& place_of,
               ElementReader& reader, Diagnostics& diagnostics, Series& series) {
  constexpr int most_faults = 10;
  int faults = 0;
  const auto refuse = [&](int row, const std::string& message) {
    const auto [place, prefix] = place_of(row);
    diagnostics.add(place, prefix + message);
    reader.mark_unsound();
    return ++faults >= most_faults;
  };
  const std::string_view first = next_line(text);
  const SeriesColumn* column = column_of(first, columns);
  if (column == nullptr) {
    refuse(1, fmt::format("header is {}, must be {}", in_quotes(first), known_headers(columns)));
    return;
  }
  for (int row = 2; !trimmed(text).empty(); ++row) {
    const std::string trouble = add_row(next_line(text), *column, series);
    if (!trouble.empty() && refuse(row, trouble)) return;
  }
  if (series.time_s.empty() && faults == 0) refuse(1, "has no row below its header");
  if (faults == 0) series.column = column->name;
}

}  // namespace

Series read_series(ElementReader& reader, const std::vector<SeriesColumn>& columns, Diagnostics& diagnostics) {
  Series series;
  const Element& element = reader.element();
  std::string ignored;
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
