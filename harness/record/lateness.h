#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace hil::harness {

/// How late things came against the clock, counted. Adding allocates nothing.
class Lateness {
 public:
  /// What is later than this is called late: below it the machine's own timers are not to be told from it.
  static constexpr std::chrono::nanoseconds bound{std::chrono::milliseconds{1}};
  /// Upper ends of the ranges that are counted; the last range is all beyond.
  static constexpr std::array<double, 10> range_ends_ms{0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100};

  std::uint64_t instants = 0;
  std::uint64_t late = 0;   ///< by more than `bound`
  std::uint64_t early = 0;  ///< before their time
  std::chrono::nanoseconds worst{0};
  std::array<std::uint64_t, range_ends_ms.size() + 1> in_range{};

  double worst_ms() const { return std::chrono::duration<double, std::milli>(worst).count(); }

  /// What a share of them, 0..1, was not later than; up to an eleventh more than it was, and a microsecond at least. 0
  /// when there are none.
  double quantile_ms(double share) const;

  void add(std::chrono::nanoseconds by) {
    ++instants;
    late += by > bound ? 1 : 0;
    early += by < std::chrono::nanoseconds{0} ? 1 : 0;
    worst = std::max(worst, by);
    const double by_ms = std::chrono::duration<double, std::milli>(by).count();
    const auto range = std::lower_bound(range_ends_ms.begin(), range_ends_ms.end(), by_ms);
    ++in_range[static_cast<std::size_t>(range - range_ends_ms.begin())];
    ++in_fine_range_[fine_range(by_ms)];
  }

 private:
  // Eight ranges an octave, from 1 us to 1 s and beyond.
  static constexpr double first_end_ms = 0.001;
  static constexpr double ranges_an_octave = 8.0;
  static constexpr std::size_t fine_ranges = 161;
  static std::size_t fine_range(double by_ms);

  std::array<std::uint64_t, fine_ranges> in_fine_range_{};
};

/// One thing that came late.
struct LateMoment {
  std::chrono::nanoseconds at{0};  ///< virtual time that it was due at
  std::chrono::nanoseconds by{0};  ///< real time
  /// Of `by`, what the bench itself took; the rest it stood still: woken late, or the processor was given to others.
  std::chrono::nanoseconds own{0};
  bool answer = false;  ///< else a step
};

/// What a run in paced time says about its own timing.
struct PacedRun {
  double speed = 1.0;                ///< virtual seconds in a real one
  double late_limit_ms = 0.0;        ///< a step or answer later than this makes the verdict inconclusive; real time
  Lateness steps;                    ///< instants of the kernel: plant steps and what happens on lines between them
  Lateness answers;                  ///< last characters of replies, handed to the port
  Lateness wake_ups;                 ///< of a thread beside it that only sleeps: what this machine does to any program
  std::uint64_t late_by_itself = 0;  ///< steps and answers of which the bench's own part is late alone
  std::chrono::nanoseconds worst_by_itself{0};  ///< the largest such part of anything late
  double processor_s = 0.0;                     ///< of one core, that the paced loop took
  double real_s = 0.0;                          ///< that the paced loop ran
  std::vector<LateMoment> moments;              ///< in order of time, the first 100,000; goes into lateness.csv
  bool stopped = false;                         ///< before the scenario's end, by the user
  std::string scheduling;                       ///< what the system has granted
  std::vector<std::string> ports;
  std::uint64_t dropped_bytes = 0;  ///< of answers, that nobody fetched

  bool too_late() const { return std::max(steps.worst_ms(), answers.worst_ms()) > late_limit_ms; }
};

}  // namespace hil::harness
