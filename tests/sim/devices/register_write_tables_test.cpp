// Makers whose functions 06 and 16 have address lists of their own, and double words with the low one first.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sim/devices/register_server.h"

namespace hil::sim {
namespace {

using Bytes = std::vector<std::uint8_t>;

RegisterRow row(Table table, std::uint16_t address, Encoding encoding, Access access, std::string binding) {
  RegisterRow made;
  made.table = table;
  made.address = address;
  made.count = registers_of(encoding);
  made.encoding = encoding;
  made.access = access;
  made.binding = std::move(binding);
  made.name = made.binding;
  made.source = "test";
  return made;
}

class SplitServer : public testing::Test {
 protected:
  static RegisterMap map() {
    return {
        "split",
        "split.xml",
        {{0, 9, 0, 1000, 0, Table::holding}, {0, 3, 0, 0, 0, Table::single_write}, {0, 1, 0, 0, 0, Table::block_write}},
        {row(Table::holding, 0, Encoding::s32_low_first, Access::read, "push_w"),
         row(Table::holding, 4, Encoding::u16, Access::read, "mode"),
         row(Table::single_write, 0, Encoding::u16, Access::write, "mode"),
         row(Table::block_write, 0, Encoding::s32_low_first, Access::write, "push_w")}};
  }
  const DeviceFace& face() {
    face_.setting("mode", &mode_, 0.0, 5.0);
    face_.setting("push_w", &push_w_, -1e6, 1e6);
    return face_;
  }
  Bytes ask(const Bytes& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server_.serve(pdu, reply, Time{0});
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }

  double mode_ = 0.0;
  double push_w_ = -1000.0;
  DeviceFace face_;
  RegisterServer server_{map(), face()};
};

TEST_F(SplitServer, TellsTheLowWordFirst) {
  EXPECT_EQ(ask({3, 0, 0, 0, 2}), (Bytes{3, 4, 0xFC, 0x18, 0xFF, 0xFF}));
}

TEST_F(SplitServer, TakesTheLowWordFirst) {
  EXPECT_EQ(ask({16, 0, 0, 0, 2, 4, 0x86, 0xA0, 0x00, 0x01}).at(0), 16);
  EXPECT_EQ(push_w_, 100000.0);
}

TEST_F(SplitServer, EachFunctionWritesItsOwnAddresses) {
  EXPECT_EQ(ask({6, 0, 0, 0, 3}).at(0), 6);
  EXPECT_EQ(mode_, 3.0);
  EXPECT_EQ(push_w_, -1000.0);
  EXPECT_EQ(ask({6, 0, 1, 0, 3}), (Bytes{0x86, 2}));
  EXPECT_EQ(ask({6, 0, 4, 0, 3}), (Bytes{0x86, 2}));  // where it is read
  EXPECT_EQ(ask({16, 0, 4, 0, 1, 2, 0, 1}), (Bytes{0x90, 2}));
}

// The block that shows it is refreshed once a second only.
TEST_F(SplitServer, WhatIsWrittenReadsBackAtOnce) {
  server_.refresh(Time{0});
  EXPECT_EQ(ask({6, 0, 0, 0, 3}).at(0), 6);
  EXPECT_EQ(ask({3, 0, 4, 0, 1}), (Bytes{3, 2, 0, 3}));
}

TEST_F(SplitServer, SuchTablesAreWrittenOnly) {
  RegisterMap bad = map();
  bad.rows[2].access = Access::read_write;
  bad.rows[3].table = Table::single_write;
  bad.rows[3].address = 1;
  const std::vector<std::string> faults = faults_of(bad);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_NE(faults[0].find("access must be write, as its table cannot be read"), std::string::npos) << faults[0];
  EXPECT_NE(faults[1].find("count must be 1, as function 06 writes one register"), std::string::npos) << faults[1];
}

}  // namespace
}  // namespace hil::sim
