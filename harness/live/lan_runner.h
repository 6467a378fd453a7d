#pragma once

#include <array>
#include <chrono>
#include <string>

#include "harness/lan/lan_client.h"
#include "harness/live/file_descriptor.h"
#include "harness/live/socket_address.h"

namespace hil::harness {

/// Runs a LAN client over real sockets, in real time.
class LanRunner {
 public:
  /// `client` must outlive this object.
  LanRunner(LanClient& client, const SocketAddress& device) : client_(client), device_(device) {}

  /// Gives the order and returns its feedback once it is done. Blocks; at most as long as the client's timeouts.
  unsigned carry_out(const LanClient::Order& order);
  /// What the sockets said of the last failure, as "Connection refused"; empty: nothing.
  const std::string& socket_failure() const { return socket_failure_; }

 private:
  struct Channel {
    FileDescriptor socket;
    bool connecting = false;
  };
  sim::Time now() const { return std::chrono::steady_clock::now() - begin_; }
  void do_what_is_wanted();
  void connect(std::size_t channel);
  void send(std::size_t channel, std::span<const std::uint8_t> bytes);
  void fail(std::size_t channel, int error);
  void wait();
  void serve(std::size_t channel);

  LanClient& client_;
  SocketAddress device_;
  std::array<Channel, LanClient::channel_count> channels_;
  std::string socket_failure_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace hil::harness
