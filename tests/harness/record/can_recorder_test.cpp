#include "harness/record/can_recorder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

/// Two nodes at 500,000 bit/s, recorded into a folder of its own.
struct Recorded {
  Recorded() {
    for (const char* name : {"a1", "a2"}) can.add_node(name, {});
    can.add_monitor([this](const sim::CanBus::Record& record) { recorder.attempt(record); });
  }
  ~Recorded() { std::filesystem::remove_all(folder); }
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;

  std::vector<std::string> lines() {
    recorder.flush();
    std::istringstream text(read_whole_file(folder / "ess_can.txt"));
    std::vector<std::string> all;
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }
  std::string packets() {
    recorder.flush();
    return read_whole_file(folder / "ess_can.pcapng");
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("can_recorder_test_" + std::to_string(::getpid()));
  sim::Kernel kernel{10ms};
  sim::CanBus can{kernel, 500'000, 7};
  CanRecorder recorder{folder, "ess_can", can};
};

std::string bytes(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values) text += static_cast<char>(value);
  return text;
}

TEST(CanRecorder, WritesFramesForPeopleAndForWireshark) {
  Recorded recorded;
  recorded.can.send(0, {.id = 0x123, .length = 2, .data = {0x0A, 0xFF}});
  recorded.can.send(1, {.id = 0x1860'0001, .extended = true});
  recorded.can.send(1, {.id = 0x7FF, .remote = true, .length = 3});
  recorded.kernel.run(10ms);
  const std::vector<std::string> lines = recorded.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "0.000000 ess_can a1 sends 123 [2] 0A FF");
  EXPECT_NE(lines[1].find(" ess_can a2 sends 18600001 [0]"), std::string::npos) << lines[1];
  EXPECT_NE(lines[2].find(" ess_can a2 sends 7FF [3] remote"), std::string::npos) << lines[2];
  const std::string packets = recorded.packets();
  EXPECT_NE(packets.find(bytes({0, 0, 0x01, 0x23, 2, 0, 0, 0, 0x0A, 0xFF})), std::string::npos);
  EXPECT_NE(packets.find(bytes({0x98, 0x60, 0, 0x01, 0, 0, 0, 0})), std::string::npos) << "with its flag";
}

TEST(CanRecorder, WritesWhatFailsAgainAndAgainOnce) {
  Recorded recorded;
  recorded.can.set_place(1, {.piece = 1});  // nobody hears the other
  recorded.can.send(0, {.id = 0x123});
  recorded.kernel.run(10ms);
  const double attempts = recorded.can.counters(0).errors;
  ASSERT_GT(attempts, 10.0);
  recorded.recorder.note(10ms, "the cable is whole");
  recorded.can.set_place(1, {.piece = 0});
  recorded.kernel.run(20ms);
  const std::vector<std::string> lines = recorded.lines();
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[1], "0.010000 ess_can the cable is whole");
  const std::string more = " ess_can a1 has failed " + std::to_string(static_cast<int>(attempts) - 1) + " more times";
  EXPECT_NE(lines[2].find(more), std::string::npos) << lines[2];
  EXPECT_NE(lines[3].find(" fails with 123: form error"), std::string::npos) << lines[3];
  EXPECT_NE(lines[4].find(" a1 sends 123 [0]"), std::string::npos) << lines[4];
  const std::string packets = recorded.packets();
  EXPECT_NE(packets.find("the cable is whole; a1: form error"), std::string::npos);
  EXPECT_NE(packets.find(bytes({0x20, 0, 0, 0x20, 8, 0, 0, 0})), std::string::npos) << "an error frame";
}

// Of what fails to the end nothing else tells how often.
TEST(CanRecorder, WritesAtItsEndHowOftenWhatStillFailsHasFailed) {
  Recorded recorded;
  recorded.can.set_place(1, {.piece = 1});
  recorded.can.send(0, {.id = 0x123});
  recorded.kernel.run(10ms);
  const double attempts = recorded.can.counters(0).errors;
  ASSERT_GT(attempts, 10.0);
  std::vector<std::string> lines = recorded.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "0.000000 ess_can a1 fails with 123: no acknowledge");
  const std::string more = " ess_can a1 has failed " + std::to_string(static_cast<int>(attempts) - 1) + " more times";
  EXPECT_NE(lines[1].find(more), std::string::npos) << lines[1];
  EXPECT_EQ(recorded.lines(), lines) << "told once";
}

TEST(CanRecorder, KnowsTheNodesOfItsBus) {
  Recorded recorded;
  EXPECT_TRUE(recorded.recorder.knows("a2"));
  EXPECT_FALSE(recorded.recorder.knows("vcan0"));
  recorded.can.add_node("vcan0", {});
  EXPECT_TRUE(recorded.recorder.knows("vcan0"));
}

}  // namespace
}  // namespace hil::harness
