#include "harness/parity/child_process.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <thread>

#include "harness/live/file_descriptor.h"

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

/// Of the system's last call, by what it was for.
[[noreturn]] void refuse(int failure, const std::string& what) {
  throw std::system_error(failure, std::generic_category(), what);
}

FileDescriptor opened(int fd, const std::string& what) {
  if (fd < 0) refuse(errno, what);
  return FileDescriptor(fd);
}

struct Files {
  int input = -1;
  int log = -1;
  int failure = -1;  ///< takes why the program could not be started; closed by its start
};

/// The child's part, with nothing but what is safe between fork and exec.
[[noreturn]] void become(char* const* arguments, const Files& files, const Scheduling& wanted, pid_t parent) {
  // Whoever started it may be killed and end nobody: then the kernel does. It may have been before this was said.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(EXIT_FAILURE);
  ::dup2(files.input, STDIN_FILENO);
  ::dup2(files.log, STDOUT_FILENO);
  ::dup2(files.log, STDERR_FILENO);
  // One that had its number already is still to be closed by exec.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::fcntl(fd, F_SETFD, 0);
  if (wanted.policy != SCHED_OTHER) {
    // Where it is not granted it stays ordinary.
    const sched_param priority{.sched_priority = wanted.priority};
    ::sched_setscheduler(0, wanted.policy, &priority);
  }
  ::execvp(arguments[0], arguments);
  const int failure = errno;
  [[maybe_unused]] const ssize_t told = ::write(files.failure, &failure, sizeof failure);
  ::_exit(EXIT_FAILURE);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& words, const std::filesystem::path& log, Priority priority) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const FileDescriptor input = opened(::open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
  const FileDescriptor output =
      opened(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), log.string());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) refuse(errno, "a pipe to " + words.front());
  const FileDescriptor told(ends[0]);
  FileDescriptor telling(ends[1]);
  const Files files{input.get(), output.get(), telling.get()};
  const Scheduling wanted = scheduling(priority);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) become(arguments.data(), files, wanted, parent);
  if (process_ < 0) refuse(errno, words.front());
  telling.close();
  int failure = 0;
  ssize_t got = -1;
  do {
    got = ::read(told.get(), &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof failure)) return;
  wait();
  refuse(failure, words.front());
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
