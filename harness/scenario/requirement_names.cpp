#include "harness/scenario/requirement_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/scenario/names.h"
#include "harness/scenario/requirements.h"

namespace hil::harness {
namespace {

std::string document_of(const std::string& id) {
  return id.substr(0, id.find('-'));
}

std::string fault_of_id(const std::string& id, const std::vector<Requirement>& table, const std::string& file) {
  std::vector<std::string> known;
  for (const Requirement& each : table) {
    if (document_of(each.id) == document_of(id)) known.push_back(each.id);
  }
  if (known.empty() || std::find(known.begin(), known.end(), id) != known.end()) return {};
  const std::string nearest = list_nearest(id, known, 1);
  return fmt::format(
      "requirement has {}, which is not among the {} of {} in {}, nearest: {}; hilbench list "
      "--requirements has them all",
      id, known.size(), document_of(id), file, nearest);
}

}  // namespace

void check_requirement_names(const Element& expect, const std::filesystem::path& library, Diagnostics& diagnostics) {
  // What cannot be read at all is said once, not of each check.
  std::vector<Requirement> table;
  std::string file;
  for (const Element& check : expect.children) {
    const Attribute* given = check.attribute("requirement");
    if (given == nullptr) continue;
    const auto fault = [&](const std::string& message) {
      diagnostics.add(given->place, given->owner.text() + ": " + message);
    };
    if (file.empty()) {
      file = requirements_file(library).string();
      try {
        table = read_requirements_table(library);
      } catch (const std::runtime_error& error) {
        fault(fmt::format("requirement cannot be looked up: {}", error.what()));
      }
    }
    for (const std::string& id : requirement_ids(given->value)) {
      const std::string message = fault_of_id(id, table, file);
      if (!message.empty()) fault(message);
    }
  }
}

}  // namespace hil::harness
