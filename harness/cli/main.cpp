#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/cli/case_process.h"
#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/modbus_probe.h"
#include "harness/record/command_text.h"
#include "harness/record/run.h"

namespace {

using namespace hil::harness;

/// Not left to the conversion, which takes -1 for 2^64-1.
std::string is_seed(const std::string& word) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
  const bool good = error == std::errc{} && end == word.data() + word.size();
  return good ? "" : word + " is no seed, must be 0 to 2^64-1";
}

/// CLI11 would complain of the missing command only.
bool is_unknown_command(const std::string& word) {
  constexpr std::array known{"run",    "check",  "explain", "new",     "list",    "serve",
                             "attach", "parity", "probe",   "compare", "run-case"};
  return !word.starts_with("-") && std::find(known.begin(), known.end(), word) == known.end();
}

/// What all commands may be told.
void add_library(CLI::App& command, std::filesystem::path& library) {
  command
      .add_option("--library", library,
                  "Folder with catalog/, registers/ and sites/; without it HILBENCH_LIBRARY of the environment,\n"
                  "without that scenarios/ of the source tree it was built from")
      ->check(CLI::ExistingDirectory);
}

struct CommandLine {
  CLI::App app{"Simulates parallel hybrid inverters with their controller and judges what happens.", "hilbench"};
  RunOptions run;
  CheckOptions check;
  std::filesystem::path explained;
  std::string explained_case;
  CLI::App* explain_command = nullptr;
  std::filesystem::path new_file;
  CLI::App* new_command = nullptr;
  std::vector<std::filesystem::path> list_paths;
  std::filesystem::path library;
  std::filesystem::path signals_file;
  std::filesystem::path registers_map;
  bool list_faults = false;
  bool list_quirks = false;
  bool list_requirements = false;
  CaseOptions inner;
  CLI::App* run_command = nullptr;
  CLI::App* check_command = nullptr;
  CLI::App* list_command = nullptr;
  CLI::App* case_command = nullptr;
  ServeOptions serve;
  CLI::App* serve_command = nullptr;
  AttachOptions attach;
  CLI::App* attach_command = nullptr;
  ParityOptions parity;
  CLI::App* parity_command = nullptr;
  ProbeOptions probe;
  ModbusProbeOptions modbus_probe;
  std::string probe_mode;
  std::string probe_phases = "sum";
  std::optional<double> probe_timeout_s;
  CLI::App* probe_command = nullptr;
  CompareOptions compare;
  CLI::App* compare_command = nullptr;

  CommandLine() {
    app.set_version_flag("--version", std::string("hilbench ") + bench_version());
    app.require_subcommand(1);
    app.footer(
        "Example:\n  hilbench run scenarios/goodwe --junit junit.xml\n\n"
        "In the source tree ./hilbench knows also: test (the tests), bench (benchmarks), fuzz (fuzzers)\n\n"
        "Exit code: 0 passed, 1 a check failed, 2 bad input or usage (nothing ran), 3 error,\n"
        "4 inconclusive, 5 untested");
    define_run();
    define_check();
    define_authoring();
    define_list();
    define_serve();
    define_attach();
    define_parity();
    define_probe();
    define_compare();
    define_case();
  }

  void define_run() {
    run_command = app.add_subcommand("run", "Run scenarios in virtual time and write verdicts, traces and reports");
    run_command->add_option("paths", run.paths, "Scenario files, or folders of them")->required();
    run_command->add_option("--results", run.results,
                            "Folder for the results, one folder per scenario inside; without it that of --report,\n"
                            "without that results");
    run_command->add_option("--report", run.report,
                            "Folder for the report of all scenarios: index.html, which links to each, and junit.xml");
    run_command->add_option("--case", run.case_name,
                            "Only this case of those that a sweep makes, as `hilbench list` names it");
    run_command->add_option("--junit", run.junit, "Write JUnit XML of the whole run to this file");
    run_command
        ->add_option("--seed", run.seed,
                     "Seed for all scenarios instead of their own, 0 to 2^64-1: clouds, noise, hob and welding draw "
                     "from it")
        ->check(is_seed);
    run.jobs = std::max(1U, std::thread::hardware_concurrency());
    run_command->add_option("--jobs", run.jobs, "Scenarios at a time")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    run_command
        ->add_option_function<std::string>(
            "--shard", [this](const std::string& text) { run.shard = *shard_from(text); },
            "I/N: the I-th of N shares of the scenarios, as 1/4 on the first of four machines")
        ->check([](const std::string& text) { return shard_from(text) ? "" : shard_fault(text); });
    run_command
        ->add_option("--timeout", run.timeout_s,
                     "Seconds on the wall that one scenario may take; then it is ended and an error")
        ->check(CLI::PositiveNumber);
    run_command->add_flag("--fail-fast", run.fail_fast,
                          "End with the first failure or error; what is under way ends with what it has");
    run_command->add_flag("--capture", run.capture,
                          "Write every frame of every serial line: captures/LINE.pcapng and .txt in the results");
    run_command->add_flag("--vcd", run.vcd, "Write each trace as a value change dump too, for wave viewers: trace.vcd");
    run_command->add_flag("--comtrade", run.comtrade, "Write each trace as COMTRADE too: comtrade.cfg and .dat");
    add_library(*run_command, library);
    run_command->footer(
        "Examples:\n  hilbench run scenarios/goodwe/heater_step_zero_export.xml --results results\n"
        "  hilbench run scenarios --jobs 2 --timeout 120 --report results/suite\n\n"
        "Ctrl-C ends what is under way, with the results so far.");
  }

