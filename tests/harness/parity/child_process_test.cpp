#include "harness/parity/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

fs::path new_log() {
  return fs::path(testing::TempDir()) / ("child" + std::to_string(::getpid()));
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(ChildProcess, KeepsWhatItPrintsAndHowItEnded) {
  const fs::path log = new_log();
  ChildProcess child({"sh", "-c", "echo here; echo there >&2; exit 7"}, log, ChildProcess::Priority::real_time);
  EXPECT_EQ(child.wait(), 7);
  EXPECT_EQ(child.id(), -1);
  EXPECT_EQ(text_of(log), "here\nthere\n");
}

TEST(ChildProcess, NamesWhatCannotBeHad) {
  for (const auto& [program, log, name] : {std::tuple{"/no/such/program", new_log(), "/no/such/program"},
                                           std::tuple{"true", fs::path("/no/such/log"), "/no/such/log"}}) {
    try {
      ChildProcess({program}, log);
      ADD_FAILURE() << name << " was there";
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.what(), std::string(name) + ": No such file or directory");
    }
  }
}

/// Whether it has ended; one that nobody has collected is no more than a row of a table.
bool has_ended(pid_t process) {
  std::string line;
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  if (!std::getline(stat, line)) return true;
  const std::size_t state = line.rfind(") ") + 2;
  return line.at(state) == 'Z' || line.at(state) == 'X';
}

// Killed, it can end nobody: the kernel does.
TEST(ChildProcess, EndsWithItsParent) {
  const fs::path told = new_log().string() + ".id";
  fs::remove(told);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const ChildProcess child({"sleep", "600"}, "/dev/null");
    std::ofstream(told.string() + ".new") << child.id() << std::flush;
    fs::rename(told.string() + ".new", told);
    for (;;) ::pause();
  }
  for (int look = 0; look < 1000 && !fs::exists(told); ++look) std::this_thread::sleep_for(10ms);
  ASSERT_TRUE(fs::exists(told));
  const pid_t child = static_cast<pid_t>(std::stol(text_of(told)));
  EXPECT_FALSE(has_ended(child));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  for (int look = 0; look < 1000 && !has_ended(child); ++look) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(has_ended(child));
}

}  // namespace
}  // namespace hil::harness
