#include "controller/core/ct_check.h"

#include <algorithm>
#include <cmath>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

// The pattern, chosen. 3 kW are 4.3 A on each phase: 1.7 % of a 250/5 CT, where class 0.5 promises some 2.5 %.
constexpr double largest_step_w = 3000.0;
constexpr double smallest_step_w = 500.0;
constexpr Time settles_in = 3s;
constexpr Time half_takes = 5s;
constexpr Time half_given_up = 10s;
constexpr Time meter_lost_after = 2s;

// The verdict, chosen. Neighbouring patterns lie 0.33 or more apart.
constexpr double largest_misfit = 0.15;
constexpr double nothing_seen = 0.05;     ///< of the step, on the phase that shows most
constexpr double dead_share = 0.15;       ///< of the phase that shows most; a CT on another phase shows half
constexpr double largest_scatter = 0.25;  ///< of the step on a phase, between the two closest of three pulses

constexpr std::uint16_t import_ac_mode = 4;  ///< 47511: draw X from the grid, PV gives way (goodwe-et-modbus 6.5)

using Wiring = std::array<std::size_t, 3>;  ///< conductor of each CT
/// Fewest mistakes first: of two that explain the same, the first stands.
constexpr std::array<Wiring, 6> wirings{{{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}}};
constexpr std::array<unsigned, 8> reversals{0, 1, 2, 4, 3, 5, 6, 7};

/// Active power of the three, reactive of all, over a third of the step.
using Pattern = std::array<double, 4>;

Pattern pattern_of(const Wiring& wiring, unsigned reversed, const std::array<bool, 3>& dead) {
  constexpr double sine_120 = 0.86602540378443865;
  Pattern pattern{};
  for (std::size_t k = 0; k < wiring.size(); ++k) {
    if (dead[k]) continue;
    const double sign = (reversed >> k & 1U) != 0 ? -1.0 : 1.0;
    const std::size_t ahead = (wiring[k] + 3 - k) % 3;  // 1: the phase that follows, which lags by 120 degrees
    pattern[k] = sign * (ahead == 0 ? 1.0 : -0.5);
    pattern[3] += sign * (ahead == 0 ? 0.0 : ahead == 1 ? sine_120 : -sine_120);
  }
  return pattern;
}

double product(const Pattern& a, const Pattern& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}

/// How far `seen` is from the nearest positive multiple of the pattern, over the length of that; large when none is.
double misfit(const Pattern& seen, const Pattern& pattern) {
  const double scale = product(seen, pattern) / product(pattern, pattern);
  if (scale <= 0.0) return 1e9;
  Pattern rest{};
  for (std::size_t k = 0; k < rest.size(); ++k) rest[k] = seen[k] - scale * pattern[k];
  return std::sqrt(product(rest, rest) / product(pattern, pattern)) / scale;
}

std::array<double, 3> sorted(std::array<double, 3> values) {
  std::sort(values.begin(), values.end());
  return values;
}

}  // namespace

CtCheckResult judge_cts(double step_import_w, const MeterPowers& seen) noexcept {
  CtCheckResult result;
  result.state = CtCheckState::done;
  result.step_import_w = step_import_w;
  result.seen_import_w = seen.phase_import_w;
  result.seen_grid_import_var = seen.grid_import_var;
  const double part_w = step_import_w / 3.0;
  const Pattern shown{seen.phase_import_w[0] / part_w, seen.phase_import_w[1] / part_w, seen.phase_import_w[2] / part_w,
                      seen.grid_import_var / part_w};
  const double most = std::max({std::abs(shown[0]), std::abs(shown[1]), std::abs(shown[2])});
  if (most < nothing_seen) {
    result.state = CtCheckState::not_seen;
    return result;
  }
  std::array<bool, 3> dead{};
  for (std::size_t k = 0; k < dead.size(); ++k) dead[k] = std::abs(shown[k]) < dead_share * most;

  double best = largest_misfit;
  for (const Wiring& wiring : wirings) {
    for (const unsigned reversed : reversals) {
      const Pattern pattern = pattern_of(wiring, reversed, dead);
      const double distance = misfit(shown, pattern);
      constexpr double as_good = 1e-6;
      if (distance > best - as_good) continue;
      best = distance;
      result.fits = true;
      for (std::size_t k = 0; k < dead.size(); ++k) {
        CtPhase& ct = result.phases[k];
        ct.dead = dead[k];
        ct.conductor = dead[k] ? k : wiring[k];
        ct.reversed = !dead[k] && (reversed >> k & 1U) != 0;
        ct.scale = dead[k] ? 0.0 : shown[k] / pattern[k];
        ct.wrong_scale = !dead[k] && std::abs(ct.scale - 1.0) > ct_scale_tolerance;
      }
    }
  }
  result.right = result.fits;
  for (std::size_t k = 0; k < dead.size(); ++k) {
    const CtPhase& ct = result.phases[k];
    result.right = result.right && ct.conductor == k && !ct.reversed && !ct.dead && !ct.wrong_scale;
  }
  return result;
}

