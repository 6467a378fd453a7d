#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/live/attached_drive.h"
#include "harness/live/opened_devices.h"
#include "harness/live/stepped_drive.h"
#include "harness/record/results_folder.h"
#include "harness/report/summary.h"
#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// The ports that the options name, each for the line of its name; what is wrong goes to `faults`.
std::vector<PortSpec> read_ports(const AttachOptions& options, const SiteSpec& site, std::vector<std::string>& faults) {
  std::vector<PortSpec> ports;
  const auto add = [&](const std::string& option, const std::string& line_name, const std::string& text) {
    if (text.empty()) return;
    const LineSpec* line = nullptr;
    for (const LineSpec& each : site.lines) {
      if (each.name == line_name) line = &each;
    }
    for (const PortSpec& port : ports) {
      if (port.line == line_name) faults.push_back(fmt::format("{} {}: {} is attached twice", option, text, line_name));
    }
    std::string fault;
    if (line == nullptr) {
      faults.push_back(
          fmt::format("{} {}: the scenario has no such line, its lines: {}", option, text, names_of(site.lines)));
    } else if (const auto port = read_port_spec(text, line_name, line->format, fault)) {
      ports.push_back(*port);
    } else {
      faults.push_back(fmt::format("{} {}: {}", option, text, fault));
    }
  };
  for (std::size_t i = 0; i < options.com.size(); ++i) {
    const std::string line = "com" + std::to_string(i + 1);
    add("--" + line, line, options.com[i]);
  }
  add("--meter", site.meter.line, options.meter);
  return ports;
}

/// A run in virtual time, with a controller that has its time from the bench; what is wrong goes to `faults`.
SteppedDrive::Plan read_stepped_plan(const AttachOptions& options, const Scenario& scenario,
                                     std::vector<std::string>& faults) {
  SteppedDrive::Plan plan;
  plan.first_turn_within_s = options.clock_wait_s;
  plan.ports = read_ports(options, scenario.site, faults);
  for (const PortSpec& port : plan.ports) {
    if (port.path.empty()) continue;
    faults.push_back(fmt::format("--clock: {} is at {}, with a clock of the bench every port must be pty or pty:LINK",
                                 port.line, port.path));
  }
  std::string fault;
  if (const auto clock = read_port_spec(options.clock, "clock", {}, fault); clock && clock->path.empty()) {
    plan.clock = *clock;
  } else {
    faults.push_back(fmt::format("--clock {}: must be pty or pty:LINK", options.clock));
  }
  if (!options.tcp.empty() || !options.lan.empty() || !options.can.empty() || options.with_controller) {
    faults.emplace_back(
        "--clock: goes with serial ports only, not with --tcp, --can, --lan or --controller in-process");
  }
  if (plan.ports.empty() && faults.empty()) {
    faults.emplace_back("attach: nothing to attach, needs --com1, --com2, --com3, --com4 or --meter");
  }
  return plan;
}

bool is_attached(const std::string& line, const std::vector<PortSpec>& ports) {
  return std::any_of(ports.begin(), ports.end(), [&line](const PortSpec& port) { return port.line == line; });
}

/// Everything that the options attach; what is wrong goes to `faults`.
AttachedDrive::Plan read_plan(const AttachOptions& options, const Scenario& scenario,
                              std::vector<std::string>& faults) {
  AttachedDrive::Plan plan;
  plan.speed = options.speed;
  plan.late_limit_ms = options.late_limit_ms;
  plan.start_now = options.start_now;
  plan.with_controller = options.with_controller;
  plan.ports = read_ports(options, scenario.site, faults);
  const std::vector<OpenableDevice> devices = devices_of(scenario.site);
  for (const std::string& word : options.tcp) {
    std::string fault;
    const std::optional<OpenDevice> open = read_open_device("--tcp", word, devices, fault);
    open ? plan.tcp.push_back(*open) : faults.push_back(fault);
    if (!open || !options.with_controller || is_attached(open->device.line, plan.ports)) continue;
    if (const std::string taken = taken_by_ems(open->device, scenario); !taken.empty()) faults.push_back(taken);
  }
  if (!options.lan.empty()) {
    plan.lan = socket_address(options.lan);
    if (!plan.lan) {
      faults.push_back("--lan " + options.lan + ": " +
                       address_fault(options.lan, "must be ADDRESS:PORT, as 127.0.0.1:1234"));
    }
    if (!options.with_controller)
      faults.emplace_back("--lan: is that of our controller, needs --controller in-process");
    if (!scenario.has_controller()) faults.emplace_back("--lan: needs a controller, which the scenario does not have");
  }
  plan.can = options.can;
  if (!plan.can.empty() && !can_fault(scenario.site).empty()) {
    faults.push_back(fmt::format("--can {}: {}", plan.can, can_fault(scenario.site)));
  }
  if (plan.ports.empty() && plan.tcp.empty() && plan.can.empty() && options.lan.empty() && faults.empty()) {
    faults.emplace_back(
        "attach: nothing to attach, needs --com1, --com2, --com3, --com4, --meter, --tcp, --can or --lan");
  }
  return plan;
}

