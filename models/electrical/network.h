#pragma once

#include <Eigen/Dense>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/electrical/phasor.h"

namespace hil::models {

/// Four-wire network (L1 L2 L3 N at every bus) behind a Thevenin source, solved for RMS phasors.
///
///   Y v = i(v)      nodal admittance, current injection, factor of Y kept between solves
///
/// Constant-admittance parts of loads stand in Y; constant-power parts are injected as
/// i = conj(s / v_port), iterated to a fixed point from the last solution. Below
/// `constant_power_floor_pu` of nominal the constant power turns smoothly into constant impedance,
/// so that faults still solve.
///
/// The source is an ideal EMF behind its own impedance (true Thevenin), its neutral point is the
/// reference of all voltages.
///
/// Sign: power and current into the network are positive (injection). Loads inject negative power.
/// A branch opens in whole or conductor by conductor (lost neutral, lost phase). What is left without any path
/// to the source is dead: 0 V. A conductor that hangs on constant-power ports alone keeps to the voltages at
/// which they carry nothing.
///
/// Left out: mutual coupling to other circuits, shunt capacitance of cables, harmonics, reactance over frequency;
/// a neutral that floats on constant-power ports alone has no settled voltage and is reported as not solved.
/// Checked against: hand cases N1..N6 and site cases S1, S2, S3, S5 in tests/models/electrical.
class Network {
 public:
  using BusIndex = std::size_t;
  using BranchIndex = std::size_t;
  using PortIndex = std::size_t;

  /// Kirchhoff's current law holds when no node misses it by more (physics-and-standards 1.3).
  static constexpr double current_residual_bound_a = 1e-6;

  struct Branch {
    std::string name;
    BusIndex from = 0;
    BusIndex to = 0;
    Eigen::Matrix4cd series_ohm = Eigen::Matrix4cd::Zero();  ///< diagonal: self, L1 L2 L3 N; else mutual
    bool closed = true;
  };
  /// A two-terminal place where power enters or leaves: L1-N, L1-L2, ...
  struct Port {
    std::string name;
    BusIndex bus = 0;
    Conductor from = Conductor::l1;
    Conductor to = Conductor::n;
  };
  struct Parameters {
    std::vector<std::string> buses;  ///< names; at least one
    BusIndex source_bus = 0;
    std::array<Phasor, conductor_count> source_series_ohm{};  ///< L1 L2 L3 N; real part > 0
    double nominal_ln_v = 0.0;                                ///< > 0, starting point and per-unit base
    std::vector<Branch> branches;
    std::vector<Port> ports;
    double tolerance_v = 1e-7;             ///< largest voltage change of the last iteration; > 0
    int max_iterations = 200;              ///< > 0
    double constant_power_floor_pu = 0.7;  ///< 0..1, of nominal (line to line: of nominal times sqrt 3)
  };
  struct Result {
    bool solved = false;  ///< false: no solution; voltages and currents are then not to be used
    int iterations = 0;
    double current_residual_a =
        0.0;  ///< largest violation of Kirchhoff's current law at any node, from branch currents
  };

  /// Throws InvalidParameter. All memory is taken here.
  explicit Network(const Parameters& parameters);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  /// Constant-admittance part of a port (siemens, load: positive real part). A change refactors at the next solve.
  void set_port_admittance(PortIndex port, Phasor admittance_s);
  void set_branch_closed(BranchIndex branch, bool closed);  ///< all four conductors
  void set_conductor_closed(BranchIndex branch, Conductor conductor, bool closed);

  /// Does not allocate unless an admittance or a switch changed since the last call. Starts from the last solution.
  /// `emf_ln_v`: ideal source voltages; `port_injection_va`: one per port, constant power into the network.
  Result solve(const PhasePhasors& emf_ln_v, std::span<const Phasor> port_injection_va);

  Phasor node_v(BusIndex bus, Conductor conductor) const;  ///< against the source's neutral point
  Phasor port_v(PortIndex port) const;                     ///< from - to
  /// Current into the network at the port, injection and admittance part together.
  Phasor port_injection_a(PortIndex port) const;
  /// Current along the branch, from -> to.
  Phasor branch_a(BranchIndex branch, Conductor conductor) const;
  /// Current out of the source, into its bus.
  Phasor source_a(Conductor conductor) const;
  std::uint64_t factorisations() const;  ///< counter, for tests and benchmarks

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace hil::models
