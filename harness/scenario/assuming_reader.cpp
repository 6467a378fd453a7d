#include "harness/scenario/assuming_reader.h"

#include <fmt/core.h>

#include <utility>

namespace hil::harness {

AssumingReader::AssumingReader(ElementReader& reader, std::string prefix, std::string reason,
                               std::vector<Assumed>* list)
    : reader_(reader), prefix_(std::move(prefix)), reason_(std::move(reason)), list_(list) {}

void AssumingReader::number(std::string_view attribute, double& value, const Bounds& bounds) {
  reader_.number(attribute, value, bounds, Need::optional);
  note(attribute, fmt::format("{}", value));
}

void AssumingReader::seconds(std::string_view attribute, sim::Time& value, const Bounds& bounds) {
  reader_.seconds(attribute, value, bounds, Need::optional);
  note(attribute, fmt::format("{}", in_seconds(value)));
}

void AssumingReader::note(std::string_view attribute, const std::string& value) {
  if (list_ == nullptr || reader_.element().attribute(attribute) != nullptr) return;
  list_->push_back({fmt::format("{}{}", prefix_, attribute), value, reason_});
}

}  // namespace hil::harness
