#include "models/balance/energy_share.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

double cap_w(const PackState& pack, bool discharging) {
  return discharging ? pack.max_discharge_w : pack.max_charge_w;
}

double sum_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum;
}

/// Level at which packs given by weight and cap carry `power_w` together; infinite when they cannot.
double water_level(std::span<const PackState> packs, double power_w, bool discharging) {
  // Each round only adds packs to those at their cap, so that the level only rises: at most one round a pack.
  double level = 0.0;
  for (std::size_t round = 0; round <= packs.size(); ++round) {
    double free_wh = 0.0;
    double capped_w = 0.0;
    for (const PackState& pack : packs) {
      const double weight = usable_wh(pack, discharging);
      const double cap = cap_w(pack, discharging);
      if (weight <= 0.0) continue;
      if (level * weight >= cap) {
        capped_w += cap;
      } else {
        free_wh += weight;
      }
    }
    if (free_wh <= 0.0) return std::numeric_limits<double>::infinity();
    const double next = (power_w - capped_w) / free_wh;
    if (next <= level) return level;
    level = next;
  }
  return level;
}

/// Packs after their common quantity has moved by `shift`.
double power_law_soc(double soc, double exponent, double shift) {
  if (soc <= 0.0) return 0.0;
  if (exponent == 1.0) return soc * std::exp(-shift);
  return std::pow(std::pow(soc, 1.0 - exponent) + shift, 1.0 / (1.0 - exponent));
}

}  // namespace

void check(const PackState& pack) {
  require(pack.energy_wh > 0.0 && std::isfinite(pack.energy_wh), "energy_wh", pack.energy_wh, "> 0");
  require(pack.soc >= 0.0 && pack.soc <= 1.0, "soc", pack.soc, "0..1");
  require(pack.min_soc >= 0.0 && pack.min_soc <= 1.0, "min_soc", pack.min_soc, "0..1");
  require(pack.max_soc >= pack.min_soc && pack.max_soc <= 1.0, "max_soc", pack.max_soc, "min_soc..1");
  require(pack.max_charge_w >= 0.0 && std::isfinite(pack.max_charge_w), "max_charge_w", pack.max_charge_w, ">= 0");
  require(pack.max_discharge_w >= 0.0 && std::isfinite(pack.max_discharge_w), "max_discharge_w", pack.max_discharge_w,
          ">= 0");
}

double usable_wh(const PackState& pack, bool discharging) {
  return pack.energy_wh * std::max(discharging ? pack.soc - pack.min_soc : pack.max_soc - pack.soc, 0.0);
}

double water_filling_share(std::span<const PackState> packs, double discharge_w, std::span<double> share_w) {
  const bool discharging = discharge_w >= 0.0;
  const double power_w = std::abs(discharge_w);
  const double level = water_level(packs, power_w, discharging);
  double placed_w = 0.0;
  for (std::size_t k = 0; k < packs.size(); ++k) {
    const double weight = usable_wh(packs[k], discharging);
    const double pack_w = weight > 0.0 ? std::min(level * weight, cap_w(packs[k], discharging)) : 0.0;
    share_w[k] = discharging ? pack_w : -pack_w;
    placed_w += pack_w;
  }
  return std::isinf(level) ? std::max(power_w - placed_w, 0.0) : 0.0;
}

double time_to_limit_h(const PackState& pack, double discharge_w) {
  if (discharge_w == 0.0) return std::numeric_limits<double>::infinity();
  return usable_wh(pack, discharge_w > 0.0) / std::abs(discharge_w);
}

double time_to_limit_spread(std::span<const PackState> packs, std::span<const double> discharge_w, double tolerance_w) {
  double shortest_h = std::numeric_limits<double>::infinity();
  double longest_h = 0.0;
  double sum_h = 0.0;
  int counted = 0;
  for (std::size_t k = 0; k < packs.size(); ++k) {
    const double size_w = std::abs(discharge_w[k]);
    if (size_w <= tolerance_w || size_w >= cap_w(packs[k], discharge_w[k] > 0.0) - tolerance_w) continue;
    const double hours = time_to_limit_h(packs[k], discharge_w[k]);
    shortest_h = std::min(shortest_h, hours);
    longest_h = std::max(longest_h, hours);
    sum_h += hours;
    ++counted;
  }
  return counted > 1 && sum_h > 0.0 ? (longest_h - shortest_h) * counted / sum_h : 0.0;
}

