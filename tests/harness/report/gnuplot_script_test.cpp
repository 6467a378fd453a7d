#include "harness/report/gnuplot_script.h"

#include <gnuplot-iostream.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "harness/record/output_file.h"
#include "harness/report/gnuplot_text.h"

namespace hil::harness {
namespace {

namespace fs = std::filesystem;

/// A folder of this process's own, with a quote in its name.
class GnuplotScriptTest : public testing::Test {
 protected:
  GnuplotScriptTest() { fs::create_directories(folder); }
  ~GnuplotScriptTest() override { fs::remove_all(folder); }

  static void draw(GnuplotScript& script, const fs::path& file, double end_s) {
    Gnuplot& gnuplot = script.next_drawing();
    gnuplot << gnuplot_head(file.string(), "drawing", 200, end_s) << "plot '-' with lines\n";
    gnuplot.send1d(std::vector<std::pair<double, double>>{{0.0, 1.0}, {86'399.125, 2.0}});
  }

  static std::size_t paths_in(const std::string& svg) {
    std::size_t count = 0;
    for (std::size_t at = svg.find("<path"); at != std::string::npos; at = svg.find("<path", at + 1)) ++count;
    return count;
  }

  fs::path folder = fs::path(testing::TempDir()) / ("hilbench_it's_" + std::to_string(::getpid()));
};

TEST_F(GnuplotScriptTest, DrawsOneAfterTheOtherAndLeavesOnlyDrawings) {
  if (std::system("command -v gnuplot >/dev/null") != 0) GTEST_SKIP() << "no gnuplot";
  {
    GnuplotScript script(folder);
    draw(script, folder / "first.svg", 100'000.0);
    script.next_drawing() << "set arrow from 0,0 to 1,1\n";
    draw(script, folder / "second.svg", 100'000.0);
    EXPECT_FALSE(fs::exists(folder / "second.svg"));
    script.run();
    const std::string first = read_whole_file(folder / "first.svg");
    EXPECT_NE(first.find("</svg>"), std::string::npos);
    EXPECT_EQ(paths_in(first), paths_in(read_whole_file(folder / "second.svg"))) << "the arrow is forgotten";
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}), 2);
}

TEST_F(GnuplotScriptTest, IsRefusedWhereItCannotBeWritten) {
  EXPECT_THROW(GnuplotScript(folder / "missing"), std::runtime_error);
}

}  // namespace
}  // namespace hil::harness
