#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/shard.h"
#include "harness/lan/lan_client.h"

namespace hil::harness {

/// Where a command prints: results to `out`, faults to `err`, escapes for colour only where a person looks.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;
};

// The commands of hilbench; each returns the exit code.

struct RunOptions {
  std::vector<std::filesystem::path> paths;
  std::filesystem::path results;  ///< empty: `report`, or results without one
  std::filesystem::path report;   ///< folder for the report of all; empty: none
  std::string case_name;          ///< of a sweep, the only one to run; empty: all
  std::filesystem::path junit;    ///< empty: none
  std::filesystem::path library;  ///< empty: the default
  std::optional<std::uint64_t> seed;
  unsigned jobs = 1;
  Shard shard;
  double timeout_s = 1800.0;  ///< of one scenario, by the clock on the wall
  bool fail_fast = false;     ///< end with the first failure or error
  bool capture = false;       ///< whatever the scenarios say
  std::string ems_over;       ///< "rtu", "tcp": of every EMS; empty: as the scenarios say
  bool vcd = false;           ///< each trace as a value change dump, too
  bool comtrade = false;      ///< and as COMTRADE
  std::string command_line;
};
/// Runs each scenario in a process of its own, `jobs` at a time; results in <results>/<name>, the report of all in
/// <report>/index.html and <report>/junit.xml.
int run_command(const RunOptions& options, Console console);

struct CompareOptions {
  std::vector<std::filesystem::path> results;            ///< results folders, or folders of them
  std::filesystem::path baseline = "results/baselines";  ///< a folder per scenario inside
  bool accept = false;                                   ///< make the results the baselines
  std::string reason;                                    ///< with accept: why
  std::vector<std::string> signals;                      ///< with accept: which; empty: all
  double every_s = 0.0;                                  ///< with accept: a row each; 0: all rows
};
/// Holds results against reviewed baselines: exit_fail where one differs by more than its tolerances.
int compare_command(const CompareOptions& options, Console console);

struct CheckOptions {
  std::vector<std::filesystem::path> paths;  ///< of scenarios, also folders; of sites; of register maps
  std::filesystem::path library;             ///< empty: the default
  std::string format = "text";               ///< json, github
};
/// Reads and builds, runs nothing, writes nothing.
int check_command(const CheckOptions& options, Console console);

/// Writes a commented scenario of that system, one of starters(), that passes as it stands; what exists stays.
int new_command(const std::filesystem::path& file, const std::string& system, Console console);
/// Says what a scenario says, in plain English; of a sweep its first case, or the one of that name.
int explain_command(const std::filesystem::path& file, const std::string& case_name,
                    const std::filesystem::path& library, Console console);

struct ServeOptions {
  std::filesystem::path file;
  std::string case_name;                 ///< of a sweep, the one to serve; empty: the file has one only
  std::filesystem::path library;         ///< empty: the default
  std::vector<std::string> pty;          ///< LINE-or-DEVICE[=LINK]
  std::vector<std::string> instant_pty;  ///< the same, without wire time and turn-around
  std::vector<std::string> serial;       ///< LINE-or-DEVICE=PORT, of a serial port or serial server: see PortSpec
  std::vector<std::string> tcp;          ///< DEVICE=ADDRESS:PORT
  std::vector<std::string> udp;
  std::string discovery;        ///< ADDRESS:PORT; empty: none
  std::string lan;              ///< ADDRESS:PORT of the controller's LAN server; empty: none
  std::string can;              ///< CAN interface for the bus between the SolaX inverters; empty: none
  double factor = 1.0;          ///< virtual seconds in a real one
  std::optional<double> for_s;  ///< real seconds; none: until Ctrl-C
  bool without_controller = false;
  std::filesystem::path capture;  ///< folder for what wires and network carry; empty: none
};
/// Opens lines and devices of a scenario to foreign clients in paced time.
int serve_command(const ServeOptions& options, Console console);

