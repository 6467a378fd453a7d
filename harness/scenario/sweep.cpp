#include "harness/scenario/sweep.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "harness/scenario/derived_seed.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/pairwise.h"
#include "models/split_mix64.h"

namespace hil::harness {
namespace {

constexpr std::array<std::string_view, 3> axis_elements{"list", "range", "random"};
constexpr std::size_t longest_value = 40;
constexpr std::size_t most_axes = 20;

/// A parameter and the values that it takes.
struct Axis {
  std::string parameter;
  std::vector<std::string> values;
};

/// It becomes part of a case's name, that is of a folder and of a command line.
bool fits_a_name(std::string_view value) {
  return value.size() <= longest_value && std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '+' || c == '-';
         });
}

void add(ElementReader& reader, Axis& axis, const std::string& value) {
  if (!fits_a_name(value)) {
    reader.fault_of("values", fmt::format("value {} must be at most {} of a-z A-Z 0-9 . _ + -: it names the case",
                                          in_quotes(value), longest_value));
  } else if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end()) {
    reader.fault_of("values", fmt::format("value {} stands twice", in_quotes(value)));
  } else {
    axis.values.push_back(value);
  }
}

void read_list(ElementReader& reader, Axis& axis) {
  std::string values;
  if (!reader.text("values", values)) return;
  std::istringstream words{values};
  for (std::string word; words >> word && axis.values.size() <= most_cases;) add(reader, axis, word);
}

bool read_span(ElementReader& reader, double& from, double& to) {
  const bool has_from = reader.number("from", from, any_number);
  const bool has_to = reader.number("to", to, any_number);
  if (!has_from || !has_to) return false;
  if (to > from) return true;
  reader.fault_of("to", fmt::format("to is {}, must be > from ({})", to, from));
  return false;
}

void read_range(ElementReader& reader, Axis& axis) {
  double from = 0.0;
  double to = 0.0;
  double step = 0.0;
  const bool spans = read_span(reader, from, to);
  if (!reader.number("step", step, positive) || !spans) return;
  // A thousandth of a step: rounding must not cost the last value.
  const double last = std::floor((to - from) / step + 1e-3);
  if (last + 1.0 > static_cast<double>(most_cases)) {
    reader.fault_of(
        "step", fmt::format("step is {}, which makes {:.0f} values, must be at most {}", step, last + 1.0, most_cases));
    return;
  }
  for (int i = 0; i <= static_cast<int>(last); ++i) add(reader, axis, fmt::format("{:.9g}", from + i * step));
}

void read_random(ElementReader& reader, std::uint64_t seed, Axis& axis) {
  double from = 0.0;
  double to = 0.0;
  int count = 0;
  const bool spans = read_span(reader, from, to);
  if (!reader.integer("count", count, 1, static_cast<int>(most_cases)) || !spans) return;
  models::SplitMix64 random{derived_seed(seed, axis.parameter + " sweep")};
  const auto wanted = static_cast<std::size_t>(count);
  for (std::size_t tries = 0; axis.values.size() < wanted && tries < 100 * wanted; ++tries) {
    const std::string value = fmt::format("{:.6g}", from + (to - from) * random.uniform());
    const std::optional<double> rounded = parse_number(value);
    const bool inside = rounded && *rounded >= from && *rounded <= to;
    const bool is_new = std::find(axis.values.begin(), axis.values.end(), value) == axis.values.end();
    if (inside && is_new) axis.values.push_back(value);
  }
  if (axis.values.size() < wanted) {
    reader.fault_of("count",
                    fmt::format("count is {}, but {}..{} has no so many numbers of six digits", count, from, to));
  }
}

Axis read_axis(const Element& element, const std::vector<Parameter>& parameters, std::uint64_t seed,
               Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  Axis axis;
  std::vector<std::string> names;
  names.reserve(parameters.size());
  for (const Parameter& parameter : parameters) names.push_back(parameter.name);
  reader.one_of("parameter", axis.parameter, names, "parameters");
  if (element.name == "list") read_list(reader, axis);
  if (element.name == "range") read_range(reader, axis);
  if (element.name == "random") read_random(reader, seed, axis);
  reader.finish();
  return axis;
}

/// Without multiplying it out.
double count_of(const std::vector<std::size_t>& sizes, bool pairwise) {
  double count = 1.0;
  if (!pairwise) {
    for (const std::size_t size : sizes) count *= static_cast<double>(size);
    return count;
  }
  // No less than the two largest axes against each other.
  std::vector<std::size_t> sorted = sizes;
  std::sort(sorted.rbegin(), sorted.rend());
  for (std::size_t i = 0; i < std::min<std::size_t>(2, sorted.size()); ++i) count *= static_cast<double>(sorted[i]);
  return count;
}

}  // namespace

std::vector<std::vector<Parameter>> read_sweep(const Element& element, const std::vector<Parameter>& parameters,
                                               std::uint64_t seed, Diagnostics& diagnostics) {
  Diagnostics own;
  ElementReader reader{element, own};
  std::string combine = "all";
  reader.one_of("combine", combine, {"all", "pairwise"}, "combinations", Need::optional);
  for (const std::string_view name : axis_elements) reader.children(name);
  reader.finish();
  std::vector<Axis> axes;
  std::vector<std::size_t> sizes;
  for (const Element& child : element.children) {
    if (std::find(axis_elements.begin(), axis_elements.end(), child.name) == axis_elements.end()) continue;
    Axis axis = read_axis(child, parameters, seed, own);
    const bool twice =
        std::any_of(axes.begin(), axes.end(), [&](const Axis& other) { return other.parameter == axis.parameter; });
    if (twice && !axis.parameter.empty()) {
      ElementReader{child, own}.fault_of("parameter", fmt::format("parameter \"{}\" is swept already", axis.parameter));
    }
    sizes.push_back(axis.values.size());
    axes.push_back(std::move(axis));
  }
  if (element.children.empty()) reader.fault("an axis is missing, known: list, range, random");
  if (axes.size() > most_axes) {
    reader.fault(fmt::format("sweeps {} parameters, must be at most {}", axes.size(), most_axes));
  }
  const bool pairwise = combine == "pairwise";
  const double count = count_of(sizes, pairwise);
  if (count > static_cast<double>(most_cases)) {
    reader.fault(
        fmt::format("makes {:.0f} cases{}, must be at most {}", count, pairwise ? " or more" : "", most_cases));
  }
  Combinations rows;
  if (own.empty()) rows = pairwise ? pairwise_combinations(sizes) : all_combinations(sizes);
  if (rows.size() > most_cases) {
    reader.fault(fmt::format("makes {} cases, must be at most {}", rows.size(), most_cases));
  }
  for (const Fault& fault : own.sorted()) diagnostics.add(fault);
  if (!own.empty()) return {};

  std::vector<std::vector<Parameter>> cases;
  for (const auto& row : rows) {
    cases.emplace_back();
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      cases.back().push_back({axes[axis].parameter, axes[axis].values[row[axis]]});
    }
  }
  return cases;
}

}  // namespace hil::harness
