#pragma once

#include <filesystem>
#include <string>

namespace hil::harness {

/// Names inside the results folder of one scenario.
namespace results {
inline constexpr const char* scenario_xml = "scenario.xml";
inline constexpr const char* trace_csv = "trace.csv";
inline constexpr const char* events_csv = "events.csv";
inline constexpr const char* run_json = "run.json";
inline constexpr const char* report_html = "report.html";
inline constexpr const char* junit_xml = "junit.xml";
inline constexpr const char* bench_log = "bench.log";
inline constexpr const char* plots = "plots";
}  // namespace results

/// Why the folder must not be written to: it is no folder, or holds things and none of them says that a run wrote
/// them. Empty: it may be used. Changes nothing.
std::string refusal(const std::filesystem::path& folder);

/// Creates the folder, or removes from it what a former run wrote; anything else in it and bench.log, which the
/// starting process writes, stay. Throws std::runtime_error with the refusal or the system's reason.
void prepare_results_folder(const std::filesystem::path& folder);

}  // namespace hil::harness
