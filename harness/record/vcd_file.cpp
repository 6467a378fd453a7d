#include "harness/record/vcd_file.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "harness/record/number_text.h"
#include "harness/record/output_file.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

/// Short codes of printable characters, as the format wants them.
std::string code_of(std::size_t number) {
  constexpr std::size_t first = '!';
  constexpr std::size_t count = '~' - '!' + 1;
  std::string code;
  do {
    code += static_cast<char>(first + number % count);
    number /= count;
  } while (number > 0);
  return code;
}

std::string declarations(const Trace& trace) {
  std::map<std::string, std::vector<std::size_t>> by_owner;
  for (std::size_t column = 1; column < trace.names.size(); ++column) {
    by_owner[trace.names[column].substr(0, trace.names[column].find('.'))].push_back(column);
  }
  std::string text = "$comment hilbench: values are real numbers, the unit ends the name $end\n$timescale 1 us $end\n";
  for (const auto& [owner, columns] : by_owner) {
    text += fmt::format("$scope module {} $end\n", owner);
    for (const std::size_t column : columns) {
      const std::string& name = trace.names[column];
      const std::size_t dot = name.find('.');
      text += fmt::format("$var real 64 {} {} $end\n", code_of(column),
                          dot == std::string::npos ? name : name.substr(dot + 1));
    }
    text += "$upscope $end\n";
  }
  return text + "$enddefinitions $end\n";
}

}  // namespace

std::string vcd_text(const Trace& trace) {
  std::string text = declarations(trace);
  std::array<char, longest_number> number{};
  std::vector<double> last(trace.names.size(), std::nan(""));
  const std::size_t rows = trace.columns.empty() ? 0 : trace.columns.front().size();
  for (std::size_t row = 0; row < rows; ++row) {
    std::string changes;
    for (std::size_t column = 1; column < trace.names.size(); ++column) {
      const double value = trace.columns[column][row];
      // The format has no word for what is not a number: it counts as no change.
      if (!std::isfinite(value) || value == last[column]) continue;
      last[column] = value;
      changes += 'r';
      changes.append(number.data(), write_number(number.data(), value, sim::unit_of(trace.names[column])));
      changes += ' ' + code_of(column) + '\n';
    }
    // The last instant is written in any case: it says how long the dump is.
    if (changes.empty() && row + 1 < rows) continue;
    text += fmt::format("#{}\n{}", std::llround(trace.columns.front()[row] * 1e6), changes);
  }
  return text;
}

void write_vcd(const Trace& trace, const std::filesystem::path& file) {
  write_whole_file(file, vcd_text(trace));
}

}  // namespace hil::harness
