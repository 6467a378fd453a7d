#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/live/opened_devices.h"
#include "harness/plant/bench.h"

namespace hil::harness {

/// Which units a foreign controller asks on its lines, and for what: one that is set up for another site asks others
/// than are there, or for registers that they do not have.
class AskedUnits {
 public:
  /// `lines`: that it is attached to. Before the run.
  AskedUnits(Bench& bench, const std::vector<std::string>& lines);
  AskedUnits(const AskedUnits&) = delete;
  AskedUnits& operator=(const AskedUnits&) = delete;

  enum class Clock : unsigned char { own, of_the_bench };
  /// For people, at the run's end: of each line the units that were never or hardly asked, or what explains them all,
  /// and those that refused whatever they were asked. Nothing of a run so short that they need not have been. `clock`:
  /// that the controller is expected to have.
  std::vector<std::string> notes(sim::Time now, Clock clock) const;

 private:
  struct Line {
    std::string name;
    std::array<std::uint64_t, 256> requests{};  ///< by the address that they go to
    std::array<std::uint64_t, 256> replies{};   ///< by the address that they come from
    std::array<std::uint64_t, 256> refusals{};  ///< of these
    std::array<std::uint8_t, 256> refused{};    ///< function of the last one
  };
  std::vector<OpenableDevice> devices_;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace hil::harness
