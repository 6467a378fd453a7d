#include <benchmark/benchmark.h>

#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "models/electrical/network.h"

namespace hil::models {
namespace {

// Four-wire sites of the kind in performance.md section 2: grid - PCC - board - feeders, three L1-N L2-N L3-N ports on
// each. Ports take 4 kW at most, unbalanced.

constexpr std::array phases{Conductor::l1, Conductor::l2, Conductor::l3};

/// Bus 0 is the grid's, bus 1 the board, the others hang on the board in strings of `string_length`. `ties`: closes
/// every second string to its neighbour at the end.
Network::Parameters site(std::size_t buses, std::size_t string_length, bool ties) {
  Network::Parameters parameters;
  const Phasor grid_ohm{0.02, 0.01};
  parameters.sources = {{"grid", 0, {grid_ohm, grid_ohm, grid_ohm, grid_ohm}}};
  parameters.nominal_ln_v = 230.0;
  const auto join = [&parameters](std::size_t from, std::size_t to, Phasor ohm) {
    Network::Branch branch{.name = "cable", .from = from, .to = to};
    branch.series_ohm.diagonal().setConstant(ohm);
    parameters.branches.push_back(branch);
  };
  const Phasor cable_ohm = Phasor{1.83, 0.085} * 0.015 / (string_length > 1 ? 2.0 : 1.0);
  for (std::size_t bus = 0; bus < buses; ++bus) {
    parameters.buses.push_back("bus" + std::to_string(bus));
    if (bus == 0) continue;
    const bool starts_string = (bus - 2) % string_length == 0;
    join(bus == 1 ? 0 : (starts_string ? 1 : bus - 1), bus, bus == 1 ? Phasor{0.0155, 0.003} : cable_ohm);
    for (const Conductor phase : phases) parameters.ports.push_back({"port", bus, phase, Conductor::n});
  }
  for (std::size_t end = 1 + string_length; ties && end + string_length < buses; end += 2 * string_length) {
    join(end, end + string_length, cable_ohm);
  }
  return parameters;
}

/// What one step feeds in; `wobble` -1..1 moves everything by up to 1 %.
class Steps {
 public:
  explicit Steps(std::size_t ports) : steps_(64, std::vector<PortInjection>(ports)) {
    std::uint64_t state = 88172645463325252U;  // xorshift64
    const auto unit = [&state] {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      return static_cast<double>(state >> 11) / 9007199254740992.0;
    };
    // The sum stays near that of a site of 33 ports, so that bigger sites are not overloaded.
    const double scale = std::min(1.0, 33.0 / static_cast<double>(ports));
    for (std::size_t port = 0; port < ports; ++port) {
      const Phasor base{scale * (4000.0 * unit() - 1500.0), scale * 1000.0 * (unit() - 0.5)};
      for (std::vector<PortInjection>& step : steps_) {
        step[port].power_va = base * (1.0 + 0.01 * (2.0 * unit() - 1.0));
        step[port].max_a = port % 2 == 0 ? 25.0 : 0.0;
      }
    }
  }
  const std::vector<PortInjection>& operator[](std::size_t i) const { return steps_[i % steps_.size()]; }

