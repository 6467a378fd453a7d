#include <algorithm>

#include "harness/faults/fault_kinds.h"
#include "tests/harness/plant/bench_run.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// A fault that stays, with parameters at which it does something on this site.
struct Trouble {
  std::string kind;
  std::string target;
};
void PrintTo(const Trouble& trouble, std::ostream* out) {
  *out << trouble.kind << " of " << trouble.target;
}

FaultSpec fault_of(const Trouble& trouble) {
  const std::map<std::string, double> chosen{
      {"address", 2.0}, {"baud", 19'200.0}, {"parity", 1.0},     {"delay_s", 0.3},          {"up_to_s", 0.3},
      {"code", 6.0},    {"function", 4.0},  {"release_s", 0.03}, {"byte_error_rate", 0.01}, {"stray_bytes_per_s", 5.0}};
  FaultSpec fault{trouble.kind, trouble.target, std::nullopt};
  for (const FaultParameter& parameter : find_fault_kind(trouble.kind)->parameters) {
    const std::string name{parameter.name};
    fault.parameters[name] = chosen.contains(name) ? chosen.at(name) : parameter.otherwise.value();
  }
  return fault;
}

std::vector<Trouble> every_trouble() {
  std::vector<Trouble> all;
  for (const FaultKind& kind : fault_kinds()) {
    const bool of_unit = kind.target == FaultTarget::unit || kind.target == FaultTarget::unit_or_line;
    const bool of_line = kind.target == FaultTarget::line || kind.target == FaultTarget::unit_or_line;
    const std::string name{kind.kind};
    if (of_unit) all.insert(all.end(), {{name, "et1"}, {name, "meter"}});
    if (of_line) all.insert(all.end(), {{name, "com1"}, {name, "com4"}});
  }
  return all;
}

class BusTrouble : public testing::TestWithParam<Trouble> {};

// From 40 s to the end; the heater of 6 kW goes on at 60 s and off at 120 s. Whatever the controller does not hear any
// more, it must not export above 200 W for longer than 5 s.
TEST_P(BusTrouble, NeverMakesTheSiteExportForLong) {
  const Trouble& trouble = GetParam();
  Scenario scenario = scenario_of_tree("goodwe/heater_step_zero_export.xml");
  scenario.duration = 180s;
  scenario.timeline = {{40s, {fault_of(trouble)}, {}},
                       {60s, {SwitchLoad{"heater", true}}, {}},
                       {120s, {SwitchLoad{"heater", false}}, {}}};
  Bench bench{scenario};
  // These leave no mark: every frame is sound.
  bool seen = trouble.kind == "echo" || trouble.kind == "stuck_values";
  for (const char* line : {"com1", "com4"}) {
    bench.on_frame(line, [&](const sim::SerialLine::FrameRecord& frame) { seen = seen || frame.marks != 0; });
  }
  const double& export_w = *bench.signals().find("grid.export_w")->value;
  sim::Time above{0};
  sim::Time longest{0};
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time) {
    above = export_w > 200.0 ? above + bench.kernel().step() : sim::Time{0};
    longest = std::max(longest, above);
  });
  bench.run();
  for (const char* unit : {"et1", "et2", "meter"}) {
    seen = seen || *bench.signals().find(std::string(unit) + ".unanswered_polls")->value > 0.0;
  }
  EXPECT_TRUE(seen) << "the fault does nothing here";
  EXPECT_LE(longest, 5s);
}

INSTANTIATE_TEST_SUITE_P(EveryOne, BusTrouble, testing::ValuesIn(every_trouble()),
                         [](const auto& tested) { return tested.param.kind + "_of_" + tested.param.target; });

}  // namespace
}  // namespace hil::harness
