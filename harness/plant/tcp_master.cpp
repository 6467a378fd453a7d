#include "harness/plant/tcp_master.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "sim/wire/modbus_tcp_answer.h"

namespace hil::harness {
namespace {

using sim::NetworkFault;
using What = TcpTraffic::What;

constexpr std::size_t usual_queue = 64;

}  // namespace

TcpMaster::TcpMaster(sim::Kernel& kernel, const Device& device, sim::Time timeout, std::unique_ptr<TcpClient> client,
                     Done done)
    : kernel_(kernel),
      device_(device),
      timeout_(timeout),
      done_(std::move(done)),
      client_(std::move(client)),
      wake_(kernel.make_alarm([this](sim::Time now) { wake(now); })),
      deadline_(kernel.make_alarm([this](sim::Time /*now*/) {
        if (under_way_) finish(Outcome::none, {});
      })) {
  queue_.reserve(usual_queue);
  device_.port->open([this] { wake_.set(kernel_.now()); });
}

TcpMaster::~TcpMaster() {
  device_.port->open({});
}

void TcpMaster::ask(const Request& request) {
  queue_.push_back(request);
  if (!under_way_) send_first();
}

void TcpMaster::send_first() {
  if (queue_.empty()) return;
  under_way_ = true;
  deadline_.set(kernel_.now() + timeout_);
  tell_exchange(false);
  if (!client_->connected() && is_dead()) return;
  if (!client_->connected() && !connect()) {
    lost_ = true;
    arm();
    return;
  }
  const Request& request = queue_.front();
  const std::span<const std::uint8_t> bytes = client_->ask(request.bytes(), request.raw);
  tell(What::request, bytes);
  deliver(bytes);
}

/// False: the device does not want it.
bool TcpMaster::connect() {
  if (device_.port->has(NetworkFault::refused)) {
    tell(What::refused);
    return false;
  }
  ++connection_;
  cuts_ = cuts();
  client_->connect();
  framer_ = {};
  to_be_reset_ = device_.port->has(NetworkFault::half_open);
  tell(What::opened);
  if (to_be_reset_ || !device_.port->connection_hit()) return true;
  disconnect(What::reset);
  return false;
}

/// At the device's end.
void TcpMaster::deliver(std::span<const std::uint8_t> bytes) {
  sim::NetworkPort& port = *device_.port;
  if (port.has(NetworkFault::half_open) || is_dead()) return;
  if (to_be_reset_ || cuts() != cuts_) return reset();
  const std::span<std::uint8_t> room = framer_.room();
  std::copy(bytes.begin(), bytes.end(), room.begin());
  framer_.received(bytes.size());
  sim::ModbusTcpFramer::Request request;
  if (framer_.next(request) != sim::ModbusTcpFramer::Next::request) {
    throw std::logic_error("what the client sent is no request on Modbus TCP");
  }
  const sim::Time now = kernel_.now();
  if ((port.request(connection_, now) & mark_of(NetworkFault::reset)) != 0) return reset();
  std::array<std::uint8_t, sim::largest_tcp_frame> frame{};
  const std::size_t length = sim::answer_on_tcp(*device_.server, device_.unit, request, frame, now);
  if (length == 0) return;
  port.reply(connection_, std::span{frame}.first(length), now + device_.turnaround);
  arm();
}

/// A fault began or ended, a reply is due, or a request came to nothing.
void TcpMaster::wake(sim::Time now) {
  follow_faults();
  while (const auto piece = device_.port->next(now)) {
    tell(What::reply, piece->bytes, piece->marks);
    if (!under_way_ || lost_) continue;
    const auto answer = client_->hear(piece->bytes);
    if (!answer) continue;
    finish(answer->sound ? Outcome::reply : Outcome::garbled, answer->pdu);
  }
  if (lost_) finish(Outcome::none, {});
  arm();
}

void TcpMaster::follow_faults() {
  sim::NetworkPort& port = *device_.port;
  const bool gone = port.has(NetworkFault::half_open);
  if (gone && !gone_ && client_->connected()) {
    port.forget(connection_);
    to_be_reset_ = true;
  }
  gone_ = gone;
  const bool resetting = port.resets_connections() && !gone && !is_dead();
  if (resetting && !resetting_ && client_->connected() && port.connection_hit()) reset();
  resetting_ = resetting;
}

void TcpMaster::arm() {
  const sim::Time due = lost_ ? kernel_.now() : device_.port->next_due();
  if (due == sim::NetworkPort::never) {
    wake_.cancel();
  } else {
    wake_.set(due);
  }
}

void TcpMaster::disconnect(What why) {
  tell(why);
  device_.port->forget(connection_);
  client_->hang_up();
}

/// By the device.
void TcpMaster::reset() {
  disconnect(What::reset);
  lost_ = under_way_;
  arm();
}

void TcpMaster::finish(Outcome outcome, std::span<const std::uint8_t> pdu) {
  deadline_.cancel();
  lost_ = false;
  if (outcome != Outcome::reply && client_->connected()) disconnect(What::closed);
  tell_exchange(true, outcome, pdu);
  const Request request = queue_.front();
  queue_.erase(queue_.begin());
  done_(request, outcome, pdu);
  under_way_ = false;
  send_first();
}

/// Of the request under way.
void TcpMaster::tell_exchange(bool over, Outcome outcome, std::span<const std::uint8_t> reply) const {
  const Request& request = queue_.front();
  for (const TcpExchange::Monitor& monitor : exchange_monitors_) {
    monitor({request.unit, request.bytes(), over, outcome, reply, kernel_.now()});
  }
}

void TcpMaster::tell(What what, std::span<const std::uint8_t> bytes, sim::NetworkMarks marks) const {
  for (const TcpTraffic::Monitor& monitor : monitors_) monitor({what, connection_, bytes, marks, kernel_.now()});
}

}  // namespace hil::harness
