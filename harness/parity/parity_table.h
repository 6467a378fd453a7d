#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/record/csv_reader.h"
#include "harness/record/run.h"

namespace hil::harness {

/// One run of the scenario, by one of the controller's hosts.
struct ParitySide {
  std::string name;  ///< "in process"
  RunResult result;
  Trace trace;
  /// The longest that the machine kept the host from a processor at a stretch, and what proves nothing beyond.
  std::chrono::nanoseconds host_waited{0};
  std::chrono::nanoseconds host_waited_limit = std::chrono::nanoseconds::max();
};

/// Two runs of one scenario held against each other.
///
/// They agree when verdict and state of every check are the same and no margin in W differs by more than `margin_w`,
/// none in s by more than `margin_s`: a host that talks over real time meets the polls at other phases, and a load step
/// is then seen up to a round of polls earlier or later. Other margins are shown and not judged. Hosts that have their
/// time from the bench meet the polls at the same phase: with no_difference they agree when also every recorded
/// value is the same to the last digit, of the signals that both traces have. Events and captures are not looked at.
struct Parity {
  enum class Allowed : unsigned char { phase_of_polls, no_difference };
  static constexpr double margin_w = 150.0;  ///< what a step of 6 kW differs by from phase to phase of the polls
  static constexpr double margin_s = 1.5;    ///< a round of polls, and a period of recording
  bool agree = true;
  bool undecided = false;  ///< no check was decided in process: there is nothing to agree on
  /// A bench was late, or they differ and a host was kept from the processor: it proves nothing.
  bool inconclusive = false;
  std::string why_inconclusive;
  std::vector<std::string> faults;
  /// Verdicts, checks and key signals side by side. Of each signal also what stays of the difference when each value
  /// may have come `margin_s` earlier or later: what a shift in time does not explain. It is shown and not judged.
  std::string table;
};

/// `reference` first. Key signals are those that the scenario's plots name, `signals`, as they stand in both traces.
/// Lines that are left out are not attached to the host: the core in process looks for units there, the host cannot.
Parity compared(const ParitySide& reference, const ParitySide& other, const std::vector<std::string>& signals,
                Parity::Allowed allowed = Parity::Allowed::phase_of_polls,
                const std::vector<std::string>& lines_left_out = {});

}  // namespace hil::harness
