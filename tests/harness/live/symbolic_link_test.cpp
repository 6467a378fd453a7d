#include "harness/live/symbolic_link.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include "harness/live/pseudo_terminal.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

fs::path new_name() {
  return fs::path(testing::TempDir()) / ("link" + std::to_string(::getpid()));
}

TEST(SymbolicLink, LeavesTheLinkOfATerminalInUseAlone) {
  const fs::path name = new_name();
  const auto in_use = PseudoTerminalPair::open("a test");
  const SymbolicLink its(name, in_use.path);
  const auto other = PseudoTerminalPair::open("a test");
  EXPECT_THROW(SymbolicLink(name, other.path), std::runtime_error);
  EXPECT_EQ(fs::read_symlink(name), fs::path(in_use.path));
}

// The system gives the number of a closed terminal to the next one, so what a killed run left leads somewhere again.
TEST(SymbolicLink, TakesThePlaceOfOneThatAKilledRunLeft) {
  const fs::path name = new_name();
  {
    const auto killed = PseudoTerminalPair::open("a test");
    fs::create_symlink(killed.path, name);
  }
  // Longer than a tick of the file system's clock.
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  const auto next = PseudoTerminalPair::open("a test");
  {
    const SymbolicLink link(name, next.path);
    EXPECT_EQ(fs::read_symlink(name), fs::path(next.path));
  }
  EXPECT_FALSE(fs::exists(fs::symlink_status(name)));
}

TEST(SymbolicLink, NeverTakesThePlaceOfAFile) {
  const fs::path name = new_name();
  fs::create_directory(name);
  EXPECT_THROW(SymbolicLink(name, "/dev/null"), std::runtime_error);
  fs::remove(name);
}

}  // namespace
}  // namespace hil::harness