  void define_check() {
    check_command = app.add_subcommand("check", "Read and build scenarios, report every fault, run nothing");
    check_command
        ->add_option("paths", check.paths, "Scenario files, or folders of them; files of sites or of register maps")
        ->required();
    check_command
        ->add_option("--format", check.format,
                     "text; json: one document on standard output; github: annotations of a workflow")
        ->check(CLI::IsMember({"text", "json", "github"}))
        ->capture_default_str();
    add_library(*check_command, library);
    check_command->footer("Example:\n  hilbench check scenarios\n  hilbench check --format github scenarios");
  }

  void define_authoring() {
    explain_command =
        app.add_subcommand("explain", "Say in plain English what a scenario says, with its timeline drawn");
    explain_command->add_option("scenario", explained, "Scenario file")->required();
    explain_command->add_option("--case", explained_case, "Only this case of those that a sweep makes");
    add_library(*explain_command, library);
    explain_command->footer("Example:\n  hilbench explain scenarios/goodwe/heater_step_zero_export.xml");
    new_command = app.add_subcommand("new", "Write a commented scenario to start from; it passes as it stands");
    new_command->add_option("file", new_file, "lower_snake.xml, must not exist")->required();
    new_command->footer("Example:\n  hilbench new my_question.xml");
  }

  void define_list() {
    list_command = app.add_subcommand(
        "list", "List scenarios, requirements, kinds of faults or quirks, registers, or the signals of a scenario");
    auto* paths = list_command->add_option("paths", list_paths, "Scenario files, or folders of them");
    auto* faults = list_command->add_flag("--faults", list_faults, "Kinds of faults with their targets");
    auto* signals = list_command->add_option("--signals", signals_file, "Signals that this scenario can use");
    auto* quirks = list_command->add_flag("--quirks", list_quirks, "Quirks of firmware with their parameters");
    auto* registers = list_command->add_option("--registers", registers_map,
                                               "Rows of a register map: its name in registers/, or a file");
    auto* requirements = list_command->add_flag(
        "--requirements", list_requirements,
        "Requirements with the checks that prove them, of PATHS or of the whole library; exit code 1 when one for the\n"
        "bench is neither proven nor open in requirements_open.csv, or both");
    requirements->excludes(faults)->excludes(quirks)->excludes(signals)->excludes(registers);
    paths->excludes(faults)->excludes(quirks)->excludes(signals)->excludes(registers);
    faults->excludes(quirks)->excludes(signals)->excludes(registers);
    quirks->excludes(signals)->excludes(registers);
    signals->excludes(registers);
    add_library(*list_command, library);
    list_command->footer(
        "Examples:\n  hilbench list scenarios\n  hilbench list --faults\n  hilbench list --quirks\n"
        "  hilbench list --requirements\n  hilbench list --registers goodwe_et_205\n"
        "  hilbench list --signals scenarios/goodwe/heater_step_zero_export.xml");
  }

