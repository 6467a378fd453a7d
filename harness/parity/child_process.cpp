#include "harness/parity/child_process.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

namespace hil::harness {

namespace {

struct Scheduling {
  int policy = SCHED_OTHER;
  int priority = 0;
};

// The bench has 10 (real_time_priority.cpp): what is judged must not keep its judge waiting.
constexpr Scheduling scheduling(ChildProcess::Priority priority) {
  switch (priority) {
    case ChildProcess::Priority::real_time:
      return {SCHED_FIFO, 8};
    case ChildProcess::Priority::emulator:
      return {SCHED_RR, 5};
    case ChildProcess::Priority::ordinary:
      break;
  }
  return {};
}

/// 0, or why not.
int spawn(pid_t& process, const std::vector<std::string>& words, const std::filesystem::path& log,
          const Scheduling& wanted) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  if (wanted.policy != SCHED_OTHER) {
    const sched_param priority{.sched_priority = wanted.priority};
    ::posix_spawnattr_setschedpolicy(&attributes, wanted.policy);
    ::posix_spawnattr_setschedparam(&attributes, &priority);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSCHEDULER);
  }
  const int failure = ::posix_spawnp(&process, arguments.front(), &files, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return failure;
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::filesystem::path& log, Priority priority) {
  int failure = spawn(process_, words, log, scheduling(priority));
  if (failure == EPERM && priority != Priority::ordinary) failure = spawn(process_, words, log, {});
  if (failure == 0) return;
  process_ = -1;
  throw std::system_error(failure, std::generic_category(), words.front());
}

ChildProcess::~ChildProcess() {
  end();
}

void ChildProcess::collected(int status) {
  process_ = -1;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool ChildProcess::running() {
  int status = 0;
  if (process_ >= 0 && ::waitpid(process_, &status, WNOHANG) == process_) collected(status);
  return process_ >= 0;
}

int ChildProcess::wait() {
  int status = 0;
  while (process_ >= 0) {
    if (::waitpid(process_, &status, 0) == process_) {
      collected(status);
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "waiting for a program");
    }
  }
  return exit_code_;
}

void ChildProcess::end() {
  using namespace std::chrono_literals;
  if (!running()) return;
  ::kill(process_, SIGTERM);
  const auto given_up = std::chrono::steady_clock::now() + 2s;
  while (running() && std::chrono::steady_clock::now() < given_up) std::this_thread::sleep_for(10ms);
  if (!running()) return;
  ::kill(process_, SIGKILL);
  int status = 0;
  if (::waitpid(process_, &status, 0) == process_) collected(status);
}

}  // namespace hil::harness
