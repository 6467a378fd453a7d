// A silent client of a Modbus TCP endpoint is kept, a dead one is given up. In a network of the test's own, whose
// loopback can be taken down as a cable is pulled: nobody says goodbye.
#include "harness/live/tcp_endpoint.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace hil::harness {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

const Bytes request{0x00, 0x01, 0x00, 0x00, 0x00, 0x06, 0x01, 0x03, 0x00, 0x00, 0x00, 0x01};

/// Answers anything with one register of 7.
struct Seven : sim::ModbusServer {
  std::size_t serve(std::span<const std::uint8_t>, std::span<std::uint8_t> reply, sim::Time) override {
    const std::array<std::uint8_t, 4> answer{3, 2, 0, 7};
    std::copy(answer.begin(), answer.end(), reply.begin());
    return answer.size();
  }
};

bool own_network() {
  return ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

void set_loopback(bool up) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq interface {};
  std::strcpy(interface.ifr_name, "lo");
  ASSERT_EQ(::ioctl(socket.get(), SIOCGIFFLAGS, &interface), 0);
  const auto flag = static_cast<short>(IFF_UP);
  interface.ifr_flags =
      static_cast<short>(up ? interface.ifr_flags | flag : interface.ifr_flags & static_cast<short>(~flag));
  ASSERT_EQ(::ioctl(socket.get(), SIOCSIFFLAGS, &interface), 0);
}

class SilentClient : public testing::Test {
 protected:
  void SetUp() override {
    if (!own_network()) GTEST_SKIP() << "this machine gives no network of its own";
    set_loopback(true);
    kernel_.emplace(10ms);
    loop_.emplace(*kernel_, 1.0);
    endpoint_.emplace(*loop_, *address_, seven_, 1);
    endpoint_->keep_alive({.idle = 1s, .interval = 1s, .questions = 2});
    endpoint_->on_client([this](sim::Time, const std::string& what) { told_.push_back(what); });
    client_ = FileDescriptor(::socket(AF_INET, SOCK_STREAM, 0));
    const auto& raw = endpoint_->address().raw;
    ASSERT_EQ(::connect(client_.get(), reinterpret_cast<const sockaddr*>(&raw), sizeof raw), 0);
    ASSERT_EQ(::fcntl(client_.get(), F_SETFL, O_NONBLOCK), 0);
    run(200ms);
    ASSERT_EQ(told_.size(), 1U);
  }
  void run(sim::Time duration) { loop_->run(kernel_->now() + duration); }
  void send() const {
    ASSERT_EQ(::send(client_.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  }
  bool is_answered() {
    send();
    run(200ms);
    std::array<std::uint8_t, 64> reply{};
    return ::recv(client_.get(), reply.data(), reply.size(), 0) == 11 && reply[10] == 7;
  }

  const std::optional<SocketAddress> address_ = socket_address("127.0.0.1:0");  // while there still is a network
  Seven seven_;
  std::optional<sim::Kernel> kernel_;
  std::optional<PacedLoop> loop_;
  std::optional<TcpEndpoint> endpoint_;
  FileDescriptor client_;
  std::vector<std::string> told_;
};

TEST_F(SilentClient, IsKeptAsLongAsItsMachineAnswersForIt) {
  EXPECT_TRUE(is_answered());
  run(5s);
  EXPECT_EQ(told_.size(), 1U) << told_.back();
  EXPECT_TRUE(is_answered());
}

TEST_F(SilentClient, IsGivenUpWhenItsMachineIsGone) {
  EXPECT_TRUE(is_answered());
  set_loopback(false);
  run(1s);
  EXPECT_EQ(told_.size(), 1U) << "not before it was asked";
  run(5s);
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_NE(told_[1].find("gone"), std::string::npos) << told_[1];
}

// The request has come, and the way back is gone.
TEST_F(SilentClient, IsGivenUpWithItsReplyOnTheWay) {
  EXPECT_TRUE(is_answered());
  send();
  set_loopback(false);
  run(8s);
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_NE(told_[1].find("gone"), std::string::npos) << told_[1];
}

}  // namespace
}  // namespace hil::harness