void CtCheck::begin(const Measurements& measurements, std::size_t count, double unit_rating_w) noexcept {
  *this = CtCheck{};
  for (std::size_t k = 0; k < count; ++k) {
    const InverterMeasurement& unit = measurements.inverters[k];
    if (!unit.answering || !unit.on_grid || unit.max_charge_w <= step_w_) continue;
    step_w_ = unit.max_charge_w;
    unit_ = k;
  }
  step_w_ = std::floor(std::min({step_w_, unit_rating_w, largest_step_w}));
  half_began_ = measurements.now;
  heard_at_ = measurements.now;
  end(step_w_ < smallest_step_w ? CtCheckState::no_inverter : CtCheckState::running);
}

EtOrder CtCheck::order(std::size_t unit) const noexcept {
  EtOrder order = encode_order(true, 0.0, std::nullopt);
  if (unit != unit_ || !is_on()) return order;
  order.words[2] = import_ac_mode;
  order.words[3] = static_cast<std::uint16_t>(step_w_);
  return order;
}

void CtCheck::meter(const MeterPowers& phases, Time at) noexcept {
  heard_at_ = at;
  if (!running() || at < half_began_ + settles_in) return;
  Half& half = seen_[half_];
  for (std::size_t k = 0; k < phases.phase_import_w.size(); ++k)
    half.seen.phase_import_w[k] += phases.phase_import_w[k];
  half.seen.grid_import_var += phases.grid_import_var;
  half.readings += 1.0;
}

void CtCheck::step(const Measurements& measurements) noexcept {
  if (!running()) return;
  const Time now = measurements.now;
  if (now - heard_at_ > meter_lost_after) return end(CtCheckState::meter_lost);
  const InverterMeasurement& unit = measurements.inverters[unit_];
  if (!unit.answering) return end(CtCheckState::no_inverter);
  Half& half = seen_[half_];
  const std::optional<PairedSample>& sample = unit.ac_injection;
  if (sample && sample->at > used_ && sample->at >= half_began_ + settles_in) {
    used_ = sample->at;
    half.injection_w += sample->value_w;
    half.samples += 1.0;
  }
  const bool enough = half.readings > 0.0 && half.samples > 0.0;
  if (now - half_began_ < half_takes) return;
  if (!enough) {
    if (now - half_began_ > half_given_up) end(CtCheckState::no_step);
    return;
  }
  for (double& value_w : half.seen.phase_import_w) value_w /= half.readings;
  half.seen.grid_import_var /= half.readings;
  half.injection_w /= half.samples;
  half_began_ = now;
  if (++half_ == halves) finish();
}

void CtCheck::finish() noexcept {
  const auto pulse = [&](auto value_of) {
    std::array<double, pulses> steps{};
    for (std::size_t k = 0; k < pulses; ++k) {
      const std::size_t on = 2 * k + 1;
      steps[k] = value_of(seen_[on]) - 0.5 * (value_of(seen_[on - 1]) + value_of(seen_[on + 1]));
    }
    return sorted(steps);
  };
  const double step_import_w = -pulse([](const Half& half) { return half.injection_w; })[1];
  // A battery may take less than ordered, by a limit that its inverter does not tell: what it draws is what counts.
  if (step_import_w < smallest_step_w) return end(CtCheckState::no_step);
  MeterPowers seen;
  bool all_agree = true;
  seen.grid_import_var = pulse([](const Half& half) { return half.seen.grid_import_var; })[1];
  for (std::size_t k = 0; k < seen.phase_import_w.size(); ++k) {
    const auto steps = pulse([k](const Half& half) { return half.seen.phase_import_w[k]; });
    const double allowed_w = largest_scatter * step_import_w / 3.0;
    if (std::min(steps[1] - steps[0], steps[2] - steps[1]) > allowed_w) return end(CtCheckState::unsteady);
    all_agree = all_agree && steps[2] - steps[0] <= allowed_w;
    seen.phase_import_w[k] = steps[1];
  }
  result_ = judge_cts(step_import_w, seen);
  // Two pulses that agree by chance fit no wiring, or one with a wrong ratio.
  const bool plausible = result_.fits && std::none_of(result_.phases.begin(), result_.phases.end(),
                                                      [](const CtPhase& phase) { return phase.wrong_scale; });
  if (!plausible && !all_agree) end(CtCheckState::unsteady);
}

}  // namespace hil::controller
