#include <fmt/core.h>

#include <array>
#include <cmath>
#include <optional>
#include <sstream>

#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

using models::GridSupport;
using models::PiecewiseCurve;

constexpr Bounds response_s{.lowest = 0.0, .highest = 600.0};
constexpr Bounds power_factor{.lowest = -1.0, .highest = 1.0};
constexpr Bounds share_of_rated{.lowest = -1.0, .highest = 1.0};
constexpr Bounds start_hz{.lowest = 40.0, .highest = 70.0};
constexpr Bounds droop{.lowest = 0.0, .highest = 1.0, .lowest_excluded = true};
constexpr double smallest_power_factor = 0.1;

/// "0.93:0.44 0.97:0": points by rising x. Nothing after a fault, which is noted.
std::optional<PiecewiseCurve> curve_in(ElementReader& reader, std::string_view attribute, const Bounds& y_bounds) {
  std::string text;
  if (!reader.text(attribute, text, Need::optional)) return std::nullopt;
  const auto refuse = [&](const std::string& what) {
    reader.fault_of(attribute, fmt::format("{} is \"{}\", {}", attribute, text, what));
    return std::nullopt;
  };
  PiecewiseCurve curve;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t colon = word.find(':');
    const auto x = parse_number(word.substr(0, colon));
    const auto y = colon == std::string::npos ? std::nullopt : parse_number(word.substr(colon + 1));
    if (!x || !y) return refuse("must be points x:y with blanks between, as in 0.93:0.44 0.97:0");
    if (curve.points.size() == PiecewiseCurve::max_points) {
      return refuse(fmt::format("must be at most {} points", PiecewiseCurve::max_points));
    }
    if (!curve.empty() && *x < curve.points[curve.points.size() - 1].x) return refuse("must be in ascending order");
    if (!y_bounds.contain(*y)) return refuse(fmt::format("of which {} must be {}", *y, y_bounds.text()));
    curve.points[curve.points.count++] = {*x, *y};
  }
  return curve;
}

std::string text_of(const PiecewiseCurve& curve) {
  std::string text;
  for (const models::CurvePoint& point : curve.points) {
    text += fmt::format("{}{:g}:{:g}", text.empty() ? "" : " ", point.x, point.y);
  }
  return text;
}

using Mode = models::ReactiveMode;
struct ModeWord {
  const char* word;
  Mode mode;
  PiecewiseCurve GridSupport::Parameters::*curve;  ///< of the same name; nullptr: it has none
};
constexpr std::array reactive_modes{
    ModeWord{"power_factor", Mode::constant_power_factor, nullptr},
    ModeWord{"constant", Mode::constant_reactive, nullptr},
    ModeWord{"volt_var", Mode::volt_var, &GridSupport::Parameters::volt_var},
    ModeWord{"watt_var", Mode::watt_var, &GridSupport::Parameters::watt_var},
    ModeWord{"power_factor_of_power", Mode::power_factor_of_power, &GridSupport::Parameters::power_factor_of_power}};

/// A mode whose curve the file does not give has that of the grid code, if that has one.
void check_curve_of(ElementReader& reader, const ModeWord& mode, const GridSupport::Parameters& support,
                    const std::string& inverter, std::vector<Assumed>& assumed) {
  if (mode.curve == nullptr || reader.element().attribute(mode.word) != nullptr) return;
  const PiecewiseCurve& curve = support.*mode.curve;
  if (curve.empty()) {
    reader.fault_of("reactive",
                    fmt::format("reactive is \"{0}\", the grid code has no such curve: {0} is missing", mode.word));
    return;
  }
  assumed.push_back({fmt::format("{}: support {}", inverter, mode.word), text_of(curve),
                     "as the grid code's table has it (models/grid_code, assumed there in part)"});
}

void read_reactive(ElementReader& reader, GridSupport::Parameters& support) {
  if (reader.number("power_factor", support.power_factor, power_factor, Need::optional) &&
      std::abs(support.power_factor) < smallest_power_factor) {
    reader.fault_of("power_factor",
                    fmt::format("power_factor is {}, must be -1..-0.1 or 0.1..1", support.power_factor));
  }
  reader.number("reactive_pu", support.constant_reactive_pu, share_of_rated, Need::optional);
  for (const ModeWord& each : reactive_modes) {
    if (each.curve == nullptr) continue;
    const bool factors = each.mode == Mode::power_factor_of_power;
    const Bounds bounds = factors ? Bounds{.lowest = smallest_power_factor, .highest = 1.0} : share_of_rated;
    if (const auto given = curve_in(reader, each.word, bounds)) support.*each.curve = *given;
  }
  reader.seconds("reactive_response_s", support.reactive_response, response_s, Need::optional);
}

void read_mode(ElementReader& reader, const models::GridCode* code, GridSupport::Parameters& support,
               const std::string& inverter, std::vector<Assumed>& assumed) {
  std::vector<std::string> words;
  words.reserve(reactive_modes.size());
  for (const ModeWord& each : reactive_modes) words.emplace_back(each.word);
  std::string word;
  if (!reader.one_of("reactive", word, words, "reactive modes", Need::optional)) return;
  for (const ModeWord& each : reactive_modes) {
    if (word != each.word) continue;
    support.reactive_mode = each.mode;
    if (code != nullptr) check_curve_of(reader, each, support, inverter, assumed);
  }
}

void read_active(ElementReader& reader, double nominal_hz, GridSupport::Parameters& support) {
  if (const auto curve = curve_in(reader, "volt_watt", ratio)) {
    support.volt_watt = *curve;
    support.volt_watt_enabled = true;
  }
  reader.flag("volt_watt_acts", support.volt_watt_enabled, Need::optional);
  reader.seconds("volt_watt_response_s", support.volt_watt_response, response_s, Need::optional);
  models::FrequencyResponse& over = support.over_frequency;
  reader.flag("over_frequency_acts", over.enabled, Need::optional);
  reader.number("over_frequency_start_hz", over.start_hz, start_hz, Need::optional);
  double given_droop = 0.0;
  if (reader.number("over_frequency_droop", given_droop, droop, Need::optional)) {
    over.gradient_pu_per_hz = 1.0 / (nominal_hz * given_droop);
  }
  reader.seconds("frequency_response_s", support.frequency_response, response_s, Need::optional);
  std::string first = support.priority == models::PowerPriority::active ? "active" : "reactive";
  reader.one_of("priority", first, {"active", "reactive"}, "priorities", Need::optional);
  support.priority = first == "active" ? models::PowerPriority::active : models::PowerPriority::reactive;
}

}  // namespace

void read_support(const Element& element, const std::string& inverter, SiteReading& reading, models::GridCode* code) {
  ElementReader reader{element, reading.diagnostics};
  GridSupport::Parameters ignored;
  GridSupport::Parameters& support = code == nullptr ? ignored : code->support;
  read_reactive(reader, support);
  read_mode(reader, code, support, inverter, reading.assumed);
  read_active(reader, code == nullptr ? 1.0 : code->nominal_frequency_hz, support);
  reader.finish();
  if (code == nullptr) {
    reader.fault_between({"grid_code"}, "changes what a grid code asks for: the inverter needs a grid_code");
    return;
  }
  require_buildable(reader, [&] { models::GridSupport{support, reading.step}; });
}

}  // namespace hil::harness
