#include "harness/checks/untested_text.h"

#include <fmt/format.h>

namespace hil::harness {
namespace {

struct Why {
  std::string operator()(const AnswersCheck& check) const {
    return fmt::format("no request {}on {} began in its window, or none came to its end",
                       check.unit.empty() ? "" : "to " + check.unit + " ", check.line);
  }
  std::string operator()(const OrderCheck& check) const {
    return fmt::format("no write of {} began in its window", check.before_write.text());
  }
  template <typename Other>
  std::string operator()(const Other&) const {
    return "its window never came, held too few steps, or the run ended inside it";
  }
};

}  // namespace

std::string why_untested(const CheckSpec& check) {
  return std::visit(Why{}, check.kind);
}

}  // namespace hil::harness
