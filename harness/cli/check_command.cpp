#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Checked {
  Inputs inputs;
  std::vector<fs::path> others;  ///< sites and register maps
};

/// With folders followed by the sites and register maps that they hold, and left out where they hold only such, and
/// catalogues: what else is in them is for whoever looks for scenarios.
std::vector<fs::path> opened_up(const std::vector<fs::path>& paths) {
  std::vector<fs::path> all;
  for (const fs::path& path : paths) {
    std::error_code error;
    std::vector<fs::path> others;
    bool has_more = false;
    if (fs::is_directory(path, error)) {
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path, error)) {
        if (entry.path().extension() != ".xml" || !entry.is_regular_file(error)) continue;
        const std::string root = root_name(entry.path());
        const bool stands_alone = root == "site" || root == "register_map";
        if (stands_alone) others.push_back(entry.path());
        has_more = has_more || !(stands_alone || root == "catalog");
      }
    }
    if (has_more || others.empty()) all.push_back(path);
    std::sort(others.begin(), others.end());
    all.insert(all.end(), others.begin(), others.end());
  }
  return all;
}

/// A file of a site or of a register map stands for itself; all else is scenarios.
Checked check_all(const std::vector<fs::path>& paths, const fs::path& library, Console console) {
  Checked checked;
  Diagnostics diagnostics;
  std::vector<fs::path> scenarios;
  for (const fs::path& path : opened_up(paths)) {
    std::error_code error;
    const std::string root = fs::is_regular_file(path, error) ? root_name(path) : "";
    if (root == "site") {
      check_site_file(path, library, diagnostics);
    } else if (root == "register_map") {
      read_register_map(path, library, diagnostics);
    } else {
      scenarios.push_back(path);
      continue;
    }
    checked.others.push_back(path);
  }
  checked.inputs = read_inputs(scenarios, library);
  for (const Fault& fault : diagnostics.sorted()) checked.inputs.note(fault);
  check_benches(checked.inputs, console);
  // What no place is known of.
  for (const std::string& fault : checked.inputs.faults) {
    const bool known = std::any_of(checked.inputs.findings.begin(), checked.inputs.findings.end(),
                                   [&fault](const Fault& finding) { return finding.text() == fault; });
    if (!known) checked.inputs.findings.emplace_back().message = fault;
  }
  return checked;
}

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

void print_text(const Checked& checked, Console console) {
  const Inputs& inputs = checked.inputs;
  Diagnostics all;
  for (const Fault& finding : inputs.findings) all.add(finding);
  for (const Fault& finding : all.sorted()) console.err << finding.text() << '\n';
  if (!inputs.findings.empty()) {
    console.err << counted(inputs.faults.size(), "fault");
    if (!inputs.warnings.empty()) console.err << ", " << counted(inputs.warnings.size(), "warning");
    console.err << '\n';
  }
  if (!inputs.faults.empty()) return;
  for (const Scenario& scenario : inputs.scenarios) {
    const std::size_t converters = scenario.site.pcs.size();
    // SolaX inverters are inverters, too; a site has one kind of them.
    const std::size_t inverters = scenario.site.inverters.size() + scenario.site.solax.size();
    console.out << fmt::format("ok  {}: {}, {}, {}{}\n", scenario.file, scenario.name, counted(inverters, "inverter"),
                               converters == 0 ? "" : counted(converters, "storage converter") + ", ",
                               counted(scenario.checks.size(), "check"));
  }
  for (const fs::path& other : checked.others) console.out << "ok  " << other.string() << '\n';
}

const char* word_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

void print_json(const Checked& checked, Console console) {
  Json json{{"format", 1}, {"findings", Json::array()}, {"scenarios", Json::array()}};
  for (const Fault& finding : checked.inputs.findings) {
    json["findings"].push_back({{"file", finding.place.file},
                                {"line", finding.place.line},
                                {"column", finding.place.column},
                                {"severity", word_of(finding.severity)},
                                {"rule", finding.rule},
                                {"message", finding.message}});
  }
  for (const Scenario& scenario : checked.inputs.scenarios) {
    json["scenarios"].push_back({{"name", scenario.name}, {"file", scenario.file}, {"checks", scenario.checks.size()}});
  }
  console.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

/// As the annotations of GitHub's workflows want it.
std::string escaped(const std::string& text, bool in_property) {
  std::string result;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (in_property && (c == ':' || c == ','));
    result += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return result;
}

void print_annotations(const Checked& checked, Console console) {
  for (const Fault& finding : checked.inputs.findings) {
    std::string where;
    if (!finding.place.file.empty()) where = " file=" + escaped(finding.place.file, true);
    if (finding.place.line > 0) {
      where += fmt::format(",line={},col={}", finding.place.line, finding.place.column);
    }
    if (!finding.rule.empty()) where += (where.empty() ? " title=" : ",title=") + finding.rule;
    console.out << "::" << word_of(finding.severity) << where << "::" << escaped(finding.message, false) << '\n';
  }
}

}  // namespace

int check_command(const CheckOptions& options, Console console) {
  const Checked checked = check_all(options.paths, library_folder(options.library), console);
  if (options.format == "json") {
    print_json(checked, console);
  } else if (options.format == "github") {
    print_annotations(checked, console);
  } else {
    print_text(checked, console);
  }
  return checked.inputs.faults.empty() ? exit_pass : exit_bad_input;
}

}  // namespace hil::harness
