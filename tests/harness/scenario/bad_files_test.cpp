#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "harness/scenario/reader.h"

namespace hil::harness {
namespace {

const std::filesystem::path folder = std::filesystem::path{HILBENCH_SOURCE_DIR} / "tests/harness/scenario";

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& theme) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{theme}) {
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// All faults, one a line, without the folder that this tree happens to stand in.
std::string faults_in(const std::filesystem::path& file) {
  Diagnostics diagnostics;
  const auto scenario = read_scenario(file, folder / "library", diagnostics);
  EXPECT_FALSE(scenario.has_value());
  std::string text;
  for (const Fault& fault : diagnostics.sorted()) text += fault.text() + "\n";
  for (const std::string& prefix : {(folder / "bad").string() + "/", folder.string() + "/"}) {
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
  }
  return text;
}

/// Beside each bad file stands what must be said about it: place, what was found, what is allowed, nothing more.
void expect_faults_of(const std::string& theme) {
  const std::vector<std::filesystem::path> files = files_in(folder / "bad" / theme);
  EXPECT_GT(files.size(), 10U);
  for (std::filesystem::path file : files) {
    const std::string found = faults_in(file);
    EXPECT_EQ(found, content_of(file.replace_extension(".expected"))) << file;
  }
}

TEST(BadFiles, ThatAreNotPlainXmlAreRefusedWithTheirPlace) {
  expect_faults_of("xml");
}
TEST(BadFiles, ThatBreakTheFormAreRefusedWithEveryFault) {
  expect_faults_of("structure");
}
TEST(BadFiles, ThatContradictThemselvesAreRefusedWithEveryFault) {
  expect_faults_of("meaning");
}

TEST(BadFiles, ThatDoNotExistAreNamed) {
  Diagnostics diagnostics;
  EXPECT_FALSE(read_scenario("no/such/file.xml", folder / "library", diagnostics));
  ASSERT_EQ(diagnostics.sorted().size(), 1U);
  EXPECT_EQ(diagnostics.sorted()[0].text(), "no/such/file.xml: no such file");
}

TEST(BadFiles, BeyondFourMebibytesAreNotRead) {
  Diagnostics diagnostics;
  const std::string text = "<scenario>" + std::string(4U << 20U, ' ') + "</scenario>";
  EXPECT_FALSE(read_scenario_text(text, "large.xml", folder / "library", diagnostics));
  ASSERT_EQ(diagnostics.sorted().size(), 1U);
  // 4 MiB of blanks and the two tags of 10 and 11 characters: 4,194,304 + 21.
  EXPECT_EQ(diagnostics.sorted()[0].text(), "large.xml: is 4194325 bytes long, must be <= 4194304 (4 MiB)");
}

TEST(BadFiles, WithoutACatalogueSayWhereItWasLookedFor) {
  Diagnostics diagnostics;
  EXPECT_FALSE(read_scenario(folder / "bad/meaning/shares.xml", "nowhere", diagnostics));
  ASSERT_FALSE(diagnostics.empty());
  const std::vector<Fault> faults = diagnostics.sorted();
  EXPECT_EQ(faults[0].text(), "nowhere/catalog: no catalogue files (*.xml) here");
}

}  // namespace
}  // namespace hil::harness
