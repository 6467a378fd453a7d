#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "sim/kernel/kernel.h"

namespace hil::harness {

/// When the marks that triggers wait for came first. The empty name is the start of the run, which has come at 0.
class Marks {
 public:
  using Instant = std::optional<sim::Time>;  ///< nothing: not yet

  /// Before the run. The instant stays where it is.
  const Instant& watch(std::string_view name) {
    for (const Entry& entry : entries_) {
      if (entry.name == name) return entry.first;
    }
    entries_.push_back({std::string{name}, name.empty() ? Instant{sim::Time{0}} : Instant{}});
    return entries_.back().first;
  }
  /// Of a mark that comes several times the first coming counts.
  void came(std::string_view name, sim::Time now) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [name](const Entry& entry) { return entry.name == name; });
    if (found != entries_.end() && !found->first) found->first = now;
  }

 private:
  struct Entry {
    std::string name;
    Instant first;
  };
  std::deque<Entry> entries_;
};

}  // namespace hil::harness
