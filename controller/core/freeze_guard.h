#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "controller/core/load_bounds.h"
#include "controller/core/measurements.h"

namespace hil::controller {

/// Finds inverters that hold their PV down after a load step (the export-limit freeze, sec1000-lan-protocol 7) and
/// takes their limit away for a while, which ends it: one inverter at a time, each at most every five minutes.
///
/// Held down is a unit when, 2 to 12 s after the load rose by 1.5 kW or more, its PV (AC less battery power) stays
/// below 0.6 of what it gave before the step for 1.5 s and four samples, while its AC power is below its limit, or at
/// it only because the battery gives what PV gave before: then neither the limit nor a full battery explains it. A unit
/// that its limit held back before the step shows no such fall: it is held down when its PV stays below 0.6 of its new
/// limit and does not rise. So looks a dark sky; the vain cure then has nothing to export.
///
/// A fall of PV alone shows a step too, for as long as meter and inverters were not read at the same moment. So half of
/// the step has to be certain (LoadBounds) before anybody is cured for it: once PV and batteries have come to rest. A
/// cloud that comes with a step of the load costs one vain cure.
///
/// The window: limit off from its acknowledgement for 6.2 s, and until its PV no longer rises, for 9 s at most: a rise
/// that the limit meets on its way looks like the next load step to the inverter. It is given up when it is not
/// acknowledged within 3 s or the unit falls silent. What the unit exports in it, the others are to leave to it
/// (EnergyController).
class FreezeGuard {
 public:
  /// Forgets what it saw of loads and units, not when each was last cured.
  void reset();
  /// Once a step, with the load of a new round or nullopt.
  void observe(const Measurements& measurements, std::size_t count, std::optional<double> new_site_load_w);
  /// The unit that is to be without a limit now.
  std::optional<std::size_t> unlimited() const { return unlimited_; }
  /// Windows without limit that came about so far.
  std::uint32_t cures() const { return cures_; }

 private:
  struct Sample {
    double value_w = 0.0;
    Time at{0};
  };
  /// The latest values, at least 400 ms apart.
  class Past {
   public:
    void add(double value_w, Time now);
    /// Lowest between the two ages; nullopt without a value there.
    std::optional<double> lowest(Time now, Time from_age, Time to_age) const;
    void clear() { *this = Past{}; }

   private:
    std::array<Sample, 20> samples_{};
    std::size_t next_ = 0;
    std::size_t count_ = 0;
  };
  struct Unit {
    Past pv;
    Past above_limit;                   ///< AC power less its limit
    Time used{0};                       ///< AC sample seen last
    std::optional<double> pv_before_w;  ///< before the load step that is being judged
    bool held_back_before = false;      ///< by its limit, until the load step
    double last_pv_w = 0.0;
    double pv_rise_w = 0.0;  ///< of the last sample over the one before
    std::optional<Time> held_down_since;
    int samples_held_down = 0;
    bool frozen = false;
    std::optional<Time> cured_at;
  };
  void watch_bounds(const Measurements& measurements, std::size_t count, bool new_round);
  void watch_load(const Measurements& measurements, std::size_t count, double site_load_w);
  static bool is_down(const Unit& unit, double pv_w, double limit_w);
  void watch_unit(Unit& unit, const InverterMeasurement& measured, Time now) const;
  void begin(const Measurements& measurements, std::size_t count);
  void go_on(const InverterMeasurement& measured, Time now);

  std::array<Unit, max_inverters> units_{};
  Past load_;
  LoadBounds bounds_;
  std::array<bool, max_inverters> members_{};  ///< whose powers the bounds are made of
  Past at_most_;                               ///< upper bounds of the load
  std::optional<Time> stepped_at_;
  double at_most_before_w_ = 0.0;  ///< the load, before the step that is being judged
  bool step_certain_ = false;
  std::optional<std::size_t> unlimited_;
  Time ordered_at_{0};
  std::optional<Time> off_at_;  ///< acknowledged
  Time rest_until_{0};
  std::uint32_t cures_ = 0;
};

}  // namespace hil::controller