double share_error(std::span<const PackState> packs, std::span<const double> discharge_w) {
  const double sum_w = sum_of(discharge_w);
  if (sum_w == 0.0) return 0.0;
  const bool discharging = sum_w > 0.0;
  const double level = water_level(packs, std::abs(sum_w), discharging);
  double worst_w = 0.0;
  for (std::size_t k = 0; k < packs.size(); ++k) {
    const double weight = usable_wh(packs[k], discharging);
    const double pack_w = weight > 0.0 ? std::min(level * weight, cap_w(packs[k], discharging)) : 0.0;
    worst_w = std::max(worst_w, std::abs(discharge_w[k] - (discharging ? pack_w : -pack_w)));
  }
  return worst_w / std::abs(sum_w);
}

double exchanged_w(std::span<const double> discharge_w) {
  double out_w = 0.0;
  double in_w = 0.0;
  for (const double pack_w : discharge_w) (pack_w > 0.0 ? out_w : in_w) += std::abs(pack_w);
  return std::min(out_w, in_w);
}

void power_law_share(std::span<const PackState> packs, double exponent, double discharge_w, std::span<double> share_w) {
  double sum = 0.0;
  for (std::size_t k = 0; k < packs.size(); ++k) {
    share_w[k] = packs[k].energy_wh * std::pow(packs[k].soc, exponent);
    sum += share_w[k];
  }
  for (double& pack_w : share_w) pack_w = sum > 0.0 ? discharge_w * pack_w / sum : 0.0;
}

double power_law_invariant(double soc, double exponent) {
  return exponent == 1.0 ? std::log(soc) : std::pow(soc, 1.0 - exponent);
}

void power_law_soc_after(std::span<const PackState> packs, double exponent, double discharge_w, double hours,
                         std::span<double> soc_after) {
  double before_wh = 0.0;
  for (const PackState& pack : packs) before_wh += pack.energy_wh * pack.soc;
  const double after_wh = before_wh - discharge_w * hours;
  const auto left_wh = [&](double shift) {
    double sum_wh = 0.0;
    for (const PackState& pack : packs) sum_wh += pack.energy_wh * power_law_soc(pack.soc, exponent, shift);
    return sum_wh;
  };
  if (after_wh <= 0.0) {
    std::fill(soc_after.begin(), soc_after.end(), 0.0);
    return;
  }
  double low = 0.0;
  double high = 1.0;
  while (left_wh(high) > after_wh && high < 1e30) high *= 2.0;
  for (int halving = 0; halving < 200; ++halving) {
    const double middle = 0.5 * (low + high);
    (left_wh(middle) > after_wh ? low : high) = middle;
  }
  for (std::size_t k = 0; k < packs.size(); ++k) soc_after[k] = power_law_soc(packs[k].soc, exponent, low);
}

void linear_correction_share(std::span<const PackState> packs, double gain_w_per_soc, double discharge_w,
                             std::span<double> share_w) {
  const double mean = plain_mean_soc(packs);
  const double even_w = packs.empty() ? 0.0 : discharge_w / static_cast<double>(packs.size());
  for (std::size_t k = 0; k < packs.size(); ++k) share_w[k] = even_w + gain_w_per_soc * (packs[k].soc - mean);
}

double linear_correction_time_constant_h(double energy_wh, double gain_w_per_soc) {
  return energy_wh / gain_w_per_soc;
}

double plain_mean_soc(std::span<const PackState> packs) {
  double sum = 0.0;
  for (const PackState& pack : packs) sum += pack.soc;
  return packs.empty() ? 0.0 : sum / static_cast<double>(packs.size());
}

double weighted_mean_soc(std::span<const PackState> packs) {
  double stored_wh = 0.0;
  double whole_wh = 0.0;
  for (const PackState& pack : packs) {
    stored_wh += pack.energy_wh * pack.soc;
    whole_wh += pack.energy_wh;
  }
  return whole_wh > 0.0 ? stored_wh / whole_wh : 0.0;
}

}  // namespace hil::models
