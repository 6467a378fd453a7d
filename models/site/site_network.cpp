#include "models/site/site_network.h"

#include <algorithm>

#include "models/electrical/series_impedance.h"
#include "models/invalid_parameter.h"

namespace hil::models {

namespace {

/// Index of `name`; throws an InvalidParameter that names who asked for it and what there is.
std::size_t index_of(const std::vector<std::string>& names, const std::string& name, const std::string& who) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string known;
  for (const std::string& each : names) known += (known.empty() ? "" : ", ") + each;
  throw InvalidParameter("number of parts named \"" + name + "\" (" + who + ")", 0.0, "1; known: " + known);
}

std::vector<std::string> buses_of(const Site::Parameters& parameters) {
  std::vector<std::string> buses{parameters.grid_bus};
  const auto add = [&buses](const std::string& bus) {
    if (std::find(buses.begin(), buses.end(), bus) == buses.end()) buses.push_back(bus);
  };
  for (const Site::SiteTransformer& transformer : parameters.transformers) {
    add(transformer.from_bus);
    add(transformer.to_bus);
  }
  for (const Site::Cable& cable : parameters.cables) {
    add(cable.from_bus);
    add(cable.to_bus);
  }
  for (const Site::Inverter& inverter : parameters.inverters) {
    if (inverter.lane.backup) add(inverter.name + ".backup");
  }
  return buses;
}

Network::Branch four_wires(const std::string& name, std::size_t from, std::size_t to, Phasor phase_ohm,
                           Phasor neutral_ohm, bool closed) {
  Network::Branch branch;
  branch.name = name;
  branch.from = from;
  branch.to = to;
  branch.series_ohm.diagonal() << phase_ohm, phase_ohm, phase_ohm, neutral_ohm;
  branch.closed = closed;
  return branch;
}

Network::Source source_of(const std::string& name, std::size_t bus, Phasor phase_ohm, Phasor neutral_ohm, bool closed) {
  return {name, bus, {phase_ohm, phase_ohm, phase_ohm, neutral_ohm}, closed};
}

Transformer transformer_of(const Site::SiteTransformer& given, const std::vector<std::string>& buses) {
  const std::string where = "transformer " + given.name + " ";
  Transformer transformer;
  transformer.name = given.name;
  transformer.from_bus = index_of(buses, given.from_bus, "from_bus of " + where);
  transformer.to_bus = index_of(buses, given.to_bus, "to_bus of " + where);
  transformer.rated_va = given.rated_va;
  transformer.primary_ll_v = given.primary_ll_v;
  transformer.secondary_ll_v = given.secondary_ll_v;
  transformer.series_r_pu = given.series_r_pu;
  transformer.series_x_pu = given.series_x_pu;
  transformer.secondary = WindingConnection::wye;
  if (given.vector_group == "YNyn0") {
    transformer.primary = WindingConnection::grounded_wye;
  } else if (given.vector_group == "Dyn1" || given.vector_group == "Dyn5" || given.vector_group == "Dyn11") {
    transformer.primary = WindingConnection::delta;
    transformer.secondary_lag_hours = std::stoi(given.vector_group.substr(3));
  } else {
    throw InvalidParameter(where + "vector_group \"" + given.vector_group + "\"", 0.0, "Dyn1, Dyn5, Dyn11 or YNyn0");
  }
  require(given.earthing_ohm > 0.0, (where + "earthing_ohm").c_str(), given.earthing_ohm, "> 0");
  return transformer;
}

/// What a split phase does not have is refused here.
void require_fit_for_split_phase(const Site::Parameters& parameters) {
  if (!parameters.grid.split_phase) return;
  const auto none = [](std::size_t count, const char* what) {
    require(count == 0, what, static_cast<double>(count), "0: the grid is split phase");
  };
  none(parameters.transformers.size(), "number of three-phase transformers");
}

std::vector<std::array<bool, phase_count>> existing_phases(const Network::Parameters& network, std::size_t grid_bus,
                                                           bool split_phase) {
  std::vector<std::array<bool, phase_count>> exists(network.buses.size());
  exists[grid_bus] = {true, true, !split_phase};
  for (const Transformer& transformer : network.transformers) {
    exists[transformer.from_bus] = exists[transformer.to_bus] = {true, true, true};
  }
  for (const Network::Branch& branch : network.branches) {
    for (std::size_t k = 0; k < phase_count; ++k) {
      exists[branch.from][k] = exists[branch.from][k] || branch.conductors[k];
      exists[branch.to][k] = exists[branch.to][k] || branch.conductors[k];
    }
  }
  return exists;
}

/// Buses behind a transformer have the site's voltage, the others the grid's.
std::vector<double> nominal_voltages(const Site::Parameters& parameters, const std::vector<std::string>& buses,
                                     const std::vector<Transformer>& transformers, double site_ln_v) {
  std::vector<double> nominal_ln_v(buses.size(), transformers.empty() ? site_ln_v : parameters.grid.nominal_ln_v);
  if (transformers.empty()) return nominal_ln_v;
  std::vector<bool> low(buses.size(), false);
  for (const Transformer& transformer : transformers) low[transformer.to_bus] = true;
  // As many rounds as there are cables reach every bus that hangs together with a low side.
  for (std::size_t round = 0; round < parameters.cables.size(); ++round) {
    for (const Site::Cable& cable : parameters.cables) {
      const std::size_t from = index_of(buses, cable.from_bus, "from_bus of cable " + cable.name);
      const std::size_t to = index_of(buses, cable.to_bus, "to_bus of cable " + cable.name);
      if (low[from] || low[to]) low[from] = low[to] = true;
    }
  }
  for (const Site::Inverter& inverter : parameters.inverters) {
    if (inverter.lane.backup) low[index_of(buses, inverter.name + ".backup", "backup")] = true;
  }
  for (std::size_t bus = 0; bus < buses.size(); ++bus) {
    if (low[bus]) nominal_ln_v[bus] = site_ln_v;
  }
  return nominal_ln_v;
}

}  // namespace

