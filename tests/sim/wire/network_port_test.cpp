#include "sim/wire/network_port.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace hil::sim {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Fate = NetworkPort::Fate;

// Transaction 0x1501, unit 247, one register of value 0x1234: 5 bytes after the length field.
const Bytes sound{0x15, 0x01, 0, 0, 0, 5, 0xF7, 0x03, 2, 0x12, 0x34};

struct Sent {
  Time at{0};
  NetworkPort::Client client = 0;
  Bytes bytes;
  NetworkMarks marks = 0;
};

class Port : public testing::Test {
 protected:
  explicit Port(NetworkPort::Kind kind) : port(kind, 7) {
    port.open([this] { ++changes; });
  }

  void begin(NetworkFault fault, int number = 0, Time time = Time{0}, double probability = 1.0) {
    port.set(fault, {.probability = probability, .number = number, .time = time});
  }
  void end(NetworkFault fault) { port.set(fault, {}); }

  /// A request and its reply at `now`.
  Fate ask(Time now, NetworkPort::Client client = 1, const Bytes& reply = sound) {
    EXPECT_EQ(port.request(client, now), 0u);
    return port.reply(client, reply, now);
  }
  /// Everything up to `until`, each piece at the time it is due.
  std::vector<Sent> sent(Time until = 1h) {
    std::vector<Sent> all;
    for (Time due = port.next_due(); due <= until; due = port.next_due()) {
      const auto piece = port.next(due);
      all.push_back({due, piece->client, {piece->bytes.begin(), piece->bytes.end()}, piece->marks});
    }
    return all;
  }
  /// The one piece that a reply under one fault makes.
  Bytes one_piece() {
    ask(1s);
    const auto pieces = sent();
    EXPECT_EQ(pieces.size(), 1u);
    return pieces.empty() ? Bytes{} : pieces.front().bytes;
  }

  NetworkPort port;
  int changes = 0;
};
struct Stream : Port {
  Stream() : Port(NetworkPort::Kind::stream) {}
};
struct Datagrams : Port {
  Datagrams() : Port(NetworkPort::Kind::datagram) {}
};

Bytes with(std::size_t at, const Bytes& other) {
  Bytes changed = sound;
  std::copy(other.begin(), other.end(), changed.begin() + static_cast<std::ptrdiff_t>(at));
  return changed;
}

TEST_F(Stream, SendsAtOnceWhatNothingHits) {
  EXPECT_TRUE(port.clear());
  EXPECT_EQ(port.next_due(), NetworkPort::never);
  ask(1s);
  EXPECT_FALSE(port.clear()) << "one waits";
  const auto pieces = sent();
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].at, 1s);
  EXPECT_EQ(pieces[0].bytes, sound);
  EXPECT_EQ(pieces[0].marks, 0u);
  EXPECT_TRUE(port.clear());
}

TEST_F(Stream, TellsWhoHasItOpenOfEveryChange) {
  begin(NetworkFault::refused);
  EXPECT_EQ(changes, 1);
  EXPECT_TRUE(port.has(NetworkFault::refused));
  end(NetworkFault::refused);
  EXPECT_EQ(changes, 2);
  EXPECT_FALSE(port.has(NetworkFault::refused));
}

