#include "tests/benchmarks/plant_sites.h"

#include <chrono>
#include <string>

#include "tests/models/site/example_sites.h"

namespace hil::models {

namespace {

using namespace std::chrono_literals;

std::string bus_name(std::size_t bus) {
  return bus == 0 ? "grid" : bus == 1 ? "board" : "bus" + std::to_string(bus);
}

Site::Inverter plant_inverter(std::size_t number, const std::string& bus, const PlantShape& shape) {
  Site::Inverter inverter = example_inverter("inverter" + std::to_string(number), bus, 0.5);
  InverterLane::Parameters& lane = inverter.lane;
  lane.battery.capacity_ah = 280.0;
  lane.battery.management.supervises = true;
  lane.pv[0].irradiance_w_m2 = 650.0;
  lane.grid_code = *find_grid_code(shape.demanding ? "vde_ar_n_4105" : "en50549_1");
  if (shape.backup) {
    InverterLane::Backup port;
    port.forming = {.nominal_ln_v = 230.0,
                    .nominal_hz = 50.0,
                    .frequency_droop_hz_per_w = 5e-5,
                    .voltage_droop_v_per_var = 1e-3,
                    .max_phase_a = 16.5};
    port.transfer_time = 20ms;
    lane.backup = port;
  }
  return inverter;
}

Site::Load constant_power(const std::string& name, const std::string& bus, const PhaseValues& w) {
  return {.name = name,
          .bus = bus,
          .zip = ZipLoad::Parameters{
              .nominal_w = w, .nominal_ln_v = 230.0, .share_z = 0.0, .share_i = 0.0, .share_p = 1.0, .on = true}};
}

}  // namespace

Site::Parameters plant_site(const PlantShape& shape) {
  const std::size_t string_length = shape.buses > 12 ? 5 : 1;
  Site::Parameters site;
  site.step = 10ms;
  site.grid = {.nominal_ln_v = 230.0, .nominal_hz = 50.0, .phase_ohm = {0.02, 0.01}, .neutral_ohm = {0.02, 0.01}};
  site.grid_bus = "grid";
  site.cables.push_back(example_cable("main_cable", "grid", "board", {0.387, 0.078}, 40.0));
  for (std::size_t bus = 2; bus < shape.buses; ++bus) {
    const bool starts_string = (bus - 2) % string_length == 0;
    site.cables.push_back(example_cable("cable" + std::to_string(bus), bus_name(starts_string ? 1 : bus - 1),
                                        bus_name(bus), {1.83, 0.085}, string_length > 1 ? 8.0 : 15.0));
  }
  for (std::size_t end = 1 + string_length; shape.meshed && end + string_length < shape.buses;
       end += 2 * string_length) {
    site.cables.push_back(
        example_cable("tie" + std::to_string(end), bus_name(end), bus_name(end + string_length), {1.83, 0.085}, 10.0));
  }
  for (std::size_t i = 0; i < plant_inverters; ++i) {
    site.inverters.push_back(plant_inverter(i + 1, bus_name(1 + string_length * (i + 1)), shape));
  }

  site.loads.push_back(constant_power("base", "board", {6000.0, 5000.0, 4000.0}));
  if (shape.noisy_load) {
    site.loads.back().behaviour.emplace(ConstantLoad({.active_scale = 1.0, .reactive_scale = 1.0}),
                                        ArNoise({.sigma = 0.05, .time_constant_s = 20.0, .seed = 7}, site.step));
  }
  for (std::size_t bus = 2; bus < shape.buses; ++bus) {
    const bool has_inverter = (bus - 1) % string_length == 0 && (bus - 1) / string_length <= plant_inverters;
    if (!has_inverter)
      site.loads.push_back(constant_power("load" + std::to_string(bus), bus_name(bus), {400, 300, 200}));
  }
  site.metering = example_metering("main_cable");
  if (shape.demanding) {
    for (CurrentTransformer::Parameters& each : site.metering.installation.transformers) {
      each.accuracy_class = CtClass::class_05;
      each.ratio_position = 0.5;
    }
  }
  return site;
}

Orders::Orders() : orders_w_(rounds) {
  std::uint64_t state = 88172645463325252U;  // xorshift64
  const auto wobble = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<double>(state >> 11) / 4503599627370496.0 - 1.0;
  };
  for (std::array<double, plant_inverters>& orders_w : orders_w_) {
    for (std::size_t i = 0; i < plant_inverters; ++i) {
      orders_w[i] = (i % 2 == 0 ? 2000.0 : -1500.0) * (1.0 + 0.01 * wobble());
    }
  }
}

}  // namespace hil::models