/// Nothing ran, and what stands in the folder is of another run.
int tell_not_begun(const Scenario& scenario, const fs::path& folder, const SteppedDrive::NotBegun& why,
                   Console console) {
  console.out << fmt::format("{}: {}{}; nothing ran, no report was written\n", scenario.name,
                             why.by_controller ? "ERROR, " : "", why.why);
  if (fs::exists(folder / results::run_json)) {
    console.out << fmt::format("{} is as the run before it left it\n", folder.string());
  }
  return why.by_controller ? exit_error : exit_inconclusive;
}

}  // namespace

int attach_command(const AttachOptions& options, Console console) {
  const fs::path library = library_folder(options.library);
  Inputs inputs = read_one_input(options.file, library, options.case_name, "attach", options.with_controller);
  const bool stepped = !options.clock.empty();
  AttachedDrive::Plan plan;
  SteppedDrive::Plan stepped_plan;
  fs::path folder;
  if (inputs.faults.empty()) {
    Scenario& scenario = inputs.scenarios.front();
    if (options.seed) set_seed(scenario, *options.seed);
    if (options.until_s) end_early(scenario, *options.until_s);
    scenario.capture |= options.capture;
    if (stepped) {
      stepped_plan = read_stepped_plan(options, scenario, inputs.faults);
    } else {
      plan = read_plan(options, scenario, inputs.faults);
    }
    folder = options.results / scenario.name;
    if (const std::string refused = refusal(folder); !refused.empty()) inputs.faults.push_back(refused);
    if (in_use(folder)) inputs.faults.push_back(folder.string() + " is in use by another run");
  }
  inputs.print(console.err);
  if (!inputs.faults.empty()) return exit_bad_input;

  const Scenario& scenario = inputs.scenarios.front();
  console.out << (stepped ? scenario.name + " in virtual time, which the controller takes from the bench\n"
                          : fmt::format("{} at {:g} x real time\n", scenario.name, options.speed));
  std::optional<ResultsLock> lock;
  std::unique_ptr<Drive> drive;
  const SteppedDrive* with_clock = nullptr;
  try {
    if (stepped) {
      auto stepped_drive = std::make_unique<SteppedDrive>(scenario, stepped_plan, console.out);
      with_clock = stepped_drive.get();
      drive = std::move(stepped_drive);
    } else {
      drive = std::make_unique<AttachedDrive>(scenario, std::move(plan), console.out);
    }
    lock.emplace(folder);
  } catch (const std::runtime_error& error) {
    // No such port, a link where a file stands, a folder that cannot be created.
    console.err << error.what() << '\n';
    return exit_bad_input;
  }
  RunResult result;
  try {
    result = run_scenario(scenario, folder, options.command_line, library, drive.get());
  } catch (const std::exception& error) {
    console.out << fmt::format("{}: ERROR, there is no report: {}\n{} holds what was recorded\n", scenario.name,
                               error.what(), folder.string());
    return exit_error;
  }
  if (result.never_began) {
    lock->take_away();
    const SteppedDrive::NotBegun why =
        with_clock != nullptr ? with_clock->not_begun()
                              : SteppedDrive::NotBegun{"ended before the controller's first request", false};
    return tell_not_begun(scenario, folder, why, console);
  }
  console.out << summary_text(result, console.colour);
  return exit_code_of({result});
}

}  // namespace hil::harness
