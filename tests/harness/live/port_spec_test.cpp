#include "harness/live/port_spec.h"

#include <gtest/gtest.h>

namespace hil::harness {
namespace {

constexpr sim::SerialFormat of_line{.baud = 19200, .parity = sim::Parity::even};

PortSpec read(const std::string& text) {
  std::string fault;
  const auto port = read_port_spec(text, "com1", of_line, fault);
  EXPECT_TRUE(port) << fault;
  return port.value_or(PortSpec{});
}

std::string fault_of(const std::string& text) {
  std::string fault;
  EXPECT_FALSE(read_port_spec(text, "com1", of_line, fault)) << text;
  return fault;
}

TEST(PortSpec, TakesAPseudoTerminalWithOrWithoutALink) {
  EXPECT_EQ(read("pty").path, "");
  EXPECT_EQ(read("pty").link, "");
  EXPECT_EQ(read("pty:/tmp/com1").path, "");
  EXPECT_EQ(read("pty:/tmp/com1").link, "/tmp/com1");
}

TEST(PortSpec, TakesTheLinesFormatUnlessTold) {
  EXPECT_EQ(read("/dev/ttyUSB0").path, "/dev/ttyUSB0");
  EXPECT_EQ(read("/dev/ttyUSB0").format, of_line);
  EXPECT_EQ(read("/dev/ttyUSB0:9600").format, (sim::SerialFormat{.baud = 9600, .parity = sim::Parity::even}));
  const PortSpec port = read("/dev/ttyUSB0:4800,8O2");
  EXPECT_EQ(port.path, "/dev/ttyUSB0");
  EXPECT_EQ(port.format, (sim::SerialFormat{.baud = 4800, .parity = sim::Parity::odd, .stop_bits = 2}));
}

TEST(PortSpec, TakesASerialServer) {
  EXPECT_EQ(read("tcp:192.168.1.60:4001").path, "tcp:192.168.1.60:4001");
  EXPECT_EQ(read("tcp:192.168.1.60:4001").format, of_line);
  for (const char* text : {"tcp:", "tcp:4001", "tcp:192.168.1:4001", "tcp:localhost:0", "tcp:192.168.1.60:0"}) {
    EXPECT_EQ(fault_of(text), "must be tcp:ADDRESS:PORT, as tcp:192.168.1.60:4001");
  }
}

// Of the name the label is longer than any may be (RFC 1035: 63), so nobody is asked for it.
TEST(PortSpec, LooksTheNameOfASerialServerUp) {
  EXPECT_EQ(read("tcp:localhost:4001").path, "tcp:localhost:4001");
  const std::string name(70, 'x');
  EXPECT_TRUE(fault_of("tcp:" + name + ":4001").starts_with("no IPv4 address is known of \"" + name + "\": "));
}

TEST(PortSpec, LeavesTheDirectionToTheDriverWhenAsked) {
  using Direction = SerialDevice::Direction;
  EXPECT_EQ(read("/dev/ttyS1:9600,8N1").direction, Direction::by_adapter);
  EXPECT_EQ(read("/dev/ttyS1:9600,8N1,rs485low").direction, Direction::by_low_rts);
  const PortSpec port = read("/dev/ttyS1:9600,8N1,rs485");
  EXPECT_EQ(port.direction, Direction::by_driver);
  EXPECT_EQ(port.path, "/dev/ttyS1");
  EXPECT_EQ(port.format, (sim::SerialFormat{.baud = 9600}));
}

TEST(PortSpec, LeavesColonsOfThePathAlone) {
  const std::string path = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0";
  EXPECT_EQ(read(path).path, path);
  EXPECT_EQ(read(path + ":9600,8N1").path, path);
}

TEST(PortSpec, SaysWhatIsAllowed) {
  EXPECT_EQ(fault_of("pty:"), "no link behind the colon, must be pty, pty:LINK or PATH[:BAUD[,FORMAT]]");
  EXPECT_EQ(fault_of(""), "no path, must be pty, pty:LINK or PATH[:BAUD[,FORMAT]], as /dev/ttyUSB0:9600,8N1");
  EXPECT_EQ(fault_of(":9600"), "no path, must be pty, pty:LINK or PATH[:BAUD[,FORMAT]], as /dev/ttyUSB0:9600,8N1");
  EXPECT_EQ(fault_of("/dev/x:9600,8X1"), "format is \"8X1\", must be 8N1, 8E1, 8O1, 8N2, 8E2 or 8O2");
  const std::string baud = "baud is none that a serial port has, must be 1200, 2400, 4800, 9600, 19200, ... 921600";
  EXPECT_EQ(fault_of("/dev/x:9601"), baud);
  EXPECT_EQ(fault_of("/dev/x:96OO"), baud);
  EXPECT_EQ(fault_of("/dev/x:99999999999"), baud);
}

}  // namespace
}  // namespace hil::harness