  void define_serve() {
    serve_command = app.add_subcommand(
        "serve", "Open lines and devices of a scenario to foreign clients, in real time or a multiple of it");
    serve_command->add_option("scenario", serve.file, "Scenario file")->required();
    serve_command->add_option("--case", serve.case_name, "Of those that a sweep makes, the one to serve");
    serve_command->add_option("--pty", serve.pty,
                              "LINE[=LINK]: open a serial line, or the line of a device, as a pseudo-terminal;\n"
                              "its path is printed, and LINK leads to it while serve runs");
    serve_command->add_option("--instant-pty", serve.instant_pty,
                              "LINE[=LINK]: as --pty, but without wire time and turn-around: a whole request is\n"
                              "answered at once");
    serve_command->add_option(
        "--serial", serve.serial,
        "LINE=PORT: open a serial line on a serial port, PATH[:BAUD[,FORMAT[,rs485]]], or on a serial\n"
        "server, tcp:ADDRESS:PORT, as attach does");
    serve_command->add_option("--tcp", serve.tcp, "DEVICE=ADDRESS:PORT: open a device as Modbus TCP; port 0: any");
    serve_command->add_option("--udp", serve.udp, "DEVICE=ADDRESS:PORT: open an inverter's dongle (AA55 prefix)");
    serve_command->add_option("--discovery", serve.discovery,
                              "ADDRESS:PORT: answer discovery for the dongles opened with --udp");
    serve_command->add_option(
        "--lan", serve.lan,
        "ADDRESS:PORT: open the LAN server of the in-process controller (SEC1000 protocol); port\n"
        "0: any");
    serve_command->add_option("--factor", serve.factor, "Virtual seconds in a real one")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    serve_command->add_option("--for", serve.for_s, "Seconds to serve; without it until Ctrl-C")
        ->check(CLI::PositiveNumber);
    auto* controller = serve_command->add_option_function<std::string>(
        "--controller", [this](const std::string& kind) { serve.without_controller = kind == "none"; },
        "in-process: the scenario's controller runs on the lines not opened; none: it is left out");
    controller->check(CLI::IsMember({"in-process", "none"}))->default_str("in-process");
    serve_command->add_flag("--without-controller", serve.without_controller, "The same as --controller none")
        ->excludes(controller);
    serve_command->add_option("--capture", serve.capture,
                              "Folder: write every frame of every serial line and of what --tcp and --udp open:\n"
                              "LINE, DEVICE_tcp, DEVICE_udp, each .pcapng and .txt");
    add_library(*serve_command, library);
    serve_command->footer(
        "Examples:\n  hilbench serve scenarios/goodwe/heater_step_zero_export.xml --pty com1=/tmp/com1 --tcp "
        "et1=127.0.0.1:1502\n"
        "  hilbench serve scenarios/goodwe/heater_step_zero_export.xml --controller in-process --lan 127.0.0.1:1234");
  }

  void define_attach() {
    attach_command = app.add_subcommand(
        "attach", "Run a scenario in real time against a controller on serial ports; same verdict and report as run");
    attach_command->add_option("scenario", attach.file, "Scenario file")->required();
    attach_command->add_option("--case", attach.case_name, "Of those that a sweep makes, the one to run");
    const char* const port = "PORT";
    attach_command
        ->add_option(
            "--com1", attach.com[0],
            "Where com1 comes out: a serial device PATH[:BAUD[,FORMAT[,rs485]]], as /dev/ttyUSB0:9600,8N1, without\n"
            "a format that of the line; a serial server tcp:ADDRESS:PORT; or pty, pty:LINK: a new pseudo-terminal, its "
            "path is printed, LINK leads to it")
        ->type_name(port);
    attach_command->add_option("--com2", attach.com[1], "The same of com2")->type_name(port);
    attach_command->add_option("--com3", attach.com[2], "The same of com3")->type_name(port);
    attach_command->add_option("--com4", attach.com[3], "The same of com4")->type_name(port);
    attach_command->add_option("--meter", attach.meter, "The same of the line that the meter is on")->type_name(port);
    attach_command->add_option("--tcp", attach.tcp, "DEVICE=ADDRESS:PORT: open a device as Modbus TCP; port 0: any");
    attach_command
        ->add_option_function<std::string>(
            "--controller", [this](const std::string& kind) { attach.with_controller = kind == "in-process"; },
            "in-process: the scenario's controller runs on the lines that are not attached; none: it is left out")
        ->check(CLI::IsMember({"in-process", "none"}))
        ->default_str("none");
    attach_command->add_option(
        "--lan", attach.lan,
        "ADDRESS:PORT: with --controller in-process, its LAN server for real clients; port 0: any");
    attach_command->add_option("--speed", attach.speed, "Virtual seconds in a real one, for masters that bear it")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    attach_command
        ->add_option("--late-limit-ms", attach.late_limit_ms,
                     "A step or an answer that the bench gives later than this makes the verdict inconclusive")
        ->check(CLI::Range(1.0, 1e6))
        ->capture_default_str();
    attach_command
        ->add_option("--until", attach.until_s, "Seconds of virtual time to end at, before the scenario's end")
        ->check(CLI::PositiveNumber);
    attach_command->add_flag("--start-now", attach.start_now,
                             "Start at once; without it time starts with the controller's first byte");
    attach_command->add_option("--results", attach.results, "Folder for the results, one folder per scenario inside")
        ->capture_default_str();
    attach_command->add_option("--seed", attach.seed, "Seed instead of the scenario's own, 0 to 2^64-1")
        ->check(is_seed);
    attach_command->add_flag("--capture", attach.capture, "Write every frame of every serial line");
    add_library(*attach_command, library);
    attach_command->footer(
        "Example:\n  hilbench attach scenarios/goodwe/heater_step_short.xml --com1 /dev/ttyUSB0:9600,8N1 --meter "
        "/dev/ttyUSB1\n\nCtrl-C ends it with a report of what has been seen.");
  }

