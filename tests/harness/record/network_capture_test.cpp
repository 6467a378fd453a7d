#include "harness/record/network_capture.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Protocol = NetworkCapture::Protocol;
using Bytes = std::vector<std::uint8_t>;

const NetworkEnd device{0x0A000001, 502};
const NetworkEnd client{0x0A000002, 40'222};

std::uint32_t little32(const std::string& text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i > 0; --i) value = value << 8 | static_cast<std::uint8_t>(text[at + i - 1]);
  return value;
}

/// The packets of a pcapng file.
std::vector<Bytes> packets_in(const std::filesystem::path& file) {
  const std::string text = read_whole_file(file);
  std::vector<Bytes> packets;
  for (std::size_t at = 0; at < text.size(); at += little32(text, at + 4)) {
    constexpr std::uint32_t packet_block = 6;
    if (little32(text, at) != packet_block) continue;
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at + 28);
    packets.emplace_back(begin, begin + little32(text, at + 20));
  }
  return packets;
}

std::uint32_t word(const Bytes& packet, std::size_t at) {
  return std::uint32_t{packet[at]} << 8 | packet[at + 1];
}
std::uint32_t word32(const Bytes& packet, std::size_t at) {
  return word(packet, at) << 16 | word(packet, at + 2);
}

/// RFC 1071: over what holds its own checksum the sum of the words is FFFF.
std::uint32_t folded_sum(const Bytes& packet, std::size_t first, std::size_t end, std::uint32_t sum) {
  for (std::size_t i = first; i < end; ++i) sum += (i - first) % 2 == 0 ? std::uint32_t{packet[i]} << 8 : packet[i];
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum;
}

class Capture : public testing::Test {
 protected:
  ~Capture() override { std::filesystem::remove_all(folder_); }

  /// What `fill` wrote.
  template <typename Fill>
  std::vector<Bytes> packets_of(Protocol protocol, Fill fill) {
    std::filesystem::create_directories(folder_);
    const auto file = folder_ / "device.pcapng";
    NetworkCapture capture{file, "device", protocol, device};
    fill(capture);
    capture.flush();
    EXPECT_EQ(capture.failure(), "");
    std::vector<Bytes> packets = packets_in(file);
    for (const Bytes& packet : packets) expect_sound(packet);
    return packets;
  }

  /// Lengths and checksums of all layers.
  static void expect_sound(const Bytes& packet) {
    ASSERT_GE(packet.size(), 42u);
    EXPECT_EQ(word(packet, 12), 0x0800u) << "IPv4";
    EXPECT_EQ(word(packet, 16), packet.size() - 14);
    EXPECT_EQ(folded_sum(packet, 14, 34, 0), 0xFFFFu);
    const auto transport_bytes = static_cast<std::uint32_t>(packet.size() - 34);
    EXPECT_EQ(folded_sum(packet, 26, packet.size(), packet[23] + transport_bytes), 0xFFFFu) << "with pseudo header";
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("network_capture_" + std::to_string(::getpid()));
};

constexpr std::size_t sequence_at = 38;
constexpr std::size_t acknowledged_at = 42;
constexpr std::size_t flags_at = 47;

// By hand: SYN counts one, each byte one, FIN one (RFC 9293 3.4).
TEST_F(Capture, CountsTheSequenceNumbersOfAConnectionFromItsHandshakeToItsEnd) {
  const auto packets = packets_of(Protocol::tcp, [](NetworkCapture& capture) {
    capture.opened(client, 1s, {});
    capture.write(client, true, Bytes(12, 0x11), 2s, {});
    capture.write(client, false, Bytes(11, 0x22), 3s, "split");
    capture.closed(client, true, 4s, {});
  });
  struct Expected {
    bool from_client;
    std::uint32_t sequence;
    std::uint32_t acknowledged;
    std::uint8_t flags;
  };
  const std::vector<Expected> expected{{true, 0, 0, 0x02},    {false, 0, 1, 0x12},  {true, 1, 1, 0x10},
                                       {true, 1, 1, 0x18},    {false, 1, 13, 0x18}, {true, 13, 12, 0x11},
                                       {false, 12, 14, 0x11}, {true, 14, 13, 0x10}};
  ASSERT_EQ(packets.size(), expected.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    SCOPED_TRACE(i);
    const NetworkEnd from = expected[i].from_client ? client : device;
    EXPECT_EQ(word32(packets[i], 26), from.ip);
    EXPECT_EQ(word(packets[i], 34), from.port);
    EXPECT_EQ(word32(packets[i], sequence_at), expected[i].sequence);
    EXPECT_EQ(word32(packets[i], acknowledged_at), expected[i].acknowledged);
    EXPECT_EQ(packets[i][flags_at], expected[i].flags);
  }
}

TEST_F(Capture, BeginsAPortThatComesAgainWithAnotherSequenceNumber) {
  const auto packets = packets_of(Protocol::tcp, [](NetworkCapture& capture) {
    capture.opened(client, 1s, {});
    capture.reset(client, 2s, {});
    capture.opened(client, 3s, {});
  });
  std::vector<std::uint32_t> first;
  for (const Bytes& packet : packets) {
    if (packet[flags_at] == 0x02) first.push_back(word32(packet, sequence_at));
  }
  ASSERT_EQ(first.size(), 2U);
  EXPECT_NE(first[0], first[1]) << "else it is taken for a repetition";
}

TEST_F(Capture, CutsWhatIsLongerThanASegmentAndEndsWithAReset) {
  const auto packets = packets_of(Protocol::tcp, [](NetworkCapture& capture) {
    capture.opened(client, 1s, {});
    capture.write(client, false, Bytes(4001, 0x33), 2s, {});
    capture.reset(client, 3s, "reset");
  });
  ASSERT_EQ(packets.size(), 7u);
  EXPECT_EQ(packets[3].size(), 54u + 1460);
  EXPECT_EQ(packets[5].size(), 54u + 1081);
  EXPECT_EQ(word32(packets[5], sequence_at), 2921u);
  EXPECT_EQ(word32(packets[6], sequence_at), 4002u);
  EXPECT_EQ(packets[6][flags_at], 0x14);
}

TEST_F(Capture, WritesDatagramsOfEvenAndOddLength) {
  const auto packets = packets_of(Protocol::udp, [](NetworkCapture& capture) {
    capture.write(client, true, Bytes{1, 2, 3}, 1s, {});
    capture.write(client, false, Bytes{1, 2, 3, 4}, 2s, {});
    capture.write(client, true, {}, 3s, {});
  });
  ASSERT_EQ(packets.size(), 3u);
  EXPECT_EQ(word(packets[0], 36), 502u);
  EXPECT_EQ(word(packets[0], 38), 11u) << "header and bytes";
  EXPECT_EQ(packets[1].size(), 46u);
  EXPECT_EQ(packets[2].size(), 42u);
}

TEST(NetworkEnd, IsWrittenAsAddressAndPort) {
  EXPECT_EQ(device.text(), "10.0.0.1:502");
}

}  // namespace
}  // namespace hil::harness
