#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "controller/controller.h"
#include "harness/scenario/actions.h"
#include "harness/scenario/check_specs.h"
#include "harness/scenario/diagnostics.h"
#include "harness/scenario/triggers.h"
#include "models/site/site.h"
#include "sim/devices/backup_interface.h"
#include "sim/devices/generator.h"
#include "sim/devices/goodwe_et.h"
#include "sim/devices/parallel_group.h"
#include "sim/devices/register_map.h"
#include "sim/devices/register_server.h"
#include "sim/devices/server_quirks.h"
#include "sim/devices/sinexcel_pcs.h"
#include "sim/devices/solax_hybrid.h"
#include "sim/wire/serial_format.h"

namespace hil::harness {

/// A scenario as read and checked: nothing in it is unknown, missing or out of range any more.
/// Every struct mirrors one XML element; `place` is where that element stands.

struct LineSpec {
  std::string name;  ///< "com1" .. "com3", "com4": the port of the controller
  sim::SerialFormat format;
  std::vector<std::string> chain;  ///< its units along the bus from the controller on; empty: as in the file
  Place place;
};

inline constexpr int most_pv_inputs = 12;  ///< of one inverter; the schema's input_number says the same

struct InverterSpec {
  std::string name;
  std::string part;
  std::string line;
  int unit = 0;  ///< Modbus address, 1..247
  sim::Time turnaround{0};
  bool strict_gaps = false;  ///< a silence above t1.5 inside a request voids it
  sim::Time dongle_reply{
      std::chrono::milliseconds{120}};  ///< from a datagram to its reply: goodwe-et-modbus 10, assumed
  sim::GoodweEt::Identity identity;
  sim::GoodweEt::Settings settings;
  sim::GoodweEt::Quirks quirks;
  sim::ServerQuirks::Parameters server_quirks;
  sim::RegisterServer::Busy busy;
  sim::Time stale_period{0};  ///< registers are renewed no more often; 0: as their map says
  std::string register_map;   ///< name, a key of Scenario::register_maps
  std::string contact_load;   ///< that its load contact switches; empty: none
  Place place;
};

/// A storage converter. Its strings are lanes of the plant, one after the other behind those of all inverters.
struct PcsSpec {
  std::string name;
  std::string part;
  std::string line;
  int unit = 0;
  sim::Time turnaround{0};
  std::string register_map;
  sim::PcsProfile profile = sim::PcsProfile::registers_53xxx;
  sim::SinexcelPcs::Rating rating;
  sim::SinexcelPcs::Settings settings;
  std::size_t first_lane = 0;  ///< in SiteSpec::plant
  Place place;

