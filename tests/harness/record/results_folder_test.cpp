#include "harness/record/results_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

class AFolder : public testing::Test {
 protected:
  AFolder() : folder_(fs::temp_directory_path() / ("results_folder_test_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
  }
  ~AFolder() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(AFolder, IsOfOneRunAtATime) {
  {
    const ResultsLock lock(folder_);
    EXPECT_TRUE(in_use(folder_));
    EXPECT_THROW(ResultsLock{folder_}, std::runtime_error);
  }
  EXPECT_FALSE(in_use(folder_));
  EXPECT_TRUE(fs::exists(folder_));
  const ResultsLock next(folder_);
}

TEST_F(AFolder, IsGoneWhenItsRunNeverBegan) {
  ResultsLock lock(folder_);
  lock.take_away();
  EXPECT_FALSE(fs::exists(folder_));
  const ResultsLock next(folder_);
  EXPECT_TRUE(in_use(folder_));
}

TEST_F(AFolder, KeepsWhatARunBeforeHasLeft) {
  {
    const ResultsLock former(folder_);
    std::ofstream(folder_ / results::run_json) << "{}";
  }
  ResultsLock lock(folder_);
  lock.take_away();
  EXPECT_TRUE(fs::exists(folder_ / results::run_json));
  EXPECT_TRUE(fs::exists(folder_ / results::lock)) << "it was there before";
}

}  // namespace
}  // namespace hil::harness
