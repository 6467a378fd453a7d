#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "harness/scenario/behaviour_reader.h"
#include "harness/scenario/derived_seed.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

constexpr double shares_tolerance = 1e-9;  // as the load model's own
constexpr Bounds slope_per_hz{.lowest = -1.0, .highest = 1.0};
constexpr std::array<std::string_view, 6> ports{"l1", "l2", "l3", "l12", "l23", "l31"};

bool gives_any_power(const Element& load, std::size_t first_port, std::size_t end_port) {
  for (std::size_t port = first_port; port < end_port; ++port) {
    if (load.attribute(fmt::format("{}_w", ports[port])) != nullptr) return true;
    if (load.attribute(fmt::format("{}_var", ports[port])) != nullptr) return true;
  }
  return false;
}

bool touches_l3(std::size_t port) {
  return models::load_ports[port].from == models::Conductor::l3 || models::load_ports[port].to == models::Conductor::l3;
}

/// Behind a centre tap there is no L3; a part of three phases has to say 0 there.
void refuse_l3(ElementReader& reader, const std::string& attribute, double power) {
  if (power == 0.0) return;
  reader.fault_between({attribute},
                       fmt::format("{} is {}, must be 0: a split-phase supply has no L3", attribute, power));
}

/// True when any reactive power is given.
bool read_powers(ElementReader& reader, Need need_of_phases, bool split_phase, models::ZipLoad::Parameters& zip) {
  bool has_var = false;
  for (std::size_t port = 0; port < ports.size(); ++port) {
    const bool is_phase = port < models::phase_count;
    const bool missing = split_phase && touches_l3(port);
    const std::size_t k = port % models::phase_count;
    double& active_w = is_phase ? zip.nominal_w[k] : zip.nominal_ll_w[k];
    double& reactive_var = is_phase ? zip.nominal_var[k] : zip.nominal_ll_var[k];
    const std::string active = fmt::format("{}_w", ports[port]);
    const std::string reactive = fmt::format("{}_var", ports[port]);
    reader.number(active, active_w, not_negative, is_phase && !missing ? need_of_phases : Need::optional);
    has_var = reader.number(reactive, reactive_var, any_number, Need::optional) || has_var;
    if (missing) {
      refuse_l3(reader, active, active_w);
      refuse_l3(reader, reactive, reactive_var);
    }
  }
  return has_var;
}

void read_shares(ElementReader& reader, Need need, models::ZipLoad::Parameters& zip) {
  const bool has_z = reader.number("share_z", zip.share_z, ratio, need);
  const bool has_i = reader.number("share_i", zip.share_i, ratio, need);
  const bool has_p = reader.number("share_p", zip.share_p, ratio, need);
  const double sum = zip.share_z + zip.share_i + zip.share_p;
  if (has_z && has_i && has_p && std::abs(sum - 1.0) > shares_tolerance) {
    reader.fault_between({"share_z", "share_i", "share_p"},
                         fmt::format("share_z + share_i + share_p is {}, must be 1", sum));
  }
}

models::RlcLoad::Parameters read_rlc(const Element& element, const LoadPlace& place, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  double power_w = 0.0;
  double quality_factor = 0.0;
  double resonance_hz = place.nominal_hz;
  reader.number("power_w", power_w, positive);
  reader.number("quality_factor", quality_factor, {.lowest = 0.01, .highest = 100.0});
  reader.number("resonance_hz", resonance_hz, {.lowest = 40.0, .highest = 70.0}, Need::optional);
  reader.finish();
  models::RlcLoad::Parameters rlc;
  require_buildable(reader, [&] {
    const std::size_t phases = models::phase_count - (place.split_phase ? 1 : 0);
    for (std::size_t phase = 0; phase < phases; ++phase) {
      rlc.ports[phase] = models::resonant_rlc(power_w, quality_factor, place.nominal_ln_v, resonance_hz);
    }
  });
  return rlc;
}

