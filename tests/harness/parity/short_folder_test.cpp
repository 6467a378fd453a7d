#include "harness/parity/short_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace hil::harness {
namespace {

TEST(ShortFolder, LeavesRoomForASocketAndNothingBehind) {
  std::filesystem::path path;
  {
    const ShortFolder folder;
    const ShortFolder another;
    EXPECT_NE(folder.path(), another.path());
    path = folder.path();
    EXPECT_TRUE(std::filesystem::is_directory(path));
    EXPECT_LE((path / "status").native().size(), 107u);
    std::ofstream(path / "status") << "left by somebody";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace hil::harness
