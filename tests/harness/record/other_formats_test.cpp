#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "harness/record/comtrade_file.h"
#include "harness/record/vcd_file.h"

namespace hil::harness {
namespace {

Trace small_trace() {
  return {{"time_s", "grid.import_w", "heater.on", "et1.battery_soc"},
          {{0.01, 1.0, 2.0}, {-12.5, -12.5, 100.0}, {0.0, 1.0, 1.0}, {0.6, 0.6, 0.6}}};
}

TEST(Vcd, WritesWhatChangesInTheScopeOfItsOwner) {
  EXPECT_EQ(vcd_text(small_trace()),
            "$comment hilbench: values are real numbers, the unit ends the name $end\n$timescale 1 us $end\n"
            "$scope module et1 $end\n$var real 64 $ battery_soc $end\n$upscope $end\n"
            "$scope module grid $end\n$var real 64 \" import_w $end\n$upscope $end\n"
            "$scope module heater $end\n$var real 64 # on $end\n$upscope $end\n"
            "$enddefinitions $end\n"
            "#10000\nr-12.5 \"\nr0 #\nr0.6 $\n"
            "#1000000\nr1 #\n"
            "#2000000\nr100.0 \"\n");
}

TEST(Vcd, SaysHowLongItIsWhenNothingChangesAnyMore) {
  const std::string text = vcd_text({{"time_s", "x.a"}, {{1.0, 2.0, 3.0}, {5.0, 5.0, 5.0}}});
  EXPECT_TRUE(text.ends_with("#1000000\nr5 \"\n#3000000\n")) << text;
}

// 60 recorded signals and more: codes of two characters, all different.
TEST(Vcd, HasCodesForManySignals) {
  Trace trace{{"time_s"}, {{1.0}}};
  for (int i = 0; i < 200; ++i) {
    trace.names.push_back("x.signal" + std::to_string(i));
    trace.columns.push_back({1.0});
  }
  const std::string text = vcd_text(trace);
  EXPECT_NE(text.find("$var real 64 !\" signal93 $end"), std::string::npos) << text;
}

TEST(Comtrade, ConfigurationNamesAnalogueAndStatusChannels) {
  const Comtrade written = comtrade_of(small_trace(), "heater_step", 50.0);
  EXPECT_EQ(
      written.configuration,
      "heater_step,hilbench,2013\r\n3,2A,1D\r\n"
      "1,grid.import_w,,,W,1,0,0,-3.4028235E38,3.4028235E38,1,1,P\r\n"
      "2,et1.battery_soc,,,,1,0,0,-3.4028235E38,3.4028235E38,1,1,P\r\n"
      "1,heater.on,,,0\r\n"
      "50\r\n0\r\n0,3\r\n01/01/2000,00:00:00.000000\r\n01/01/2000,00:00:00.000000\r\nFLOAT32\r\n1\r\n0,0\r\nF,3\r\n");
}

TEST(Comtrade, KeepsTheCommasOfACaseOutOfItsFields) {
  EXPECT_EQ(comtrade_of(small_trace(), "x@a=1,b=2", 50.0).configuration.substr(0, 27), "x@a=1 b=2,hilbench,2013\r\n3,");
}

// Per sample: number and stamp of four bytes each, two floats, one word of status: 18 bytes.
TEST(Comtrade, DataAreFloatsWithAStampEach) {
  const std::string data = comtrade_of(small_trace(), "x", 50.0).data;
  ASSERT_EQ(data.size(), 54U);
  const auto whole = [&data](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(data[at + i])) << (8 * i);
    return value;
  };
  EXPECT_EQ(whole(18), 2U);
  EXPECT_EQ(whole(22), 1000000U);
  EXPECT_EQ(std::bit_cast<float>(whole(44)), 100.0F);
  EXPECT_EQ(data[16], 0);  // heater.on of the first sample
  EXPECT_EQ(data[34], 1);
}

// 86,400 s are 8.64e10 us: beyond 32 bits; in tens of microseconds 8.64e9 still are, in hundreds 8.64e8 fit.
TEST(Comtrade, StampsOfADayFitByTheirMultiplier) {
  const Trace day{{"time_s", "x.a_w"}, {{0.0, 86400.0}, {1.0, 2.0}}};
  EXPECT_NE(comtrade_of(day, "x", 50.0).configuration.find("FLOAT32\r\n100\r\n"), std::string::npos);
}

}  // namespace
}  // namespace hil::harness