TEST_F(Stream, ChangesWhatTheHeaderSaysAndNothingElse) {
  begin(NetworkFault::wrong_transaction, 65'535);
  EXPECT_EQ(one_piece(), with(0, {0x15, 0x00})) << "the one before, modulo 65536";
  end(NetworkFault::wrong_transaction);
  begin(NetworkFault::wrong_protocol, 0x0102);
  EXPECT_EQ(one_piece(), with(2, {1, 2}));
  end(NetworkFault::wrong_protocol);
  begin(NetworkFault::wrong_length, 6);
  EXPECT_EQ(one_piece(), with(4, {0, 6}));
  end(NetworkFault::wrong_length);
  begin(NetworkFault::wrong_unit, 9);
  EXPECT_EQ(one_piece(), with(6, {9}));
  end(NetworkFault::wrong_unit);
  EXPECT_EQ(one_piece(), sound);
}

TEST_F(Stream, DelaysByATimeAndByADrawnOne) {
  begin(NetworkFault::delay, 0, 300ms);
  ask(1s);
  EXPECT_EQ(sent().at(0).at, 1300ms);
  end(NetworkFault::delay);
  begin(NetworkFault::jitter, 0, 300ms);
  Time least = 1s;
  Time most{0};
  for (int i = 0; i < 100; ++i) {
    const Time asked = i * 1s;
    ask(asked);
    const Time wait = sent().at(0).at - asked;
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_LT(least, 30ms);
  EXPECT_GT(most, 270ms);
  EXPECT_LT(most, 300ms);
}

// The second is ready first; a connection cannot overtake itself, another one can.
TEST_F(Stream, KeepsTheOrderOfOneClientAndStallsNobodyElse) {
  begin(NetworkFault::delay, 0, 500ms);
  ask(1s, 1, with(0, {0, 1}));
  end(NetworkFault::delay);
  ask(1100ms, 1, with(0, {0, 2}));
  ask(1200ms, 2, with(0, {0, 3}));
  const auto pieces = sent();
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].client, 2u);
  EXPECT_EQ(pieces[0].at, 1200ms);
  EXPECT_EQ(pieces[1].bytes, with(0, {0, 1}));
  EXPECT_EQ(pieces[1].at, 1500ms);
  EXPECT_EQ(pieces[2].bytes, with(0, {0, 2}));
}

TEST_F(Stream, SplitsIntoPiecesThatFollowEachOther) {
  begin(NetworkFault::split, 4, 20ms);
  ask(1s);
  ask(1s, 1, with(0, {0, 2}));
  const auto pieces = sent();
  ASSERT_EQ(pieces.size(), 6u);
  Bytes together;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(pieces[i].at, 1s + static_cast<int>(i) * 20ms);
    EXPECT_EQ(pieces[i].marks, mark_of(NetworkFault::split));
    together.insert(together.end(), pieces[i].bytes.begin(), pieces[i].bytes.end());
  }
  EXPECT_EQ(together, sound);
  EXPECT_EQ(pieces[3].bytes, (Bytes{0, 2, 0, 0})) << "the next reply begins after the last piece";
  end(NetworkFault::split);
  begin(NetworkFault::split, 0, 20ms);
  ask(2s);
  const auto halves = sent();
  ASSERT_EQ(halves.size(), 2u);
  EXPECT_EQ(halves[0].bytes.size(), 6u);
}

TEST_F(Stream, MergesAReplyWithTheNextOneOrSendsItAloneInTheEnd) {
  begin(NetworkFault::merged, 0, 400ms);
  ask(1s, 1, with(0, {0, 1}));
  ask(1100ms, 1, with(0, {0, 2}));
  ask(2s, 1, with(0, {0, 3}));
  const auto pieces = sent();
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].at, 1100ms);
  Bytes both = with(0, {0, 1});
  const Bytes second = with(0, {0, 2});
  both.insert(both.end(), second.begin(), second.end());
  EXPECT_EQ(pieces[0].bytes, both);
  EXPECT_EQ(pieces[1].at, 2400ms);
  EXPECT_EQ(pieces[1].bytes, with(0, {0, 3}));
}

TEST_F(Stream, KeepsRepliesBackWhileItStalls) {
  begin(NetworkFault::stall);
  ask(1s, 1, with(0, {0, 1}));
  ask(2s, 1, with(0, {0, 2}));
  EXPECT_EQ(port.next_due(), NetworkPort::never);
  EXPECT_FALSE(port.next(3s).has_value());
  end(NetworkFault::stall);
  const auto first = port.next(4s);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->marks, mark_of(NetworkFault::stall));
  EXPECT_EQ(first->bytes[1], 1);
  EXPECT_EQ(port.next(4s)->bytes[1], 2);
}

