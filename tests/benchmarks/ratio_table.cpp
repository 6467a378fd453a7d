#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <sstream>
#include <string>

// Prints ratios between benchmarks of one run, from the JSON files in the folder given. Ratios outlive the machine and
// its load, nanoseconds do not.
namespace {

/// The text of a result. Google Benchmark writes NaN, which JSON does not know, for the spread of a counter that is 0.
std::string strict_json(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::regex_replace(text.str(), std::regex(": -?(NaN|nan|inf|Infinity)"), ": null");
}

double ns_in(const std::string& unit) {
  if (unit == "s") return 1e9;
  if (unit == "ms") return 1e6;
  return unit == "us" ? 1e3 : 1.0;
}

/// CPU time in ns by name, real time where the benchmark asks for it (its work is done by others), "NAME server" for
/// the CPU time of that other: the median of the repetitions, else the only run.
std::map<std::string, double> times_in(const std::filesystem::path& folder) {
  std::map<std::string, double> times_ns;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    const nlohmann::json document = nlohmann::json::parse(strict_json(file.path()), nullptr, false);
    if (document.is_discarded() || !document.contains("benchmarks")) {
      throw std::runtime_error(file.path().string() + " is not a result of a benchmark program");
    }
    for (const nlohmann::json& run : document["benchmarks"]) {
      if (run.value("error_occurred", false)) {
        std::printf("failed: %s: %s\n", run.value("name", "").c_str(), run.value("error_message", "").c_str());
        continue;
      }
      const bool median = run.value("aggregate_name", "") == "median";
      if (median || run.value("run_type", "") == "iteration") {
        const std::string name = run.value("run_name", "");
        // What a benchmark takes the time of itself is called real, too.
        const bool real = name.ends_with("/real_time") || name.ends_with("/manual_time");
        times_ns[name] = run[real ? "real_time" : "cpu_time"].get<double>() * ns_in(run.value("time_unit", "ns"));
        if (run.contains("server_ns")) times_ns[name + " server"] = run["server_ns"];
      }
    }
  }
  return times_ns;
}

class Table {
 public:
  explicit Table(std::map<std::string, double> times_ns) : times_ns_(std::move(times_ns)) {}

  void heading(const char* text, const char* last_column = "") const {
    std::printf("\n%-58s %9s %9s %7s%s\n", text, "ns", "of ns", "ratio", last_column);
  }
  /// The row of something that is `items` at a time, with how many of them that makes in a second.
  void rate_row(const std::string& part, const std::string& whole, double items) const {
    const std::optional<double> part_ns = find(part);
    const std::optional<double> whole_ns = find(whole);
    if (!part_ns || !whole_ns) return;
    constexpr double ns_per_s = 1e9;
    std::printf("%-58s %9.0f %9.0f %7.2f %10.0f\n", (part + " / " + whole).c_str(), *part_ns, *whole_ns,
                *part_ns / *whole_ns, ns_per_s * items / *part_ns);
  }
  /// One row; nothing when one of the two was not measured.
  void row(const std::string& part, const std::string& whole, double grows_by = 0.0) const {
    const std::optional<double> part_ns = find(part);
    const std::optional<double> whole_ns = find(whole);
    if (!part_ns || !whole_ns) return;
    std::printf("%-58s %9.0f %9.0f %7.2f", (part + " / " + whole).c_str(), *part_ns, *whole_ns, *part_ns / *whole_ns);
    if (grows_by > 0.0) std::printf("   n^%.2f", std::log(*part_ns / *whole_ns) / std::log(grows_by));
    std::printf("\n");
  }

 private:
  std::optional<double> find(const std::string& name) const {
    const auto found = times_ns_.find(name);
    return found == times_ns_.end() ? std::nullopt : std::optional(found->second);
  }
  std::map<std::string, double> times_ns_;
};

