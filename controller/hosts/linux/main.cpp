#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <variant>

#include "controller/hosts/linux/bad_input.h"
#include "controller/hosts/linux/host.h"
#include "controller/hosts/linux/settings_file.h"

namespace {

using namespace hil::hosts;

constexpr int exit_ended = 0;
constexpr int exit_bad_input = 2;
constexpr int exit_error = 3;

std::filesystem::path default_state() {
  const char* folder = std::getenv("STATE_DIRECTORY");
  return folder == nullptr ? "" : folder;
}

struct CommandLine {
  CLI::App app{"Runs the energy controller, or the leader of a fleet, on the serial ports of this machine.",
               "hilcontroller"};
  std::array<std::string, hil::controller::max_lines> ports;
  std::filesystem::path settings;
  std::string lan;
  std::filesystem::path state = default_state();
  std::filesystem::path socket = default_status_socket();
  int status_period_s = 60;
  std::string clock;
  std::string log_level = "info";
  bool ask_status = false;
  std::string order;

  CommandLine() {
    const char* const form = "PATH[:BAUD[,FORMAT]]";
    app.add_option("--com1", ports[0], "Serial port of the units on COM1; without a format 9600,8N1")->type_name(form);
    app.add_option("--com2", ports[1], "The same of COM2")->type_name(form);
    app.add_option("--com3", ports[2], "The same of COM3")->type_name(form);
    app.add_option("--meter", ports[3], "Serial port of the meter (COM4)")->type_name(form);
    app.add_option("--settings", settings, "What the installer sets up, JSON")->type_name("FILE");
    app.add_option("--lan", lan, "Where LAN clients find it (SEC1000 protocol), as 0.0.0.0:1234; without it nowhere")
        ->type_name("ADDRESS:PORT");
    app.add_option("--state", state,
                   "Folder that keeps what LAN clients change, until the settings file changes; STATE_DIRECTORY\n"
                   "of systemd without it, else nothing is kept")
        ->type_name("FOLDER");
    app.add_option("--clock", clock,
                   "For test runs: the port of a bench that says what time it is (hilbench attach --clock); not with\n"
                   "--lan")
        ->type_name("PATH")
        ->check([](const std::string& path) { return path.empty() ? "must not be empty" : std::string{}; });
    app.add_flag("--status", ask_status, "Ask the controller that runs how it fares, print that, and end");
    app.add_option(
           "--order", order,
           "Tell the leader of a fleet that runs what it is to do from now on, print its answer, and end: stop,\n"
           "\"power W [VAR]\", \"self_consumption [IMPORT_W [VAR]]\" or release")
        ->type_name("WORDS")
        ->check([](const std::string& words) {
          return words.find_first_not_of(" \t\n") == std::string::npos ? "must not be empty, stop is an order"
                                                                       : std::string{};
        });
    app.add_option("--socket", socket, "Local socket that tells the status")->type_name("PATH")->capture_default_str();
    app.add_option("--status-every", status_period_s, "Seconds between status lines in the log, 0: none")
        ->check(CLI::Range(0, 86400))
        ->capture_default_str();
    app.add_option("--log", log_level, "What is logged to stderr")
        ->check(CLI::IsMember({"debug", "info", "warn", "err"}))
        ->capture_default_str();
    app.footer(
        "Example:\n"
        "  hilcontroller --com1 /dev/ttyUSB0:9600,8N1 --meter /dev/ttyUSB1 --settings site.json\n"
        "  hilcontroller --status\n"
        "  hilcontroller --order \"power 150000\"\n\n"
        "Exit code: 0 ended by SIGTERM, Ctrl-C or the bench of --clock, 2 bad input or usage, 3 error or nobody to\n"
        "tell the status");
  }
};

/// The ports that are given must be those that the settings have units on, each `one` of several.
void require_same_lines(const HostOptions& options,
                        const std::array<hil::controller::Settings::Line, hil::controller::max_lines - 1>& lines,
                        const char* one, const char* several) {
  bool any = false;
  for (std::size_t line = 0; line < lines.size(); ++line) {
    const bool has_units = lines[line].count > 0;
    const std::string name = "com" + std::to_string(line + 1);
    any |= has_units;
    if (has_units && !options.ports[line]) {
      throw BadInput(fmt::format("the settings have {1} on {0}, but --{0} is not given", name, several));
    }
    if (!has_units && options.ports[line]) {
      throw BadInput(fmt::format("--{0} is given, but the settings have no {1} on {0}", name, one));
    }
  }
  if (!any) throw BadInput(fmt::format("the settings have no {}", one));
}

void require_ports(const HostOptions& options, const hil::controller::Settings& settings) {
  require_same_lines(options, settings.inverter_lines, "inverter", "inverters");
  if (!options.ports[hil::controller::meter_line])
    throw BadInput("--meter is missing: without a meter nothing is limited");
}

void require_ports(const HostOptions& options, const hil::controller::FleetSettings& settings) {
  require_same_lines(options, settings.lines, "converter", "converters");
  const bool has_meter = settings.meter_address != 0;
  if (has_meter == options.ports[hil::controller::meter_line].has_value()) return;
  throw BadInput(has_meter ? "the settings have a meter, but --meter is not given"
                           : "--meter is given, but the settings have no meter");
}

void run(const CommandLine& line) {
  if (line.settings.empty()) throw BadInput("--settings is missing, must be a settings file");
  HostOptions options;
  constexpr std::array names{"--com1", "--com2", "--com3", "--meter"};
  for (std::size_t port = 0; port < options.ports.size(); ++port) {
    if (!line.ports[port].empty()) options.ports[port] = read_port_option(names[port], line.ports[port]);
  }
  options.settings_text = read_settings_text(line.settings);
  options.settings = read_role_settings(options.settings_text, line.settings.native());
  if (!line.lan.empty()) options.lan = read_lan_address("--lan", line.lan);
  options.state = line.state;
  options.status_socket = line.socket;
  options.status_period = std::chrono::seconds{line.status_period_s};
  options.clock = line.clock;
  if (options.lan && !options.clock.empty())
    throw BadInput("--clock: LAN clients have no part in its time, not with --lan");
  if (options.lan && std::holds_alternative<hil::controller::FleetSettings>(options.settings))
    throw BadInput("--lan: the leader of a fleet has no LAN server");
  std::visit([&options](const auto& settings) { require_ports(options, settings); }, options.settings);
  Host(options).run();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CommandLine line;
    try {
      line.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return line.app.exit(error) == 0 ? exit_ended : exit_bad_input;
    }
    spdlog::set_default_logger(spdlog::stderr_logger_mt("hilcontroller"));
    spdlog::set_level(spdlog::level::from_str(line.log_level));
    if (!line.order.empty()) {
      const std::string answer = status_from(line.socket, line.order);
      if (answer.starts_with("refused: ")) throw BadInput(answer.substr(0, answer.find('\n')));
      std::fputs(answer.c_str(), stdout);
    } else if (line.ask_status) {
      std::fputs(status_from(line.socket).c_str(), stdout);
    } else {
      run(line);
    }
    return exit_ended;
  } catch (const BadInput& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return exit_bad_input;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hilcontroller: %s\n", error.what());
    return exit_error;
  }
}
