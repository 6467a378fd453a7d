#include "controller/devices/goodwe_et_registers.h"

#include <gtest/gtest.h>

#include <array>
#include <span>

namespace hil::controller {
namespace {

// goodwe-et-modbus 12: 254.2 V, -9.8 A, -2512 W (charging); the first registers of that frame.
TEST(GoodweEtRegisters, TheWorkedBatteryBlockDecodesToVoltsAndChargingWatts) {
  // Behind them mode 3 (charging), no warning, country 32, work mode 1.
  const std::array<std::uint8_t, 16> data{0x09, 0xEE, 0xFF, 0x9E, 0xFF, 0xFF, 0xF6, 0x30, 0, 3, 0, 0, 0, 32, 0, 1};
  EtValues values;
  decode_block(EtBlock::battery_power, data, values);
  EXPECT_NEAR(values[EtQuantity::battery_v].value(), 254.2, 1e-9);  // rounding only
  EXPECT_DOUBLE_EQ(values[EtQuantity::battery_discharge_w].value(), -2512.0);
  EXPECT_DOUBLE_EQ(values[EtQuantity::work_mode].value(), 1.0);
  EXPECT_FALSE(values[EtQuantity::ac_injection_w].has_value());
}

TEST(GoodweEtRegisters, PercentBecomesARatioAtTheEdge) {
  // 37002..37007: status 1, 25.0 C, 25 A, 20 A, no alarm, 63 %.
  const std::array<std::uint8_t, 12> data{0, 1, 0, 250, 0, 25, 0, 20, 0, 0, 0, 63};
  EtValues values;
  decode_block(EtBlock::bms, data, values);
  EXPECT_DOUBLE_EQ(values[EtQuantity::bms_max_charge_a].value(), 25.0);
  EXPECT_DOUBLE_EQ(values[EtQuantity::bms_max_discharge_a].value(), 20.0);
  EXPECT_DOUBLE_EQ(values[EtQuantity::battery_soc].value(), 0.63);
}

TEST(GoodweEtRegisters, AnOrderSetsLimitAndBatteryModeTogether) {
  const EtOrder charge = encode_order(true, 3456.9, -2500.4);
  EXPECT_EQ(charge.words, (std::array<std::uint16_t, 4>{1, 3456, 11, 2500}));  // the limit is rounded down
  EXPECT_DOUBLE_EQ(limit_of(charge), 3456.0);
  EXPECT_DOUBLE_EQ(battery_discharge_of(charge), -2500.0);
  EXPECT_EQ(encode_order(true, 0.0, 700.0).words, (std::array<std::uint16_t, 4>{1, 0, 3, 700}));
  EXPECT_EQ(encode_order(true, 0.0, std::nullopt).words, (std::array<std::uint16_t, 4>{1, 0, 8, 0}));
  EXPECT_EQ(encode_order(false, 0.0, 0.0).words, (std::array<std::uint16_t, 4>{0, 10000, 3, 0}));
  EXPECT_EQ(encode_order(true, -50.0, 99999.0).words, (std::array<std::uint16_t, 4>{1, 0, 3, 10000}));
}

TEST(GoodweEtRegisters, ADrawAndAStopLetNothingOut) {
  EXPECT_EQ(encode_draw(2500.4).words, (std::array<std::uint16_t, 4>{1, 0, 4, 2500}));
  EXPECT_EQ(encode_draw(99999.0).words, (std::array<std::uint16_t, 4>{1, 0, 4, 10000}));
  EXPECT_EQ(encode_stop().words, (std::array<std::uint16_t, 4>{1, 0, 255, 0}));
}

TEST(GoodweEtRegisters, TheOrderReadBackEndsItsBlock) {
  // 47502..47512: seven of other matters, then 1, 3456, 11, 2500.
  const std::array<std::uint8_t, 22> data{9, 9, 9, 9, 9, 9,    9,    9, 9,  9,    9,
                                          9, 9, 9, 0, 1, 0x0D, 0x80, 0, 11, 0x09, 0xC4};
  EXPECT_EQ(decode_order(data), encode_order(true, 3456.0, -2500.0));
  EXPECT_FALSE(decode_order(std::span(data).first(20)).has_value());
}

// goodwe-et-modbus 6.3: 45482 holds 1..20 for 0.99..0.80 lagging, 80..99 for 0.80..0.99 leading, 100 for 1; 45483 0.1
// %.
TEST(GoodweEtRegisters, ReactivePowerIsACodeOfThePowerFactorOrAShareOfTheRating) {
  const auto words = [](double factor, double share) { return encode_reactive(factor, share).words; };
  EXPECT_EQ(words(0.95, 0.0), (std::array<std::uint16_t, 2>{95, 0}));
  EXPECT_EQ(words(-0.95, 0.0), (std::array<std::uint16_t, 2>{5, 0}));
  EXPECT_EQ(words(-0.8, 0.0), (std::array<std::uint16_t, 2>{20, 0}));
  EXPECT_EQ(words(0.5, 0.0), (std::array<std::uint16_t, 2>{80, 0}));
  EXPECT_EQ(words(1.0, 0.0), (std::array<std::uint16_t, 2>{100, 0}));
  EXPECT_EQ(words(-1.0, 0.0), (std::array<std::uint16_t, 2>{100, 0}));
  EXPECT_EQ(words(1.0, 0.25), (std::array<std::uint16_t, 2>{100, 250}));
  EXPECT_EQ(words(1.0, -0.9), (std::array<std::uint16_t, 2>{100, 0xFDA8}));  // -600
}

}  // namespace
}  // namespace hil::controller
