#include "harness/report/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "harness/record/number_text.h"
#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

struct Counts {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

/// XML 1.0 has no way to write most control characters, not even as references.
std::string xml_safe(std::string text) {
  for (char& c : text) {
    const auto code = static_cast<unsigned char>(c);
    if ((code < 0x20 && c != '\n' && c != '\t') || code == 0x7F) c = '?';
  }
  return text;
}

void set(pugi::xml_node node, const char* attribute, const std::string& value) {
  node.append_attribute(attribute).set_value(xml_safe(value).c_str());
}

pugi::xml_node add_case(pugi::xml_node suite, Counts& counts, const RunResult& run, const std::string& name,
                        double time_s) {
  ++counts.tests;
  pugi::xml_node node = suite.append_child("testcase");
  set(node, "classname", run.scenario);
  set(node, "name", name);
  set(node, "time", fmt::format("{:.3f}", time_s));
  return node;
}

void add_outcome(pugi::xml_node test_case, const char* element, int& count, const std::string& message,
                 const std::string& text) {
  ++count;
  pugi::xml_node outcome = test_case.append_child(element);
  set(outcome, "message", message);
  if (!text.empty()) outcome.text().set(xml_safe(text).c_str());
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

void add_check(pugi::xml_node suite, Counts& counts, const RunResult& run, const CheckResult& check,
               const std::string& name) {
  pugi::xml_node node = add_case(suite, counts, run, name, 0.0);
  set(node, "file", check.spec.place.file);
  set(node, "line", std::to_string(check.spec.place.line));
  if (check.state == CheckState::untested) {
    add_outcome(node, "skipped", counts.skipped, "untested: " + check.worst_text, "");
  } else if (check.state == CheckState::broken) {
    std::string text = Fault{check.spec.place, check.spec.description}.text();
    if (!check.spec.requirement.empty()) text += "\nrequirement: " + check.spec.requirement;
    if (!check.spec.why.empty()) text += "\nwhy: " + check.spec.why;
    if (!check.frames.empty()) text += "\non the bus around that instant:";
    for (const std::string& frame : check.frames) text += "\n  " + frame;
    add_outcome(node, "failure", counts.failures,
                fmt::format("margin {}, worst {}", signed_with_unit(check.margin, check.margin_unit), check.worst_text),
                text);
  } else {
    std::string text = fmt::format("margin {}", signed_with_unit(check.margin, check.margin_unit));
    if (!check.worst_text.empty()) text += ", worst " + check.worst_text;
    if (!check.spec.requirement.empty()) text += "\nrequirement: " + check.spec.requirement;
    node.append_child("system-out").text().set(xml_safe(text).c_str());
  }
}

void add_run(pugi::xml_node suite, Counts& counts, const RunResult& run) {
  pugi::xml_node node = add_case(suite, counts, run, "run", run.wall_s);
  if (run.verdict == Verdict::error) {
    add_outcome(node, "error", counts.errors, first_line(run.error), run.file + ": " + run.error);
  } else if (run.verdict == Verdict::inconclusive) {
    add_outcome(node, "skipped", counts.skipped, "inconclusive: " + run.inconclusive, "");
  } else {
    const auto silent = std::find_if(run.triggers.begin(), run.triggers.end(),
                                     [](const TriggerResult& trigger) { return trigger.untested(); });
    if (silent != run.triggers.end()) {
      add_outcome(node, "skipped", counts.skipped, "untested: never fired: " + silent->description, "");
    }
  }
  std::map<std::string, int> uses;  // two checks may read alike; test cases need names of their own
  for (const CheckResult& check : run.checks) {
    const int use = ++uses[check.spec.description];
    add_check(suite, counts, run, check,
              use == 1 ? check.spec.description : fmt::format("{} ({})", check.spec.description, use));
  }
}

void set_counts(pugi::xml_node node, const Counts& counts, double time_s) {
  set(node, "tests", std::to_string(counts.tests));
  set(node, "failures", std::to_string(counts.failures));
  set(node, "errors", std::to_string(counts.errors));
  set(node, "skipped", std::to_string(counts.skipped));
  set(node, "time", fmt::format("{:.3f}", time_s));
}

void add_property(pugi::xml_node properties, const char* name, const std::string& value) {
  if (value.empty()) return;
  pugi::xml_node property = properties.append_child("property");
  set(property, "name", name);
  set(property, "value", value);
}

/// What it takes to make the run again.
void add_properties(pugi::xml_node suite, const RunResult& run) {
  pugi::xml_node properties = suite.append_child("properties");
  add_property(properties, "verdict", verdict_name(run.verdict));
  add_property(properties, "file", run.file);
  add_property(properties, "purpose", run.purpose);
  add_property(properties, "seed", std::to_string(run.seed));
  add_property(properties, "version", run.version);
  add_property(properties, "trace_hash", run.trace_hash);
  add_property(properties, "virtual_s", trimmed(run.virtual_s));
}

}  // namespace

std::string junit_text(const std::vector<RunResult>& results) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  Counts all;
  double time_s = 0.0;
  // Attributes of a node come before its content in the text, whenever they are set.
  for (const RunResult& run : results) {
    pugi::xml_node suite = suites.append_child("testsuite");
    Counts counts;
    add_properties(suite, run);
    add_run(suite, counts, run);
    set(suite, "name", run.scenario);
    set_counts(suite, counts, run.wall_s);
    all.tests += counts.tests;
    all.failures += counts.failures;
    all.errors += counts.errors;
    all.skipped += counts.skipped;
    time_s += run.wall_s;
  }
  set(suites, "name", "hilbench");
  set_counts(suites, all, time_s);
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
  return std::move(text).str();
}

void write_junit(const std::vector<RunResult>& results, const std::filesystem::path& file) {
  write_whole_file(file, junit_text(results));
}

}  // namespace hil::harness
