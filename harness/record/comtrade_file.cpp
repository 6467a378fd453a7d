#include "harness/record/comtrade_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "harness/record/output_file.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

constexpr std::uint32_t missing_stamp = 0xFFFFFFFFU;
constexpr std::size_t status_bits = 16;  // of one word

struct Channels {
  std::vector<std::size_t> analogue;  ///< columns of the trace
  std::vector<std::size_t> status;
};

Channels channels_of(const Trace& trace) {
  Channels channels;
  for (std::size_t column = 1; column < trace.names.size(); ++column) {
    const auto& values = trace.columns[column];
    const bool is_flag = sim::unit_of(trace.names[column]).empty() &&
                         std::all_of(values.begin(), values.end(), [](double v) { return v == 0.0 || v == 1.0; });
    (is_flag ? channels.status : channels.analogue).push_back(column);
  }
  return channels;
}

/// Microseconds in one count of a time stamp: the smallest power of ten with which the last one fits.
std::uint64_t stamp_unit_us(const Trace& trace) {
  const double end_us = trace.columns.front().empty() ? 0.0 : trace.columns.front().back() * 1e6;
  std::uint64_t unit = 1;
  while (end_us / static_cast<double>(unit) >= static_cast<double>(missing_stamp)) unit *= 10;
  return unit;
}

void put(std::string& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

std::string data_of(const Trace& trace, const Channels& channels, std::uint64_t unit_us) {
  std::string bytes;
  const auto& time_s = trace.columns.front();
  for (std::size_t row = 0; row < time_s.size(); ++row) {
    put(bytes, static_cast<std::uint32_t>(row + 1), 4);
    put(bytes, static_cast<std::uint32_t>(std::llround(time_s[row] * 1e6 / static_cast<double>(unit_us))), 4);
    for (const std::size_t column : channels.analogue) {
      put(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(trace.columns[column][row])), 4);
    }
    for (std::size_t first = 0; first < channels.status.size(); first += status_bits) {
      std::uint32_t word = 0;
      for (std::size_t bit = 0; bit < std::min(status_bits, channels.status.size() - first); ++bit) {
        if (trace.columns[channels.status[first + bit]][row] != 0.0) word |= 1U << bit;
      }
      put(bytes, word, 2);
    }
  }
  return bytes;
}

/// Commas part the fields.
std::string field_of(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ',' || static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

std::string configuration_of(const Trace& trace, const Channels& channels, const std::string& station,
                             double frequency_hz, std::uint64_t unit_us) {
  std::string text =
      fmt::format("{},hilbench,2013\r\n{},{}A,{}D\r\n", field_of(station),
                  channels.analogue.size() + channels.status.size(), channels.analogue.size(), channels.status.size());
  for (std::size_t i = 0; i < channels.analogue.size(); ++i) {
    const std::string& name = trace.names[channels.analogue[i]];
    // Factor 1, offset 0, no skew, the range of the format, primary values.
    text += fmt::format("{},{},,,{},1,0,0,-3.4028235E38,3.4028235E38,1,1,P\r\n", i + 1, name, sim::unit_of(name));
  }
  for (std::size_t i = 0; i < channels.status.size(); ++i) {
    text += fmt::format("{},{},,,0\r\n", i + 1, trace.names[channels.status[i]]);
  }
  // No fixed rate: each sample has its time stamp.
  const std::string begin = "01/01/2000,00:00:00.000000\r\n";
  return text + fmt::format("{:g}\r\n0\r\n0,{}\r\n{}{}FLOAT32\r\n{}\r\n0,0\r\nF,3\r\n", frequency_hz,
                            trace.columns.front().size(), begin, begin, unit_us);
}

}  // namespace

Comtrade comtrade_of(const Trace& trace, const std::string& station, double frequency_hz) {
  const Channels channels = channels_of(trace);
  const std::uint64_t unit_us = stamp_unit_us(trace);
  return {configuration_of(trace, channels, station, frequency_hz, unit_us), data_of(trace, channels, unit_us)};
}

void write_comtrade(const Comtrade& comtrade, const std::filesystem::path& folder, const std::string& stem) {
  write_whole_file(folder / (stem + ".dat"), comtrade.data);
  write_whole_file(folder / (stem + ".cfg"), comtrade.configuration);
}

}  // namespace hil::harness
