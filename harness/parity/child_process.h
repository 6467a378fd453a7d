#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace hil::harness {

/// A program that runs beside this one; ended at the latest with this object, and by the kernel (SIGKILL) when this
/// process, or the thread that made the object, is gone without having done so.
class ChildProcess {
 public:
  /// Real time is SCHED_FIFO, behind the bench itself. An emulator may want the processor for long: several take turns
  /// (SCHED_RR), behind all that is real. Both where they are granted, else ordinary.
  enum class Priority : unsigned char { ordinary, emulator, real_time };
  /// `words`: the program and its arguments. What it prints goes to `log`. Throws std::system_error that names what
  /// could not be had.
  ChildProcess(const std::vector<std::string>& words, const std::filesystem::path& log,
               Priority priority = Priority::ordinary);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool running();
  /// Its number; -1 when it has ended.
  pid_t id() const { return process_; }
  /// SIGTERM, and SIGKILL two seconds later.
  void end();
  /// Until it has ended: its exit code, 128 + the signal that ended it.
  int wait();

 private:
  void collected(int status);
  pid_t process_ = -1;  ///< -1: it has ended
  int exit_code_ = 0;
};

}  // namespace hil::harness
