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
#include "models/electrical/transformer.h"

namespace hil::models {

/// What a port feeds into the network, beside its constant admittance. Loads are negative.
struct PortInjection {
  Phasor power_va{};    ///< constant power
  Phasor current_va{};  ///< constant current: VA at the port's nominal voltage
  double max_a = 0.0;   ///< > 0: a converter whose current cannot be larger; 0: no converter
  Phasor fixed_a{};     ///< whatever the voltage, not bounded by max_a
};

/// Four-wire network (L1 L2 L3 N at every bus) behind Thevenin sources, solved for RMS phasors.
///
///   0 = sources(v) + branches(v) + transformers(v) + earthings(v) + ports(v)      at every node
///
///   constant power      i = conj(s / v)
///   constant current    i = conj(s) / v_nominal * v / |v|
///   constant admittance i = -y v
///   fixed current       i
///
/// Below `constant_power_floor_pu` of nominal constant power turns smoothly into constant impedance, so that faults
/// still solve; constant current fades out below `taper_pu`. A converter (`max_a` > 0) keeps its power down to where
/// its current meets `max_a`; then the current keeps magnitude and angle, and fades out below `taper_pu`.
///
/// The reference of all voltages is the common earth; each source's star point is tied to it. A source is an ideal EMF
/// behind its own impedance (true Thevenin), the fourth impedance leads from the star point to the neutral.
///
/// Islands that are trees of whole four-wire branches behind one source are solved by a backward/forward sweep, all
/// others (meshes, transformers, earthings, open or missing conductors, several sources) by block elimination of the
/// nodal matrix. The choice is made when a switch moves. A sweep that does not settle hands over to the nodal solver,
/// whose factor holds the admittances (large ones do not settle in a sweep); that keeps the network until the next
/// switch.
///
/// Constant power or current behind a feed that cannot give it (below the floor there is one voltage all the same)
/// makes both swing. Then the nodal solver takes what each port draws by its law into its factor, as an admittance at
/// the present voltage, until the voltages stand; Kirchhoff's law is checked with the laws themselves. The factor
/// stays, so that such a state costs a few iterations a step like any other. What does not settle in `max_iterations`
/// of these steps and as many of half the length is taken on by damped Newton steps with a dense tangent, whose factor
/// stays likewise until the next switch. "No solution" is what none of them settles. Currents that have a bound
/// (converters, constant current, constant power with its floor) have a solution wherever the admittances alone leave
/// no conductor free (Brouwer); currents impressed on a conductor that has no way back have none, and nor may a
/// generator without a limit of its current on a lost or weak phase.
///
/// Sign: power and current into the network are positive (injection). Loads inject negative power.
/// A branch opens in whole or conductor by conductor (lost neutral, lost phase). What is left without any path
/// to a source is dead: 0 V. A conductor that hangs on ports alone keeps to the voltages at which they carry nothing.
/// A part that a transformer feeds but nothing earths is held by `leak_s` from each of its nodes to earth, and so is a
/// transformer's primary conductor that has lost its feed.
///
/// Left out: magnetising current of transformers, shunt capacitance of cables (ports with an admittance can stand for
/// it), harmonics, reactance over frequency.
/// Checked against: hand cases N1..N8, weak feeds far beyond their limit, a lost phase that a load feeds, site cases
/// S1, S2, S3, S5, IEEE 4-node and 13-node feeders in tests/models/validation/network.
class Network {
 public:
  using BusIndex = std::size_t;
  using SourceIndex = std::size_t;
  using BranchIndex = std::size_t;
  using TransformerIndex = std::size_t;
  using PortIndex = std::size_t;

  /// Kirchhoff's current law holds when no node misses it by more (physics-and-standards 1.3).
  static constexpr double current_residual_bound_a = 1e-6;
  /// Of nominal. Below it constant current and converters fade out towards 0 V (assumed).
  static constexpr double taper_pu = 0.1;
  /// Stray admittance to earth of each node that is held by nothing else (above; assumed; a few nanofarads).
  static constexpr double leak_s = 1e-6;

