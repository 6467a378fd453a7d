#pragma once

#include <optional>

#include "controller/core/recent.h"
#include "controller/settings.h"

namespace hil::controller {

/// What the members of a parallel system have to carry together: grid import + sum of their AC powers. Who is no member
/// (not heard, not on the grid) counts as load or source of the site, as the meter sees it.
///
/// Meter and inverters do not speak of one moment. While the inverters move, the sum would show load that nobody has:
///
///   at rest   a step is followed once it has stood for `step_stands`, so that it is seen whole; small changes come in
///             with a filter
///   moving    for `settling` after the orders have changed by `moves_w`: a slow filter (time constant 1 s), which is
///             stable for readings up to that much apart
///   bound     import + highest sum of orders of the last 1.0 .. 1.5 s: the load cannot be above it
class SystemLoad {
 public:
  static constexpr Time cycle = std::chrono::milliseconds{100};        ///< observe() comes so often
  static constexpr Time step_stands = std::chrono::milliseconds{200};  ///< one mean of the meter. Chosen
  /// Dead time and three lags of 0.2 s, a mean of 0.2 s. Chosen.
  static constexpr Time settling = std::chrono::seconds{1};
  static constexpr double moves_w = 150.0;
  static constexpr double step_w = 100.0;

  void reset() { *this = SystemLoad{}; }
  /// `import_w` as the limit counts it; `ac_w`: of the members; `anew`: they are not those of the last time.
  void observe(double import_w, double ac_w, bool anew, Time now);
  /// What the members were told together, each cycle.
  void ordered(double total_w, Time now);
  /// nullopt until the first observe().
  std::optional<double> load_w() const { return load_w_; }

 private:
  std::optional<double> load_w_;
  RecentMaximum orders_w_;
  double ordered_w_ = 0.0;
  double rested_w_ = 0.0;  ///< the sum from which a movement is counted
  Time moved_at_ = -settling;
  std::optional<Time> step_seen_at_;
};

}  // namespace hil::controller
