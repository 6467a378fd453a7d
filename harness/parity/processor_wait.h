#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace hil::harness {

/// How long a process that could have run was kept from a processor, as Linux counts it for each of its threads
/// (proc(5), task/TID/schedstat, second figure). On a kernel that does not count it nothing is seen.
class ProcessorWait {
 public:
  explicit ProcessorWait(pid_t process);

  /// To be called often: what a thread has waited between two looks counts as one wait.
  void look();
  /// The longest wait of any thread between two looks.
  std::chrono::nanoseconds longest() const { return longest_; }

 private:
  std::filesystem::path threads_;
  std::map<std::string, std::chrono::nanoseconds> waited_;  ///< by thread, up to the last look
  std::chrono::nanoseconds longest_{0};
};

}  // namespace hil::harness
