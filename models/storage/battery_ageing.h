#pragma once

namespace hil::models {

/// Ageing of an LFP cell after Naumann: calendar and cycle, of capacity and resistance (physics-and-standards 4.3).
///
///   calendar loss = k_c(T, soc) sqrt(t)      calendar rise = k_r(T, soc) t
///   cycle loss    = k_c(C, dod) sqrt(FEC)    cycle rise    = k_r(C, dod) FEC
///
/// A changing profile adds in equivalent time: the state is the square of a loss, d(loss^2) = k^2 dt, so the loss is
/// the one that the time at the new stress would have taken to get here. Rises are linear and add plainly.
/// The depth of a cycle: half cycles between turning points of soc; a turn counts once soc has come back by
/// `turning_band`. A half cycle of depth d is d/2 full equivalent cycles, at the mean C-rate weighted by charge; it
/// acts when it is finished. Rainflow pairing is left out: small cycles inside a large one split it.
///
/// Left out: spread between cells, lithium plating, knee; large cells age slower (4.3).
/// Valid:    0..60 deg C, up to 1 C (beyond 1.05 C the published resistance rise would turn negative: kept at 0).
/// Checked against: B8, B9, see tests/models/validation/storage.
class BatteryAgeing {
 public:
  struct Parameters {
    bool counts = false;             ///< off: advance() does nothing, the factors stay those of the initial age
    bool acts = false;               ///< the pack takes over capacity and resistance factors
    double turning_band_soc = 0.01;  ///< above 0, up to 0.5 (assumed)
    double initial_days = 0.0;       ///< >= 0, spent at `initial_soc` and `initial_c`
    double initial_soc = 0.5;        ///< 0..1
    double initial_c = 25.0;         ///< -30..80
    double initial_cycles = 0.0;     ///< full equivalent, >= 0, at `initial_c_rate` and `initial_dod`
    double initial_c_rate = 0.5;     ///< 0..1
    double initial_dod = 0.8;        ///< 0..1
  };
  struct Counters {
    double calendar_loss_squared = 0.0;
    double calendar_rise = 0.0;
    double cycle_loss_squared = 0.0;
    double cycle_rise = 0.0;
    double full_equivalent_cycles = 0.0;  ///< by throughput, an unfinished half cycle included
    double half_cycles = 0.0;             ///< finished ones
  };

  /// Throws InvalidParameter.
  explicit BatteryAgeing(const Parameters& parameters, double soc);

  /// `c_rate_signed` > 0 discharges: mean over `duration_s`. Cheap; calendar stress is evaluated once a minute.
  void advance(double duration_s, double soc, double temperature_c, double c_rate_signed);

  void add_calendar(double seconds, double soc, double temperature_c);
  void add_cycles(double full_equivalent, double c_rate, double dod);

  double capacity_factor() const;    ///< 1 new; not below 0.1
  double resistance_factor() const;  ///< 1 new
  double calendar_loss() const;
  double cycle_loss() const;
  const Counters& counters() const { return counters_; }
  bool acts() const { return acts_; }

 private:
  void follow_turning_points(double soc, double charge_share, double c_rate);

  bool counts_;
  bool acts_;
  double turning_band_soc_;
  Counters counters_;
  double waiting_s_ = 0.0;  ///< calendar time not evaluated yet, with its sums
  double waiting_soc_s_ = 0.0;
  double waiting_c_s_ = 0.0;
  double turn_soc_;     ///< last turning point
  double extreme_soc_;  ///< furthest from it since
  int direction_ = 0;   ///< of soc since the last turning point
  double moved_ = 0.0;  ///< charge since then as a share of capacity, both directions
  double moved_c_rate_ = 0.0;
};

}  // namespace hil::models
