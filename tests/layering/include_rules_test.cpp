#include "tests/layering/include_rules.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace hil::layering {
namespace {

namespace fs = std::filesystem;

/// A made-up source tree in a temporary folder, gone with the test.
class LayeringRules : public testing::Test {
 public:
  ~LayeringRules() override { fs::remove_all(root_); }

 protected:
  LayeringRules() {
    std::string pattern = (fs::temp_directory_path() / "layering_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw fs::filesystem_error{"mkdtemp", std::error_code{}};
    root_ = pattern;
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream{root_ / name} << text;
  }
  std::string found() const {
    std::string text;
    for (const Violation& violation : violations_in(root_)) text += violation.text() + "\n";
    return text;
  }

  fs::path root_;
};

TEST(Layering, OfThisProjectFollowsTheArrows) {
  const fs::path root{HILBENCH_SOURCE_DIR};
  EXPECT_GT(sources_in(root), 20u) << "nothing to look at in " << root;
  for (const Violation& violation : violations_in(root)) ADD_FAILURE() << violation.text();
}

TEST_F(LayeringRules, AcceptIncludesAlongTheArrows) {
  write("models/a.h", "#include <vector>\n#include <Eigen/Dense>\n#include \"models/b.h\"\n");
  write("sim/kernel/k.cpp", "#include <systemc>\n#include \"models/a.h\"\n");
  write("sim/w.cpp", "#include <modbus/modbus.h>\n#include \"sim/kernel/k.h\"\n");
  write("controller/c.h", "#include <chrono>\n#include \"controller/d.h\"\n");
  write("harness/h.cpp",
        "#include <pugixml.hpp>\n#include \"sim/w.h\"\n#include \"controller/c.h\"\nauto t = steady_clock::now();\n");
  EXPECT_EQ(found(), "");
}

TEST_F(LayeringRules, ReportAnIncludeAgainstTheArrowsWithFileAndLine) {
  write("models/a.cpp", "#include <vector>\n\n#include \"sim/kernel/kernel.h\"\n");
  write("sim/b.cpp", "#include \"harness/x.h\"\n");
  write("controller/deep/c.cpp", "int x;\n  #  include \"models/a.h\"\n");
  write("harness/d.cpp", "#include \"tests/helper.h\"\n");
  EXPECT_EQ(found(),
            "controller/deep/c.cpp:2: includes \"models/a.h\", controller may use controller\n"
            "harness/d.cpp:1: includes \"tests/helper.h\", harness may use controller, harness, models, sim\n"
            "models/a.cpp:3: includes \"sim/kernel/kernel.h\", models may use models\n"
            "sim/b.cpp:1: includes \"harness/x.h\", sim may use models, sim\n");
}

TEST_F(LayeringRules, KeepTheBenchFromSocketsAndClocks) {
  write("harness/live/client.h", "#include \"harness/plant/client.h\"\n");
  write("harness/plant/master.h", "#include \"harness/live/client.h\"\n");
  write("harness/plant_events/other.h", "#include \"harness/live/client.h\"\n");
  EXPECT_EQ(found(),
            "harness/plant/master.h:1: includes \"harness/live/client.h\", harness/plant may not use harness/live\n");
}

TEST_F(LayeringRules, AreNotEvadedByBracketsOrRelativePaths) {
  write("sim/b.h", "");
  write("models/site/a.cpp", "#include <sim/b.h>\n#include \"../../sim/b.h\"\n");
  EXPECT_EQ(found(),
            "models/site/a.cpp:1: includes <sim/b.h>, models may use models\n"
            "models/site/a.cpp:2: includes \"../../sim/b.h\", models may use models\n");
}

TEST_F(LayeringRules, KeepSystemCInTheKernel) {
  write("sim/wire/line.cpp", "#include <systemc>\n");
  write("harness/plant/bench.cpp", "#include <sysc/kernel/sc_time.h>\n");
  EXPECT_EQ(found(),
            "harness/plant/bench.cpp:1: includes <sysc/kernel/sc_time.h>, SystemC may be used in sim/kernel only\n"
            "sim/wire/line.cpp:1: includes <systemc>, SystemC may be used in sim/kernel only\n");
}

TEST_F(LayeringRules, KeepOtherLibrariesOutOfModelsAndController) {
  write("models/a.cpp", "#include <fmt/format.h>\n");
  write("controller/c.cpp", "#include <unistd.h>\n#include <Eigen/Dense>\n#include \"pugixml.hpp\"\n");
  EXPECT_EQ(found(),
            "controller/c.cpp:1: includes <unistd.h>, controller may use the standard library only\n"
            "controller/c.cpp:2: includes <Eigen/Dense>, controller may use the standard library only\n"
            "controller/c.cpp:3: includes \"pugixml.hpp\", controller may use the standard library only\n"
            "models/a.cpp:1: includes <fmt/format.h>, models may use the standard library and Eigen/ only\n");
}

TEST_F(LayeringRules, LetHostsOfTheControllerUseTheMachineButNotTheCoreUseThem) {
  write("controller/hosts/linux/a.cpp",
        "#include <unistd.h>\n#include \"controller/c.h\"\nauto t = std::chrono::steady_clock::now();\n"
        "#include \"sim/b.h\"\n");
  write("controller/c.cpp", "#include \"controller/hosts/linux/a.h\"\n");
  EXPECT_EQ(found(),
            "controller/c.cpp:1: includes \"controller/hosts/linux/a.h\", a host uses the core and not the other way "
            "round\n"
            "controller/hosts/linux/a.cpp:4: includes \"sim/b.h\", controller may use controller\n");
}

TEST_F(LayeringRules, ReportClocksWhereTimeIsAnArgument) {
  write("sim/a.cpp", "int x;\nauto t = std::chrono::steady_clock::now();\n");
  write("controller/c.cpp", "auto t = std::chrono::system_clock::now();\n");
  EXPECT_EQ(found(),
            "controller/c.cpp:1: names system_clock, controller gets time as an argument\n"
            "sim/a.cpp:2: names steady_clock, sim gets time as an argument\n");
}

TEST_F(LayeringRules, OverlookComments) {
  write("models/a.cpp",
        "// #include \"sim/b.h\"\n/* steady_clock\n#include \"sim/b.h\"\n*/ int x;  // system_clock\n"
        "const char* address = \"http://x\";\n#include \"sim/c.h\"\n");
  write("CMakeLists.txt", "# never file(GLOB)\n");
  EXPECT_EQ(found(), "models/a.cpp:6: includes \"sim/c.h\", models may use models\n");
}

TEST_F(LayeringRules, ReportSourcesTakenByGlob) {
  write("CMakeLists.txt", "project(x)\nfile(GLOB_RECURSE sources *.cpp)\n");
  write("sim/CMakeLists.txt", "FILE( glob a *.cpp )\n");
  write("tests/sim/CMakeLists.txt", "\n\naux_source_directory(. sources)\n");
  EXPECT_EQ(found(),
            "CMakeLists.txt:2: takes sources by glob, list them\n"
            "sim/CMakeLists.txt:1: takes sources by glob, list them\n"
            "tests/sim/CMakeLists.txt:3: takes sources by glob, list them\n");
}

TEST_F(LayeringRules, AcceptDataFilesTakenByGlobButNotSourcesAmongThem) {
  write("tests/CMakeLists.txt",
        "file(GLOB_RECURSE good CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/*.xml)\n"
        "file(GLOB mixed\n  *.xml\n  *.cpp)\n"
        "file(GLOB everything *)\n");
  EXPECT_EQ(found(),
            "tests/CMakeLists.txt:2: takes sources by glob, list them\n"
            "tests/CMakeLists.txt:5: takes sources by glob, list them\n");
}

}  // namespace
}  // namespace hil::layering
