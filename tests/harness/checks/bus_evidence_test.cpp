#include "harness/checks/bus_evidence.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

Scenario short_step(const std::string& expect) {
  const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";
  const std::string text =
      "<scenario schema=\"1\" name=\"evidence\" duration_s=\"20\" seed=\"7\"><purpose>?</purpose>"
      "<site extends=\"sites/goodwe_two_et_400v.xml\"/>"
      "<controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>"
      "<timeline><at time_s=\"8\"><switch load=\"heater\" on=\"true\"/><mark name=\"on\"/></at>"
      "<at time_s=\"9\"><switch load=\"heater\" on=\"false\"/></at></timeline>"
      "<expect>" +
      expect + "</expect></scenario>";
  Diagnostics diagnostics;
  auto scenario = read_scenario_text(text, "case.xml", library, diagnostics);
  for (const Fault& fault : diagnostics.sorted()) ADD_FAILURE() << fault.text();
  return scenario.value();
}

/// Without the lines that say what registers hold.
std::vector<std::string> frames_among(std::vector<std::string> texts) {
  std::erase_if(texts, [](const std::string& text) { return text.starts_with(' '); });
  return texts;
}

double time_of(const std::string& frame) {
  return std::stod(frame);
}

TEST(BusEvidence, ShowsTheFramesOnBothSidesOfTheWorstInstant) {
  const Scenario scenario = short_step(
      "<never signal=\"site.load_w\" above=\"3000\"/>"
      "<never signal=\"site.load_w\" above=\"1000000\"/>"
      "<bus line=\"com4\" poll_period_below_s=\"0.01\"/>");
  Bench bench(scenario);
  std::vector<std::unique_ptr<Check>> checks;
  for (const CheckSpec& spec : scenario.checks) checks.push_back(make_check(spec, bench));
  bench.kernel().each_step(sim::StepPhase::checks, [&checks](sim::Time now) {
    if (now == sim::Time{0}) return;
    for (const auto& check : checks) check->step(now);
  });
  BusEvidence evidence(bench, checks);
  bench.run();

  const double worst_s = std::chrono::duration<double>(checks[0]->result().worst_at.value()).count();
  const std::vector<std::string> frames = frames_among(evidence.around(0));
  ASSERT_EQ(frames.size(), BusEvidence::most_before + BusEvidence::most_after);
  EXPECT_LT(time_of(frames.front()), worst_s);
  EXPECT_LT(worst_s - time_of(frames.front()), 3.0);
  EXPECT_GT(time_of(frames.back()), worst_s - 0.2);
  EXPECT_LT(time_of(frames.back()) - worst_s, 3.0);
  const std::vector<std::string> texts = evidence.around(0);
  const auto says = [&texts](const char* what) {
    return std::any_of(texts.begin(), texts.end(),
                       [what](const std::string& text) { return text.find(what) != std::string::npos; });
  };
  EXPECT_TRUE(says(" W, l3_import_w ")) << "the meter's reply";
  EXPECT_TRUE(evidence.around(1).empty());
  const std::vector<std::string> of_line = frames_among(evidence.around(2));
  ASSERT_FALSE(of_line.empty());
  for (const std::string& frame : of_line) EXPECT_NE(frame.find(" com4 re"), std::string::npos) << frame;
}

}  // namespace
}  // namespace hil::harness
