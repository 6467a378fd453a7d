#include <memory>
#include <string>

#include "harness/cli/command_line.h"
#include "harness/cli/commands.h"

namespace hil::harness {
namespace {

void add_can(CLI::App& command, std::string& interface) {
  command
      .add_option("--can", interface,
                  "INTERFACE: join the CAN between parallel SolaX inverters to a CAN interface of Linux\n"
                  "(SocketCAN) that is up, as can0 or vcan0")
      ->type_name("INTERFACE")
      ->check(is_not_empty);
}

}  // namespace

void define_serve(CommandLine& line) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App& command = *line.app.add_subcommand(
      "serve", "Open lines and devices of a scenario to foreign clients, in real time or a multiple of it");
  command.add_option("scenario", options->file, "Scenario file")->required();
  command.add_option("--case", options->case_name, "Of those that a sweep makes, the one to serve");
  command.add_option("--pty", options->pty,
                     "LINE[=LINK]: open a serial line, or the line of a device, as a pseudo-terminal;\n"
                     "its path is printed, and LINK leads to it while serve runs");
  command.add_option("--instant-pty", options->instant_pty,
                     "LINE[=LINK]: as --pty, but without wire time and turn-around: a whole request is\n"
                     "answered at once");
  command.add_option("--serial", options->serial,
                     "LINE=PORT: open a serial line on a serial port, PATH[:BAUD[,FORMAT[,rs485|rs485low]]], or on a\n"
                     "serial server, tcp:ADDRESS:PORT, as attach does");
  command.add_option("--tcp", options->tcp, "DEVICE=ADDRESS:PORT: open a device as Modbus TCP; port 0: any");
  command.add_option("--udp", options->udp, "DEVICE=ADDRESS:PORT: open an inverter's dongle (AA55 prefix)");
  command
      .add_option("--discovery", options->discovery, "ADDRESS:PORT: answer discovery for the dongles opened with --udp")
      ->check(is_not_empty);
  command
      .add_option("--lan", options->lan,
                  "ADDRESS:PORT: open the LAN server of the in-process controller (SEC1000 protocol); port\n"
                  "0: any")
      ->check(is_not_empty);
  add_can(command, options->can);
  command.add_option("--factor", options->factor, "Virtual seconds in a real one")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  command.add_option("--for", options->for_s, "Seconds to serve; without it until Ctrl-C")->check(some_seconds());
  auto* controller = command.add_option_function<std::string>(
      "--controller", [options](const std::string& kind) { options->without_controller = kind == "none"; },
      "in-process: the scenario's controller runs on the lines not opened; none: it is left out");
  controller->check(CLI::IsMember({"in-process", "none"}))->default_str("in-process");
  command.add_flag("--without-controller", options->without_controller, "The same as --controller none")
      ->excludes(controller);
  command.add_option(
      "--capture", options->capture,
      "Folder: write every frame of every serial line, of the CAN between inverters and of what --tcp and\n"
      "--udp open: LINE, PARALLEL_can, DEVICE_tcp, DEVICE_udp, each .pcapng and .txt");
  add_library(line, command);
  command.footer(
      "Examples:\n  hilbench serve scenarios/goodwe/heater_step_zero_export.xml --pty com1=/tmp/com1 --tcp "
      "et1=127.0.0.1:1502\n"
      "  hilbench serve scenarios/goodwe/heater_step_zero_export.xml --controller in-process --lan 127.0.0.1:1234\n"
      "  hilbench serve scenarios/solax/share_heater_step.xml --can vcan0");
  command.final_callback([&line, options] {
    line.chosen = [&line, options](Console console) {
      options->library = line.library;
      return serve_command(*options, console);
    };
  });
}