  void define_parity() {
    parity_command = app.add_subcommand(
        "parity", "Run a scenario in process and, in real time, by hilcontroller and the board; do they agree?");
    parity_command->add_option("scenario", parity.file, "Scenario file")->required();
    parity_command->add_option("--controller", parity.controller, "The program hilcontroller")
        ->check(CLI::ExistingFile);
    parity_command
        ->add_option("--board", parity.board, "Image for the board mps2-an386, made with the scenario's settings")
        ->check(CLI::ExistingFile);
    parity_command->add_flag("--quick", parity.quick,
                             "Only the first 25 s of the scenario, all hosts at once: less than 40 s in all");
    parity_command->add_option("--write-board-settings", parity.board_settings,
                               "Write the header that such an image takes its settings from, and end");
    parity_command
        ->add_option("--late-limit-ms", parity.late_limit_ms, "A bench that is later than this proves nothing")
        ->check(CLI::Range(1.0, 1e6))
        ->capture_default_str();
    parity_command->add_option("--results", parity.results, "Folder for the results")->capture_default_str();
    add_library(*parity_command, library);
    parity_command->footer(
        "Example:\n  hilbench parity scenarios/goodwe/heater_step_short.xml --controller "
        "build/release/controller/hosts/linux/hilcontroller\n\n"
        "In the source tree ./hilbench parity SCENARIO builds both and gives them.\n\n"
        "Exit code: 0 they agree, 1 they do not, 2 bad input or usage, 3 error, 4 the bench was late");
  }

  void define_probe() {
    probe_command = app.add_subcommand(
        "probe", "Look at devices as a master of them: inverters and meters by Modbus, a SEC1000 on its LAN port");
    auto* lan = probe_command->add_option("--lan", probe.lan, "ADDRESS:PORT of a SEC1000; its port is 1234");
    auto* serial =
        probe_command->add_option("--port", modbus_probe.port,
                                  "Serial port with Modbus devices: PATH[:BAUD[,FORMAT]], without a format 9600,8N1");
    auto* tcp = probe_command->add_option("--tcp", modbus_probe.tcp, "ADDRESS:PORT of a device with Modbus TCP");
    lan->excludes(serial)->excludes(tcp);
    serial->excludes(tcp);
    probe_command->add_option("--unit", modbus_probe.unit, "Modbus address of the device")
        ->check(CLI::Range(1, 247))
        ->capture_default_str();
    probe_command
        ->add_option("--map", modbus_probe.map,
                     "Its register map: a file, or a name that `hilbench list --registers` takes, too")
        ->capture_default_str();
    probe_command
        ->add_option("--timeout", probe_timeout_s,
                     "Seconds to wait for each answer, on the LAN for a connection too; without it 1, in a scan 0.3,\n"
                     "on the LAN 10")
        ->check(CLI::Range(0.01, 600.0));
    add_library(*probe_command, library);
    probe_command->require_subcommand(1);
    using Order = ProbeOptions::Order;
    const auto add = [this](const char* name, const char* what, Order order) {
      CLI::App* added = probe_command->add_subcommand(name, what);
      added->callback([this, order] { probe.order = order; });
      return added;
    };
    const auto add_phases = [this](CLI::App* command) {
      command
          ->add_option("--phases", probe_phases,
                       "What the limit is held against: sum, or each phase. Goes with the limit; a device does not\n"
                       "tell what it has")
          ->check(CLI::IsMember({"sum", "each"}))
          ->capture_default_str();
    };
    add("telemetry", "Voltages, currents and powers at the meter, the inverters' power, the load", Order::telemetry);
    add("settings", "Mode, export limit, capacity and CT ratio", Order::settings);
    CLI::App* limit = add("set-limit", "Write the export limit", Order::set_limit);
    limit->add_option("kw", probe.limit_kw, "Export limit in kW, two decimals")
        ->required()
        ->check(CLI::Range(0.0, 100.0));
    add_phases(limit);
    add("set-mode", "Write which rule limits the export", Order::set_mode)
        ->add_option("mode", probe_mode, "off, dred, rcr or value; off: everything may be exported at once")
        ->required()
        ->check(CLI::IsMember({"off", "dred", "rcr", "value"}));
    add("set-clock", "Set its clock to the local time of this machine", Order::set_clock);
    add_phases(add("reset-watchdog",
                   "Take the limit away for 5 s and restore it: ends an inverter's export-limit freeze;\n"
                   "meanwhile everything may be exported",
                   Order::reset_watchdog));
    define_modbus_probe();
    probe_command->footer(
        "Examples:\n  hilbench probe --port /dev/ttyUSB0:9600,8N1 scan\n"
        "  hilbench probe --port /dev/ttyUSB0 --unit 1 read serial 'pv*_w' export_limit_w\n"
        "  hilbench probe --tcp 192.168.1.50:502 --unit 247 watch ac_injection_w --every 2\n"
        "  hilbench probe --lan 192.168.1.200:1234 telemetry\n"
        "  hilbench probe --lan 192.168.1.200:1234 set-limit 7.25\n\n"
        "Exit code: 0 done, 2 wrong usage, 3 the device did not do it, could not be reached or answered wrongly");
  }

