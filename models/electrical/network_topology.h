#pragma once

#include <cstddef>
#include <vector>

#include "models/electrical/network_elements.h"

namespace hil::models {

/// What hangs together with what, after the switches as they stand.
struct NetworkTopology {
  std::vector<std::size_t> island;  ///< of each bus: the smallest bus in it
  std::vector<bool> live;           ///< of each bus: a closed source is in its island
  std::vector<bool> radial;         ///< of each bus: its island is live and fits the sweep
  std::vector<bool> energised;      ///< of each node: path through conductors and transformers to a closed source
  std::vector<bool> leaking;        ///< of each node: energised, but only through transformers and without an earth,
                                    ///< or a primary that only windings join to its feed

  /// `may_sweep` false: no bus is radial.
  NetworkTopology(const NetworkElements& elements, bool may_sweep);
};

/// Sets of nodes that hang together.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t count);
  std::size_t root(std::size_t element) const;
  /// The smaller root becomes the root of both.
  void join(std::size_t a, std::size_t b);
  bool together(std::size_t a, std::size_t b) const { return root(a) == root(b); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace hil::models
