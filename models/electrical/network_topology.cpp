#include "models/electrical/network_topology.h"

#include <numeric>

namespace hil::models {

DisjointSets::DisjointSets(std::size_t count) : parent_(count) {
  std::iota(parent_.begin(), parent_.end(), std::size_t{0});
}

std::size_t DisjointSets::root(std::size_t element) const {
  while (parent_[element] != element) element = parent_[element];
  return element;
}

void DisjointSets::join(std::size_t a, std::size_t b) {
  a = root(a);
  b = root(b);
  (a < b ? parent_[b] : parent_[a]) = a < b ? a : b;
}

namespace {

void join_branches(const NetworkElements& elements, DisjointSets& nodes) {
  for (const NetworkElements::Branch& branch : elements.branches) {
    for (std::size_t k = 0; k < conductor_count; ++k) {
      if (branch.carries(k)) nodes.join(conductor_count * branch.from + k, conductor_count * branch.to + k);
    }
  }
}

/// A winding joins its two ends, unless one is earth.
void join_winding(const WindingEnds& ends, std::size_t bus, DisjointSets& nodes) {
  if (ends.plus != WindingEnds::earth && ends.minus != WindingEnds::earth) {
    nodes.join(conductor_count * bus + ends.plus, conductor_count * bus + ends.minus);
  }
}

std::size_t a_node_of(const WindingEnds& ends, std::size_t bus) {
  return conductor_count * bus + (ends.plus != WindingEnds::earth ? ends.plus : ends.minus);
}

bool is_earthed(const WindingEnds& ends) {
  return ends.plus == WindingEnds::earth || ends.minus == WindingEnds::earth;
}

void find_islands(const NetworkElements& elements, NetworkTopology& topology) {
  const std::size_t count = elements.bus_count();
  DisjointSets buses(count);
  for (const NetworkElements::Branch& branch : elements.branches) {
    if (!branch.open()) buses.join(branch.from, branch.to);
  }
  for (const NetworkElements::TransformerState& each : elements.transformers) {
    buses.join(each.from, each.to);
  }
  std::vector<std::size_t> sources(count);
  for (const NetworkElements::Source& source : elements.sources) {
    if (source.closed) ++sources[buses.root(source.bus)];
  }
  // A tree has one branch less than buses.
  std::vector<std::size_t> buses_less_branches(count);
  std::vector<bool> fits(count, true);
  for (std::size_t bus = 0; bus < count; ++bus) ++buses_less_branches[buses.root(bus)];
  for (const NetworkElements::Branch& branch : elements.branches) {
    if (branch.open()) continue;
    const std::size_t island = buses.root(branch.from);
    --buses_less_branches[island];
    if (!branch.whole()) fits[island] = false;
  }
  for (const NetworkElements::TransformerState& each : elements.transformers) {
    fits[buses.root(each.from)] = false;
  }
  for (const NetworkElements::Earthing& each : elements.earthings) {
    fits[buses.root(each.node / conductor_count)] = false;
  }
  for (std::size_t bus = 0; bus < count; ++bus) {
    const std::size_t island = buses.root(bus);
    topology.island[bus] = island;
    topology.live[bus] = sources[island] > 0;
    topology.radial[bus] = fits[island] && sources[island] == 1 && buses_less_branches[island] == 1;
  }
}

/// A primary conductor that no branch joins to a source or an earthing: behind a lost phase, or of an open feed. Its
/// windings alone say nothing of its voltage where nothing loads their other side.
void find_hanging_primaries(const NetworkElements& elements, NetworkTopology& topology) {
  DisjointSets conductors(elements.node_count());
  join_branches(elements, conductors);
  std::vector<bool> held(elements.node_count());
  for (const NetworkElements::Source& source : elements.sources) {
    for (std::size_t k = 0; source.closed && k < conductor_count; ++k) {
      held[conductors.root(conductor_count * source.bus + k)] = true;
    }
  }
  for (const NetworkElements::Earthing& each : elements.earthings) held[conductors.root(each.node)] = true;
  for (const NetworkElements::TransformerState& each : elements.transformers) {
    for (std::size_t k = 0; k < phase_count; ++k) {
      const std::size_t node = conductor_count * each.from + k;
      if (topology.energised[node] && !held[conductors.root(node)]) topology.leaking[node] = true;
    }
  }
}

void find_energised(const NetworkElements& elements, NetworkTopology& topology) {
  DisjointSets coupled(elements.node_count());  // through branches, along windings and across transformers
  DisjointSets wired(elements.node_count());    // not across transformers
  join_branches(elements, coupled);
  join_branches(elements, wired);
  for (const NetworkElements::TransformerState& each : elements.transformers) {
    for (const TransformerLeg& leg : each.legs) {
      for (DisjointSets* nodes : {&coupled, &wired}) {
        join_winding(leg.primary, each.from, *nodes);
        join_winding(leg.secondary, each.to, *nodes);
      }
      coupled.join(a_node_of(leg.primary, each.from), a_node_of(leg.secondary, each.to));
    }
  }
  std::vector<bool> fed(elements.node_count());
  std::vector<bool> earthed(elements.node_count());
  for (const NetworkElements::Source& source : elements.sources) {
    for (std::size_t k = 0; source.closed && k < conductor_count; ++k) {
      fed[coupled.root(conductor_count * source.bus + k)] = true;
      earthed[wired.root(conductor_count * source.bus + k)] = true;
    }
  }
  for (const NetworkElements::Earthing& each : elements.earthings) earthed[wired.root(each.node)] = true;
  for (const NetworkElements::TransformerState& each : elements.transformers) {
    for (const TransformerLeg& leg : each.legs) {
      if (is_earthed(leg.primary)) earthed[wired.root(a_node_of(leg.primary, each.from))] = true;
      if (is_earthed(leg.secondary)) earthed[wired.root(a_node_of(leg.secondary, each.to))] = true;
    }
  }
  for (std::size_t node = 0; node < elements.node_count(); ++node) {
    topology.energised[node] = fed[coupled.root(node)];
    topology.leaking[node] = topology.energised[node] && !earthed[wired.root(node)];
  }
}

}  // namespace

NetworkTopology::NetworkTopology(const NetworkElements& elements, bool may_sweep)
    : island(elements.bus_count()),
      live(elements.bus_count()),
      radial(elements.bus_count()),
      energised(elements.node_count()),
      leaking(elements.node_count()) {
  find_islands(elements, *this);
  if (!may_sweep) radial.assign(radial.size(), false);
  find_energised(elements, *this);
  if (!elements.transformers.empty()) find_hanging_primaries(elements, *this);
}

}  // namespace hil::models
