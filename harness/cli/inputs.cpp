#include "harness/cli/inputs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

#include "harness/checks/check.h"
#include "harness/plant/bench.h"
#include "harness/record/output_file.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// The first element's name, also of a file that is broken further down. Catalogues and sites lie beside scenarios.
std::string root_element(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    std::string_view rest = text.substr(at + 1);
    std::string_view end;
    if (rest.starts_with("!--")) {
      end = "-->";
    } else if (rest.starts_with("?") || rest.starts_with("!")) {
      end = ">";
    } else {
      return std::string{rest.substr(0, rest.find_first_of(" \t\r\n/>"))};
    }
    at = text.find(end, at);
  }
  return {};
}

/// Everything from a pipe until its other end closes.
std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t got = ::read(descriptor, part.data(), part.size());
    if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
  }
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// One fault a line.
std::string bench_faults(const Scenario& scenario) {
  std::string text;
  try {
    Bench bench(scenario);
    for (const std::string& fault : signal_faults(scenario, bench)) text += fault + "\n";
  } catch (const std::exception& error) {
    const std::string what = error.what();
    // Some of the bench's messages name their place themselves.
    text += (what.starts_with(scenario.file) ? what : scenario.file + ": " + what) + "\n";
  }
  return text;
}

/// A process can hold one bench only, so each is built in a process of its own.
std::string bench_faults_in_child(const Scenario& scenario) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return scenario.file + ": no pipe to check it through\n";
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_all(ends[1], bench_faults(scenario));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    text += scenario.file + ": the bench could not be built: its process ended early\n";
  }
  return text;
}

}  // namespace

std::vector<fs::path> scenario_files(const std::vector<fs::path>& paths, std::vector<std::string>& faults) {
  std::vector<fs::path> files;
  std::set<fs::path> met;
  const auto take = [&](const fs::path& file) {
    if (met.insert(fs::weakly_canonical(file)).second) files.push_back(file);
  };
  for (const fs::path& path : paths) {
    try {
      if (!fs::is_directory(path)) {
        if (fs::exists(path)) {
          take(path);
        } else {
          faults.push_back(path.string() + ": does not exist, must be a scenario file or a folder of them");
        }
        continue;
      }
      std::vector<fs::path> found;
      for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (!entry.is_regular_file() || entry.path().extension() != ".xml") continue;
        if (root_element(read_whole_file(entry.path())) == "scenario") found.push_back(entry.path());
      }
      if (found.empty()) faults.push_back(path.string() + ": holds no *.xml whose root element is <scenario>");
      std::sort(found.begin(), found.end());
      std::for_each(found.begin(), found.end(), take);
    } catch (const std::exception& error) {
      faults.emplace_back(error.what());
    }
  }
  return files;
}

Inputs read_inputs(const std::vector<fs::path>& paths, const fs::path& library) {
  Inputs inputs;
  std::map<std::string, std::string> file_of_name;
  for (const fs::path& file : scenario_files(paths, inputs.faults)) {
    Diagnostics diagnostics;
    std::optional<Scenario> scenario = read_scenario(file, library, diagnostics);
    for (const Fault& fault : diagnostics.sorted()) inputs.faults.push_back(fault.text());
    if (!scenario) continue;
    const auto [first, is_new] = file_of_name.emplace(scenario->name, scenario->file);
    if (!is_new) {
      inputs.faults.push_back(scenario->file + ": <scenario>: name is \"" + scenario->name +
                              "\", which is the name of " + first->second + " as well, must differ within a run");
    }
    inputs.scenarios.push_back(*std::move(scenario));
  }
  return inputs;
}

void check_benches(Inputs& inputs) {
  for (const Scenario& scenario : inputs.scenarios) {
    std::istringstream lines(bench_faults_in_child(scenario));
    for (std::string line; std::getline(lines, line);) inputs.faults.push_back(line);
  }
}

fs::path library_folder(const fs::path& given) {
  if (!given.empty()) return given;
  const char* from_environment = std::getenv("HILBENCH_LIBRARY");
  return from_environment != nullptr && *from_environment != '\0' ? from_environment : HILBENCH_LIBRARY_DIR;
}

}  // namespace hil::harness