  void define_modbus_probe() {
    using Order = ModbusProbeOptions::Order;
    const auto add = [this](const char* name, const char* what, Order order) {
      CLI::App* added = probe_command->add_subcommand(name, what);
      added->callback([this, order] { modbus_probe.order = order; });
      return added;
    };
    const auto add_names = [this](CLI::App* command) {
      command
          ->add_option("names", modbus_probe.words,
                       "Names of the register map (pv1_w), patterns of them ('*_w'), or addresses (35105)")
          ->required();
    };
    CLI::App* scan = add("scan", "Ask each address who it is", Order::scan);
    scan->add_option("--from", modbus_probe.first_unit, "First address")
        ->check(CLI::Range(1, 247))
        ->capture_default_str();
    scan->add_option("--to", modbus_probe.last_unit, "Last address")->check(CLI::Range(1, 247))->capture_default_str();
    add_names(add("read", "Read registers by name and print them in their units", Order::read));
    add("write", "Write registers by name, and read back what the device then holds", Order::write)
        ->add_option("writes", modbus_probe.words, "NAME=VALUE, in the unit of the name: export_limit_w=0")
        ->required();
    CLI::App* watch = add("watch", "Read again and again, until Ctrl-C", Order::watch);
    add_names(watch);
    watch->add_option("--every", modbus_probe.every_s, "Seconds from one reading to the next")
        ->check(CLI::Range(0.01, 86400.0))
        ->capture_default_str();
    watch->add_option("--times", modbus_probe.times, "Readings; 0: until Ctrl-C")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    add("decode", "Say what frames of Modbus RTU mean; needs no device", Order::decode)
        ->add_option("frames", modbus_probe.words,
                     "Each a frame with its CRC, bytes in hexadecimal: \"01 03 88 b8 00 01 2b cb\"")
        ->required();
  }

  /// Over Modbus or the LAN, as the order says; what it needs to be told where.
  int carry_out_probe(Console console) {
    if (modbus_probe.order != ModbusProbeOptions::Order::none) {
      if (!probe.lan.empty()) throw CLI::ExcludesError("--lan", "orders by Modbus");
      modbus_probe.library = library;
      const double unless_told_s = modbus_probe.order == ModbusProbeOptions::Order::scan ? 0.3 : 1.0;
      modbus_probe.timeout_s = probe_timeout_s.value_or(unless_told_s);
      return hil::harness::modbus_probe_command(modbus_probe, console);
    }
    if (probe.lan.empty()) throw CLI::RequiredError("--lan");
    if (probe_timeout_s) probe.timeout_s = *probe_timeout_s;
    probe.sum_of_phases = probe_phases == "sum";
    const std::array<std::string, 4> modes{"off", "dred", "rcr", "value"};
    const auto mode = std::find(modes.begin(), modes.end(), probe_mode);
    if (mode != modes.end()) probe.mode = static_cast<hil::harness::sec1000::Mode>(mode - modes.begin());
    return hil::harness::probe_command(probe, console);
  }

