#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "controller/hosts/linux/event_loop.h"
#include "controller/hosts/linux/file_descriptor.h"

namespace hil::hosts {

/// A local socket that tells whoever connects how the controller fares, and closes.
class StatusSocket {
 public:
  /// Takes the place of a socket that nobody answers on any more. Throws BadInput when another controller answers
  /// there, or with the reason why it cannot be had.
  StatusSocket(EventLoop& loop, std::filesystem::path path, std::function<std::string()> status);
  ~StatusSocket();
  StatusSocket(const StatusSocket&) = delete;
  StatusSocket& operator=(const StatusSocket&) = delete;

 private:
  EventLoop& loop_;
  std::filesystem::path path_;
  FileDescriptor listener_;
};

/// Where it is unless told otherwise: hilcontroller.sock in RUNTIME_DIRECTORY (set by systemd) or XDG_RUNTIME_DIR, else
/// in /run for root, else in /tmp with the user's number.
std::filesystem::path default_status_socket();

/// What the controller that listens at `path` says; throws std::runtime_error when none does.
std::string status_from(const std::filesystem::path& path);

}  // namespace hil::hosts
