#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>

#include "controller/hosts/linux/event_loop.h"
#include "controller/hosts/linux/file_descriptor.h"

namespace hil::hosts {

/// A local socket that tells whoever connects how the controller fares, or takes an order, and closes. Who says nothing
/// and ends his side, or sends an empty line, asks for the status; a line with words in it is an order.
class StatusSocket {
 public:
  /// Answers to the words of an order; those of none ask for the status.
  using Answer = std::function<std::string(const std::string& order)>;
  /// Takes the place of a socket that nobody answers on any more. Throws BadInput when another controller answers
  /// there, or with the reason why it cannot be had.
  StatusSocket(EventLoop& loop, std::filesystem::path path, Answer answer);
  ~StatusSocket();
  StatusSocket(const StatusSocket&) = delete;
  StatusSocket& operator=(const StatusSocket&) = delete;

 private:
  struct Client {
    FileDescriptor socket;
    std::string words;
  };
  void accept();
  void receive(int fd);
  void close(int fd);

  EventLoop& loop_;
  std::filesystem::path path_;
  FileDescriptor listener_;
  Answer answer_;
  std::deque<Client> clients_;  ///< the one that came first in front
};

/// Where it is unless told otherwise: hilcontroller.sock in RUNTIME_DIRECTORY (set by systemd) or XDG_RUNTIME_DIR, else
/// in /run for root, else in /tmp with the user's number.
std::filesystem::path default_status_socket();

/// What the controller that listens at `path` says of itself, or to an `order`; throws std::runtime_error when none
/// does.
std::string status_from(const std::filesystem::path& path, const std::string& order = {});

}  // namespace hil::hosts
