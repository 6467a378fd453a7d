#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/checks/check.h"
#include "harness/checks/observation_window.h"
#include "harness/plant/state_names.h"
#include "harness/record/number_text.h"

namespace hil::harness {

/// "212 W at 61.3 s", "3 (grid AC) at 61.3 s"
inline std::string value_at(double value, std::string_view unit, const std::optional<sim::Time>& at,
                            const StateNames& states = {}) {
  std::string text = with_unit(value, unit) + states.in_brackets(value);
  if (at) text += " at " + time_text(*at);
  return text;
}

/// What all checks share: the specification, the window, and a finding turned into a result.
class WindowedCheck : public Check {
 public:
  WindowedCheck(const CheckSpec& spec, std::string margin_unit)
      : window_(spec.window), spec_(spec), margin_unit_(std::move(margin_unit)) {}
  void marked(std::string_view mark, sim::Time now) override { window_.marked(mark, now); }
  std::optional<sim::Time> broken_at() const override {
    const Finding finding = so_far();
    return finding.state == CheckState::broken ? finding.worst_at : std::nullopt;
  }

 protected:
  /// Of what is certain by now; cheap.
  virtual Finding so_far() const = 0;
  CheckResult in_words(const Finding& finding, std::string worst_text) const {
    CheckResult result;
    result.spec = spec_;
    result.margin_unit = margin_unit_;
    result.state = finding.state;
    if (finding.state == CheckState::untested) return result;
    result.margin = finding.margin;
    result.worst_at = finding.worst_at;
    result.worst_text = std::move(worst_text);
    return result;
  }
  const std::string& margin_unit() const { return margin_unit_; }

  ObservationWindow window_;

 private:
  CheckSpec spec_;
  std::string margin_unit_;
};

}  // namespace hil::harness
