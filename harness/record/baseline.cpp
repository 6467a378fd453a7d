#include "harness/record/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <stdexcept>

#include "harness/record/number_text.h"
#include "harness/record/output_file.h"
#include "harness/record/results_folder.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double same_instant_s = 5e-7;  // half of the last decimal of a time

/// One signal over time.
struct Course {
  std::span<const double> time_s;
  std::span<const double> values;

  /// Between two rows as a straight line; not a number outside.
  double at(double when_s) const {
    const auto after = std::lower_bound(time_s.begin(), time_s.end(), when_s - same_instant_s);
    if (after == time_s.end()) return no_number;
    const auto i = static_cast<std::size_t>(after - time_s.begin());
    if (std::abs(time_s[i] - when_s) <= same_instant_s) return values[i];
    if (i == 0) return no_number;
    const double share = (when_s - time_s[i - 1]) / (time_s[i] - time_s[i - 1]);
    return values[i - 1] + share * (values[i] - values[i - 1]);
  }
  /// Whether it comes within `reach` of `value` between two instants.
  bool comes_near(double value, double from_s, double until_s, double reach) const {
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    bool not_a_number = false;
    const auto include = [&](double each) {
      not_a_number = not_a_number || std::isnan(each);
      if (each < lowest) lowest = each;
      if (each > highest) highest = each;
    };
    for (const double end_s : {std::max(from_s, time_s.front()), std::min(until_s, time_s.back())}) include(at(end_s));
    auto row = std::lower_bound(time_s.begin(), time_s.end(), from_s);
    for (; row != time_s.end() && *row <= until_s; ++row)
      include(values[static_cast<std::size_t>(row - time_s.begin())]);
    if (std::isnan(value)) return not_a_number;
    return value >= lowest - reach && value <= highest + reach;
  }
};

bool agree(const Course& expected, const Course& found, double when_s, double value, const Tolerance& tolerance) {
  const double from_s = when_s - tolerance.time_s;
  const double until_s = when_s + tolerance.time_s;
  if (from_s > found.time_s.back() + same_instant_s) return false;
  // What the numbers were rounded to when they were written is no difference.
  const double reach = tolerance.value * (1.0 + 1e-9) + 1e-12;
  if (!found.comes_near(value, from_s, until_s, reach)) return false;
  const double there = found.at(when_s);
  return std::isnan(there) || expected.comes_near(there, from_s, until_s, reach);
}

std::optional<Difference> first_difference(const Course& expected, const Course& found, const std::string& signal,
                                           const Tolerance& tolerance) {
  for (std::size_t i = 0; i < expected.time_s.size(); ++i) {
    const double when_s = expected.time_s[i];
    if (agree(expected, found, when_s, expected.values[i], tolerance)) continue;
    return Difference{signal, when_s, expected.values[i], found.at(when_s), tolerance.value};
  }
  return std::nullopt;
}

std::optional<std::size_t> column_of(const Trace& trace, const std::string& name) {
  const auto found = std::find(trace.names.begin(), trace.names.end(), name);
  if (found == trace.names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - trace.names.begin());
}

/// Columns of the trace that match one of the patterns, in its order, without the time.
std::vector<std::size_t> chosen_columns(const Trace& trace, const std::vector<std::string>& patterns) {
  sim::SignalRegistry registry;
  const std::vector<double> places(trace.names.size());
  for (std::size_t i = 1; i < trace.names.size(); ++i) registry.add(trace.names[i], "", &places[i]);
  std::set<std::size_t> chosen;
  for (const std::string& pattern : patterns) {
    for (const sim::Signal* signal : registry.matching(pattern)) {
      chosen.insert(static_cast<std::size_t>(signal->value - places.data()));
    }
  }
  return {chosen.begin(), chosen.end()};
}

Tolerance tolerance_of(const std::string& signal, const std::vector<Tolerance>& tolerances) {
  sim::SignalRegistry registry;
  const double place = 0.0;
  registry.add(signal, "", &place);
  Tolerance result{signal, usual_tolerance(signal), 0.0};
  for (const Tolerance& each : tolerances) {
    if (!registry.matching(each.signals).empty()) result = each;
  }
  return result;
}

double number_of(const std::string& text, const std::string& place, const char* what) {
  double value = no_number;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = error == std::errc{} && end == text.data() + text.size() && value >= 0.0 && std::isfinite(value);
  if (!good) throw std::runtime_error(fmt::format("{}: {} is \"{}\", must be a number from 0 on", place, what, text));
  return value;
}

constexpr const char* tolerances_header = "signal,value,time_s";

std::vector<Tolerance> read_tolerances(const fs::path& file) {
  std::vector<Tolerance> tolerances;
  std::size_t line = 0;
  for (const auto& record : parse_csv(read_whole_file(file))) {
    ++line;
    const std::string place = fmt::format("{}:{}", file.string(), line);
    if (line == 1) {
      if (fmt::format("{}", fmt::join(record, ",")) == tolerances_header) continue;
      throw std::runtime_error(place + ": must be " + tolerances_header);
    }
    if (record.size() != 3) throw std::runtime_error(place + ": must be signal or pattern, value, time_s");
    tolerances.push_back({record[0], number_of(record[1], place, "value"), number_of(record[2], place, "time_s")});
  }
  return tolerances;
}