TEST_F(Stream, ResetsAtARequest) {
  begin(NetworkFault::reset, 0, Time{0}, 0.3);
  int resets = 0;
  for (int i = 0; i < 10'000; ++i) resets += port.request(1, 1s) == mark_of(NetworkFault::reset) ? 1 : 0;
  EXPECT_NEAR(resets, 3000, 150) << "the deviation of the share is 0.0046";
}

TEST_F(Stream, ResetsConnectionsByLotAndThenNoRequest) {
  EXPECT_FALSE(port.connection_hit());
  begin(NetworkFault::reset, 1, Time{0}, 0.3);
  int resets = 0;
  for (int i = 0; i < 10'000; ++i) {
    resets += port.connection_hit() ? 1 : 0;
    EXPECT_EQ(port.request(1, 1s), 0u);
  }
  EXPECT_NEAR(resets, 3000, 150) << "the deviation of the share is 0.0046";
  begin(NetworkFault::reset, 0);
  EXPECT_FALSE(port.connection_hit()) << "it hits requests";
}

TEST_F(Stream, TurnsAwayAClientWithTooManyRepliesWaitingAndNoOtherOne) {
  begin(NetworkFault::stall);
  for (std::size_t i = 0; i < NetworkPort::most_of_one_client; ++i) EXPECT_EQ(ask(1s, 1), Fate::waits);
  EXPECT_EQ(ask(1s, 1), Fate::no_room);
  EXPECT_EQ(ask(1s, 2), Fate::waits);
  port.forget(1);
  EXPECT_EQ(ask(1s, 1), Fate::waits);
  port.forget(1);
  end(NetworkFault::stall);
  const auto pieces = sent();
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].client, 2u);
}

TEST_F(Datagrams, LetALaterReplyOvertake) {
  begin(NetworkFault::delay, 0, 500ms);
  ask(1s, 1, with(0, {0, 1}));
  end(NetworkFault::delay);
  ask(1100ms, 1, with(0, {0, 2}));
  const auto pieces = sent();
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].bytes, with(0, {0, 2}));
  EXPECT_EQ(pieces[1].at, 1500ms);
}

TEST_F(Datagrams, LoseTheRequestTheReplyOrAllOfThem) {
  begin(NetworkFault::request_dropped);
  EXPECT_EQ(port.request(1, 1s), mark_of(NetworkFault::request_dropped));
  end(NetworkFault::request_dropped);
  begin(NetworkFault::silent);
  EXPECT_EQ(port.request(1, 1s), mark_of(NetworkFault::silent));
  end(NetworkFault::silent);
  begin(NetworkFault::reply_dropped);
  EXPECT_EQ(ask(1s), Fate::dropped);
  EXPECT_TRUE(sent().empty());
}

TEST_F(Datagrams, ComeLateJustAheadOfTheReplyToTheNextRequest) {
  begin(NetworkFault::late, 0, Time{0}, 1.0);
  ask(1s, 1, with(0, {0, 1}));
  EXPECT_EQ(port.next_due(), NetworkPort::never);
  end(NetworkFault::late);
  ask(5s, 2, with(0, {0, 2}));
  EXPECT_EQ(sent().size(), 1u) << "another client's request does not bring it";
  ask(9s, 1, with(0, {0, 3}));
  const auto pieces = sent();
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].bytes, with(0, {0, 1}));
  EXPECT_EQ(pieces[0].marks, mark_of(NetworkFault::late));
  EXPECT_EQ(pieces[1].bytes, with(0, {0, 3}));
}

// Each from a socket of its own that never asks again: they take no place from others, and not for ever.
TEST_F(Datagrams, AreLostWhenTheirClientsNeverAskAgain) {
  constexpr NetworkPort::Client clients = 300;
  std::vector<NetworkPort::Client> lost;
  port.on_lost([&](NetworkPort::Client client) { lost.push_back(client); });
  begin(NetworkFault::late);
  for (NetworkPort::Client client = 1; client <= clients; ++client) EXPECT_EQ(ask(1s, client), Fate::waits);
  end(NetworkFault::late);
  ask(2s, clients + 1);
  auto pieces = sent();
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].client, clients + 1);
  ask(3s, 1);
  EXPECT_EQ(sent().size(), 1u) << "the oldest made room for others";
  ask(4s, clients);
  EXPECT_EQ(sent().size(), 2u) << "the latest is still there";
  ASSERT_EQ(lost.size(), clients + 1 - NetworkPort::most_waiting);
  EXPECT_EQ(lost.front(), 1u) << "the oldest first";
  EXPECT_FALSE(port.clear());
  ask(2s + NetworkPort::longest_kept, 2);
  EXPECT_EQ(sent().size(), 1u);
  EXPECT_TRUE(port.clear());
}