struct AttachOptions {
  std::filesystem::path file;
  std::string case_name;  ///< of a sweep, the one to run; empty: the file has one only
  std::filesystem::path results = "results";
  std::filesystem::path library;       ///< empty: the default
  std::array<std::string, 4> com;      ///< of com1 to com4: pty, pty:LINK, PATH[:BAUD[,FORMAT]]; empty: not attached
  std::string meter;                   ///< the same of the meter's line
  std::string clock;                   ///< pty, pty:LINK: the controller takes its time from there; empty: from its own
  std::optional<double> clock_wait_s;  ///< real seconds for the first turn there; none: as long as it takes
  std::vector<std::string> tcp;        ///< DEVICE=ADDRESS:PORT, as Modbus TCP
  std::string lan;                     ///< ADDRESS:PORT of the LAN server of the controller in process; empty: none
  std::string can;                     ///< CAN interface for the bus between the SolaX inverters; empty: none
  bool with_controller = false;        ///< the one in process runs on the lines that are not attached
  double speed = 1.0;                  ///< virtual seconds in a real one
  double late_limit_ms = 50.0;         ///< beyond it the verdict is inconclusive
  std::optional<std::uint64_t> seed;   ///< instead of the scenario's
  bool capture = false;
  bool start_now = false;         ///< without waiting for the first request
  std::optional<double> until_s;  ///< virtual time to end at; none: the scenario's end
  std::string command_line;
};
/// Runs one scenario in paced time against a real controller; same verdict, report and results as run.
int attach_command(const AttachOptions& options, Console console);

struct ParityOptions {
  std::filesystem::path file;
  std::string case_name;  ///< of a sweep, the one to compare; empty: the file has one only
  std::filesystem::path results = "results";
  std::filesystem::path library;         ///< empty: the default
  std::filesystem::path controller;      ///< the program hilcontroller; empty: not
  std::filesystem::path board;           ///< image for mps2-an386 with the scenario's settings; empty: not
  std::filesystem::path board_settings;  ///< only write the header for such an image here; empty: run
  double late_limit_ms = 100.0;
  bool quick = false;    ///< a shortened window of the scenario
  bool stepped = false;  ///< in virtual time, the hosts take theirs from the bench
};
/// Runs one scenario in process and by other hosts of the controller, and holds them against each other:
/// 0 they agree, 1 they do not, 4 the bench or a host was late, 5 no check was decided.
int parity_command(const ParityOptions& options, Console console);

struct ProbeOptions {
  enum class Order : unsigned char {
    telemetry,
    settings,
    set_limit,
    export_disable,
    export_enable,
    set_mode,
    set_clock,
    reset_watchdog
  };
  std::string lan;  ///< ADDRESS:PORT
  Order order = Order::telemetry;
  double limit_kw = 0.0;
  sec1000::Mode mode = sec1000::Mode::value;
  bool sum_of_phases = true;  ///< goes with each limit that is written; a device does not tell it
  LanClient::Profile profile = LanClient::Profile::manual;
  double minimum_kw = 0.0;            ///< what export_disable writes; above it the export counts as on
  double maximum_kw = 10.0;           ///< what export_enable writes
  std::optional<double> capacity_kw;  ///< goes with each limit; nothing: what the device has
  double timeout_s = 10.0;
};
/// Speaks with a SEC1000 on its LAN port as a client does.
int probe_command(const ProbeOptions& options, Console console);

int list_scenarios_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                           Console console);
/// Each requirement of the library with the checks of the scenarios that prove it; without paths, of the whole library.
/// exit_fail when one for the bench is neither proven nor open, or open and proven.
int list_requirements_command(const std::vector<std::filesystem::path>& paths, const std::filesystem::path& library,
                              Console console);
int list_faults_command(Console console);
int list_quirks_command(Console console);
/// The rows of a register map: a file, or a name in the library's registers/.
int list_registers_command(const std::filesystem::path& map, const std::filesystem::path& library, Console console);
int list_signals_command(const std::filesystem::path& file, const std::filesystem::path& library, Console console);

}  // namespace hil::harness
