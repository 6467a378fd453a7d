#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/fleet/fleet_settings.h"
#include "harness/lan/lan_client.h"
#include "harness/scenario/diagnostics.h"
#include "harness/scenario/settings_change.h"
#include "models/electrical/phasor.h"
#include "models/grid/grid_source.h"
#include "sim/devices/parallel_supervision.h"
#include "sim/devices/register_map.h"
#include "sim/kernel/kernel.h"

namespace hil::harness {

// Actions of the timeline: what a scenario does to its plant at an instant.

// The grid's own events, see models::GridSource.
struct SetGridVoltage {
  double ln_v = 0.0;         ///< EMF, line to neutral; counts without `pu`
  std::optional<double> pu;  ///< of nominal
  models::PhaseMask phases = models::all_phases;
  double ramp_s = 0.0;
};
struct RampFrequency {
  double frequency_hz = 0.0;
  double ramp_s = 0.0;
  std::optional<double> rocof_hz_per_s;  ///< instead of ramp_s
};
struct JumpPhase {
  double degrees = 0.0;
  models::PhaseMask phases = models::all_phases;
};
/// As fractions of the positive sequence, angles against L1.
struct UnbalanceGrid {
  double negative_pu = 0.0;
  double negative_deg = 0.0;
  double zero_pu = 0.0;
  double zero_deg = 0.0;
  double ramp_s = 0.0;
};
struct SetOutage {
  bool outage = false;
};
struct ReturnToNominal {
  double ramp_s = 0.0;
};
/// What is not given stays as it is.
struct SetGridImpedance {
  std::optional<double> phase_ohm;
  std::optional<double> phase_reactance_ohm;
  std::optional<double> neutral_ohm;
  std::optional<double> neutral_reactance_ohm;
};

// Sun and air.
struct SetIrradiance {
  std::string inverter;
  double irradiance_w_m2 = 0.0;
  double ramp_s = 0.0;
};
struct SetClearIndex {
  double clear_index = 0.0;
  double ramp_s = 0.0;
};
struct ShadeString {
  std::string inverter;
  int input = 1;   ///< from 1
  int string = 1;  ///< from 1, of the parallel strings of the input
  double light = 1.0;
};
struct SetAmbient {
  double temperature_c = 0.0;
};

// What is switched or told.
struct SwitchLoad {
  std::string load;
  bool on = false;
};
/// A command that only some kinds of load know.
struct CommandLoad {
  std::string load;
  std::string command;          ///< the attribute, one of load_commands()
  std::optional<double> value;  ///< nothing: request="automatic"
};
/// The whole cable, or one conductor of it.
struct SwitchCable {
  std::string cable;
  std::optional<models::Conductor> conductor;
  bool closed = true;
};
/// The battery's own contactor.
struct SwitchContactor {
  std::string inverter;
  bool closed = true;
};
/// Register 45264, as the inverter's installer sets it; in force once it has been restarted.
struct SetUnbalancedOutput {
  std::string inverter;
  bool on = true;
};

/// Of a storage converter off the grid; its register is unassigned.
struct SetFrequencyBias {
  std::string pcs;
  double bias_hz = 0.0;
};

// The controller and who speaks with it. ChangeSettings stands in settings_change.h.
struct SwitchController {
  bool on = true;
};
struct MoveContact {
  controller::Input input = controller::Input::dred1;
  bool closed = true;
  sim::Time bounce{0};
};
/// What an installer starts at the controller.
struct StartCommissioning {
  enum class What : unsigned char { scan, ct_check };
  What what = What::scan;
};
/// Supply of an inverter (grid, PV and battery together) or of the meter.
struct SwitchDevice {
  std::string device;
  bool on = true;
};
struct OrderLanClient {
  std::string client;
  LanClient::Order order;
};
struct SwitchLanClient {
  std::string client;
  bool on = true;
  LanClient::Death death{};  ///< of switching off
};

/// A fault as a value: what kind, on whom, from when, until when (nothing: to the end).
struct FaultSpec {
  std::string kind;    ///< one of fault_kinds()
  std::string target;  ///< who can have it says FaultKind
  std::optional<sim::Time> lasts;
  /// All that its kind has, by name; of a word its place among those allowed.
  std::map<std::string, double> parameters{};

  double parameter(const std::string& name) const { return parameters.at(name); }
};
/// One request that a scripted EMS puts on the line of a device, and what must come back.
struct OrderModbus {
  /// write: one register with function 06; block: several with 16.
  enum class What : unsigned char { write, block, read, pdu };
  std::string ems;
  std::string device;
  What what = What::write;
  std::string register_name{};             ///< a number, or what the register carries in the device's map
  std::uint16_t address = 0;               ///< of write and read, once the map is known
  int count = 1;                           ///< registers, of read
  sim::Table table = sim::Table::holding;  ///< that read reads: holding or input
  std::optional<int> value{};              ///< raw content: to write, or that must be read; nothing: any
  std::vector<int> values{};               ///< raw contents, of block
  std::vector<std::uint8_t> pdu{};         ///< function and data, of pdu
  std::string answer;                      ///< what must come back, one of the words of modbus_answers.h
  Place place;
};
/// What an installer sets in the app of a SolaX inverter, or does to it; in force once it has been restarted. What is
/// not given stays as it is.
struct SetParallel {
  std::string unit;
  std::optional<sim::ParallelRole> role;
  std::optional<int> inverters_in_parallel;  ///< of the primary
  std::optional<int> safety_code;
  std::optional<int> firmware;
  std::optional<int> battery_count;
};
/// The AC outputs of parallel inverters are led through a combiner box with so many inputs; 0: without one.
struct WireCombiner {
  std::string parallel;
  int inputs = 0;
};
/// What the leader of a fleet of storage converters is to do from now on.
struct OrderFleet {
  controller::FleetMode mode = controller::FleetMode::stop;
  double ac_injection_w = 0.0;    ///< in mode power
  double ac_injection_var = 0.0;  ///< likewise, and at the meter
  double grid_import_w = 0.0;     ///< in mode self_consumption
};
/// Converters that the leader has left alone are tried again.
struct ReleaseFleet {};
/// Names an instant for checks (`after="..."`) and plots.
struct Mark {
  std::string name;
};

using Action =
    std::variant<SwitchLoad, SetIrradiance, SetGridVoltage, RampFrequency, JumpPhase, UnbalanceGrid, SetOutage,
                 ReturnToNominal, SetGridImpedance, SetClearIndex, ShadeString, SetAmbient, CommandLoad, SwitchCable,
                 SwitchContactor, SetUnbalancedOutput, SetFrequencyBias, SwitchController, MoveContact, ChangeSettings,
                 StartCommissioning, SwitchDevice, OrderLanClient, SwitchLanClient, OrderModbus, SetParallel,
                 WireCombiner, OrderFleet, ReleaseFleet, FaultSpec, Mark>;

}  // namespace hil::harness
