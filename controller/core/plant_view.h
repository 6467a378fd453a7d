#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "controller/core/bus_master.h"
#include "controller/devices/goodwe_et_registers.h"
#include "controller/devices/meter_blocks.h"
#include "controller/settings.h"

namespace hil::controller {

/// What is shown of one inverter. nullopt: never read, or not available in it. What it last said stays when it is lost.
struct DeviceView {
  struct PvInput {
    std::optional<double> voltage_v;
    std::optional<double> current_a;
    std::optional<double> power_w;
  };
  std::size_t line = 0;  ///< 0..2: COM1..COM3
  std::uint8_t address = 0;
  UnitHealth::State state = UnitHealth::State::never_heard;
  std::optional<double> ac_injection_w;  ///< + into the site
  std::array<PvInput, 4> pv_inputs{};
  std::optional<double> pv_w;                 ///< sum of its inputs, from PV
  std::optional<double> battery_discharge_w;  ///< + empties the battery
  std::optional<double> battery_v;
  std::optional<double> soc;           ///< 0..1
  std::optional<double> work_mode;     ///< 35187: 0 wait, 1 on grid, 2 off grid, 3 fault, 4 flashing, 5 self check
  std::uint32_t errors = 0;            ///< bits of 35189
  std::uint32_t battery_alarms = 0;    ///< bits of 37012 (high) and 37006 (low)
  std::uint32_t battery_warnings = 0;  ///< bits of 37013 (high) and 37010 (low)
  std::optional<double> pv_today_wh;
  std::optional<double> exported_today_wh;
  std::optional<double> imported_today_wh;
  std::optional<double> load_today_wh;
  std::optional<double> battery_charge_today_wh;
  std::optional<double> battery_discharge_today_wh;
};

/// The plant as monitoring shows it: on the LAN, on pages of a host. Totals are over the inverters that answer; nullopt
/// until each of them has told its part (SOC: while none has). Readings are of different moments: those of the law a
/// second, PV, energies and battery words half a minute with four units on a line, minutes while orders fill it.
struct PlantView {
  struct Phase {
    std::optional<double> voltage_ln_rms_v;
    std::optional<double> current_a;  ///< magnitude
    std::optional<double> grid_export_w;
  };
  Time at{0};  ///< of the last step
  bool meter_answering = false;
  bool meter_refuses = false;  ///< its last reply was an exception, or no numbers: it is not the meter that is meant
  std::array<Phase, 3> phases{};
  std::optional<double> grid_export_w;        ///< meter total, - import
  std::optional<double> inverters_w;          ///< AC, + into the site
  std::optional<double> pv_w;                 ///< from PV
  std::optional<double> battery_discharge_w;  ///< + empties the batteries
  std::optional<double> load_w;               ///< inverters_w - grid_export_w, while the meter answers
  std::optional<double> mean_soc;             ///< 0..1, each inverter alike
  /// Weighted by battery voltage: capacities are not told, but a string of more modules of one kind holds more, in
  /// proportion to its voltage.
  std::optional<double> weighted_soc;
  std::array<DeviceView, max_inverters> devices{};
  std::size_t device_count = 0;
};

/// Keeps the PlantView up to date with what is read.
class PlantWatch {
 public:
  PlantWatch() = default;
  explicit PlantWatch(const Settings& settings) noexcept;

  void meter(MeterBlock block, std::span<const std::uint8_t> data, Time asked_at) noexcept;
  void meter_refused() noexcept { view_.meter_refuses = true; }
  void device(std::size_t inverter, EtBlock block, std::span<const std::uint8_t> data) noexcept;
  void health(std::size_t inverter, UnitHealth::State state) noexcept;
  /// Forms the totals.
  void step(Time now) noexcept;

  const PlantView& view() const noexcept { return view_; }

 private:
  PlantView view_;
  std::optional<Time> meter_at_;
};

}  // namespace hil::controller
