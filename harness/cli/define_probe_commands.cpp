#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "harness/cli/command_line.h"
#include "harness/cli/commands.h"
#include "harness/cli/modbus_probe.h"

namespace hil::harness {
namespace {

struct Options {
  ProbeOptions lan;
  ModbusProbeOptions modbus;
  std::string mode;
  std::string phases = "sum";
  std::string profile = "manual";
  std::optional<double> timeout_s;
};
using SharedOptions = std::shared_ptr<Options>;

constexpr const char* exit_codes =
    "Exit code: 0 done, 2 wrong usage, 3 the device did not do it, could not be reached or answered wrongly";

/// An order of probe; a footer of its own, since CLI11 hands that of the program down.
CLI::App& add_order(CLI::App& probe, const char* name, const char* what, const char* example) {
  CLI::App* added = probe.add_subcommand(name, what);
  added->footer(std::string("Example:\n  hilbench probe ") + example + "\n\n" + exit_codes);
  return *added;
}

/// What a client of the LAN port is set to, as far as the order needs it.
void add_profile(CLI::App& command, const SharedOptions& options) {
  command
      .add_option("--profile", options->profile,
                  "manual: as the manual of the client says; client: as its code behaves, mistakes included")
      ->check(CLI::IsMember({"manual", "client"}))
      ->capture_default_str();
  command
      .add_option("--minimum", options->lan.minimum_kw,
                  "Minimum in kW: what export-disable writes; above it the export counts as on")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
}

void add_limit_settings(CLI::App& command, const SharedOptions& options) {
  add_profile(command, options);
  command
      .add_option("--maximum", options->lan.maximum_kw,
                  "Maximum in kW: what export-enable writes; the client's code allows no limit above it")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command
      .add_option("--capacity", options->lan.capacity_kw,
                  "Capacity of the inverters in kW, written with the limit; without it what the device has")
      ->check(CLI::Range(0.01, 1000.0));
}

void define_lan_orders(CLI::App& probe, const SharedOptions& options) {
  using Order = ProbeOptions::Order;
  const auto add = [&](const char* name, const char* what, Order order, const char* example) {
    CLI::App& added = add_order(probe, name, what, example);
    added.callback([options, order] { options->lan.order = order; });
    return &added;
  };
  const auto add_phases = [&](CLI::App* command) {
    command
        ->add_option("--phases", options->phases,
                     "What the limit is held against: sum, or each phase. Goes with the limit; a device does not\n"
                     "tell what it has")
        ->check(CLI::IsMember({"sum", "each"}))
        ->capture_default_str();
  };
  add("telemetry", "Voltages, currents and powers at the meter, the inverters' power, the load", Order::telemetry,
      "--lan 192.168.1.200:1234 telemetry");
  add_profile(*add("settings", "Mode, export limit, capacity and CT ratio, whether export is on", Order::settings,
                   "--lan 192.168.1.200:1234 settings"),
              options);
  CLI::App* limit =
      add("set-limit", "Write the export limit", Order::set_limit, "--lan 192.168.1.200:1234 set-limit 7.25");
  limit->add_option("kw", options->lan.limit_kw, "Export limit in kW, two decimals")
      ->required()
      ->check(CLI::Range(0.0, 100.0));
  add_phases(limit);
  add_limit_settings(*limit, options);
  for (const bool on : {false, true}) {
    CLI::App* order = on ? add("export-enable", "Write the maximum as the export limit", Order::export_enable,
                               "--lan 192.168.1.200:1234 export-enable --maximum 10")
                         : add("export-disable", "Write the minimum as the export limit", Order::export_disable,
                               "--lan 192.168.1.200:1234 export-disable");
    add_phases(order);
    add_limit_settings(*order, options);
  }
  add("set-mode", "Write which rule limits the export", Order::set_mode, "--lan 192.168.1.200:1234 set-mode value")
      ->add_option("mode", options->mode, "off, dred, rcr or value; off: everything may be exported at once")
      ->required()
      ->check(CLI::IsMember({"off", "dred", "rcr", "value"}));
  add("set-clock", "Set its clock to the local time of this machine", Order::set_clock,
      "--lan 192.168.1.200:1234 set-clock");
  CLI::App* reset = add("reset-watchdog",
                        "Take the limit away for 5 s and restore it: ends an inverter's export-limit freeze;\n"
                        "meanwhile everything may be exported",
                        Order::reset_watchdog, "--lan 192.168.1.200:1234 reset-watchdog");
  add_phases(reset);
  add_profile(*reset, options);
}

void define_modbus_orders(CLI::App& probe, const SharedOptions& options) {
  using Order = ModbusProbeOptions::Order;
  const auto add = [&](const char* name, const char* what, Order order, const char* example) {
    CLI::App& added = add_order(probe, name, what, example);
    added.callback([options, order] { options->modbus.order = order; });
    return &added;
  };
  const auto add_names = [&](CLI::App* command) {
    command
        ->add_option("names", options->modbus.words,
                     "Names of the register map (pv1_w), patterns of them ('*_w'), or addresses (35105)")
        ->required();
  };
  CLI::App* scan = add("scan", "Ask each address who it is", Order::scan, "--port /dev/ttyUSB0:9600,8N1 scan --to 20");
  scan->add_option("--from", options->modbus.first_unit, "First address")
      ->check(CLI::Range(1, 247))
      ->capture_default_str();
  scan->add_option("--to", options->modbus.last_unit, "Last address")->check(CLI::Range(1, 247))->capture_default_str();
  add_names(add("read", "Read registers by name and print them in their units", Order::read,
                "--port /dev/ttyUSB0 --unit 1 read serial 'pv*_w' export_limit_w"));
  add("write", "Write registers by name, and read back what the device then holds", Order::write,
      "--port /dev/ttyUSB0 --unit 1 write export_limit_w=0")
      ->add_option("writes", options->modbus.words, "NAME=VALUE, in the unit of the name: export_limit_w=0")
      ->required();
  CLI::App* watch = add("watch", "Read again and again, until Ctrl-C", Order::watch,
                        "--tcp 192.168.1.50:502 --unit 247 watch ac_injection_w --every 2");
  add_names(watch);
  watch->add_option("--every", options->modbus.every_s, "Seconds from one reading to the next")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  watch->add_option("--times", options->modbus.times, "Readings; 0: until Ctrl-C")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add("decode", "Say what frames of Modbus RTU mean; needs no device", Order::decode,
      "decode '01 03 88 b8 00 01 2f 8f'")
      ->add_option("frames", options->modbus.words,
                   "Each a frame with its CRC, bytes in hexadecimal: \"01 03 88 b8 00 01 2f 8f\"")
      ->required();
}

/// Over Modbus or the LAN, as the order says; what it needs to be told where.
int carry_out(Options& options, const std::filesystem::path& library, Console console) {
  if (options.modbus.order != ModbusProbeOptions::Order::none) {
    if (!options.lan.lan.empty()) throw CLI::ExcludesError("--lan", "orders by Modbus");
    options.modbus.library = library;
    const double unless_told_s = options.modbus.order == ModbusProbeOptions::Order::scan ? 0.3 : 1.0;
    options.modbus.timeout_s = options.timeout_s.value_or(unless_told_s);
    return modbus_probe_command(options.modbus, console);
  }
  if (options.lan.lan.empty()) throw CLI::RequiredError("--lan");
  if (options.timeout_s) options.lan.timeout_s = *options.timeout_s;
  options.lan.profile = options.profile == "client" ? LanClient::Profile::client_code : LanClient::Profile::manual;
  options.lan.sum_of_phases = options.phases == "sum";
  const std::array<std::string, 4> modes{"off", "dred", "rcr", "value"};
  const auto mode = std::find(modes.begin(), modes.end(), options.mode);
  if (mode != modes.end()) options.lan.mode = static_cast<sec1000::Mode>(mode - modes.begin());
  return probe_command(options.lan, console);
}

}  // namespace

void define_probe(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = *line.app.add_subcommand(
      "probe", "Look at devices as a master of them: inverters and meters by Modbus, a SEC1000 on its LAN port");
  auto* lan = command.add_option("--lan", options->lan.lan, "ADDRESS:PORT of a SEC1000; its port is 1234");
  auto* serial = command.add_option(
      "--port", options->modbus.port,
      "Serial port with Modbus devices: PATH[:BAUD[,FORMAT[,rs485|rs485low]]], without a format\n9600,8N1");
  auto* tcp = command.add_option("--tcp", options->modbus.tcp, "ADDRESS:PORT of a device with Modbus TCP");
  lan->excludes(serial)->excludes(tcp);
  serial->excludes(tcp);
  command.add_option("--unit", options->modbus.unit, "Modbus address of the device")
      ->check(CLI::Range(1, 247))
      ->capture_default_str();
  command
      .add_option("--map", options->modbus.map,
                  "Its register map: a file, or a name that `hilbench list --registers` takes, too")
      ->capture_default_str();
  command
      .add_option("--timeout", options->timeout_s,
                  "Seconds to wait for each answer, on the LAN for a connection too; without it 1, in a scan 0.3,\n"
                  "on the LAN 10")
      ->check(CLI::Range(0.01, 600.0));
  add_library(line, command);
  command.require_subcommand(1);
  define_lan_orders(command, options);
  define_modbus_orders(command, options);
  command.footer(std::string("Examples:\n  hilbench probe --port /dev/ttyUSB0:9600,8N1 scan\n"
                             "  hilbench probe --port /dev/ttyUSB0 --unit 1 read serial 'pv*_w' export_limit_w\n"
                             "  hilbench probe --tcp 192.168.1.50:502 --unit 247 watch ac_injection_w --every 2\n"
                             "  hilbench probe --lan 192.168.1.200:1234 telemetry\n"
                             "  hilbench probe --lan 192.168.1.200:1234 set-limit 7.25\n\n") +
                 exit_codes);
  command.final_callback([&line, options] {
    line.chosen = [&line, options](Console console) { return carry_out(*options, line.library, console); };
  });
}

}  // namespace hil::harness