 private:
  std::vector<std::vector<PortInjection>> steps_;
};

enum class Shape { radial, meshed };
enum class Start { warm, steady, cold };

void solve_network(benchmark::State& state, std::size_t buses, std::size_t string_length, Shape shape, Start start) {
  Network network(site(buses, string_length, shape == Shape::meshed));
  const Steps steps(3 * (buses - 1));
  const std::array<PhasePhasors, 1> emf_ln_v{balanced(230.0)};
  const std::array<PhasePhasors, 1> other_emf_ln_v{balanced(200.0)};
  std::size_t i = 0;
  std::uint64_t iterations = 0;
  for (auto _ : state) {
    // Cold: every voltage jumps by 30 V between one solve and the next.
    const bool jump = start == Start::cold && i % 2 == 0;
    const Network::Result result = network.solve(jump ? other_emf_ln_v : emf_ln_v, steps[start == Start::warm ? i : 0]);
    if (!result.solved) state.SkipWithError("not solved");
    iterations += static_cast<std::uint64_t>(result.iterations);
    ++i;
  }
  state.counters["iterations"] = static_cast<double>(iterations) / static_cast<double>(i);
}

/// The reference: explicit inverse of the dense nodal matrix, reduced to the ports, fixed-point current injection.
void solve_dense(benchmark::State& state, std::size_t buses, std::size_t string_length, Shape shape) {
  const Network::Parameters parameters = site(buses, string_length, shape == Shape::meshed);
  const auto nodes = static_cast<Eigen::Index>(4 * buses);
  const auto ports = static_cast<Eigen::Index>(parameters.ports.size());
  Eigen::MatrixXcd y_s = Eigen::MatrixXcd::Zero(nodes, nodes);
  for (Eigen::Index k = 0; k < 4; ++k) y_s(k, k) += 1.0 / parameters.sources[0].series_ohm[0];
  for (const Network::Branch& branch : parameters.branches) {
    const Eigen::Matrix4cd s = branch.series_ohm.inverse();
    const auto from = static_cast<Eigen::Index>(4 * branch.from);
    const auto to = static_cast<Eigen::Index>(4 * branch.to);
    y_s.block<4, 4>(from, from) += s;
    y_s.block<4, 4>(to, to) += s;
    y_s.block<4, 4>(from, to) -= s;
    y_s.block<4, 4>(to, from) -= s;
  }
  const Eigen::MatrixXcd z_ohm = y_s.inverse();
  Eigen::MatrixXd incidence = Eigen::MatrixXd::Zero(nodes, ports);
  for (Eigen::Index port = 0; port < ports; ++port) {
    const Network::Port& each = parameters.ports[static_cast<std::size_t>(port)];
    incidence(static_cast<Eigen::Index>(4 * each.bus + static_cast<std::size_t>(each.from)), port) = 1.0;
    incidence(static_cast<Eigen::Index>(4 * each.bus + static_cast<std::size_t>(each.to)), port) = -1.0;
  }
  const Eigen::MatrixXcd port_ohm = incidence.transpose() * z_ohm * incidence;
  Eigen::VectorXcd source_a = Eigen::VectorXcd::Zero(nodes);
  for (std::size_t k = 0; k < 3; ++k) {
    source_a(static_cast<Eigen::Index>(k)) = balanced(230.0)[k] / parameters.sources[0].series_ohm[k];
  }
  const Eigen::VectorXcd open_v = incidence.transpose() * (z_ohm * source_a);
  const Steps steps(parameters.ports.size());
  Eigen::VectorXcd v = open_v;
  Eigen::VectorXcd next_v = v;
  Eigen::VectorXcd a = Eigen::VectorXcd::Zero(ports);
  std::size_t i = 0;
  std::uint64_t iterations = 0;
  for (auto _ : state) {
    const std::vector<PortInjection>& injections = steps[i++];
    double change_v2 = 1.0;
    while (change_v2 > 1e-14) {
      for (Eigen::Index port = 0; port < ports; ++port) {
        const Phasor s = injections[static_cast<std::size_t>(port)].power_va;
        const double per_v2 = 1.0 / std::norm(v(port));
        a(port) = {(s.real() * v(port).real() + s.imag() * v(port).imag()) * per_v2,
                   (s.real() * v(port).imag() - s.imag() * v(port).real()) * per_v2};
      }
      next_v = open_v;
      next_v.noalias() += port_ohm * a;
      change_v2 = (next_v - v).squaredNorm();
      v.swap(next_v);
      ++iterations;
    }
    benchmark::DoNotOptimize(v.data());
  }
  state.counters["iterations"] = static_cast<double>(iterations) / static_cast<double>(i);
}

BENCHMARK_CAPTURE(solve_network, 12_radial_warm, 12, 1, Shape::radial, Start::warm);
BENCHMARK_CAPTURE(solve_network, 12_radial_steady, 12, 1, Shape::radial, Start::steady);
BENCHMARK_CAPTURE(solve_network, 12_radial_cold, 12, 1, Shape::radial, Start::cold);
BENCHMARK_CAPTURE(solve_network, 12_meshed_warm, 12, 1, Shape::meshed, Start::warm);
BENCHMARK_CAPTURE(solve_network, 12_meshed_steady, 12, 1, Shape::meshed, Start::steady);
BENCHMARK_CAPTURE(solve_network, 12_meshed_cold, 12, 1, Shape::meshed, Start::cold);
BENCHMARK_CAPTURE(solve_dense, 12_reference_warm, 12, 1, Shape::radial);
BENCHMARK_CAPTURE(solve_network, 60_radial_warm, 60, 5, Shape::radial, Start::warm);
BENCHMARK_CAPTURE(solve_network, 60_radial_steady, 60, 5, Shape::radial, Start::steady);
BENCHMARK_CAPTURE(solve_network, 60_radial_cold, 60, 5, Shape::radial, Start::cold);
BENCHMARK_CAPTURE(solve_network, 60_meshed_warm, 60, 5, Shape::meshed, Start::warm);
BENCHMARK_CAPTURE(solve_network, 60_meshed_steady, 60, 5, Shape::meshed, Start::steady);
BENCHMARK_CAPTURE(solve_network, 60_meshed_cold, 60, 5, Shape::meshed, Start::cold);
BENCHMARK_CAPTURE(solve_dense, 60_reference_warm, 60, 5, Shape::radial);

}  // namespace
}  // namespace hil::models
