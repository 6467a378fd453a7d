#include "harness/scenario/element_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

void note(std::vector<std::string>& known, std::string_view name) {
  constexpr std::size_t usual = 16;
  if (known.empty()) known.reserve(usual);
  if (std::find(known.begin(), known.end(), name) == known.end()) known.emplace_back(name);
}

constexpr std::string_view number_form = "must be a decimal number";

}  // namespace

bool Bounds::contain(double value) const {
  return (lowest_excluded ? value > lowest : value >= lowest) && value <= highest;
}

std::string Bounds::text() const {
  const bool open_above = std::isinf(highest);
  if (std::isinf(lowest)) return open_above ? "any number" : fmt::format("<= {}", highest);
  if (!lowest_excluded) return open_above ? fmt::format(">= {}", lowest) : fmt::format("{}..{}", lowest, highest);
  return open_above ? fmt::format("> {}", lowest) : fmt::format("> {} and <= {}", lowest, highest);
}

std::optional<double> parse_number(std::string_view text) {
  const std::string_view digits = trimmed(text);
  double value = 0.0;
  const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status != std::errc{} || rest != digits.data() + digits.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<long> parse_integer(std::string_view text) {
  const std::string_view digits = trimmed(text);
  long value = 0;
  const auto [rest, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status != std::errc{} || rest != digits.data() + digits.size()) return std::nullopt;
  return value;
}

sim::Time to_time(double seconds) {
  return sim::Time{std::llround(seconds * 1e9)};
}

double in_seconds(sim::Time time) {
  return std::chrono::duration<double>(time).count();
}

std::string seen_from(const Place& here, const Place& other) {
  if (here.file == other.file) return fmt::format("line {}", other.line);
  return fmt::format("{}:{}", other.file, other.line);
}

ElementReader::ElementReader(const Element& element, Diagnostics& diagnostics)
    : element_(element), diagnostics_(diagnostics) {}

const Attribute* ElementReader::find(std::string_view attribute, Need need) {
  note(known_attributes_, attribute);
  const Attribute* found = element_.attribute(attribute);
  if (found == nullptr && need == Need::required && !forgiving_) fault(fmt::format("{} is missing", attribute));
  return found;
}

bool ElementReader::number(std::string_view attribute, double& value, const Bounds& bounds, Need need) {
  const Attribute* found = find(attribute, need);
  if (found == nullptr) return false;
  const std::optional<double> parsed = parse_number(found->value);
  if (!parsed) {
    fault_of(attribute, fmt::format("{} is {}, {}", attribute, in_quotes(found->value), number_form));
    return false;
  }
  if (!bounds.contain(*parsed)) {
    fault_of(attribute, fmt::format("{} is {}, must be {}", attribute, *parsed, bounds.text()));
    return false;
  }
  value = *parsed;
  return true;
}

bool ElementReader::number(std::string_view attribute, std::optional<double>& value, const Bounds& bounds) {
  double parsed = 0.0;
  if (!number(attribute, parsed, bounds, Need::optional)) return false;
  value = parsed;
  return true;
}

bool ElementReader::integer(std::string_view attribute, int& value, int lowest, int highest, Need need) {
  const Attribute* found = find(attribute, need);
  if (found == nullptr) return false;
  const std::optional<long> parsed = parse_integer(found->value);
  if (!parsed) {
    fault_of(attribute, fmt::format("{} is {}, must be a whole number {}..{}", attribute, in_quotes(found->value),
                                    lowest, highest));
    return false;
  }
  if (*parsed < lowest || *parsed > highest) {
    fault_of(attribute, fmt::format("{} is {}, must be {}..{}", attribute, *parsed, lowest, highest));
    return false;
  }
  value = static_cast<int>(*parsed);
  return true;
}

bool ElementReader::seconds(std::string_view attribute, sim::Time& value, const Bounds& bounds, Need need) {
  Bounds capped = bounds;
  capped.highest = std::min(bounds.highest, longest_s);
  double parsed = 0.0;
  if (!number(attribute, parsed, capped, need)) return false;
  value = to_time(parsed);
  return true;
}

bool ElementReader::flag(std::string_view attribute, bool& value, Need need) {
  const Attribute* found = find(attribute, need);
  if (found == nullptr) return false;
  const std::string_view word = trimmed(found->value);
  if (word != "true" && word != "false") {
    fault_of(attribute, fmt::format("{} is {}, must be true or false", attribute, in_quotes(found->value)));
    return false;
  }
  value = word == "true";
  return true;
}

bool ElementReader::text(std::string_view attribute, std::string& value, Need need) {
  const Attribute* found = find(attribute, need);
  if (found == nullptr) return false;
  if (trimmed(found->value).empty()) {
    fault_of(attribute, fmt::format("{} is empty, must say something", attribute));
    return false;
  }
  value = found->value;
  return true;
}

bool ElementReader::name(std::string_view attribute, std::string& value, Need need) {
  const Attribute* found = find(attribute, need);
  if (found == nullptr) return false;
  if (!is_lower_snake(found->value)) {
    fault_of(attribute, fmt::format("{} is {}, must be lower_snake: a letter, then a-z 0-9 _, 64 at most", attribute,
                                    in_quotes(found->value)));
    return false;
  }
  value = found->value;
  return true;
}

bool ElementReader::one_of(std::string_view attribute, std::string& value, const std::vector<std::string>& known,
                           std::string_view what, Need need) {
  const Attribute* found = find(attribute, need);
  if (found == nullptr) return false;
  if (std::find(known.begin(), known.end(), found->value) == known.end()) {
    fault_of(attribute, known.empty()
                            ? fmt::format("{} is {}, but there are no {}", attribute, in_quotes(found->value), what)
                            : fmt::format("{} is {}, known {}: {}", attribute, in_quotes(found->value), what,
                                          list_nearest_first(found->value, known)));
    return false;
  }
  value = found->value;
  return true;
}

bool ElementReader::signal(std::string_view attribute, std::string& value) {
  std::string given;
  if (!text(attribute, given)) return false;
  if (!is_signal_name(given)) {
    fault_of(attribute,
             fmt::format("{} is {}, must be a signal's name such as grid.import_w", attribute, in_quotes(given)));
    return false;
  }
  value = given;
  return true;
}

bool ElementReader::one_bound(std::optional<double>& above, std::optional<double>& below) {
  const bool has_above = number("above", above, any_number);
  const bool has_below = number("below", below, any_number);
  const bool gives_above = element_.attribute("above") != nullptr;
  const bool gives_below = element_.attribute("below") != nullptr;
  if (!gives_above && !gives_below) fault("above or below is missing");
  if (gives_above && gives_below) fault("above and below are both given, must be one of them");
  return gives_above != gives_below && (has_above || has_below);
}

bool ElementReader::content(std::string& value) {
  text_read_ = true;
  if (element_.text.empty()) {
    fault("the text inside is missing");
    return false;
  }
  value = element_.text;
  return true;
}

bool ElementReader::content_number(double& value, const Bounds& bounds) {
  std::string given;
  if (!content(given)) return false;
  const std::optional<double> parsed = parse_number(given);
  if (!parsed) {
    fault(fmt::format("the text inside is {}, {}", in_quotes(given), number_form));
    return false;
  }
  if (!bounds.contain(*parsed)) {
    fault(fmt::format("the number inside is {}, must be {}", *parsed, bounds.text()));
    return false;
  }
  value = *parsed;
  return true;
}

std::vector<const Element*> ElementReader::children(std::string_view child) {
  note(known_children_, child);
  std::vector<const Element*> found;
  for (const Element& candidate : element_.children) {
    if (candidate.name == child) found.push_back(&candidate);
  }
  return found;
}

const Element* ElementReader::child(std::string_view wanted, Need need) {
  const std::vector<const Element*> found = children(wanted);
  if (found.empty()) {
    if (need == Need::required) fault(fmt::format("element <{}> is missing", wanted));
    return nullptr;
  }
  for (std::size_t extra = 1; extra < found.size(); ++extra) {
    ElementReader{*found[extra], diagnostics_}.fault(fmt::format(
        "stands a second time, first at {}; only one is allowed", seen_from(found[extra]->place, found[0]->place)));
    sound_ = false;
  }
  return found[0];
}

void ElementReader::fault(const std::string& message) {
  sound_ = false;
  diagnostics_.add(element_.place, element_.label() + ": " + message);
}

void ElementReader::fault_of(std::string_view attribute, const std::string& message) {
  const Attribute* found = element_.attribute(attribute);
  if (found == nullptr) return fault(message);
  sound_ = false;
  diagnostics_.add(found->place, found->owner.text() + ": " + message);
}

void ElementReader::breaks_rule(std::string_view rule, std::string_view attribute, const std::string& message,
                                Severity severity) {
  if (severity == Severity::error) sound_ = false;
  const Attribute* found = element_.attribute(attribute);
  const Place& place = found == nullptr ? element_.place : found->place;
  const std::string& owner = found == nullptr ? element_.label() : found->owner.text();
  diagnostics_.add(Fault{place, owner + ": " + message, std::string{rule}, severity});
}

void ElementReader::fault_between(std::initializer_list<std::string_view> attributes, const std::string& message) {
  for (const std::string_view attribute : attributes) {
    const Attribute* found = element_.attribute(attribute);
    if (found != nullptr && found->overriding) return fault_of(attribute, message);
  }
  fault(message);
}

void ElementReader::finish() {
  const auto unknown = [](const std::vector<std::string>& known, const std::string& name) {
    return std::find(known.begin(), known.end(), name) == known.end();
  };
  for (const Attribute& attribute : element_.attributes) {
    if (!unknown(known_attributes_, attribute.name)) continue;
    fault_of(attribute.name, known_attributes_.empty()
                                 ? fmt::format("unknown attribute {}, none is allowed here", attribute.name)
                                 : fmt::format("unknown attribute {}, known: {}", attribute.name,
                                               list_nearest_first(attribute.name, known_attributes_)));
  }
  for (const Element& child : element_.children) {
    if (!unknown(known_children_, child.name)) continue;
    sound_ = false;
    diagnostics_.add(child.place,
                     known_children_.empty()
                         ? fmt::format("{}: unknown element <{}>, none is allowed here", element_.label(), child.name)
                         : fmt::format("{}: unknown element <{}>, known: {}", element_.label(), child.name,
                                       list_nearest_first(child.name, known_children_)));
  }
  if (!text_read_ && !element_.text.empty()) fault(fmt::format("text {} has no place here", in_quotes(element_.text)));
}

}  // namespace hil::harness
