#include "harness/live/first_request.h"

#include <gtest/gtest.h>

#include <random>

#include "sim/wire/modbus_rtu.h"

namespace hil::harness {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes frame(Bytes body) {
  sim::append_crc(body);
  return body;
}

const Bytes read_of_unit_7 = frame({7, 3, 0x88, 0xB8, 0, 1});

/// How many of the bytes it took until one ended a request; 0: none did.
std::size_t taken(FirstRequest& first, const Bytes& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (first.take(bytes[i])) return i + 1;
  }
  return 0;
}

Bytes request_of(const FirstRequest& first) {
  return {first.request().begin(), first.request().end()};
}

TEST(FirstRequest, IsThereWithItsLastByteAndNotBefore) {
  FirstRequest first;
  EXPECT_EQ(taken(first, read_of_unit_7), read_of_unit_7.size());
  EXPECT_EQ(request_of(first), read_of_unit_7);
  EXPECT_EQ(first.taken(), read_of_unit_7.size());
}

TEST(FirstRequest, IsFoundBehindWhatIsNone) {
  FirstRequest first;
  Bytes bytes(1000, 0x55);
  bytes.insert(bytes.end(), read_of_unit_7.begin(), read_of_unit_7.end() - 1);  // cut short
  const std::size_t before = bytes.size();
  const Bytes write = frame({0, 16, 0xB7, 0x98, 0, 2, 4, 0, 0, 0x27, 0x10});
  bytes.insert(bytes.end(), write.begin(), write.end());
  EXPECT_EQ(taken(first, bytes), bytes.size());
  EXPECT_EQ(request_of(first), write);
  EXPECT_EQ(first.taken(), before + write.size());
}

// By hand: a drawn byte ends a frame of one of 18 functions by chance once in 65536 * 256 / 18, so 10,000 have none for
// 99 seeds of a hundred. This is one of them.
TEST(FirstRequest, IsNotMadeOfNoise) {
  FirstRequest first;
  std::mt19937 draw(1);
  Bytes noise;
  while (noise.size() < 10'000) noise.push_back(static_cast<std::uint8_t>(draw()));
  EXPECT_EQ(taken(first, noise), 0u);
  EXPECT_TRUE(first.request().empty());
  EXPECT_EQ(first.taken(), noise.size());
}

TEST(FirstRequest, HasAGoodChecksum) {
  Bytes broken = read_of_unit_7;
  broken.back() ^= 1;
  FirstRequest first;
  EXPECT_EQ(taken(first, broken), 0u);
  EXPECT_EQ(taken(first, read_of_unit_7), read_of_unit_7.size());
  EXPECT_EQ(request_of(first), read_of_unit_7);
}

}  // namespace
}  // namespace hil::harness