TEST_F(Datagrams, ComeTwiceInOneOrInTwoAndCutShort) {
  begin(NetworkFault::doubled);
  EXPECT_EQ(one_piece().size(), 2 * sound.size());
  end(NetworkFault::doubled);
  begin(NetworkFault::duplicated, 0, 20ms);
  ask(1s);
  const auto twice = sent();
  ASSERT_EQ(twice.size(), 2u);
  EXPECT_EQ(twice[0].bytes, twice[1].bytes);
  EXPECT_EQ(twice[1].at, 1020ms);
  end(NetworkFault::duplicated);
  begin(NetworkFault::truncated, 3);
  EXPECT_EQ(one_piece(), Bytes(sound.begin(), sound.begin() + 3));
  end(NetworkFault::truncated);
  begin(NetworkFault::truncated);
  std::array<bool, 12> seen{};
  for (int i = 0; i < 300; ++i) seen.at(one_piece().size()) = true;
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 10) << "1 to 10 of 11 bytes, all of them";
}

TEST(NetworkPort, DelaysEveryReplyByItsOwnTime) {
  NetworkPort port{NetworkPort::Kind::datagram, 7, 120ms};
  port.open([] {});
  EXPECT_FALSE(port.clear());
  port.reply(1, sound, 1s);
  EXPECT_EQ(port.next_due(), 1120ms);
}

/// What happens to 200 replies of all lengths under every fault at once.
std::vector<Sent> storm(std::uint64_t seed) {
  NetworkPort port{NetworkPort::Kind::stream, seed};
  port.open([] {});
  for (std::size_t i = 0; i < network_fault_count; ++i) {
    const auto fault = static_cast<NetworkFault>(i);
    const bool of_port = fault <= NetworkFault::silent;
    if (!of_port && fault != NetworkFault::late) port.set(fault, {.probability = 0.4, .number = 3, .time = 5ms});
  }
  std::vector<Sent> all;
  for (int i = 0; i < 200; ++i) {
    const Time now = i * 10ms;
    const auto client = static_cast<NetworkPort::Client>(i % 3);
    const Bytes frame(static_cast<std::size_t>(9 + i), static_cast<std::uint8_t>(i));
    if (port.request(client, now) == 0) port.reply(client, frame, now);
    while (const auto piece = port.next(now)) {
      all.push_back({now, piece->client, {piece->bytes.begin(), piece->bytes.end()}, piece->marks});
    }
  }
  return all;
}

TEST(NetworkPort, DrawsTheSameFromTheSameSeedAndOtherThingsFromAnother) {
  const auto first = storm(7);
  const auto second = storm(7);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].bytes, second[i].bytes);
    EXPECT_EQ(first[i].at, second[i].at);
  }
  EXPECT_NE(storm(8).size(), first.size());
}

// The largest replies with every fault that makes them longer stay inside their buffer.
TEST(NetworkPort, HoldsTwoDoubledRepliesOfTheLargestSizeMerged) {
  NetworkPort port{NetworkPort::Kind::stream, 7};
  port.open([] {});
  port.set(NetworkFault::doubled, {.probability = 1.0});
  port.set(NetworkFault::merged, {.probability = 1.0, .time = 1s});
  const Bytes largest(NetworkPort::largest_reply, 0x55);
  port.reply(1, largest, 1s);
  port.reply(1, largest, 1s);
  EXPECT_EQ(port.next(1s)->bytes.size(), 4 * NetworkPort::largest_reply);
  EXPECT_THROW(port.reply(1, Bytes(NetworkPort::largest_reply + 1), 1s), std::length_error);
}

}  // namespace
}  // namespace hil::sim
