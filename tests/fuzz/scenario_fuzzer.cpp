// The scenario reader: an input is the text of a file, read with the tests' own library of parts and sites.
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/scenario/reader.h"
#include "tests/fuzz/entry.h"
#include "tests/fuzz/finding.h"

namespace hil::fuzz {
namespace {

const std::filesystem::path library = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario/library";
constexpr std::size_t longest_message = 10'000;

/// What is refused must be told in one line each, and what is not must not be.
void require_reasons(bool accepted, const harness::Diagnostics& diagnostics) {
  if (accepted != diagnostics.empty()) {
    report_finding(accepted ? "accepted with a fault" : "refused without a reason");
  }
  for (const harness::Fault& fault : diagnostics.sorted()) {
    const std::string text = fault.text();
    if (text.find('\n') != std::string::npos) report_finding("a message of two lines: " + text);
    if (text.size() > longest_message) report_finding(fmt::format("a message of {} characters", text.size()));
  }
}

/// The resolved text goes into the results of a run: it must read to the same.
void require_same_again(const harness::Scenario& scenario) {
  harness::Diagnostics diagnostics;
  const auto again = harness::read_scenario_text(scenario.resolved_xml, "resolved.xml", library, diagnostics);
  require_reasons(again.has_value(), diagnostics);
  if (!again) report_finding("the resolved text is refused: " + diagnostics.sorted().front().text());
  if (again->resolved_xml != scenario.resolved_xml) report_finding("the resolved text reads to another one");
}

}  // namespace

void run(Frame input) {
  const std::string_view text{reinterpret_cast<const char*>(input.data()), input.size()};
  harness::Diagnostics diagnostics;
  const auto scenario = harness::read_scenario_text(text, library / "input.xml", library, diagnostics);
  require_reasons(scenario.has_value(), diagnostics);
  if (scenario) require_same_again(*scenario);
}

}  // namespace hil::fuzz
