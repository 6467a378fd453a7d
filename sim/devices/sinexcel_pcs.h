#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "models/site/site.h"
#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::sim {

/// What can be wrong with a PCS; names as a scenario gives them stand in pcs_fault_names.
enum class PcsFault : unsigned char {
  emergency_stop,  ///< EPO pressed
  fan,
  overtemperature,  ///< heat sink
  bus_overvoltage,
  ground_fault,
  dc_contactor,  ///< a string's DC relay does not close
};
inline constexpr std::size_t pcs_fault_count = 6;
inline constexpr std::array<const char*, pcs_fault_count> pcs_fault_names{"pcs_emergency_stop",  "pcs_fan",
                                                                          "pcs_overtemperature", "pcs_bus_overvoltage",
                                                                          "pcs_ground_fault",    "pcs_dc_contactor"};

/// Firmware of a Sinexcel storage converter of the 53xxx world: PWS1 with one string, PWS1 multi-string with up to
/// eight, PWG2 (one string and a PV input). Each string is a lane of the site; all of them are at one bus.
class SinexcelPcs {
 public:
  static constexpr std::size_t max_strings = 8;

  struct Rating {
    std::string model = "PWS1-500KTL-NA";  ///< up to 32 characters
    double rated_w = 0.0;                  ///< > 0, of all strings together
    double max_string_a = 0.0;             ///< > 0, DC, of each string
    double nominal_ln_v = 230.0;
    double nominal_hz = 50.0;
  };
  /// Of the battery at one string, as they stand when the PCS is switched on; a master may write them later.
  struct StringLimits {
    double lower_limit_v = 0.0;
    double end_of_discharge_v = 0.0;
    double float_v = 0.0;
    double topping_v = 0.0;
    double topping_to_float_a = 0.0;
    double end_of_charge_a = 0.0;
    double max_charge_a = 0.0;
    double max_discharge_a = 0.0;
    double recharge_hysteresis_v = 20.0;  ///< below topping, until a full string is charged again; no register
  };
  struct Settings {
    std::vector<StringLimits> strings;      ///< one for each lane
    bool latch_grid_faults = false;         ///< a trip by voltage or frequency latches like any other fault
    bool string_reactive = false;           ///< total Q may be set in string dispatch
    bool wrong_state_is_exception = false;  ///< a write that the state forbids: exception 04 instead of an echo
    bool starts_by_itself = false;          ///< after power-up, when nothing is wrong
    double frequency_bias_hz = 0.0;         ///< off the grid; its register is unassigned
  };

  /// `strings`: lanes of the site, one to eight. Throws std::invalid_argument for what is out of bounds.
  SinexcelPcs(std::string name, models::Site& site, std::vector<std::size_t> strings, const Rating& rating,
              const Settings& settings);
  SinexcelPcs(const SinexcelPcs&) = delete;
  SinexcelPcs& operator=(const SinexcelPcs&) = delete;

  /// StepPhase::latch: settings and state become orders to the strings.
  void latch(Time now);
  /// StepPhase::refresh: readings of the strings become published values.
  void refresh(Time now);
  /// Its cause is there, or gone. `string`: 0 all, 1..8 one of them.
  void set_fault(PcsFault fault, std::size_t string, bool present);
  void set_supply(bool on);
  bool answers() const { return has_supply_; }

  const std::string& name() const { return name_; }
  const DeviceFace& face() const { return face_; }
  void register_signals(SignalRegistry& registry) const;
  void register_details(SignalRegistry& registry) const;

 private:
  std::string name_;
  models::Site& site_;
  std::vector<std::size_t> strings_;
  Rating rating_;
  Settings settings_;
  DeviceFace face_;
  bool has_supply_ = true;
};

}  // namespace hil::sim
