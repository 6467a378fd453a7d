#pragma once

#include "harness/record/run.h"

namespace hil::harness {

/// Virtual time under the eyes of the process that started this one: tells it how far the run is, and ends the run
/// after the present instant when SIGTERM or SIGINT comes, with all its files and reports.
class WatchedDrive final : public Drive {
 public:
  static constexpr sim::Time told_each = std::chrono::seconds{10};

  /// Takes both signals over for the rest of the process. `progress`: descriptor that virtual nanoseconds are written
  /// to, eight bytes each; -1: nobody wants to know. It must not block.
  explicit WatchedDrive(int progress);
  Bench::Wiring wiring() const override { return {}; }
  void run(Bench& bench, const Scenario& scenario, RunResult& result) override;

 private:
  void tell(sim::Time now) const noexcept;

  int progress_;
  sim::Time next_told_{0};
};

}  // namespace hil::harness
