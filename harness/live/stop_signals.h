#pragma once

#include "harness/live/file_descriptor.h"
#include "harness/live/paced_loop.h"

namespace hil::harness {

/// Can be read once Ctrl-C, a friendly kill or a terminal that is closed has come; from now on none of them ends the
/// process by itself. What has come is there for all such descriptors until one is read. Throws std::system_error.
FileDescriptor stop_signals();

/// They end the loop instead.
class StopSignals {
 public:
  /// Throws std::system_error.
  explicit StopSignals(PacedLoop& loop);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool has_come() const { return has_come_; }

 private:
  PacedLoop& loop_;
  FileDescriptor signals_;
  bool has_come_ = false;
};

}  // namespace hil::harness
