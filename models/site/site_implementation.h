#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/electrical/network.h"
#include "models/site/load_lane.h"
#include "models/site/site.h"
#include "models/site/site_network.h"
#include "models/straight_ramp.h"

namespace hil::models {

inline double active_w(Phasor v, Phasor a) {
  return v.real() * a.real() + v.imag() * a.imag();
}

/// What a site holds and the parts of its step; for site.cpp (construction, what others read and change),
/// site_step.cpp and site_lost_conductors.cpp.
struct Site::Implementation {
  struct WithoutNeutral {
    std::size_t lane = 0;
    std::array<bool, phase_count> fed{};  ///< which phases are left
    bool blocked = false;                 ///< in this step
  };
  explicit Implementation(const Parameters& given);
  void follow_grid();
  void aim(std::size_t source, const PhasePhasors& emf);
  void follow_island();
  void plan_lanes();
  /// Takes the inverters' power off; false: there was none.
  bool block_inverters();
  /// What the ports inject after what lost conductors make of it.
  std::span<const PortInjection> injections_now();
  /// The network is given what its last solution was for.
  bool rests() const;
  PhasePhasors current_without_neutral_a(const WithoutNeutral& lost) const;
  double excess_w(const WithoutNeutral& lost) const;
  bool solve();
  void solve_anew();
  Network::Result solve_network();
  Network::Result solve_without_neutrals();
  void read_flows();
  void settle_lanes();
  void read_loads();
  void settle_loads();
  void read_meter_place();
  void meter_step();
  void balance_energy();
  void check();
  void find_followers();
  void find_lost_conductors();
  double frequency_at(std::size_t bus);
  void place(std::size_t lane);
  void drive(std::size_t source, const InverterLane& lane);
  void find_formed();
  double formed_hz(std::size_t bus) const;
  InverterLane::BusFeed feed_of(std::size_t lane) const;

  std::chrono::nanoseconds step;
  double step_h;
  double nominal_ln_v;
  bool split_phase;
  std::size_t phases;  ///< that there are, from L1 on
  std::vector<LoadLane> loads;
  SiteNetwork plan;
  Network network;
  GridSource grid_source;
  UnintendedIsland island;
  double site_hz;           ///< there, in the last step
  bool site_is_fed = true;  ///< a path leads from the grid to the site's side of the meter
  bool island_lives = false;
  double island_angle_rad = 0.0;
  PvPlanes planes;
  std::vector<InverterLane> lanes;
  std::vector<PhasePhasors> emf_ln_v;  ///< of each source
  std::vector<bool> source_closed;
  std::vector<bool> with_grid;               ///< of each bus: in one island with the grid's
  std::vector<bool> with_site;               ///< the same with the site's side of the meter
  std::uint64_t followers_found_at = 0;      ///< the network's count of switchings
  std::vector<bool> relay_closed;            ///< of each lane
  std::vector<std::size_t> formers;          ///< lanes that can hold the bus of their own port
  std::vector<InverterLane::BusFeed> feeds;  ///< of each lane, before this step's plans
  /// Islands held by such lanes, as they were found last.
  struct Formed {
    std::vector<std::size_t> island;  ///< of each bus, by the number of its smallest
    std::vector<double> sum_hz;       ///< of each island, over the lanes that hold it
    std::vector<std::size_t> count;
    bool any = false;
  } formed;
  std::vector<PortInjection> injections;
  std::vector<std::size_t> dead_ports;  ///< on a phase that no source feeds
  std::vector<WithoutNeutral> lanes_without_neutral;
  std::vector<PortInjection> changed_injections;  ///< while one of these is not empty
  bool wishes_moved = true;                       ///< EMF, injections or admittances, in this step
  Network::Result solution;
  bool solved_anew = true;                ///< in this step
  std::uint64_t solved_at = 0;            ///< the network's count of switchings
  std::vector<InverterLane::Flow> flows;  ///< of the solution, as each lane sees it
  PhasePhasors meter_voltage_ln_v{};      ///< likewise, as the meter does
  PhasePhasors meter_primary_a{};
  double site_residual_w = 0.0;
  std::optional<BrokenClouds> clouds;
  WeatherNow weather;
  StraightRamp clear_index;
  double ambient_c;
  MeterInstallation metering;

  GridView grid;
  Invariants invariants;
  double injected_w = 0.0;  ///< through the inverters' ports
  double total_load_w = 0.0;
  std::uint64_t iterations = 0;
};

}  // namespace hil::models
