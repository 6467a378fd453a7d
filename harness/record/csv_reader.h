#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plant/bench.h"

namespace hil::harness {

/// Records of RFC 4180 text, header included; LF and CRLF both end a record.
std::vector<std::vector<std::string>> parse_csv(std::string_view text);

/// A trace as read back: one vector per column, the times first; an empty cell has the value above it. A row that a
/// kill cut short is left out.
struct Trace {
  std::vector<std::string> names;            ///< "time_s", then the signals
  std::vector<std::vector<double>> columns;  ///< as names
};

/// Throw std::runtime_error naming the file.
Trace read_trace(const std::filesystem::path& file);
std::vector<Event> read_events(const std::filesystem::path& file);

}  // namespace hil::harness
