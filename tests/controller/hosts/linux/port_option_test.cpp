#include "controller/hosts/linux/port_option.h"

#include <gtest/gtest.h>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

std::string refusal(const std::string& text) {
  try {
    read_port_option("--com1", text);
  } catch (const BadInput& error) {
    return error.what();
  }
  return {};
}

TEST(PortOption, Is9600_8N1UnlessTold) {
  const PortOption port = read_port_option("--com1", "/dev/ttyUSB0");
  EXPECT_EQ(port.path, "/dev/ttyUSB0");
  EXPECT_EQ(port.format.text(), "9600,8N1");
  EXPECT_EQ(port.format.bits_per_character(), 10);
}

TEST(PortOption, TakesBaudAndFormat) {
  EXPECT_EQ(read_port_option("--com1", "/dev/ttyS1:19200").format.text(), "19200,8N1");
  const PortOption port = read_port_option("--com1", "/dev/ttyS1:115200,8E2");
  EXPECT_EQ(port.path, "/dev/ttyS1");
  EXPECT_EQ(port.format.text(), "115200,8E2");
  EXPECT_EQ(port.format.bits_per_character(), 12);
}

TEST(PortOption, LeavesColonsOfThePathAlone) {
  const std::string path = "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0";
  EXPECT_EQ(read_port_option("--com1", path).path, path);
  EXPECT_EQ(read_port_option("--com1", path + ":4800").path, path);
}

TEST(PortOption, SaysWhatIsAllowed) {
  EXPECT_EQ(refusal("/dev/x:9601"),
            "--com1 /dev/x:9601: baud is \"9601\", must be one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, "
            "230400, 460800, 921600");
  EXPECT_EQ(refusal("/dev/x:9600,7E1"),
            "--com1 /dev/x:9600,7E1: format is \"7E1\", must be 8N1, 8E1, 8O1, 8N2, 8E2 or 8O2");
  EXPECT_NE(refusal("/dev/x:9600,").find("format is \"\""), std::string::npos);
  EXPECT_NE(refusal("/dev/x:99999999999").find("baud is"), std::string::npos);
  EXPECT_NE(refusal(":9600").find("no path"), std::string::npos);
}

}  // namespace
}  // namespace hil::hosts