std::string trace_text(const Trace& trace, const std::vector<std::size_t>& columns, double every_s) {
  std::string text = "time_s";
  for (const std::size_t column : columns) text += "," + trace.names[column];
  text += '\n';
  std::array<char, longest_number> number{};
  double next_s = 0.0;
  for (std::size_t row = 0; row < trace.columns.front().size(); ++row) {
    const double when_s = trace.columns.front()[row];
    if (when_s < next_s - same_instant_s) continue;
    if (every_s > 0.0) next_s = (std::floor(when_s / every_s + 1e-9) + 1.0) * every_s;
    text.append(number.data(), write_number(number.data(), when_s, "s"));
    for (const std::size_t column : columns) {
      text += ',';
      text.append(number.data(),
                  write_number(number.data(), trace.columns[column][row], sim::unit_of(trace.names[column])));
    }
    text += '\n';
  }
  return text;
}

std::string usual_tolerances(const Trace& trace, const std::vector<std::size_t>& columns) {
  std::string text = std::string(tolerances_header) + "\n";
  for (const std::size_t column : columns) {
    text += fmt::format("{},{},0\n", trace.names[column], usual_tolerance(trace.names[column]));
  }
  return text;
}

}  // namespace

double usual_tolerance(std::string_view signal) {
  struct Usual {
    std::string_view unit;
    double value;
  };
  constexpr std::array usual{Usual{"W", 1.0},  Usual{"var", 1.0},  Usual{"VA", 1.0}, Usual{"V", 0.1},
                             Usual{"A", 0.02}, Usual{"Hz", 0.002}, Usual{"Wh", 1.0}, Usual{"s", 0.001}};
  const std::string_view unit = sim::unit_of(signal);
  const auto* found = std::find_if(usual.begin(), usual.end(), [unit](const Usual& each) { return each.unit == unit; });
  return found == usual.end() ? 0.001 : found->value;
}

std::vector<Difference> differences(const Baseline& baseline, const Trace& run) {
  std::vector<Difference> found;
  const auto& time_s = baseline.trace.columns.front();
  for (std::size_t i = 1; i < baseline.trace.names.size(); ++i) {
    const std::string& signal = baseline.trace.names[i];
    const Tolerance tolerance = tolerance_of(signal, baseline.tolerances);
    const auto& values = baseline.trace.columns[i];
    const std::optional<std::size_t> column = column_of(run, signal);
    if (!column || run.columns.front().empty()) {
      found.push_back({signal, time_s.front(), values.front(), no_number, tolerance.value});
      continue;
    }
    if (auto difference =
            first_difference({time_s, values}, {run.columns.front(), run.columns[*column]}, signal, tolerance)) {
      found.push_back(*difference);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Difference& left, const Difference& right) { return left.time_s < right.time_s; });
  return found;
}

Baseline read_baseline(const fs::path& folder) {
  Baseline result{read_trace(folder / baseline::trace_csv), {}};
  if (result.trace.names.empty() || result.trace.names.front() != "time_s") {
    throw std::runtime_error((folder / baseline::trace_csv).string() + ":1: first column must be time_s");
  }
  if (result.trace.names.size() == 1 || result.trace.columns.front().empty()) {
    throw std::runtime_error((folder / baseline::trace_csv).string() + ": has no values to compare with");
  }
  if (!fs::exists(folder / baseline::origin_json)) {
    throw std::runtime_error(
        fmt::format("{}: has no {}: it was not accepted to the end", folder.string(), baseline::origin_json));
  }
  if (fs::exists(folder / baseline::tolerances_csv)) {
    result.tolerances = read_tolerances(folder / baseline::tolerances_csv);
  }
  return result;
}

void accept_baseline(const fs::path& results, const RunResult& run, const BaselineChoice& choice,
                     const fs::path& folder) {
  const Trace trace = read_trace(results / results::trace_csv);
  const std::vector<std::size_t> columns = chosen_columns(trace, choice.signals);
  if (columns.empty()) {
    throw std::runtime_error(fmt::format("{}: no signal matches {}", (results / results::trace_csv).string(),
                                         fmt::join(choice.signals, ", ")));
  }
  const nlohmann::ordered_json origin{{"scenario", run.scenario},
                                      {"file", run.file},
                                      {"seed", run.seed},
                                      {"version", run.version},
                                      {"trace_hash", run.trace_hash},
                                      {"command_line", run.command_line},
                                      {"verdict", verdict_name(run.verdict)},
                                      {"reason", choice.reason}};
  made_folder(folder);
  fs::remove(folder / baseline::origin_json);
  write_whole_file(folder / baseline::trace_csv, trace_text(trace, columns, choice.every_s));
  if (!fs::exists(folder / baseline::tolerances_csv)) {
    write_whole_file(folder / baseline::tolerances_csv, usual_tolerances(trace, columns));
  }
  // Last: with it the baseline is whole, and without it none.
  write_whole_file(folder / baseline::origin_json, origin.dump(2) + "\n");
}

}  // namespace hil::harness
