#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "controller/hosts/linux/file_descriptor.h"
#include "controller/settings.h"

namespace hil::hosts {

/// Sleeps on descriptors and on absolute deadlines of the monotonic clock, in one thread.
class EventLoop {
 public:
  using Time = controller::Time;  ///< since the loop was made
  /// Called with the events of epoll: EPOLLIN, EPOLLHUP, ...
  using Ready = std::function<void(std::uint32_t events)>;

  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// `ready` is called when `fd` can be read or its far end is gone. It may call add() and remove().
  void add(int fd, Ready ready);
  void remove(int fd);

  /// A deadline that calls `due` once each time it is set.
  class Deadline {
   public:
    Deadline(EventLoop& loop, std::function<void()> due);
    ~Deadline();
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    /// In the past: at once. Time::max(): never.
    void set(Time at);

   private:
    EventLoop& loop_;
    FileDescriptor timer_;
  };

  Time now() const;
  /// From now on time is what is said here, and deadlines no longer come by themselves.
  void stand_at(Time time) { stands_at_ = time; }
  /// Until stop().
  void run();
  void stop() { stopped_ = true; }

 private:
  struct Watched {
    int fd = -1;
    Ready ready;
  };
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::optional<Time> stands_at_;
  FileDescriptor epoll_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<std::unique_ptr<Watched>> gone_;  ///< removed lately: one of them may be running
  bool stopped_ = false;
};

}  // namespace hil::hosts