  struct Source {
    std::string name;
    BusIndex bus = 0;
    std::array<Phasor, conductor_count> series_ohm{};  ///< L1 L2 L3 N; real part > 0
    bool closed = true;
  };
  struct Branch {
    std::string name;
    BusIndex from = 0;
    BusIndex to = 0;
    /// Diagonal: self, L1 L2 L3 N; else mutual, symmetric. Rows of missing conductors are not read.
    Eigen::Matrix4cd series_ohm = Eigen::Matrix4cd::Zero();
    bool closed = true;
    std::array<bool, conductor_count> conductors{true, true, true, true};  ///< false: it has no such conductor
  };
  /// One conductor of one bus tied to earth: a rod, or a solidly earthed neutral.
  struct Earthing {
    std::string name;
    BusIndex bus = 0;
    Conductor conductor = Conductor::n;
    Phasor ohm{};  ///< real part > 0
  };
  /// A two-terminal place where power enters or leaves: L1-N, L1-L2, ...
  struct Port {
    std::string name;
    BusIndex bus = 0;
    Conductor from = Conductor::l1;
    Conductor to = Conductor::n;
    double nominal_v = 0.0;  ///< 0: that of the bus to neutral, sqrt 3 times it between phases
  };
  struct Parameters {
    std::vector<std::string> buses;        ///< names; at least one
    std::vector<Source> sources;           ///< at least one
    double nominal_ln_v = 0.0;             ///< > 0, starting point and per-unit base
    std::vector<double> bus_nominal_ln_v;  ///< empty, or one for each bus (behind a transformer it is another), > 0
    std::vector<Branch> branches;
    std::vector<Transformer> transformers;
    std::vector<Earthing> earthings;
    std::vector<Port> ports;
    double tolerance_v = 1e-7;             ///< estimated distance of all voltages to the solution; > 0
    int max_iterations = 200;              ///< > 0
    double constant_power_floor_pu = 0.7;  ///< 0..1, of nominal
    bool nodal_only = false;               ///< never sweep: for comparison of the two solvers
  };
  struct Result {
    bool solved = false;  ///< false: no solution; voltages and currents then read 0
    int iterations = 0;
    double current_residual_a = 0.0;  ///< largest violation of Kirchhoff's current law at any node, each element by
                                      ///< its own law
    BusIndex residual_bus = 0;        ///< without a solution: where the last iterate misses it most
  };

  /// Throws InvalidParameter. All memory is taken here, and when a switch has moved.
  explicit Network(const Parameters& parameters);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  /// Constant-admittance part of a port (siemens, load: positive real part). Does not refactor: the sweep has no
  /// factor, and the nodal solver iterates over the difference to what stands in its own. It refactors by itself before
  /// the next solve when the last one took more than `refactor_above_iterations` and the admittances have moved by more
  /// than `refactor_above_share` of their sum; and it refactors and tries again when there was no solution.
  void set_port_admittance(PortIndex port, Phasor admittance_s);
  static constexpr int refactor_above_iterations = 12;
  static constexpr double refactor_above_share = 0.05;

  void set_source_closed(SourceIndex source, bool closed);
  /// L1 L2 L3 N; real parts > 0, else InvalidParameter.
  void set_source_ohm(SourceIndex source, const std::array<Phasor, conductor_count>& series_ohm);
  void set_branch_closed(BranchIndex branch, bool closed);  ///< all conductors that it has
  void set_conductor_closed(BranchIndex branch, Conductor conductor, bool closed);

  /// A path through closed conductors and transformers leads to a closed source. Up to date right after switching.
  bool energised(BusIndex bus, Conductor conductor) const;
  /// The smallest bus that hangs together with this one. Up to date right after switching.
  BusIndex island(BusIndex bus) const;

  /// Does not allocate unless a switch or a source's impedance changed since the last call, the nodal solver takes over
  /// from the sweep, or Newton's steps are first needed. Starts from the last solution. `emf_ln_v`: ideal voltages, one
  /// set for each source; `injections`: one for each port. Spans of other lengths are not solved.
  Result solve(std::span<const PhasePhasors> emf_ln_v, std::span<const PortInjection> injections);

  Phasor node_v(BusIndex bus, Conductor conductor) const;  ///< against earth
  Phasor port_v(PortIndex port) const;                     ///< from - to
  /// Current into the network at the port, injection and admittance part together.
  Phasor port_injection_a(PortIndex port) const;
  /// Both of consecutive ports, from `first` on.
  struct PortFlow {
    Phasor v{};
    Phasor injection_a{};
  };
  void port_flows(PortIndex first, std::span<PortFlow> flows) const;
  /// Of three consecutive ports that are L1-N, L2-N and L3-N of one bus.
  void star_flows(PortIndex first, PhasePhasors& v, PhasePhasors& injection_a) const;
  /// Current along the branch, from -> to.
  Phasor branch_a(BranchIndex branch, Conductor conductor) const;
  /// Current out of the bus into the transformer, on its from side.
  Phasor transformer_from_a(TransformerIndex transformer, Conductor conductor) const;
  /// Current out of the source, into its bus.
  Phasor source_a(SourceIndex source, Conductor conductor) const;
  /// What closed sources' and branches' resistance, transformers, earthings and leak_s take, at the last solution.
  double loss_w() const;
  /// Changes whenever energised() or island() may.
  std::uint64_t switchings() const;
  std::uint64_t factorisations() const;  ///< of the nodal matrix; counter, for tests and benchmarks

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace hil::models
