#pragma once

#include <string>
#include <vector>

#include "models/site/site.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// The true state of every inverter with its PV inputs, battery and backup port as signals, beside what its registers
/// say of it.
///
/// What the site keeps as a number is read where it lies and costs nothing; the rest is copied each step as far as it
/// is wanted, the extreme cells each tenth of a second as the BMS looks at them.
class InverterSignals {
 public:
  /// `names`: in the site's order; the last `without_battery` of them have PV only. The site must outlive this object.
  InverterSignals(models::Site& site, const models::Site::Parameters& plant, const std::vector<std::string>& names,
                  std::size_t without_battery = 0);

  /// Those that a trace of this site shows: what its grid code and its backup port do.
  void register_main(sim::SignalRegistry& registry) const;
  /// The others.
  void register_details(sim::SignalRegistry& registry) const;
  /// Of PV inputs, batteries and backup ports only those with a signal among `wanted` are copied from now on; all until
  /// then.
  void refresh_only(const std::vector<const sim::Signal*>& wanted);
  /// StepPhase::refresh.
  void refresh();

 private:
  struct Input {
    double v = 0.0;
    double a = 0.0;
    double w = 0.0;
  };
  struct Inverter {
    std::string name;
    bool has_grid_code = false;
    bool has_backup = false;
    bool forms_site = false;
    bool has_battery = true;
    bool wants_backup = true;
    bool wants_inputs = true;
    bool wants_battery = true;
    bool wants_cells = true;
    bool wants_ageing = true;
    double operation = 0.0;
    double duty = 0.0;
    double islanded = 0.0;
    double forming_blocked = 0.0;
    double overload_trips = 0.0;
    double battery_empty_stops = 0.0;
    double island_stop = 0.0;
    models::PhaseValues backup_ln_v{};
    std::vector<Input> inputs;
    double battery_temperature_c = 0.0;
    double contactor_closed = 0.0;
    double reported_soc = 0.0;
    double warnings = 0.0;
    double alarms = 0.0;
    double cell_min_v = 0.0;
    double cell_max_v = 0.0;
    double cell_min_c = 0.0;
    double cell_max_c = 0.0;
    double soh = 1.0;
    double full_cycles = 0.0;
    double resistance_factor = 1.0;
    double balancing = 0.0;
  };
  void register_grid_code(sim::SignalRegistry& registry, std::size_t index) const;
  void register_backup(sim::SignalRegistry& registry, std::size_t index) const;
  void register_battery(sim::SignalRegistry& registry, std::size_t index) const;
  void refresh_slow();

  models::Site& site_;
  std::vector<Inverter> inverters_;
  int steps_each_cells_ = 1;
  int steps_to_cells_ = 0;
};

}  // namespace hil::harness
