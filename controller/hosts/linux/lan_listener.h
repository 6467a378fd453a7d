#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "controller/controller.h"
#include "controller/hosts/linux/event_loop.h"
#include "controller/hosts/linux/file_descriptor.h"

namespace hil::hosts {

/// Where the LAN server listens: IPv4.
struct LanAddress {
  std::array<std::uint8_t, 4> host{};
  std::uint16_t port = 1234;  ///< sec1000-lan-protocol 1; 0: any that is free
};

/// "ADDRESS:PORT". Throws BadInput naming `option`.
LanAddress read_lan_address(const std::string& option, const std::string& given);

/// The core's LAN server on TCP: connections to places of the core and back. Every response is one send, one segment; a
/// client that does not take its responses is closed, one for whom the core has no place at once.
class LanListener {
 public:
  /// `work`: carries out what the core wants, called after each entry; `work_due`: its wake-ups that are due, too.
  /// Throws BadInput when the address cannot be had.
  LanListener(EventLoop& loop, const LanAddress& address, controller::Controller& core, std::function<void()> work,
              std::function<void()> work_due);
  ~LanListener();
  LanListener(const LanListener&) = delete;
  LanListener& operator=(const LanListener&) = delete;

  /// Sends and closes what the core wants. Before Controller::sent(); calls nothing of the core.
  void deliver(const controller::Output& output);
  /// Tells the core whom deliver() could not reach. After Controller::sent().
  void report_lost();

  /// "192.168.1.200:1234"
  std::string address() const;
  std::size_t clients() const;
  std::uint64_t refused() const { return refused_; }

 private:
  struct Client {
    FileDescriptor socket;
    bool lost = false;  ///< the core does not know yet
  };
  void accept();
  void receive(std::size_t place);
  void close(std::size_t place);

  EventLoop& loop_;
  controller::Controller& core_;
  std::function<void()> work_;
  std::function<void()> work_due_;
  FileDescriptor listener_;
  std::array<Client, controller::max_lan_clients> clients_{};
  std::uint64_t refused_ = 0;
};

}  // namespace hil::hosts
