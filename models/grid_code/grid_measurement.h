#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Mean of the last `window` samples, of one quantity or of several side by side; memory is taken in the constructor.
/// The sum is rebuilt whenever the ring is full, so that rounding does not gather.
template <typename Sample>
class MovingMean {
 public:
  MovingMean(std::size_t window, const Sample& initial)
      : ring_(window, initial), share_(1.0 / static_cast<double>(window)) {
    reset(initial);
  }
  const Sample& advance(const Sample& sample) {
    sum_ += sample - ring_[next_];
    ring_[next_] = sample;
    if (++next_ == ring_.size()) sum_afresh();
    mean_ = sum_ * share_;
    return mean_;
  }
  /// The sample that leaves with the next advance.
  const Sample& oldest() const { return ring_[next_]; }
  void reset(const Sample& value) {
    std::fill(ring_.begin(), ring_.end(), value);
    next_ = 0;
    sum_ = value * static_cast<double>(ring_.size());
    mean_ = value;
  }

 private:
  void sum_afresh() {
    next_ = 0;
    sum_ = ring_[0];
    for (std::size_t i = 1; i < ring_.size(); ++i) sum_ += ring_[i];
  }

  std::vector<Sample> ring_;
  double share_ = 1.0;  ///< of one sample
  std::size_t next_ = 0;
  Sample sum_;
  Sample mean_;
};

/// What an inverter knows of the grid at its terminals.
///
///   voltage_pu             root of the mean square over voltage_window, each phase
///   positive_sequence_pu   |v1 + a v2 + a^2 v3| / 3, same window, a = one third of a turn; in split phase
///                          |v1 - v2| / 2
///   ten_minute_mean_pu     mean of voltage_pu over mean_window, moving with every step (blocks of mean_block, the
///                          oldest weighted by what is left of it)
///   frequency_hz           mean over frequency_window, held while the phase is lost
///   rocof_hz_per_s         (f(t) - f(t - rocof_window)) / rocof_window
///
/// The phase is lost when every connected phase is below `lost_below_pu` and is found again `reacquire_time` after the
/// voltage is back; `valid` is false in between, and frequency and ROCOF start anew. A window shorter than a step is
/// one sample. Phases that the inverter does not use report the mean of those it uses.
///
/// Left out: frequency error from phase jumps, harmonics, noise, accuracy class.
/// Valid:    steps of 1 ms to 1 s.   Source: physics-and-standards 2.1 (certainty C: 100 ms PLL average, 100 ms to find
/// the phase), 2.5 (10-minute mean). Assumed: ROCOF window, lost_below_pu, mean_block (3 s, as the mean's refresh in
/// EN 50549), the mean's start at 1 pu.
/// Checked against: hand cases, see tests/models/grid_code.
class GridMeasurement {
 public:
  struct Parameters {
    double nominal_ln_v = 0.0;                                       ///< > 0
    double nominal_frequency_hz = 0.0;                               ///< 40..70
    std::chrono::nanoseconds voltage_window{20'000'000};             ///< > 0, up to 1 s; one cycle
    std::chrono::nanoseconds frequency_window{100'000'000};          ///< > 0, up to 10 s
    std::chrono::nanoseconds rocof_window{500'000'000};              ///< > 0, up to 10 s
    std::chrono::nanoseconds mean_window{std::chrono::minutes{10}};  ///< >= mean_block, up to 1 h
    std::chrono::nanoseconds mean_block{std::chrono::seconds{3}};    ///< >= 1 s
    std::chrono::nanoseconds reacquire_time{100'000'000};            ///< >= 0
    double lost_below_pu = 0.1;                                      ///< 0..0.9
    double initial_mean_pu = 1.0;                                    ///< 0..2, of the 10-minute mean
    std::array<bool, phase_count> uses_phase{true, true, true};      ///< at least one
    bool split_phase = false;                                        ///< then L3 is not used
    bool positive_sequence = true;                                   ///< false: nobody asks for it, it stays 0
  };
  struct Inputs {
    PhasePhasors terminal_ln_v{};  ///< in a frame that turns with the nominal frequency
    double frequency_hz = 0.0;     ///< true frequency
  };
  struct Outputs {
    PhaseValues voltage_pu{};
    double mean_pu = 0.0;
    double positive_sequence_pu = 0.0;
    PhaseValues ten_minute_mean_pu{};
    double frequency_hz = 0.0;
    double rocof_hz_per_s = 0.0;
    bool valid = false;  ///< the phase is known
  };

  /// `step`: fixed step of all later calls. Throws InvalidParameter. Starts in a dead grid.
  GridMeasurement(const Parameters& parameters, std::chrono::nanoseconds step);

  /// As if the nominal grid had been there long enough for every window but the 10-minute mean.
  void start_in_service();
  /// Does not allocate. What is not a number counts as 0 V and as the frequency before.
  const Outputs& advance(const Inputs& inputs);
  const Outputs& outputs() const { return outputs_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  void measure_voltage(const PhasePhasors& terminal_ln_v);
  void measure_mean();
  void measure_frequency(double frequency_hz);

  /// Of L1, L2, L3 side by side; the fourth is the positive sequence where there is one.
  using Quantities = Eigen::Array4d;

  /// Counts the samples that were like the one before. After two windows of them a mean and the order in which its sum
  /// was built are for good what they are, so that it need not be formed again.
  struct Stillness {
    std::size_t needed = 0;
    std::size_t counted = 0;
    bool reached(bool same) {
      if (!same) {
        counted = 0;
        return false;
      }
      if (counted >= needed) return true;
      ++counted;
      return false;
    }
  };

  Parameters parameters_;
  MovingMean<Quantities> voltages_;  ///< squares
  MovingMean<double> frequency_hz_;
  MovingMean<double> past_frequency_hz_;  ///< used as a ring: what the frequency was rocof_window ago
  Stillness voltage_stillness_;
  Stillness frequency_stillness_;
  PhasePhasors last_terminal_ln_v_{};
  Quantities voltage_pu_ = Quantities::Zero();  ///< as in the outputs
  MovingMean<Quantities> block_mean_pu_;
  // Of block_mean_pu_, kept at hand: they change once a block.
  Quantities whole_blocks_pu_;  ///< mean
  Quantities oldest_block_pu_;
  Quantities block_sum_pu_ = Quantities::Zero();
  std::size_t block_samples_ = 0;  ///< in the block under way
  std::size_t samples_in_block_ = 0;
  double per_sample_ = 0.0;  ///< reciprocals of: samples in a block, blocks in the window, nominal voltage, ...
  double per_block_ = 0.0;
  double per_volt_ = 0.0;
  std::chrono::nanoseconds step_;
  double per_rocof_span_ = 0.0;
  double per_phase_ = 0.0;
  double last_frequency_hz_ = 0.0;
  std::chrono::nanoseconds voltage_back_for_{0};
  Outputs outputs_;
};

}  // namespace hil::models
