#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "models/electrical/network.h"
#include "tests/models/electrical/random_site.h"

namespace hil::models {
namespace {

/// What sources and ports put in, and what conductors turn to heat and field, from currents and voltages alone.
void expect_powers_close(const RandomSite& site, const Network& network) {
  Phasor into_va{};
  Phasor lost_va{};
  double turnover_va = 0.0;
  for (std::size_t k = 0; k < conductor_count; ++k) {
    const Phasor a = network.source_a(0, conductors[k]);
    if (k < phase_count) into_va += grid_v[0][k] * std::conj(a);
    lost_va += site.parameters.sources[0].series_ohm[k] * std::norm(a);
  }
  for (std::size_t port = 0; port < site.parameters.ports.size(); ++port) {
    const Phasor va = network.port_v(port) * std::conj(network.port_injection_a(port));
    into_va += va;
    turnover_va += std::abs(va);
  }
  for (std::size_t branch = 0; branch < site.parameters.branches.size(); ++branch) {
    Eigen::Vector4cd a;
    for (std::size_t k = 0; k < conductor_count; ++k) {
      a(static_cast<Eigen::Index>(k)) = network.branch_a(branch, conductors[k]);
    }
    lost_va += a.dot(site.parameters.branches[branch].series_ohm * a);
  }
  RC_ASSERT(std::abs(into_va - lost_va) <= 1e-6 * turnover_va + 1e-12);  // VA: nothing may be drawn at all
}

/// L, U and the right side from the network's parameters alone: nothing of the solvers' but the laws of the ports, here
/// constant power, in a fixed point.
class DenseReference {
 public:
  explicit DenseReference(const Network::Parameters& parameters)
      : parameters_(parameters), v_(4 * static_cast<Eigen::Index>(parameters.buses.size())) {
    Eigen::MatrixXcd matrix_s = Eigen::MatrixXcd::Zero(v_.size(), v_.size());
    const Eigen::Index feed = 4 * static_cast<Eigen::Index>(parameters.sources[0].bus);
    for (Eigen::Index k = 0; k < 4; ++k) {
      matrix_s(feed + k, feed + k) += 1.0 / parameters.sources[0].series_ohm[static_cast<std::size_t>(k)];
    }
    for (const Network::Branch& branch : parameters.branches) {
      const Eigen::Matrix4cd s = branch.series_ohm.inverse();
      const auto from = 4 * static_cast<Eigen::Index>(branch.from);
      const auto to = 4 * static_cast<Eigen::Index>(branch.to);
      matrix_s.block<4, 4>(from, from) += s;
      matrix_s.block<4, 4>(to, to) += s;
      matrix_s.block<4, 4>(from, to) -= s;
      matrix_s.block<4, 4>(to, from) -= s;
    }
    lu_.compute(matrix_s);
    for (Eigen::Index node = 0; node < v_.size(); ++node) v_(node) = node % 4 < 3 ? emf_v(node % 4) : Phasor{};
  }

  void solve(const std::vector<PortInjection>& injections) {
    double change_v = 1.0;
    for (int iteration = 0; change_v > 1e-10 && iteration < 100; ++iteration) {
      Eigen::VectorXcd a = Eigen::VectorXcd::Zero(v_.size());
      const Eigen::Index feed = 4 * static_cast<Eigen::Index>(parameters_.sources[0].bus);
      for (Eigen::Index k = 0; k < 3; ++k) {
        a(feed + k) = emf_v(k) / parameters_.sources[0].series_ohm[static_cast<std::size_t>(k)];
      }
      for (std::size_t i = 0; i < parameters_.ports.size(); ++i) {
        const Network::Port& port = parameters_.ports[i];
        const Eigen::Index from = node(port.bus, port.from);
        const Eigen::Index to = node(port.bus, port.to);
        const Phasor port_a = std::conj(injections[i].power_va / (v_(from) - v_(to)));
        a(from) += port_a;
        a(to) -= port_a;
      }
      const Eigen::VectorXcd next_v = lu_.solve(a);
      change_v = (next_v - v_).norm();
      v_ = next_v;
    }
  }
  Phasor node_v(std::size_t bus, Conductor conductor) const { return v_(node(bus, conductor)); }

 private:
  static Phasor emf_v(Eigen::Index k) { return balanced(230.0)[static_cast<std::size_t>(k)]; }
  static Eigen::Index node(std::size_t bus, Conductor conductor) {
    return 4 * static_cast<Eigen::Index>(bus) + static_cast<Eigen::Index>(conductor);
  }