  std::size_t string_count() const { return settings.strings.size(); }
};

/// A SolaX hybrid inverter; its lane stands behind those of all others.
struct SolaxSpec {
  std::string name;
  std::string part;
  std::string line;
  int unit = 0;
  sim::Time turnaround{0};
  std::string register_map;
  sim::SolaxHybrid::Identity identity;
  sim::SolaxHybrid::Settings settings;
  sim::ParallelIdentity parallel;
  bool drops_rushed_requests = false;  ///< requests less than a second after the one before are not answered
  std::size_t lane = 0;                ///< in SiteSpec::plant
  Place place;
};

/// The wires between the SolaX inverters, which stand in the order of the chain: the first next to the backup
/// interface.
struct ParallelSpec {
  std::string name;
  bool has_interface = true;
  int direct_inputs = 2;     ///< inverters whose AC outputs the interface takes without a combiner box
  int combiner_inputs = 0;   ///< of the box that they are led through; 0: without one
  bool wiring_fault = true;  ///< an inverter without an input shows Parallel CfgFault
  sim::ParallelGroup::Parameters parameters;
  Place place;
};

/// One channel of a BI PRO: a relay between the home and a bus of its own.
struct SmartLoadSpec {
  int channel = 0;  ///< 1..6
  std::string bus;
  sim::SmartLoadChannel::Parameters parameters;
  std::size_t cable = 0;  ///< in SiteSpec::plant
};

/// At the generator port of a BI or BI PRO, behind a relay of its own; its lane, "<interface>.generator", stands behind
/// all others.
struct GeneratorSpec {
  std::string bus;
  sim::Generator::Parameters parameters;
  sim::Time warm_up{std::chrono::seconds{5}};  ///< of good voltage, before its relay may close
  std::size_t cable = 0;                       ///< its relay, in SiteSpec::plant
  std::size_t lane = 0;                        ///< likewise
};

/// A BI or BI PRO: a relay between the grid's side and the home, and what else it joins. Its relays and ports stand
/// among the plant's cables, behind all others.
struct BackupInterfaceSpec {
  std::string name;
  sim::BackupInterface::Model model = sim::BackupInterface::Model::bi;
  std::string grid_bus;
  std::string bus;
  std::string non_backup_bus;  ///< BI PRO, on the grid's side; empty: none
  std::string pv_bus;          ///< BI PRO, for a third party's grid-tied inverter, on the home's side; empty: none
  sim::BackupInterface::Parameters parameters;
  std::vector<SmartLoadSpec> smart_loads{};  ///< by channel
  std::optional<GeneratorSpec> generator{};
  std::size_t relay = 0;   ///< a cable of SiteSpec::plant
  std::size_t cables = 0;  ///< how many of these are its own
  Place place;
};

/// A grid-tied PV inverter of a third party, without a battery and on no line; its lane stands behind all others.
struct PvInverterSpec {
  std::string name;
  double rated_ac_w = 0.0;
  std::size_t lane = 0;  ///< in SiteSpec::plant
  Place place;
};

struct MeterSpec {
  std::string name;
  std::string part;
  std::string line;
  int unit = 0;
  sim::Time turnaround{0};
  std::string register_map;
  Place place;
};

/// A value that the reference marks unknown or assumed, as it took effect: listed in the report.
struct Assumed {
  std::string what;    ///< "et1: export_limit_freeze hold_s"
  std::string value;   ///< "150"
  std::string reason;  ///< source or "assumed"
};

struct SiteSpec {
  /// Inverters in the order of `inverters`, then the strings of each of `pcs`, then `solax`, then `pv_inverters`, then
  /// the generator of the interface; loads by name.
  models::Site::Parameters plant;
  std::vector<LineSpec> lines;
  std::vector<InverterSpec> inverters;
  std::vector<PcsSpec> pcs;
  std::vector<SolaxSpec> solax;
  std::optional<ParallelSpec> parallel{};
  std::optional<BackupInterfaceSpec> backup_interface{};
  std::vector<PvInverterSpec> pv_inverters{};
  MeterSpec meter;
};

/// What answers on a line, whatever it is.
struct UnitSpec {
  std::string name;
  std::string line;
  int unit = 0;  ///< Modbus address, 1..247
  std::string register_map;
};
/// Inverters, PCS, SolaX inverters, the meter.
std::vector<UnitSpec> units_of(const SiteSpec& site);
/// Of the plant's inverters in their order: those of the site, then "pcs1.string1" and so on, PV inverters last.
std::vector<std::string> lane_names(const SiteSpec& site);

/// A client of the controller's LAN port.
struct LanClientSpec {
  std::string name;
  LanClient::Settings settings;
  /// That its user has entered; nothing: that of the controller, whatever it is.
  std::optional<controller::NetworkSettings::Address> address{};
  sim::Time latency{std::chrono::milliseconds{1}};  ///< one way; assumed: a wired network
  sim::Time start{0};
  Place place;
};

/// Registers that a scripted EMS reads again and again.
struct EmsPollSpec {
  std::string device;
  std::string register_name;  ///< a number, or what the register carries in the device's map
  std::uint16_t address = 0;  ///< once the map is known
  int count = 1;
  sim::Table table = sim::Table::holding;   ///< or input
  std::optional<sim::Encoding> encoding{};  ///< of a register by its name
  sim::Time period{std::chrono::seconds{1}};
  sim::Time begin{0};
  Place place;
};

/// How a scripted EMS reaches its devices: on their lines, or on the network.
enum class EmsOver : unsigned char { rtu, tcp };
/// "rtu", "tcp"
const char* ems_over_word(EmsOver over);
std::optional<EmsOver> ems_over_of(std::string_view word);

/// A scripted Modbus master, instead of a controller: the far side of lines, or a client of the devices that are on
/// them.
struct EmsSpec {
  std::string name;
  std::vector<std::string> lines;
  EmsOver over = EmsOver::rtu;
  sim::Time timeout{std::chrono::seconds{1}};
  std::vector<EmsPollSpec> polls;
  Place place;
};

/// Our leader of the site's storage converters, instead of a controller.
struct FleetLeaderSpec {
  controller::FleetSettings settings;
  std::string transfer_switch;  ///< a cable; empty: none
  sim::Time switch_time{std::chrono::milliseconds{100}};
  Place place;
};

struct TimelineEntry {
  sim::Time at{0};
  std::vector<Action> actions;
  Place place;
};

struct PlotSpec {
  std::string title;
  std::vector<std::string> signals;  ///< names or patterns
  Place place;
  std::vector<Place> signal_places{};  ///< of each
};

/// Signals of the trace that the scenario asks for by name, or records otherwise than the rest.
struct RecordSpec {
  std::string signals;              ///< name or pattern
  std::optional<sim::Time> period;  ///< nullopt: the scenario's
  bool on_change = false;           ///< a row each time that one changes, too
  Place place;                      ///< of the name
};

/// Where this run stands in a table that a report of several makes of them: which signals came to be 1, and until when.
struct TabulateSpec {
  struct Shown {
    std::string signals;  ///< name or pattern
    std::string label;    ///< what the table calls it
  };
  std::string title;  ///< runs with the same one share a table
  std::string note;
  std::string rows;     ///< what the rows are
  std::string columns;  ///< likewise
  std::string row;      ///< this run's
  std::string column;   ///< likewise
  std::string from;     ///< the mark that instants count from; empty: the start
  std::string until;    ///< the mark that the ends count from; empty: as `from`
  std::vector<Shown> shown;
  Place place;
  std::vector<Place> signal_places{};  ///< of each of `shown`
};

struct Scenario {
  // In one source file: what they are made of is much to compile wherever a Scenario is copied or ends.
  Scenario();
  Scenario(const Scenario& other);
  Scenario(Scenario&& other) noexcept;
  Scenario& operator=(const Scenario& other);
  Scenario& operator=(Scenario&& other) noexcept;
  ~Scenario();

