#pragma once

#include <csignal>

#include "harness/live/file_descriptor.h"

namespace hil::harness {

/// Ends of children, Ctrl-C and a friendly kill as something to read, in place of what they do otherwise, while it
/// lives.
class RunnerSignals {
 public:
  /// Throws std::system_error.
  RunnerSignals();
  ~RunnerSignals();
  RunnerSignals(const RunnerSignals&) = delete;
  RunnerSignals& operator=(const RunnerSignals&) = delete;

  /// Can be read once a signal has come.
  int fd() const { return signals_.get(); }
  /// How many times an end was asked for since the last call.
  int take_stops();
  /// The mask from before, for children.
  const sigset_t& before() const { return before_; }

 private:
  FileDescriptor signals_;
  sigset_t before_{};
};

}  // namespace hil::harness
