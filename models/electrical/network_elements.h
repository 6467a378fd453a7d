#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/electrical/block4.h"
#include "models/electrical/network.h"
#include "models/electrical/port_law.h"

namespace hil::models {

/// The network's parts in the form the solvers need, each with the law of its current. Nodes count
/// 4 * bus + conductor.
class NetworkElements {
 public:
  struct Source {
    Vector4 admittance_s;
    Vector4 current_a;                                       ///< out of it
    Eigen::Array4d resistance_ohm = Eigen::Array4d::Zero();  ///< of `ohm`
    std::size_t bus = 0;
    std::array<Phasor, conductor_count> ohm{};
    bool closed = true;

    void set_ohm(const std::array<Phasor, conductor_count>& series_ohm);
    void take_current(const PhasePhasors& emf_ln_v, const Vector4& bus_v);
  };
  struct Branch {
    // What every solve reads stands together.
    Vector4 self_s;                                          ///< diagonal of admittance_s
    Vector4 current_a;                                       ///< from -> to
    Eigen::Array4d resistance_ohm = Eigen::Array4d::Zero();  ///< of series_ohm, itself alone
    std::size_t from = 0;                                    ///< bus
    std::size_t to = 0;
    bool diagonal = false;  ///< no mutual impedance
    bool all_closed = true;
    std::array<bool, conductor_count> present{};
    std::array<bool, conductor_count> closed{};
    Block4 admittance_s;  ///< zero rows and columns where open
    Eigen::Matrix4cd series_ohm;

    bool carries(std::size_t k) const { return all_closed && present[k] && closed[k]; }
    bool whole() const { return carries(0) && carries(1) && carries(2) && carries(3); }
    bool open() const { return !(carries(0) || carries(1) || carries(2) || carries(3)); }
    Eigen::Matrix4cd admittance_matrix() const;
    void set_admittance();
    void take_current(const Vector4& drop_v) {
      current_a = diagonal ? multiply(self_s, drop_v) : multiply(admittance_s, drop_v);
    }
  };
  struct TransformerState {
    std::size_t from = 0;  ///< bus
    std::size_t to = 0;
    std::array<TransformerLeg, phase_count> legs;
    Eigen::Matrix<Phasor, 8, 8> matrix_s;
    std::array<std::array<Block4, 2>, 2> admittance_s;  ///< [current's side][voltage's side]
    std::array<Vector4, 2> current_a;                   ///< into it
  };
  struct Earthing {
    std::size_t node = 0;
    Phasor admittance_s{};
  };
  struct Port {
    std::size_t from = 0;  ///< node
    std::size_t to = 0;
    PortLaw law;
    Phasor admittance_s{};
    Phasor current_a{};                ///< into the network at `from`, all parts
    std::uint64_t admittance_set = 0;  ///< what admittances_set was made by it
  };
  /// Which of them, by index: what one solver is responsible for.
  struct Selection {
    std::vector<std::size_t> sources, branches, transformers, earthings, ports, leaking_nodes, buses;
  };

  /// Throws InvalidParameter.
  explicit NetworkElements(const Network::Parameters& parameters);

  std::size_t bus_count() const { return nominal_ln_v.size(); }
  std::size_t node_count() const { return conductor_count * bus_count(); }

  /// Takes the currents of the selected parts but the ports from the voltages, each by its own law, and adds them to
  /// what is missing at each node: `balance_a`.
  void take_currents(const Selection& selection, const NodeValues& v, std::span<const PhasePhasors> emf_ln_v,
                     NodeValues& balance_a);
  void forget_currents();

  std::vector<double> nominal_ln_v;  ///< of each bus
  std::vector<Source> sources;
  std::vector<Branch> branches;
  std::vector<TransformerState> transformers;
  std::vector<Earthing> earthings;
  std::vector<Port> ports;
  std::uint64_t admittances_set = 0;  ///< how often an admittance of a port was; solvers keep copies
};

/// Throws InvalidParameter naming `where` unless all four have resistance.
void require_source_ohm(const std::array<Phasor, conductor_count>& series_ohm, const std::string& where);

}  // namespace hil::models
