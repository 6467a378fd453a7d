#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "sim/devices/device_face.h"
#include "sim/kernel/kernel.h"
#include "sim/signals/signal_registry.h"

namespace hil::sim {

/// What can be wrong with a storage converter of either register world; names as a scenario gives them stand in
/// pcs_fault_names. In the order of PcsState::Cause.
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

/// Which register world a converter lives in (sinexcel-pcs-modbus 0).
enum class PcsProfile : unsigned char {
  registers_53xxx,  ///< A: PWS1, PWG2; SinexcelPcs
  pws2,             ///< B: PWS2-30K; SinexcelPws2
};

/// What a bench needs of a storage converter, whichever its registers.
class StorageConverter {
 public:
  StorageConverter() = default;
  virtual ~StorageConverter() = default;
  StorageConverter(const StorageConverter&) = delete;
  StorageConverter& operator=(const StorageConverter&) = delete;

  /// StepPhase::latch: settings and state become orders to the strings.
  virtual void latch(Time now) = 0;
  /// StepPhase::refresh: readings of the strings become published values.
  virtual void refresh(Time now) = 0;
  /// Its cause is there, or gone. `string`: 0 all, 1.. one of them.
  virtual void set_fault(PcsFault fault, std::size_t string, bool present) = 0;
  virtual void set_supply(bool on) = 0;
  virtual bool answers() const = 0;
  /// Off the grid, as a bench sets it while it runs.
  virtual void set_frequency_bias_hz(double bias_hz) = 0;

  virtual const std::string& name() const = 0;
  virtual const DeviceFace& face() const = 0;
  virtual void register_signals(SignalRegistry& registry) const = 0;
  virtual void register_details(SignalRegistry& registry) const = 0;
};

}  // namespace hil::sim
