#pragma once

#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/xml_document.h"
#include "sim/kernel/kernel.h"

namespace hil::harness {

enum class Need : unsigned char { required, optional };

/// What a number may be.
struct Bounds {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
  bool lowest_excluded = false;
  bool contain(double value) const;
  std::string text() const;  ///< "> 0", "0..1", ">= 0"
};

inline constexpr Bounds any_number{};
inline constexpr Bounds positive{.lowest = 0.0, .lowest_excluded = true};
inline constexpr Bounds not_negative{.lowest = 0.0};
inline constexpr Bounds ratio{.lowest = 0.0, .highest = 1.0};
inline constexpr double longest_s = 31'622'400.0;  ///< 366 days: keeps nanoseconds far from overflow
inline constexpr Bounds any_time{.lowest = 0.0, .highest = longest_s};

/// Decimal number, an exponent allowed, that uses all of `text` (blanks at both ends aside); no sign +, hex, NaN or
/// infinity.
std::optional<double> parse_number(std::string_view text);
std::optional<long> parse_integer(std::string_view text);
sim::Time to_time(double seconds);
double in_seconds(sim::Time time);
/// "line 12", with the file when that is another than the one the reader of the message looks at.
std::string seen_from(const Place& here, const Place& other);

/// Reads one element strictly. Each reading function names an attribute, so that finish() knows them all and reports
/// the others. They return true when the attribute was given and good; otherwise the value is left as it was and,
/// unless it was optional and absent, the fault is noted.
class ElementReader {
 public:
  ElementReader(const Element& element, Diagnostics& diagnostics);

  bool number(std::string_view attribute, double& value, const Bounds& bounds, Need need = Need::required);
  bool number(std::string_view attribute, std::optional<double>& value, const Bounds& bounds);
  bool integer(std::string_view attribute, int& value, int lowest, int highest, Need need = Need::required);
  bool seconds(std::string_view attribute, sim::Time& value, const Bounds& bounds, Need need = Need::required);
  bool flag(std::string_view attribute, bool& value, Need need = Need::required);
  /// Any text but the empty one.
  bool text(std::string_view attribute, std::string& value, Need need = Need::required);
  /// lower_snake.
  bool name(std::string_view attribute, std::string& value, Need need = Need::required);
  /// One of `known`; `what` they are stands in the message ("known buses: grid, main").
  bool one_of(std::string_view attribute, std::string& value, const std::vector<std::string>& known,
              std::string_view what, Need need = Need::required);
  /// The full name of a signal; whether there is one is known to the bench only.
  bool signal(std::string_view attribute, std::string& value);
  /// Exactly one of `above` and `below`.
  bool one_bound(std::optional<double>& above, std::optional<double>& below);

  /// The element's own text, not empty.
  bool content(std::string& value);
  bool content_number(double& value, const Bounds& bounds);

  std::vector<const Element*> children(std::string_view child);
  /// nullptr when absent; a second one is a fault.
  const Element* child(std::string_view wanted, Need need);

  /// From here on a missing attribute is not reported: what should give it was reported already.
  void forgive_missing() { forgiving_ = true; }
  void fault(const std::string& message);
  /// The fault was reported elsewhere.
  void mark_unsound() { sound_ = false; }
  /// At the attribute, wherever it was given.
  void fault_of(std::string_view attribute, const std::string& message);
  /// The same against a rule of meaning (scenarios/README.md, "Rules"). A warning leaves the element sound.
  void breaks_rule(std::string_view rule, std::string_view attribute, const std::string& message,
                   Severity severity = Severity::error);
  /// What does not fit together: at the attribute that a site overrides, else at the element itself, which is where
  /// it can be mended; never in the catalogue.
  void fault_between(std::initializer_list<std::string_view> attributes, const std::string& message);
  /// Reports unknown attributes and children, and text where none belongs.
  void finish();

  bool sound() const { return sound_; }
  const Element& element() const { return element_; }

 private:
  const Attribute* find(std::string_view attribute, Need need);

  const Element& element_;
  Diagnostics& diagnostics_;
  std::vector<std::string> known_attributes_;
  std::vector<std::string> known_children_;
  bool text_read_ = false;
  bool forgiving_ = false;
  bool sound_ = true;
};

}  // namespace hil::harness
