#include "models/site/load_lane.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

// Below this a load's share of a volt is no measure of its admittance.
constexpr double least_v2 = 1.0;

}  // namespace

LoadLane::LoadLane(const Parameters& parameters, double nominal_hz)
    : moves_(parameters.behaviour.has_value()), nominal_hz_(nominal_hz), behaviour_(parameters.behaviour) {
  require(parameters.zip.has_value() || parameters.rlc.has_value(), "load parts", 0.0, "a ZIP or an RLC part");
  require(!parameters.behaviour || parameters.zip, "load behaviour", 0.0, "with a ZIP part to act on");
  if (parameters.zip) {
    ZipLoad::Parameters zip = *parameters.zip;
    if (zip.nominal_hz == 0.0) zip.nominal_hz = nominal_hz;
    zip_.emplace(zip);
    frequency_matters_ = zip.active_per_hz != 0.0 || zip.reactive_per_hz != 0.0;
    on_ = zip.on;
  }
  if (parameters.rlc) {
    rlc_.emplace(*parameters.rlc);
    frequency_matters_ = true;
    on_ = on_ || parameters.rlc->on;
  }
  for (std::size_t port = 0; port < load_port_count; ++port) {
    uses_[port] = (zip_ && zip_->uses(port)) || (rlc_ && rlc_->uses(port));
    if (uses_[port]) ++port_count_;
  }
}

bool LoadLane::plan(double frequency_hz, double ambient_c, Network& network, PortInjection* injections) {
  bool rests = placed_ && placed_on_ == on_ && (!frequency_matters_ || placed_hz_ == frequency_hz);
  if (moves_) {
    const Demand demand =
        behaviour_->advance({on_, std::clamp(voltage_pu_, 0.0, 1.5), std::clamp(frequency_hz, 45.0, 65.0), ambient_c});
    rests = rests && demand == demand_;
    demand_ = demand;
    zip_->set_demand(demand);
  }
  if (rests) return false;
  placed_ = true;
  placed_on_ = on_;
  placed_hz_ = frequency_hz;
  // A dead island has no frequency; what hangs on it shows its nominal admittance.
  const double hz = frequency_hz > 0.0 ? frequency_hz : nominal_hz_;
  if (zip_) zip_->set_on(on_);
  if (rlc_) rlc_->set_on(on_);
  std::size_t place = first_port_;
  for (std::size_t port = 0; port < load_port_count; ++port) {
    if (!uses_[port]) continue;
    Phasor admittance_s{};
    PortInjection& injection = injections[place];
    if (zip_) {
      admittance_s += zip_->admittance_s(port, hz);
      injection.power_va = zip_->power_injection_va(port, hz);
      injection.current_va = zip_->current_injection_va(port, hz);
    }
    if (neutral_lost_ && port < phase_count && zip_) {
      const double nominal_v = zip_->nominal_v(port);
      admittance_s -= std::conj(injection.power_va + injection.current_va) / (nominal_v * nominal_v);
      injection.power_va = injection.current_va = {};
    }
    if (rlc_) admittance_s += rlc_->admittance_s(port, hz);
    network.set_port_admittance(place, admittance_s);
    ++place;
  }
  return true;
}

void LoadLane::read(const Network& network) {
  double consumed_w = 0.0;
  double pu = 0.0;
  network.port_flows(first_port_, {flows_.data(), port_count_});
  const Network::PortFlow* flow = flows_.data();
  for (std::size_t port = 0; port < load_port_count; ++port) {
    if (!uses_[port]) continue;
    consumed_w -= flow->v.real() * flow->injection_a.real() + flow->v.imag() * flow->injection_a.imag();
    if (moves_) pu += magnitude(flow->v) / nominal_v(port);
    ++flow;
  }
  consumed_w_ = consumed_w;
  if (moves_ && port_count_ > 0) voltage_pu_ = pu / static_cast<double>(port_count_);
}

LoadLane::Admittance LoadLane::admittance(const Network& network, double between_phases) const {
  Admittance sum;
  std::size_t place = first_port_;
  for (std::size_t port = 0; port < load_port_count; ++port) {
    if (!uses_[port]) continue;
    const Phasor v = network.port_v(place);
    const double v2 = std::norm(v);
    const double weight = port < phase_count ? 1.0 : between_phases;
    if (v2 > least_v2) {
      const Phasor drawn_va = -v * std::conj(network.port_injection_a(place));
      sum.conductance_s += weight * drawn_va.real() / v2;
      double lagging_s = weight * drawn_va.imag() / v2;
      if (rlc_ && on_) {
        // Its own L and C are known apart; what is left is the ZIP part's.
        const ParallelRlc& parts = rlc_->parameters().ports[port];
        const double omega = 2.0 * std::numbers::pi * nominal_hz_;
        const double inductive_s = parts.inductance_h ? weight / (omega * *parts.inductance_h) : 0.0;
        const double capacitive_s = parts.capacitance_f ? weight * omega * *parts.capacitance_f : 0.0;
        const double here = placed_hz_ > 0.0 ? placed_hz_ / nominal_hz_ : 1.0;
        lagging_s -= inductive_s / here - capacitive_s * here;
        sum.inductive_s += inductive_s;
        sum.capacitive_s += capacitive_s;
      }
      (lagging_s >= 0.0 ? sum.inductive_s : sum.capacitive_s) += std::abs(lagging_s);
    }
    ++place;
  }
  return sum;
}

}  // namespace hil::models
