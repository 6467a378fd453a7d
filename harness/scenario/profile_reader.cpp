#include "harness/scenario/profile_reader.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr std::string_view header = "time_s,scale";
constexpr std::uintmax_t largest_profile_bytes = 2U << 20U;
constexpr Bounds row_time{.lowest = 0.0, .highest = longest_s};
constexpr Bounds row_scale{.lowest = 0.0, .highest = 1000.0};

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
  if (error || size > largest_profile_bytes) {
    trouble = fmt::format("is {} bytes long, must be <= {} (2 MiB)", size, largest_profile_bytes);
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

/// One row after the header; the fault's text when it is none.
std::string add_row(std::string_view line, models::ProfileLoad::Parameters& profile) {
  const std::size_t comma = line.find(',');
  if (comma == std::string_view::npos || line.find(',', comma + 1) != std::string_view::npos) {
    return fmt::format("{} is no row of {}", in_quotes(line), header);
  }
  const std::optional<double> time = parse_number(line.substr(0, comma));
  const std::optional<double> scale = parse_number(line.substr(comma + 1));
  if (!time) return fmt::format("time_s is {}, must be a decimal number", in_quotes(line.substr(0, comma)));
  if (!scale) return fmt::format("scale is {}, must be a decimal number", in_quotes(line.substr(comma + 1)));
  if (!row_time.contain(*time)) return fmt::format("time_s is {}, must be {}", *time, row_time.text());
  if (!row_scale.contain(*scale)) return fmt::format("scale is {}, must be {}", *scale, row_scale.text());
  if (profile.time_s.empty() && *time != 0.0) return fmt::format("time_s is {}, must begin at 0", *time);
  if (!profile.time_s.empty() && *time <= profile.time_s.back()) {
    return fmt::format("time_s is {}, must be > the one before ({})", *time, profile.time_s.back());
  }
  profile.time_s.push_back(*time);
  profile.active_scale.push_back(*scale);
  return {};
}

/// `place_of` says where row n (from 1, the header) stands.
template <typename PlaceOf>
void read_rows(std::string_view text, const PlaceOf& place_of, ElementReader& reader, Diagnostics& diagnostics,
               models::ProfileLoad::Parameters& profile) {
  constexpr int most_faults = 10;
  int faults = 0;
  const auto refuse = [&](int row, const std::string& message) {
    const auto [place, prefix] = place_of(row);
    diagnostics.add(place, prefix + message);
    reader.mark_unsound();
    return ++faults >= most_faults;
  };
  const std::string_view first = next_line(text);
  if (first != header) {
    refuse(1, fmt::format("header is {}, must be {}", in_quotes(first), header));
    return;
  }
  for (int row = 2; !trimmed(text).empty(); ++row) {
    const std::string trouble = add_row(next_line(text), profile);
    if (!trouble.empty() && refuse(row, trouble)) return;
  }
  if (profile.time_s.empty() && faults == 0) refuse(1, "has no row below its header");
}

}  // namespace

models::ProfileLoad::Parameters read_profile(ElementReader& reader, Diagnostics& diagnostics) {
  models::ProfileLoad::Parameters profile;
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
          *text,
          [&](int row) {
            return std::pair{Place{path.string(), row, 1}, std::string{}};
          },
          reader, diagnostics, profile);
    } else {
      reader.fault_of("file", fmt::format("file is {}, {}", in_quotes(file->value), trouble));
    }
  } else if (file == nullptr && element.text.empty()) {
    reader.fault("file is missing");
  }
  if (!element.text.empty() && reader.content(ignored) && file == nullptr) {
    read_rows(
        ignored,
        [&](int row) {
          return std::pair{element.place, fmt::format("{}: line {}: ", element.label(), row)};
        },
        reader, diagnostics, profile);
  }
  std::string interpolation = "step";
  reader.one_of("interpolation", interpolation, {"step", "linear"}, "interpolations", Need::optional);
  profile.interpolation =
      interpolation == "linear" ? models::ProfileLoad::Interpolation::linear : models::ProfileLoad::Interpolation::step;
  profile.repeat_s = 0.0;
  profile.start_at_s = 0.0;
  if (reader.number("repeat_s", profile.repeat_s, {.lowest = 0.0, .highest = longest_s, .lowest_excluded = true},
                    Need::optional) &&
      !profile.time_s.empty() && profile.repeat_s <= profile.time_s.back()) {
    reader.fault_of("repeat_s", fmt::format("repeat_s is {}, must be > the last time ({})", profile.repeat_s,
                                            profile.time_s.back()));
  }
  reader.number("start_at_s", profile.start_at_s, any_time, Need::optional);
  return profile;
}

Element with_profiles_inside(Element site) {
  for (Element& load : site.children) {
    if (load.name != "load") continue;
    for (Element& profile : load.children) {
      const Attribute* file = profile.name == "profile" ? profile.attribute("file") : nullptr;
      std::string trouble;
      if (file == nullptr) continue;
      if (const auto text = text_of(beside(*file), trouble)) {
        profile.text = std::string{trimmed(*text)};
        std::erase_if(profile.attributes, [](const Attribute& attribute) { return attribute.name == "file"; });
      }
    }
  }
  return site;
}

}  // namespace hil::harness