SiteNetwork site_network(const Site::Parameters& given, std::vector<LoadLane>& loads) {
  require_impedance(given.grid.phase_ohm, "grid phase_ohm");
  require_impedance(given.grid.neutral_ohm, "grid neutral_ohm");
  require_fit_for_split_phase(given);
  const double site_ln_v = given.nominal_ln_v > 0.0 ? given.nominal_ln_v : given.grid.nominal_ln_v;
  SiteNetwork site;
  Network::Parameters& network = site.parameters;
  network.buses = buses_of(given);
  network.nominal_ln_v = site_ln_v;
  const auto bus_of = [&network](const std::string& bus, const std::string& who) {
    return index_of(network.buses, bus, "bus of " + who);
  };

  std::vector<std::string> cable_names;
  for (const Site::Cable& cable : given.cables) {
    const std::string who = "cable " + cable.name;
    require_impedance(cable.phase_ohm, who + " phase_ohm");
    require_impedance(cable.neutral_ohm, who + " neutral_ohm");
    network.branches.push_back(four_wires(cable.name, bus_of(cable.from_bus, who), bus_of(cable.to_bus, who),
                                          cable.phase_ohm, cable.neutral_ohm, cable.closed));
    auto& conductors = network.branches.back().conductors;
    conductors = cable.conductors;
    if (given.grid.split_phase) conductors[static_cast<std::size_t>(Conductor::l3)] = false;
    cable_names.push_back(cable.name);
  }
  for (const Site::SiteTransformer& each : given.transformers) {
    network.transformers.push_back(transformer_of(each, network.buses));
    network.earthings.push_back(
        {each.name + ".earthing", network.transformers.back().to_bus, Conductor::n, Phasor{each.earthing_ohm}});
  }
  network.bus_nominal_ln_v = nominal_voltages(given, network.buses, network.transformers, site_ln_v);

  site.meter_branch = index_of(cable_names, given.metering.cable, "cable of the meter");
  site.meter_bus = network.branches[site.meter_branch].from;
  site.site_bus = network.branches[site.meter_branch].to;

  network.sources.push_back(source_of("grid", site.grid_bus, given.grid.phase_ohm, given.grid.neutral_ohm, true));
  const Phasor island_ohm{SiteNetwork::island_source_ohm};
  network.sources.push_back(source_of("unintended island", site.site_bus, island_ohm, island_ohm, false));
  for (const Site::Inverter& inverter : given.inverters) {
    const std::size_t bus = bus_of(inverter.bus, "inverter " + inverter.name);
    site.inverter_bus.push_back(bus);
    for (const Conductor phase : phase_conductors) network.ports.push_back({inverter.name, bus, phase, Conductor::n});
    SiteNetwork::Backup backup;
    if (inverter.lane.backup) {
      const std::string name = inverter.name + ".backup";
      const Phasor emf_ohm = inverter.lane.backup->forming.series_ohm;
      const Phasor relay_ohm = inverter.lane.backup->relay_ohm;
      backup.bus = bus_of(name, "inverter " + inverter.name);
      backup.source = network.sources.size();
      backup.relay = network.branches.size();
      network.sources.push_back(source_of(name, backup.bus, emf_ohm, island_ohm, false));
      network.branches.push_back(four_wires(name, bus, backup.bus, relay_ohm, relay_ohm, true));
      if (given.grid.split_phase) network.branches.back().conductors[static_cast<std::size_t>(Conductor::l3)] = false;
    }
    site.backup.push_back(backup);
    std::size_t forming_source = SiteNetwork::none;
    if (inverter.lane.site_forming) {
      forming_source = network.sources.size();
      network.sources.push_back(
          source_of(inverter.name, bus, inverter.lane.site_forming->series_ohm, island_ohm, false));
    }
    site.forming_source.push_back(forming_source);
  }
  for (std::size_t i = 0; i < given.loads.size(); ++i) {
    const Site::Load& load = given.loads[i];
    const std::size_t bus = bus_of(load.bus, "load " + load.name);
    std::size_t lane = SiteNetwork::none;
    for (std::size_t k = 0; k < site.backup.size(); ++k) {
      if (site.backup[k].bus == bus) lane = k;
    }
    site.load_bus.push_back(bus);
    site.load_backup.push_back(lane);
    loads[i].set_first_port(network.ports.size());
    for (std::size_t port = 0; port < load_port_count; ++port) {
      if (!loads[i].uses()[port]) continue;
      network.ports.push_back({load.name, bus, load_ports[port].from, load_ports[port].to, loads[i].nominal_v(port)});
    }
  }
  site.phase_exists = existing_phases(network, site.grid_bus, given.grid.split_phase);
  return site;
}

}  // namespace hil::models
