#include "harness/live/can_endpoint.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "harness/live/socketcan_frame.h"

namespace hil::harness {
namespace {

using namespace std::chrono_literals;

constexpr sim::Time look_each = 1s;
constexpr std::size_t recovery_bits = std::size_t{128} * 11;
/// At one go, so that a flood cannot keep the plant waiting.
constexpr int most_at_once = 64;

/// A message with room for more than a frame, so that a longer one is told from it.
struct Message {
  std::array<std::uint8_t, 2 * sizeof(can_frame)> bytes{};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint32_t))> control{};
  msghdr header{};
  ssize_t length = 0;

  explicit Message(int fd, int flags) {
    iovec part{bytes.data(), bytes.size()};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    length = ::recvmsg(fd, &header, flags | MSG_DONTWAIT);
    header.msg_iov = nullptr;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  /// What was dropped before it, since the socket was opened; nullopt: not told.
  std::optional<std::uint32_t> overrun() {
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
      if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_RXQ_OVFL) continue;
      std::uint32_t count = 0;
      std::memcpy(&count, CMSG_DATA(each), sizeof count);
      return count;
    }
    return std::nullopt;
  }
};

}  // namespace

CanEndpoint::CanEndpoint(std::string name, Open open)
    : name_(std::move(name)), open_(std::move(open)), socket_(open_()) {}

CanEndpoint::~CanEndpoint() {
  if (loop_ != nullptr && socket_.is_open()) loop_->unwatch(socket_.get());
}

CanEndpoint::Read CanEndpoint::read(can_frame& frame, int flags) {
  Message message(socket_.get(), flags);
  if (message.length <= 0) {
    const bool later = message.length < 0 && (errno == EAGAIN || errno == EINTR);
    return later ? Read::nothing : Read::failed;
  }
  if ((flags & MSG_PEEK) == 0) {
    const std::uint32_t overrun = message.overrun().value_or(overrun_of_socket_);
    counters_.overrun += overrun - overrun_of_socket_;
    overrun_of_socket_ = overrun;
  }
  if ((message.header.msg_flags & MSG_CONFIRM) != 0) return Read::other;  // its own echo
  if (message.length == static_cast<ssize_t>(sizeof frame)) {
    std::memcpy(&frame, message.bytes.data(), sizeof frame);
    if (is_error_frame(frame)) return Read::error_frame;
    if (bus_frame(frame)) return Read::frame;
  }
  counters_.malformed += (flags & MSG_PEEK) == 0 ? 1 : 0;
  return Read::other;
}

bool CanEndpoint::frame_waits() {
  can_frame frame{};
  for (int i = 0; i < most_at_once && socket_.is_open(); ++i) {
    const Read waiting = read(frame, MSG_PEEK);
    if (waiting == Read::frame) return true;
    if (waiting == Read::nothing) return false;
    if (waiting == Read::failed) {
      ++counters_.times_down;
      socket_.close();
      return false;
    }
    if (read(frame, 0) == Read::error_frame) ++counters_.error_frames;
  }
  return false;
}

bool CanEndpoint::open_again() {
  try {
    socket_ = open_();
  } catch (const std::runtime_error&) {
    return false;  // not there yet
  }
  overrun_of_socket_ = 0;
  return true;
}

void CanEndpoint::connect(PacedLoop& loop, sim::Kernel& kernel, sim::CanBus& bus, std::size_t node) {
  loop_ = &loop;
  bus_ = &bus;
  node_ = node;
  next_.emplace(kernel.make_alarm([this](sim::Time now) { put_next(now); }));
  look_.emplace(kernel.make_alarm([this](sim::Time now) { look_again(now); }));
  bus.add_monitor([this](const sim::CanBus::Record& record) {
    if (record.sender != node_) return;
    if (record.outcome == sim::CanBus::Outcome::sent) {
      ++counters_.on_bus;
      on_bus_ = false;
    }
    next_->set(record.end);  // when the bus has done with it
  });
  if (socket_.is_open()) {
    watch();
  } else {
    look_->set(kernel.now());
  }
}

void CanEndpoint::watch() {
  loop_->watch(socket_.get(), [this] { receive(); });
}

void CanEndpoint::receive() {
  for (int i = 0; i < most_at_once && socket_.is_open(); ++i) {
    can_frame frame{};
    const std::uint64_t overrun_before = counters_.overrun;
    const Read got = read(frame, 0);
    const int error = errno;
    if (got == Read::nothing) return;
    const sim::Time now = loop_->meet();
    if (got == Read::failed) return lose(error, now);
    if (counters_.overrun != overrun_before)
      tell_once(told_overrun_, now, "the kernel drops frames before they are read");
    if (got == Read::error_frame) count_error_frame(frame, now);
    if (got == Read::frame) take(*bus_frame(frame), now);
    if (counters_.malformed > 0) tell_once(told_malformed_, now, "carries what is no frame of classical CAN");
  }
}

