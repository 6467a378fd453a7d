#pragma once

#include <span>

namespace hil::models {

/// What the share of power between parallel packs depends on. Sign everywhere here: discharge positive.
struct PackState {
  double energy_wh = 0.0;         ///< between soc 0 and 1; > 0
  double soc = -1.0;              ///< 0..1
  double min_soc = -1.0;          ///< where discharge stops; 0..1
  double max_soc = -1.0;          ///< where charge stops; min_soc..1
  double max_charge_w = -1.0;     ///< >= 0
  double max_discharge_w = -1.0;  ///< >= 0
};

/// Throws InvalidParameter. All functions below expect checked packs, neither allocate nor throw, and take spans of
/// one length.
///
/// They are the reference answer that a controller's balance is held against, not a controller. Left out: losses,
/// open-circuit voltage over SOC, ramps, quantised commands (the bound for those is in max_spread_with_losses).
/// Checked against: E1..E5 of physics-and-standards 10, see tests/models/validation/balance.
void check(const PackState& pack);

/// Pass marks of physics-and-standards 10 for time_to_limit_spread().
inline constexpr double max_spread = 0.02;              ///< no pack at its cap
inline constexpr double max_spread_with_losses = 0.05;  ///< with losses and commands in steps of 1 %

/// Energy until the stop: discharge E (soc - min), charge E (max - soc), never negative.
double usable_wh(const PackState& pack, bool discharging);

/// Share by usable energy w, filled up like water: P_i = min(level w_i, cap_i), level so that the sum is `discharge_w`.
/// Every pack below its cap then reaches its stop at the same time, sum(w) / P when there is none at its cap.
/// Returns the power that found no room: 0, or what lies beyond the caps of all packs that are not at their stop.
double water_filling_share(std::span<const PackState> packs, double discharge_w, std::span<double> share_w);

/// Hours until the pack stops at this power; infinite at 0 W.
double time_to_limit_h(const PackState& pack, double discharge_w);

/// (longest - shortest) / mean time to limit of the packs that carry power below their cap; 0 with fewer than two.
/// `tolerance_w`: as close to its cap counts as at it, and as close to 0 W as idle.
double time_to_limit_spread(std::span<const PackState> packs, std::span<const double> discharge_w,
                            double tolerance_w = 1.0);

/// Largest difference between a pack's power and its water filling share of the same sum, over that sum's size.
/// 0 at a sum of 0 W.
double share_error(std::span<const PackState> packs, std::span<const double> discharge_w);

/// Power that flows from pack to pack: the smaller of what all discharging and all charging packs carry.
double exchanged_w(std::span<const double> discharge_w);

/// Share by E soc^n. n = 0: by capacity; n = 1: by energy above empty. No stops, no caps.
void power_law_share(std::span<const PackState> packs, double exponent, double discharge_w, std::span<double> share_w);

/// What such a share leaves as it is between two packs (n >= 1): their ratio of soc for n = 1 (given as log(soc)),
/// the difference of soc^(1 - n) else. Returns that quantity of one pack: differences between packs stay constant.
double power_law_invariant(double soc, double exponent);

/// SOC of all packs after `hours` of `discharge_w` > 0 shared by E soc^n, n >= 1, from the invariants. Packs that have
/// not the energy end at 0.
void power_law_soc_after(std::span<const PackState> packs, double exponent, double discharge_w, double hours,
                         std::span<double> soc_after);

/// P / N + gain (soc_i - plain mean). The sum is P whatever the gain. No stops, no caps.
void linear_correction_share(std::span<const PackState> packs, double gain_w_per_soc, double discharge_w,
                             std::span<double> share_w);

/// Time constant with which it takes the spread away between packs of one size: E / gain.
double linear_correction_time_constant_h(double energy_wh, double gain_w_per_soc);

/// sum soc / N: what the plant page shows (S000).
double plain_mean_soc(std::span<const PackState> packs);

/// sum (E soc) / sum E: what is really in the packs.
double weighted_mean_soc(std::span<const PackState> packs);

}  // namespace hil::models
