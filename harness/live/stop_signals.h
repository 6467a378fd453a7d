#pragma once

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"

namespace hil::harness {

/// Ctrl-C, a friendly kill and a terminal that is closed end the process no more from now on: what is returned can be
/// read once one of them has come. Throws std::system_error.
FileDescriptor stop_signals();

/// They end the loop instead.
class StopSignals {
 public:
  /// Throws std::system_error.
  explicit StopSignals(PacedLoop& loop);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Can be read once a signal has come.
  int fd() const { return signals_.get(); }
  bool has_come() const { return has_come_; }

 private:
  PacedLoop& loop_;
  FileDescriptor signals_;
  bool has_come_ = false;
};

}  // namespace hil::harness