  const Network::Parameters& parameters_;
  Eigen::PartialPivLU<Eigen::MatrixXcd> lu_;
  Eigen::VectorXcd v_;
};

/// A service, then `strands` strands of cables side by side, 15 m each; with ties a cable joins the strands here and
/// there. Constant power at every bus but the first.
Network::Parameters strands_of(std::size_t buses, std::size_t strands, bool ties) {
  Network::Parameters parameters;
  parameters.nominal_ln_v = 230.0;
  const Phasor grid_ohm{0.02, 0.01};
  parameters.sources = {{"grid", 0, {grid_ohm, grid_ohm, grid_ohm, grid_ohm}}};
  const Phasor cable_ohm = Phasor{1.83, 0.085} * (strands > 1 ? 0.0075 : 0.015);
  const auto join = [&](std::size_t from, std::size_t to, Phasor ohm) {
    Network::Branch branch{.name = "cable", .from = from, .to = to};
    branch.series_ohm.diagonal().setConstant(ohm);
    parameters.branches.push_back(branch);
  };
  for (std::size_t bus = 0; bus < buses; ++bus) {
    parameters.buses.push_back("bus" + std::to_string(bus));
    if (bus == 0) continue;
    const bool starts_strand = bus > 1 && (bus - 2) % strands == 0;
    join(bus == 1 ? 0 : (starts_strand ? 1 : bus - 1), bus, bus == 1 ? Phasor{0.0155, 0.003} : cable_ohm);
    for (std::size_t k = 0; k < phase_count; ++k)
      parameters.ports.push_back({"port", bus, conductors[k], Conductor::n});
  }
  for (std::size_t bus = 1 + strands; ties && bus + strands < buses; bus += 2 * strands) {
    join(bus, bus + strands, cable_ohm);
  }
  return parameters;
}

struct Size {
  std::size_t buses;
  std::size_t strands;
  bool ties;
};

class NetworkAgainstDense : public testing::TestWithParam<Size> {};

// The aim: voltages within 1e-6 V of a dense matrix, at a cold start and 20 warm steps of 1 %, by either solver.
TEST_P(NetworkAgainstDense, VoltagesAreThoseOfTheDenseMatrix) {
  for (const bool nodal_only : {false, true}) {
    Network::Parameters parameters = strands_of(GetParam().buses, GetParam().strands, GetParam().ties);
    parameters.nodal_only = nodal_only;
    DenseReference dense(parameters);
    Network network(parameters);
    std::mt19937 chance(1);
    const auto any = [&chance](double low, double high) {
      return low + (high - low) * static_cast<double>(chance()) / 4294967295.0;
    };
    const double largest_va = 2000.0 * std::min(1.0, 33.0 / static_cast<double>(parameters.ports.size()));
    std::vector<PortInjection> injections(parameters.ports.size());
    for (PortInjection& injection : injections) {
      injection.power_va = {any(-0.75, 1.25) * largest_va, any(-0.25, 0.25) * largest_va};
    }
    double worst_v = 0.0;
    for (int step = 0; step <= 20; ++step) {
      dense.solve(injections);
      ASSERT_TRUE(network.solve(grid_v, injections).solved) << step;
      for (std::size_t bus = 0; bus < parameters.buses.size(); ++bus) {
        for (const Conductor each : conductors) {
          worst_v = std::max(worst_v, std::abs(network.node_v(bus, each) - dense.node_v(bus, each)));
        }
      }
      for (PortInjection& injection : injections) injection.power_va *= any(0.99, 1.01);
    }
    EXPECT_LE(worst_v, 1e-6) << nodal_only;
    RecordProperty(nodal_only ? "nodal_worst_v" : "worst_v", std::to_string(worst_v * 1e9) + " nV");
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, NetworkAgainstDense,
                         testing::Values(Size{12, 1, false}, Size{12, 1, true}, Size{60, 5, false}, Size{60, 5, true}),
                         [](const auto& each) {
                           return std::to_string(each.param.buses) + (each.param.ties ? "_meshed" : "_radial");
                         });

RC_GTEST_PROP(NetworkProperty, CurrentsAndPowersCloseInEveryRadialAndMeshedSite, ()) {
  const RandomSite site(*rc::gen::inRange(0, 5));
  Network network = site.network();
  const Network::Result result = network.solve(grid_v, site.injections);
  RC_ASSERT(result.solved);
  RC_ASSERT(result.current_residual_a <= 1e-6);
  expect_powers_close(site, network);
}

RC_GTEST_PROP(NetworkProperty, SweepAndNodalSolverAgreeOnEveryTree, ()) {
  RandomSite site(0);
  Network swept = site.network();
  site.parameters.nodal_only = true;
  Network nodal = site.network();
  for (const double step : {1.0, 0.97, 1.02}) {  // cold, then warm
    for (PortInjection& injection : site.injections) injection.power_va *= step;
    RC_ASSERT(swept.solve(grid_v, site.injections).solved);
    RC_ASSERT(nodal.solve(grid_v, site.injections).solved);
    for (std::size_t bus = 0; bus < site.parameters.buses.size(); ++bus) {
      for (const Conductor each : conductors) {
        RC_ASSERT(std::abs(swept.node_v(bus, each) - nodal.node_v(bus, each)) <= 1e-6);
      }
    }
  }
  RC_ASSERT(swept.factorisations() == 0U);
  RC_ASSERT(nodal.factorisations() == 1U);
}

// With conductors lost and neutrals floating there need not be a solution; but what there is, is finite, obeys the
// current law, and is dead where nothing feeds it.
RC_GTEST_PROP(NetworkProperty, SwitchingNeverLeavesANumberThatIsNone, ()) {
  const RandomSite site(*rc::gen::inRange(0, 3));
  Network network = site.network();
  const std::size_t branches = site.parameters.branches.size();
  for (int step = 0; step < 6; ++step) {
    const std::size_t branch = *rc::gen::inRange<std::size_t>(0, branches);
    const bool closed = *rc::gen::arbitrary<bool>();
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        network.set_branch_closed(branch, closed);
        break;
      case 1:
        network.set_conductor_closed(branch, conductors[*rc::gen::inRange<std::size_t>(0, 4)], closed);
        break;
      default:
        network.set_source_closed(0, closed);
    }
    const Network::Result result = network.solve(grid_v, site.injections);
    RC_ASSERT(std::isfinite(result.current_residual_a));
    RC_ASSERT(!result.solved || result.current_residual_a <= 1e-6);
    for (std::size_t bus = 0; bus < site.parameters.buses.size(); ++bus) {
      const std::size_t island = network.island(bus);
      RC_ASSERT(island <= bus && network.island(island) == island);
      for (const Conductor each : conductors) {
        const Phasor v = network.node_v(bus, each);
        RC_ASSERT(std::isfinite(v.real()) && std::isfinite(v.imag()));
        if (!result.solved || island != network.island(site.parameters.sources[0].bus)) RC_ASSERT(v == Phasor{});
      }
    }
    for (std::size_t port = 0; port < site.parameters.ports.size(); ++port) {
      RC_ASSERT(std::isfinite(std::norm(network.port_injection_a(port))));
    }
  }
  network.set_source_closed(0, true);
  for (std::size_t branch = 0; branch < branches; ++branch) {
    network.set_branch_closed(branch, true);
    for (const Conductor each : conductors) network.set_conductor_closed(branch, each, true);
  }
  RC_ASSERT(network.solve(grid_v, site.injections).solved);
}

/// A tree of thin cables, 5 to 500 m of 10 mm2, with consumers from phases to neutral of up to a hundred times what
/// such a cable can carry.
RandomSite overloaded_site() {
  RandomSite site(0);
  for (Network::Branch& branch : site.parameters.branches) {
    branch.series_ohm.setZero();
    branch.series_ohm.diagonal().setConstant(Phasor{1.83, between(0.05, 1.0)} * between(0.005, 0.5));
  }
  const double largest_va = std::pow(10.0, between(3.0, 6.0));
  for (std::size_t i = 0; i < site.injections.size(); ++i) {
    site.parameters.ports[i].to = Conductor::n;
    const double w = between(0.0, largest_va);
    const bool impedance = *rc::gen::inRange(0, 3) == 0;
    site.injections[i] = {};
    if (!impedance) site.injections[i].power_va = {-w, -w * between(0.0, 0.7)};
    site.admittances_s[i] = impedance ? Phasor{w, -w * between(0.0, 0.5)} / (230.0 * 230.0) : Phasor{};
  }
  return site;
}

// Constant power gives way below its floor, so that there is a solution however weak the feed. What is drawn moves from
// step to step, and a phase of the first cable that opens and closes starts from nothing.
RC_GTEST_PROP(NetworkProperty, ConsumersBehindThinCablesAreSolvedWhateverTheyDraw, ()) {
  RandomSite site = overloaded_site();
  site.parameters.nodal_only = *rc::gen::arbitrary<bool>();
  Network network = site.network();
  for (int step = 0; step < 5; ++step) {
    for (PortInjection& injection : site.injections) injection.power_va *= between(0.8, 1.2);
    if (step == 3) {
      network.set_conductor_closed(0, Conductor::l1, false);
      network.set_conductor_closed(0, Conductor::l1, true);
    }
    const Network::Result result = network.solve(grid_v, site.injections);
    RC_ASSERT(result.solved);
    RC_ASSERT(result.current_residual_a <= 1e-6);
    expect_powers_close(site, network);
  }
}

// R only: Pmax = V0^2 / (4 R), physics-and-standards 1.2. The floor is off, so beyond it there is no solution.
RC_GTEST_PROP(NetworkProperty, CollapseIsReportedAndNotIteratedOver, ()) {
  Network::Parameters parameters;
  parameters.buses = {"end"};
  const double ohm = between(0.01, 1.0);
  parameters.sources = {{"grid", 0, {ohm / 2.0, ohm / 2.0, ohm / 2.0, ohm / 2.0}}};
  parameters.nominal_ln_v = 230.0;
  parameters.constant_power_floor_pu = 0.0;
  parameters.nodal_only = *rc::gen::arbitrary<bool>();
  parameters.ports = {{"load", 0, Conductor::l1, Conductor::n}};
  Network network(parameters);
  const double limit_w = 230.0 * 230.0 / (4.0 * ohm);
  std::vector<PortInjection> injections(1);
  injections[0].power_va = -between(1.05, 4.0) * limit_w;
  RC_ASSERT(!network.solve(grid_v, injections).solved);
  RC_ASSERT(network.port_v(0) == Phasor{});
  injections[0].power_va = -between(0.0, 0.95) * limit_w;
  RC_ASSERT(network.solve(grid_v, injections).solved);
}

}  // namespace
}  // namespace hil::models
