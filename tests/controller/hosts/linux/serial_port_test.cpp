#include "controller/hosts/linux/serial_port.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "controller/hosts/linux/bad_input.h"

namespace hil::hosts {
namespace {

/// A pseudo-terminal with the settings of a person's terminal, the worst that a port can start with. Only the master is
/// held, so that closing it unplugs the port.
struct Wire {
  Wire() {
    int master = -1;
    int slave = -1;
    std::array<char, 128> name{};
    EXPECT_EQ(::openpty(&master, &slave, name.data(), nullptr, nullptr), 0);
    far_end = FileDescriptor(master);
    near_end = FileDescriptor(slave);
    path = name.data();
  }
  FileDescriptor far_end;
  FileDescriptor near_end;
  std::string path;
};

std::string refusal(const std::string& path) {
  try {
    SerialPort(PortOption{path, {}}).open();
  } catch (const BadInput& error) {
    return error.what();
  }
  return {};
}

// Echo, line editing, flow control and CR/NL translation would each change or swallow some of them.
TEST(SerialPort, CarriesEveryByteUnchangedBothWays) {
  Wire wire;
  SerialPort port(PortOption{wire.path, {}});
  port.open();
  std::vector<std::uint8_t> all(256);
  std::iota(all.begin(), all.end(), std::uint8_t{0});
  ASSERT_EQ(port.write(all), all.size());
  std::vector<std::uint8_t> heard(512);
  EXPECT_EQ(::read(wire.far_end.get(), heard.data(), heard.size()), 256);
  heard.resize(256);
  EXPECT_EQ(heard, all);

  ASSERT_EQ(::write(wire.far_end.get(), all.data(), all.size()), 256);
  std::vector<std::uint8_t> back(512);
  const SerialPort::Heard got = port.read(back);
  EXPECT_EQ(got.count, 256u);
  back.resize(256);
  EXPECT_EQ(back, all);
  EXPECT_FALSE(got.gone);
}

TEST(SerialPort, SetsBaudParityAndStopBits) {
  Wire wire;
  SerialPort port(PortOption{wire.path, {19200, 'O', 2}});
  port.open();
  termios settings{};
  ASSERT_EQ(::tcgetattr(port.fd(), &settings), 0);
  EXPECT_EQ(::cfgetospeed(&settings), static_cast<speed_t>(B19200));
  EXPECT_NE(settings.c_cflag & PARODD, 0u);
  EXPECT_NE(settings.c_cflag & CSTOPB, 0u);
  EXPECT_EQ(settings.c_lflag & (ECHO | ICANON | ISIG), 0u);
}

TEST(SerialPort, TellsSilenceFromAFarEndThatIsGone) {
  Wire wire;
  SerialPort port(PortOption{wire.path, {}});
  port.open();
  wire.near_end.close();
  std::array<std::uint8_t, 8> bytes{};
  EXPECT_EQ(port.read(bytes).count, 0u);
  EXPECT_FALSE(port.read(bytes).gone);
  wire.far_end.close();
  EXPECT_TRUE(port.read(bytes).gone);
  EXPECT_EQ(port.write(bytes), 0u);
}

TEST(SerialPort, DropsWhatCameBeforeItWasOpened) {
  Wire wire;
  SerialPort port(PortOption{wire.path, {}});
  ASSERT_EQ(::write(wire.far_end.get(), "old\n", 4), 4);
  port.open();
  std::array<std::uint8_t, 8> bytes{};
  EXPECT_EQ(port.read(bytes).count, 0u);
}

TEST(SerialPort, SaysWhyItCannotBeHad) {
  Wire wire;
  SerialPort first(PortOption{wire.path, {}});
  first.open();
  EXPECT_EQ(refusal(wire.path), wire.path + ": is in use by another controller");
  EXPECT_EQ(refusal("/dev/null"), "/dev/null: is no serial port");
  EXPECT_EQ(refusal("/nowhere"), "/nowhere: No such file or directory");
}

}  // namespace
}  // namespace hil::hosts