void print(const Table& table) {
  table.heading("Whole plant against a bare loop of the same arithmetic");
  for (const std::string site : {"12_radial", "60_radial"}) {
    for (const std::string shape : {"", "_demanding"}) {
      for (const std::string motion : {"_steady", "_moving"}) {
        table.row("plant_step/" + site + shape + motion, "bare_step/" + site + motion);
      }
    }
  }
  for (const std::string motion : {"_steady", "_moving"}) {
    table.row("plant_step/12_radial_backup" + motion, "plant_step/12_radial" + motion);
    table.row("plant_step/12_radial_demanding" + motion, "plant_step/12_radial" + motion);
  }

  table.heading("Nodal solver (meshed) against sweep (radial)");
  for (const std::string buses : {"12", "60"}) {
    table.row("plant_step/" + buses + "_meshed_moving", "plant_step/" + buses + "_radial_moving");
    table.row("solve_network/" + buses + "_meshed_warm", "solve_network/" + buses + "_radial_warm");
    table.row("solve_network/" + buses + "_radial_warm", "solve_dense/" + buses + "_reference_warm");
  }

  table.heading("60 buses against 12 (five times as many)", "  growth");
  for (const std::string name :
       {"bare_step/%_radial_moving", "plant_step/%_radial_steady", "plant_step/%_radial_moving",
        "plant_step/%_meshed_moving", "solve_network/%_radial_warm", "solve_network/%_meshed_warm"}) {
    const auto with = [&name](const char* buses) { return std::string(name).replace(name.find('%'), 1, buses); };
    table.row(with("60"), with("12"), 5.0);
  }

  table.heading("Parts of a step, each by itself (12 buses, ten inverters)");
  for (const std::string part : {"network", "lanes", "measurement", "protection", "support", "power_stage", "mppt",
                                 "battery", "loads", "metering", "invariants"}) {
    table.row("part_" + part + "/moving", "plant_step/12_radial_moving");
  }

  table.heading("125 registers over TCP, one client and ten: share of the raw server's speed, and of pymodbus's time");
  for (const std::string clients : {"/1/real_time", "/10/real_time"}) {
    table.row("tcp_raw" + clients, "tcp_served" + clients);
    table.row("tcp_raw" + clients + " server", "tcp_served" + clients + " server");
    table.row("tcp_pymodbus" + clients, "tcp_served" + clients);
    table.row("tcp_pymodbus" + clients + " server", "tcp_served" + clients + " server");
  }

  table.heading("The same in requests: each client has one under way", " requests/s");
  for (const std::string server : {"tcp_served", "tcp_raw", "tcp_pymodbus"}) {
    table.rate_row(server + "/1/real_time", "tcp_served/1/real_time", 1.0);
    table.rate_row(server + "/10/real_time", "tcp_served/10/real_time", 10.0);
  }

  table.heading("125 registers over a pseudo-terminal, no wire time: round trip against the raw one");
  table.row("pty_served/1/real_time", "pty_raw/1/real_time");
  table.row("pty_served/1/real_time server", "pty_raw/1/real_time server");

  table.heading("A row of 60 values into trace.csv, against writing its bytes and against printing them",
                "     rows/s");
  for (const std::string other : {"trace_row_fwrite", "trace_row_snprintf"})
    table.rate_row("trace_row_writer", other, 1.0);

  table.heading("Ten registers in virtual time, the line only, by units", "   frames/s");
  constexpr double frames_a_poll = 2.0;
  for (const std::string units : {"1", "10", "32"}) table.rate_row("rtu_poll/" + units, "rtu_poll/1", frames_a_poll);

  table.heading("A sample of a check against a plain comparison that keeps the worst");
  for (const std::string check :
       {"check_never/at_once", "check_never/longer_than_5s", "check_formula/always", "check_formula/responds_5s",
        "check_formula/responds_600s", "check_formula/until_5s", "check_follows"}) {
    table.row(check, "bare_sample");
  }

  table.heading("A scenario of 10,000 lines read and checked, against its XML alone");
  table.row("read_scenario_10000_lines", "parse_xml_10000_lines");

  table.heading("Four panels of a day of 60 signals, from trace.csv to SVG; of it reading the trace");
  table.row("plots_of_a_day/iterations:3/manual_time", "read_trace_of_a_day/iterations:3/manual_time");

  table.heading("From the start of a process to its first step, against a process that does nothing");
  for (const std::string site : {"two_inverters", "ten_inverters"}) {
    table.row("start_of/" + site + "/iterations:20/manual_time", "start_of/nothing/iterations:20/manual_time");
  }

  table.heading("A step of a day of ten inverters, part by part: each with what the row before has");
  const auto day = [](const std::string& part) { return "day_step/" + part + "/iterations:1/manual_time"; };
  std::string before = "plant_in_a_loop";
  for (const std::string part :
       {"plant_in_the_kernel", "without_controller", "in_closed_loop", "judged", "judged_and_recorded"}) {
    table.row(day(part), day(before));
    before = part;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: ratio_table FOLDER\n";
    return 2;
  }
  try {
    print(Table(times_in(argv[1])));
  } catch (const std::exception& error) {
    std::cerr << "ratio_table: " << error.what() << "\n";
    return 2;
  }
  return 0;
}
