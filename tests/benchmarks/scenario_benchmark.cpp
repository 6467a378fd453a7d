#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <pugixml.hpp>
#include <string>

#include "harness/scenario/reader.h"

// A scenario of 10,000 lines: a timeline of three lines an entry, and as many checks as entries at the end. Beside it
// the same text through the XML library alone, which checks nothing. One iteration is a whole file.
namespace hil::harness {
namespace {

constexpr int lines = 10'000;
constexpr int checks = 1'000;
constexpr int entries = (lines - checks - 8) / 3;

std::string text_of_ten_thousand_lines() {
  std::string text = fmt::format(
      "<scenario schema=\"1\" name=\"large\" duration_s=\"{}\" seed=\"7\">\n"
      "  <purpose>How long does it take to read?</purpose>\n"
      "  <site extends=\"sites/goodwe_ten_et_400v.xml\"/>\n"
      "  <controller kind=\"sec1000\"><export_limit_w>0</export_limit_w></controller>\n"
      "  <timeline>\n",
      entries + 1);
  for (int i = 0; i < entries; ++i) {
    text +=
        fmt::format("    <at time_s=\"{}\">\n      <switch load=\"heater\" on=\"{}\"/>\n    </at>\n", i, i % 2 == 0);
  }
  text += "  </timeline>\n  <expect>\n";
  for (int i = 0; i < checks; ++i) {
    text += fmt::format("    <never signal=\"et{}.pv_w\" above=\"{}\" longer_than_s=\"5\"/>\n", i % 10 + 1, 5000 + i);
  }
  return text + "  </expect>\n</scenario>\n";
}

void read_scenario_10000_lines(benchmark::State& state) {
  const std::string text = text_of_ten_thousand_lines();
  const std::filesystem::path library = std::filesystem::path(HILBENCH_SOURCE_DIR) / "scenarios";
  for (auto _ : state) {
    Diagnostics diagnostics;
    const auto scenario = read_scenario_text(text, "large.xml", library, diagnostics);
    if (!scenario) {
      state.SkipWithError(diagnostics.sorted().front().text().c_str());
      return;
    }
    benchmark::DoNotOptimize(scenario->timeline.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_scenario_10000_lines)->Unit(benchmark::kMillisecond);

void parse_xml_10000_lines(benchmark::State& state) {
  const std::string text = text_of_ten_thousand_lines();
  for (auto _ : state) {
    pugi::xml_document document;
    benchmark::DoNotOptimize(document.load_buffer(text.data(), text.size()).status);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_xml_10000_lines)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hil::harness