void define_attach(CommandLine& line) {
  const auto options = std::make_shared<AttachOptions>();
  CLI::App& command = *line.app.add_subcommand(
      "attach", "Run a scenario in real time against a controller on serial ports; same verdict and report as run");
  command.add_option("scenario", options->file, "Scenario file")->required();
  command.add_option("--case", options->case_name, "Of those that a sweep makes, the one to run");
  const char* const port = "PORT";
  command
      .add_option(
          "--com1", options->com[0],
          "Where com1 comes out: a serial device PATH[:BAUD[,FORMAT[,rs485|rs485low]]], as /dev/ttyUSB0:9600,8N1,\n"
          "without a format that of the line (rs485: its driver turns the transceiver by RTS, high or low); a serial "
          "server tcp:ADDRESS:PORT; or pty, pty:LINK: a new pseudo-terminal, its "
          "path is printed, LINK leads to it")
      ->type_name(port)
      ->check(is_not_empty);
  command.add_option("--com2", options->com[1], "The same of com2")->type_name(port)->check(is_not_empty);
  command.add_option("--com3", options->com[2], "The same of com3")->type_name(port)->check(is_not_empty);
  command.add_option("--com4", options->com[3], "The same of com4")->type_name(port)->check(is_not_empty);
  command.add_option("--meter", options->meter, "The same of the line that the meter is on")
      ->type_name(port)
      ->check(is_not_empty);
  auto* const clock =
      command
          .add_option(
              "--clock", options->clock,
              "pty or pty:LINK: the controller takes its time from the bench over this pseudo-terminal "
              "(harness/README.md\n"
              "says how), so that the run is in virtual time and depends on no machine; all ports must be pty then")
          ->type_name(port)
          ->check(is_not_empty);
  command
      .add_option("--clock-wait", options->clock_wait_s,
                  "With --clock: seconds to wait for the controller's first turn; without it until it comes or Ctrl-C")
      ->check(some_seconds())
      ->needs(clock);
  command.add_option("--tcp", options->tcp, "DEVICE=ADDRESS:PORT: open a device as Modbus TCP; port 0: any")
      ->check(is_not_empty);
  command
      .add_option_function<std::string>(
          "--controller", [options](const std::string& kind) { options->with_controller = kind == "in-process"; },
          "in-process: the scenario's controller runs on the lines that are not attached; none: it is left out")
      ->check(CLI::IsMember({"in-process", "none"}))
      ->default_str("none");
  command
      .add_option("--lan", options->lan,
                  "ADDRESS:PORT: with --controller in-process, its LAN server for real clients; port 0: any")
      ->check(is_not_empty);
  add_can(command, options->can);
  command.add_option("--speed", options->speed, "Virtual seconds in a real one, for masters that bear it")
      ->check(CLI::Range(0.01, 1000.0))
      ->excludes(clock)
      ->capture_default_str();
  command
      .add_option("--late-limit-ms", options->late_limit_ms,
                  "A step or an answer that the bench gives later than this makes the verdict inconclusive")
      ->check(CLI::Range(1.0, 1e6))
      ->excludes(clock)
      ->capture_default_str();
  command.add_option("--until", options->until_s, "Seconds of virtual time to end at, before the scenario's end")
      ->check(some_seconds());
  command
      .add_flag("--start-now", options->start_now,
                "Start at once; without it time starts with the controller's first request")
      ->excludes(clock);
  command.add_option("--results", options->results, "Folder for the results, one folder per scenario inside")
      ->capture_default_str();
  command.add_option("--seed", options->seed, "Seed instead of the scenario's own, 0 to 2^64-1")->check(is_seed);
  command.add_flag("--capture", options->capture,
                   "Write every frame of every serial line and of the CAN between inverters");
  add_library(line, command);
  command.footer(
      "Example:\n  hilbench attach scenarios/goodwe/heater_step_short.xml --com1 /dev/ttyUSB0:9600,8N1 --meter "
      "/dev/ttyUSB1\n\nCtrl-C ends it with a report of what has been seen.");
  command.final_callback([&line, options] {
    options->command_line = line.text;
    line.chosen = [&line, options](Console console) {
      options->library = line.library;
      return attach_command(*options, console);
    };
  });
}

void define_parity(CommandLine& line) {
  const auto options = std::make_shared<ParityOptions>();
  CLI::App& command = *line.app.add_subcommand(
      "parity", "Run a scenario in process and, in real time, by hilcontroller and the board; do they agree?");
  command.add_option("scenario", options->file, "Scenario file")->required();
  command.add_option("--case", options->case_name,
                     "Only this case of those that a sweep makes, as `hilbench list` names it; a sweep needs it");
  command.add_option("--controller", options->controller, "The program hilcontroller")->check(CLI::ExistingFile);
  command.add_option("--board", options->board, "Image for the board mps2-an386, made with the scenario's settings")
      ->check(CLI::ExistingFile);
  command.add_flag("--quick", options->quick,
                   "Only the first 25 s of the scenario, all hosts at once: less than 40 s in all");
  command.add_flag("--stepped", options->stepped,
                   "In virtual time: the hosts take their time from the bench, so that no difference comes from the\n"
                   "machine and none is allowed; the image must be the stepped one");
  command.add_option("--write-board-settings", options->board_settings,
                     "Write the header that such an image takes its settings from, and end");
  command.add_option("--late-limit-ms", options->late_limit_ms, "A bench that is later than this proves nothing")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command.add_option("--results", options->results, "Folder for the results")->capture_default_str();
  add_library(line, command);
  command.footer(
      "Example:\n  hilbench parity scenarios/goodwe/heater_step_short.xml --controller "
      "build/release/controller/hosts/linux/hilcontroller\n\n"
      "In the source tree ./hilbench parity SCENARIO builds both and gives them.\n\n"
      "Exit code: 0 they agree, 1 they do not, 2 bad input or usage, 3 error, 4 the bench was late or a host kept "
      "waiting,\n5 no check was decided");
  command.final_callback([&line, options] {
    line.chosen = [&line, options](Console console) {
      options->library = line.library;
      return parity_command(*options, console);
    };
  });
}

}  // namespace hil::harness