  std::string name;  ///< lower_snake; of a case case_name()
  std::string file;
  std::string case_key{};         ///< which of the file's cases; empty: it has no sweep
  std::filesystem::path library;  ///< that it was read with
  std::string purpose;
  sim::Time duration{0};
  bool ends_early = false;  ///< `duration` is less than what the file says: what was to come is unknown
  sim::Time step{std::chrono::milliseconds{10}};
  sim::Time record_period{std::chrono::seconds{1}};
  std::uint64_t seed = 0;
  bool capture = false;               ///< write every frame of every line
  bool record_others = true;          ///< the trace holds more than what is named here, by checks, triggers and plots
  std::vector<RecordSpec> records{};  ///< of several that match a signal the last counts
  SiteSpec site;
  controller::Settings controller;
  std::vector<TimelineEntry> timeline;  ///< sorted by time, file order within
  std::vector<TriggerSpec> triggers{};  ///< in the file's order
  std::vector<CheckSpec> checks;
  std::vector<PlotSpec> plots;
  std::vector<TabulateSpec> tables{};
  std::vector<Assumed> assumed;
  std::map<std::string, sim::RegisterMap> register_maps;
  std::string resolved_xml;  ///< the scenario with site and parts merged in, for the results folder
  std::vector<LanClientSpec> lan_clients;
  /// That the LAN gives the controller while it asks for one (NetworkSettings::dhcp); nothing: nobody gives any.
  std::optional<controller::NetworkSettings::Address> dhcp_address{};
  std::vector<EmsSpec> ems{};               ///< if any, there is no controller
  std::optional<EmsOver> ems_over{};        ///< of all of them, when somebody else than the file says it
  std::optional<FleetLeaderSpec> leader{};  ///< likewise

  /// SolaX inverters have their energy manager in them.
  bool has_controller() const { return ems.empty() && !leader && site.solax.empty(); }
};

/// Each action of the timeline, whatever sets it off.
template <typename Visit>
void for_each_action(const Scenario& scenario, const Visit& visit) {
  for (const TimelineEntry& entry : scenario.timeline) {
    for (const Action& action : entry.actions) visit(action);
  }
  for (const TriggerSpec& trigger : scenario.triggers) {
    for (const DelayedAction& delayed : trigger.actions) visit(delayed.action);
  }
}

}  // namespace hil::harness
