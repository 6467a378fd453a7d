#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/site/site.h"
#include "sim/signals/signal_registry.h"

namespace hil::harness {

/// The site's true values as signals, beside what meter and inverters say of them: "grid.*" at the meter's place,
/// "site.*" sums over all inverters and loads, "<load>.*", "bus.<bus>.*" voltages.
class SiteSignals {
 public:
  SiteSignals(const models::Site& site, const std::vector<std::string>& load_names);

  /// The addresses handed out stay valid while this object lives.
  void register_signals(sim::SignalRegistry& registry) const;
  /// Those that a trace needs only when asked for.
  void register_details(sim::SignalRegistry& registry, const std::string& meter) const;
  /// Of the buses' voltages and the transformers only those among `wanted` are worked out from now on; all until then.
  void refresh_only(const std::vector<const sim::Signal*>& wanted);
  /// StepPhase::refresh.
  void refresh();

 private:
  struct Load {
    std::string name;
    double consumption_w = 0.0;
    double on = 0.0;
    double consumed_wh = 0.0;
  };
  struct Bus {
    std::string prefix;
    bool wanted = true;
    models::Site::BusVoltage voltage{};
  };
  const models::Site& site_;
  std::vector<Load> loads_;
  std::vector<Bus> buses_;  ///< in the site's order
  double grid_export_w_ = 0.0;
  double pv_w_ = 0.0;
  double pv_available_w_ = 0.0;
  double battery_discharge_w_ = 0.0;
  double ac_injection_w_ = 0.0;
  double load_w_ = 0.0;
  double grid_connected_ = 1.0;
  double unintended_island_ = 0.0;
  double clear_index_ = 1.0;
  double meter_flags_ = 0.0;
  struct Transformer {
    double flags = 0.0;
    double open_peak_v = 0.0;
  };
  std::array<Transformer, models::phase_count> transformers_{};
  bool wants_transformers_ = true;
};

}  // namespace hil::harness
