#include "harness/live/serial_device.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <memory>
#include <vector>

#include "harness/live/pseudo_terminal.h"
#include "harness/live/symbolic_link.h"
#include "harness/live/tcp_endpoint.h"
#include "tests/sim/wire/line_rig.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using sim::test::Bytes;
using sim::test::ConstantServer;
using sim::test::read_request;

/// A line with one unit behind a serial device, whose wire's other end the test holds.
struct Attached {
  explicit Attached(SerialDevice::Wire wire, const sim::SerialFormat& format)
      : line(kernel, "com1", format), device(far_end.path, format, wire) {
    line.add_unit({.name = "et1", .address = 11, .server = &server});
    device.connect(loop, kernel, line);
  }
  void write(std::span<const std::uint8_t> bytes) {
    EXPECT_EQ(::write(far_end.master.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  std::size_t waiting_bytes() {
    std::array<std::uint8_t, 1024> bytes{};
    const ssize_t got = ::read(far_end.master.get(), bytes.data(), bytes.size());
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

  PseudoTerminalPair far_end = PseudoTerminalPair::open("a test");
  sim::Kernel kernel{10ms};
  sim::SerialLine line;
  ConstantServer server;
  PacedLoop loop{kernel, 1.0};
  SerialDevice device;
};

constexpr sim::SerialFormat timed{};
constexpr sim::SerialFormat without_time{.takes_time = false};

TEST(SerialDevice, LetsTheLineTakeTheTimeBehindAPseudoTerminal) {
  Attached attached(SerialDevice::Wire::by_device, timed);
  EXPECT_FALSE(attached.device.on_a_real_wire());
  EXPECT_FALSE(attached.device.low_latency()) << "a pseudo-terminal has no such flag";
  attached.write(read_request(11, 125));
  attached.loop.run(200ms);
  EXPECT_EQ(attached.server.served, 1);
  const std::size_t early = attached.kernel.now() < 277ms ? attached.waiting_bytes() : 0;
  EXPECT_EQ(early, 0u);
  attached.loop.run(600ms);
  EXPECT_EQ(attached.waiting_bytes(), 255u);
  EXPECT_EQ(attached.loop.lateness_of_what_left().instants, 1u);
}

// Adapters hand over what they have in pieces: here 8 ms apart, more than t3.5 (3.6 ms).
TEST(SerialDevice, JoinsARequestThatComesInPiecesFromARealWire) {
  Attached attached(SerialDevice::Wire::real, without_time);
  EXPECT_TRUE(attached.device.on_a_real_wire());
  const Bytes request = read_request(11, 2);
  auto rest = attached.kernel.make_alarm([&](sim::Time) { attached.write(std::span(request).subspan(5)); });
  rest.set(8ms);
  attached.write(std::span(request).first(5));
  attached.loop.run(100ms);
  EXPECT_EQ(attached.server.served, 1);
  EXPECT_EQ(attached.waiting_bytes(), 9u);
}

// What is no whole request after 20 ms without more of it is handed on as it is, and is none to the line either.
TEST(SerialDevice, GivesUpARequestThatDoesNotBecomeWhole) {
  Attached attached(SerialDevice::Wire::real, without_time);
  const Bytes request = read_request(11, 2);
  auto later = attached.kernel.make_alarm([&](sim::Time) { attached.write(request); });
  later.set(100ms);
  attached.write(std::span(request).first(5));
  attached.loop.run(200ms);
  EXPECT_EQ(attached.line.counters().bad_crc, 1.0);
  EXPECT_EQ(attached.server.served, 1);
}

TEST(SerialDevice, IsOpenedAgainWhenItComesBack) {
  const auto folder = std::filesystem::path(testing::TempDir());
  const std::string name = (folder / ("adapter" + std::to_string(::getpid()))).string();
  auto first = PseudoTerminalPair::open("a test");
  auto link = std::make_unique<SymbolicLink>(name, first.path);
  sim::Kernel kernel{10ms};
  sim::SerialLine line(kernel, "com1", timed);
  ConstantServer server;
  line.add_unit({.name = "et1", .address = 11, .server = &server});
  PacedLoop loop{kernel, 1.0};
  SerialDevice device(name, timed);
  std::vector<bool> told;
  device.on_change([&](sim::Time at, bool there) {
    EXPECT_GE(at, 100ms);
    told.push_back(there);
  });
  device.connect(loop, kernel, line);
  PseudoTerminalPair second;
  auto unplug = kernel.make_alarm([&](sim::Time) {
    link.reset();
    first = {};
    second = PseudoTerminalPair::open("a test");
    link = std::make_unique<SymbolicLink>(name, second.path);
  });
  unplug.set(100ms);
  auto ask = kernel.make_alarm([&](sim::Time) {
    const Bytes request = read_request(11, 2);
    EXPECT_EQ(::write(second.master.get(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
  });
  ask.set(1500ms);  // 1 s until it is tried again
  loop.run(2s);
  EXPECT_EQ(device.times_unplugged(), 1u);
  EXPECT_EQ(told, (std::vector<bool>{false, true}));
  EXPECT_EQ(server.served, 1);
}

TEST(SerialDevice, GivesOneByteAtATimeToWhoWaitsForTheFirst) {
  const std::string name = testing::TempDir() + "hil_serial_device_waits";
  auto far_end = PseudoTerminalPair::open("a test");
  auto link = std::make_unique<SymbolicLink>(name, far_end.path);
  SerialDevice device(name, timed);
  std::uint8_t byte = 0;
  EXPECT_FALSE(device.next_byte(byte));
  ASSERT_EQ(::write(far_end.master.get(), "ab", 2), 2);
  EXPECT_TRUE(device.next_byte(byte));
  EXPECT_EQ(byte, 'a');
  EXPECT_TRUE(device.next_byte(byte));
  EXPECT_FALSE(device.next_byte(byte));
  link.reset();
  far_end = {};
  EXPECT_FALSE(device.next_byte(byte));
  EXPECT_LT(device.fd(), 0);
  EXPECT_TRUE(device.was_there());
  EXPECT_FALSE(device.open_again());
  EXPECT_FALSE(device.was_there());
  far_end = PseudoTerminalPair::open("a test");
  link = std::make_unique<SymbolicLink>(name, far_end.path);
  EXPECT_TRUE(device.open_again());
  EXPECT_GE(device.fd(), 0);
}

/// The other end of a serial server, as the test has it.
FileDescriptor accepted(int listener) {
  return FileDescriptor(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK));
}

// A real wire is behind it; when it goes it is looked for each second.
// Two programs on one port, or two lines, would take each other's bytes.
TEST(SerialDevice, RefusesAPortThatIsInUse) {
  const auto far_end = PseudoTerminalPair::open("a test");
  const auto open = [&far_end] { return std::make_unique<SerialDevice>(far_end.path, timed); };
  auto first = open();
  try {
    open();
    FAIL() << "it was opened twice";
  } catch (const std::runtime_error& refused) {
    EXPECT_EQ(refused.what(), far_end.path + ": is in use by another program, or for another line");
  }
  first.reset();
  EXPECT_NO_THROW(open());
}

TEST(SerialDevice, IsASerialServerToo) {
  const FileDescriptor listener = listening_socket(*socket_address("127.0.0.1:0"));
  const SocketAddress address = bound_address(listener.get());
  sim::Kernel kernel{10ms};
  sim::SerialLine line(kernel, "com1", without_time);
  ConstantServer server;
  line.add_unit({.name = "et1", .address = 11, .server = &server});
  PacedLoop loop{kernel, 1.0};
  SerialDevice device("tcp:" + address.text(), without_time);
  EXPECT_TRUE(device.on_a_real_wire());
  std::vector<bool> told;
  device.on_change([&told](sim::Time, bool there) { told.push_back(there); });
  device.connect(loop, kernel, line);
  int keeps_asking = 0;
  socklen_t size = sizeof keeps_asking;
  ASSERT_EQ(::getsockopt(device.fd(), SOL_SOCKET, SO_KEEPALIVE, &keeps_asking, &size), 0);
  EXPECT_EQ(keeps_asking, 1) << "a server without power would never be missed";
  FileDescriptor far_end = accepted(listener.get());
  const Bytes request = read_request(11, 2);
  const auto ask = [&] {
    EXPECT_EQ(::write(far_end.get(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
  };
  ask();
  auto leave = kernel.make_alarm([&](sim::Time) { far_end.close(); });
  leave.set(100ms);
  auto come_back = kernel.make_alarm([&](sim::Time) {
    far_end = accepted(listener.get());
    ask();
  });
  come_back.set(1500ms);
  loop.run(1900ms);
  EXPECT_EQ(server.served, 2);
  EXPECT_EQ(device.times_unplugged(), 1u);
  EXPECT_EQ(told, (std::vector<bool>{false, true}));
  std::array<std::uint8_t, 64> reply{};
  EXPECT_EQ(::read(far_end.get(), reply.data(), reply.size()), 9);
}

// Of a transceiver whose driver enable is RTS itself, or RTS inverted (Documentation/driver-api/serial/serial-rs485).
TEST(SerialDevice, TurnsATransceiverByEitherLevelOfRts) {
  using Direction = SerialDevice::Direction;
  EXPECT_EQ(rs485_flags(Direction::by_adapter), 0u);
  EXPECT_EQ(rs485_flags(Direction::by_driver), 0b011u);
  EXPECT_EQ(rs485_flags(Direction::by_low_rts), 0b101u);
  const auto pair = PseudoTerminalPair::open("a test");
  EXPECT_TRUE(set_rs485_direction(pair.slave.get(), Direction::by_adapter)) << "nothing has to be set";
  EXPECT_FALSE(set_rs485_direction(pair.slave.get(), Direction::by_low_rts)) << "a pseudo-terminal has no such mode";
}

TEST(SerialDevice, SaysWhyItCannotBeHad) {
  const auto refusal = [](const std::string& path) {
    try {
      SerialDevice device(path, timed);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal("/nowhere"), "/nowhere: No such file or directory");
  EXPECT_EQ(refusal("tcp:127.0.0.1:1"), "tcp:127.0.0.1:1: no serial server answers there");
  EXPECT_EQ(refusal("/dev/null"), "/dev/null: is no serial port, must be one or a pseudo-terminal");
}

}  // namespace
}  // namespace hil::harness