void CanEndpoint::take(const sim::CanFrame& frame, sim::Time now) {
  ++counters_.received;
  if (waiting_count_ == most_waiting) {
    ++counters_.lost;
    tell_once(told_lost_, now, fmt::format("more than {} frames wait for the bus: the newest are lost", most_waiting));
    return;
  }
  waiting_[(first_ + waiting_count_++) % most_waiting] = frame;
  put_next(now);
}

void CanEndpoint::put_next(sim::Time now) {
  if (bus_->waiting(node_) > 0) return;  // it tries again by itself
  if (std::exchange(on_bus_, false)) {
    ++counters_.lost;
    tell_once(told_bus_off_, now, "is bus-off: the frame that it was sending is lost");
  }
  if (waiting_count_ == 0) return;
  if (bus_->state(node_) == sim::CanBus::State::bus_off) {
    next_->set(now + bus_->bits(recovery_bits));
    return;
  }
  on_bus_ = bus_->send(node_, waiting_[first_]);
  if (!on_bus_) return;  // no power: look_again() throws away what waits
  first_ = (first_ + 1) % most_waiting;
  --waiting_count_;
}

void CanEndpoint::hear(const sim::CanFrame& frame, sim::Time now) {
  if (!socket_.is_open()) {
    ++counters_.not_there;
    return;
  }
  const can_frame out = socketcan_frame(frame);
  const ssize_t written = ::send(socket_.get(), &out, sizeof out, MSG_DONTWAIT | MSG_NOSIGNAL);
  const int error = errno;
  loop_->left_at(now);
  if (written == static_cast<ssize_t>(sizeof out)) {
    ++counters_.sent;
  } else if (error == ENOBUFS || error == EAGAIN) {
    ++counters_.no_room;
    tell_once(told_no_room_, now, "its queue is full: frames are lost, and counted");
  } else {
    ++counters_.not_there;
    lose(error, now);
  }
}

void CanEndpoint::lose(int error, sim::Time now) {
  if (!socket_.is_open()) return;
  ++counters_.times_down;
  loop_->unwatch(socket_.get());
  socket_.close();
  tell(now, fmt::format("is gone ({})", error == 0 ? "closed" : std::strerror(error)));
  // Not within a frame of the bus, where this may be.
  look_->set(now);
}

void CanEndpoint::look_again(sim::Time now) {
  if (bus_->place(node_).powered) {
    counters_.lost += waiting_count_ + (std::exchange(on_bus_, false) ? 1 : 0);
    waiting_count_ = 0;
    set_powered(false);
  } else if (open_again()) {
    watch();
    set_powered(true);
    tell(now, "is there again");
    return;
  }
  look_->set(now + look_each);
}

void CanEndpoint::set_powered(bool powered) {
  sim::CanBus::Place place = bus_->place(node_);
  place.powered = powered;
  bus_->set_place(node_, place);
}

void CanEndpoint::count_error_frame(const can_frame& frame, sim::Time now) {
  ++counters_.error_frames;
  if (counters_.error_frames > most_errors_told) return;
  const bool last = counters_.error_frames == most_errors_told;
  tell(now, "error frame: " + error_frame_text(frame) + (last ? "; further ones are only counted" : ""));
}

void CanEndpoint::tell(sim::Time now, const std::string& text) const {
  if (on_event_) on_event_(now, text);
}

void CanEndpoint::tell_once(bool& told, sim::Time now, const std::string& text) const {
  if (!std::exchange(told, true)) tell(now, text);
}

void join(CanEndpoint& endpoint, PacedLoop& loop, sim::Kernel& kernel, sim::ParallelGroup& group) {
  const std::size_t node = group.join_can(
      endpoint.name(), [&endpoint](const sim::CanFrame& frame, sim::Time now) { endpoint.hear(frame, now); });
  endpoint.connect(loop, kernel, group.can(), node);
}

std::string CanEndpoint::counts() const {
  std::string text = fmt::format("{} frames sent, {} received", counters_.sent, counters_.received);
  const auto add = [&text](std::uint64_t count, const char* what) {
    if (count > 0) text += fmt::format("; {} {}", count, what);
  };
  add(counters_.no_room, "not sent for a full queue");
  add(counters_.not_there, "not sent while it was gone");
  add(counters_.received - counters_.on_bus - counters_.lost, "received and not on the bus at the end");
  add(counters_.lost, "received and lost before the bus");
  add(counters_.overrun, "dropped by the kernel");
  add(counters_.malformed, "that are no frames of classical CAN");
  add(counters_.error_frames, "error frames");
  add(counters_.times_down, "times gone");
  return text;
}

}  // namespace hil::harness