/// A motor draws the reactive power of its power factor, unless the load gives its own.
void add_running_var(double power_factor, models::ZipLoad::Parameters& zip) {
  const double tangent = std::tan(std::acos(power_factor));
  for (std::size_t k = 0; k < models::phase_count; ++k) {
    zip.nominal_var[k] = zip.nominal_w[k] * tangent;
    zip.nominal_ll_var[k] = zip.nominal_ll_w[k] * tangent;
  }
}

}  // namespace

LoadPart read_load_part(ElementReader& reader, const LoadPlace& place, const Assuming& assuming,
                        Diagnostics& diagnostics) {
  const Element& element = reader.element();
  const Element* rlc = reader.child("rlc", Need::optional);
  const bool has_phases = gives_any_power(element, 0, models::phase_count);
  const bool has_lines = gives_any_power(element, models::phase_count, ports.size());
  const bool has_powers = has_phases || has_lines || rlc == nullptr;
  models::ZipLoad::Parameters zip;
  zip.nominal_ln_v = place.nominal_ln_v;
  if (place.split_phase) zip.nominal_ll_v = 2.0 * place.nominal_ln_v;
  zip.nominal_hz = place.nominal_hz;
  const bool has_var =
      read_powers(reader, has_lines || !has_powers ? Need::optional : Need::required, place.split_phase, zip);
  read_shares(reader, has_powers ? Need::required : Need::optional, zip);
  reader.number("active_per_hz", zip.active_per_hz, slope_per_hz, Need::optional);
  reader.number("reactive_per_hz", zip.reactive_per_hz, slope_per_hz, Need::optional);
  LoadPart part;
  if (rlc != nullptr) part.rlc = read_rlc(*rlc, place, diagnostics);
  const Behaviour behaviour = read_behaviour(reader, place, zip, assuming, diagnostics);
  if (behaviour.running_power_factor && !has_var) add_running_var(*behaviour.running_power_factor, zip);
  part.behaviour = behaviour.behaviour;
  if (has_powers) part.zip = zip;
  if (!has_powers && part.behaviour) reader.fault("has a behaviour, but no power (l1_w ...) for it to act on");
  return part;
}

models::Site::Load read_load(const Element& element, SiteReading& reading) {
  const Attribute* given_name = element.attribute("name");
  const std::string owner = given_name == nullptr ? "load" : given_name->value;
  const bool has_part = element.attribute("part") != nullptr;
  Catalog::Use use = has_part ? reading.catalog.use("load", "part", element, owner, reading.diagnostics)
                              : Catalog::Use{.element = element, .part_is_sound = true, .assumed = {}};
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
  ElementReader reader{use.element, reading.diagnostics};
  models::Site::Load load;
  reader.name("name", load.name);
  reader.one_of("bus", load.bus, reading.buses, "buses");
  bool on = false;
  reader.flag("on", on);
  if (has_part) {
    std::string ignored;
    reader.text("part", ignored);
    reader.forgive_missing();
  } else {
    std::string ignored;
    reader.text("part", ignored, Need::optional);
  }
  LoadPlace place;
  place.step = reading.step;
  place.seed = derived_seed(reading.seed, "load " + owner);
  if (reading.nominal_ln_v > 0.0) place.nominal_ln_v = reading.nominal_ln_v;
  if (reading.nominal_hz > 0.0) place.nominal_hz = reading.nominal_hz;
  place.split_phase = reading.split_phase;
  place.start_utc_s = reading.start_utc_s;
  const LoadPart part = read_load_part(reader, place, {owner, &reading.assumed}, reading.diagnostics);
  reader.finish();
  load.zip = part.zip;
  load.rlc = part.rlc;
  load.behaviour = part.behaviour;
  if (load.zip) load.zip->on = on;
  if (load.rlc) load.rlc->on = on;
  if (load.zip && use.part_is_sound) require_buildable(reader, [&] { models::ZipLoad{*load.zip}; });
  return load;
}

}  // namespace hil::harness