  void define_compare() {
    compare_command = app.add_subcommand("compare", "Hold results against reviewed baselines, signal by signal");
    compare_command->add_option("results", compare.results, "Results folder of a run, or a folder of several")
        ->required();
    compare_command
        ->add_option("--baseline", compare.baseline, "Folder of the baselines, one folder per scenario inside")
        ->capture_default_str();
    compare_command->add_flag("--accept", compare.accept, "Make these results the baselines");
    compare_command->add_option("--reason", compare.reason, "With --accept: why; kept beside the baseline");
    compare_command->add_option("--signal", compare.signals,
                                "With --accept: name or pattern of what the baseline holds; without it everything");
    compare_command
        ->add_option("--every", compare.every_s, "With --accept: seconds from row to row; without it all rows")
        ->check(CLI::PositiveNumber);
    compare_command->footer(
        "Examples:\n  hilbench compare results/suite\n"
        "  hilbench compare results/cloud_edge --accept --signal 'grid.*_w' --every 10 --reason 'first baseline'\n\n"
        "How far each signal may be away is in the baseline's tolerances.csv: signal or pattern, value, time_s.\n"
        "Exit code: 0 the same, 1 different, 2 bad input");
  }

  void define_case() {
    case_command = app.add_subcommand("run-case", "One scenario in this process, as `run` starts it")->group("");
    case_command->add_option("file", inner.file)->required();
    case_command->add_option("--folder", inner.folder)->required();
    case_command->add_option("--seed", inner.seed)->required();
    case_command->add_flag("--capture", inner.capture);
    case_command->add_option("--progress", inner.progress);
    case_command->add_option("--command-line", inner.command_line);
    case_command->add_option("--case", inner.case_key);
    case_command->add_option("--until", inner.until_s);
    add_library(*case_command, library);
  }

  int carry_out(Console console) {
    if (*run_command) {
      run.library = library;
      return hil::harness::run_command(run, console);
    }
    if (*serve_command) {
      serve.library = library;
      return hil::harness::serve_command(serve, console);
    }
    if (*attach_command) {
      attach.library = library;
      return hil::harness::attach_command(attach, console);
    }
    if (*parity_command) {
      parity.library = library;
      return hil::harness::parity_command(parity, console);
    }
    if (*probe_command) return carry_out_probe(console);
    if (*compare_command) return hil::harness::compare_command(compare, console);
    if (*check_command) {
      check.library = library;
      return hil::harness::check_command(check, console);
    }
    if (*explain_command) return hil::harness::explain_command(explained, explained_case, library, console);
    if (*new_command) return hil::harness::new_command(new_file, console);
    if (*case_command) {
      inner.library = library;
      return run_case_command(inner);
    }
    if (list_requirements) return list_requirements_command(list_paths, library, console);
    if (list_faults) return list_faults_command(console);
    if (list_quirks) return list_quirks_command(console);
    if (!registers_map.empty()) return list_registers_command(registers_map, library, console);
    if (!signals_file.empty()) return list_signals_command(signals_file, library, console);
    if (list_paths.empty()) {
      throw CLI::RequiredError("list: PATHS, --requirements, --faults, --quirks, --registers or --signals");
    }
    return list_scenarios_command(list_paths, library, console);
  }
};

}  // namespace

int main(int argc, char** argv) {
  // A file that must not grow any more is an error to tell, not the end of this process.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    if (argc > 1 && is_unknown_command(argv[1])) {
      std::fprintf(stderr,
                   "unknown command %s, known: run, check, explain, new, list, serve, attach, parity, probe, compare\n",
                   argv[1]);
      return exit_bad_input;
    }
    CommandLine command_line;
    try {
      std::vector<std::string> words{"hilbench"};
      words.insert(words.end(), argv + 1, argv + argc);
      command_line.run.command_line = command_text(words);
      command_line.attach.command_line = command_line.run.command_line;
      command_line.app.parse(argc, argv);
      const bool for_a_person = isatty(STDOUT_FILENO) != 0;
      return command_line.carry_out({std::cout, std::cerr, for_a_person});
    } catch (const CLI::ParseError& error) {
      return command_line.app.exit(error) == 0 ? exit_pass : exit_bad_input;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hilbench: %s\n", error.what());
    return exit_error;
  }
}
