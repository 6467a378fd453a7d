// Connections of Modbus TCP to one device: a stream that falls into pieces as the input says, requests cut out of it by
// ModbusTcpFramer and answered as harness/live does. Pieces: `how` from 24 on opens a fresh connection first.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "sim/wire/goodwe_dongle.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/modbus_tcp.h"
#include "tests/fuzz/entry.h"
#include "tests/fuzz/finding.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzzed_device.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/pieces.h"

namespace hil::fuzz {
namespace {

using sim::ModbusTcpFramer;
using Next = ModbusTcpFramer::Next;

constexpr std::uint8_t unit = 3;
constexpr std::array<std::uint8_t, 4> units{unit, 247, 0, 4};
constexpr std::uint8_t opens_from = 24;

/// What the next bytes of a stream are, by the oracle.
struct Expected {
  Next next = Next::incomplete;
  std::size_t length = 0;  ///< of the whole frame
};
Expected next_of(Frame stream) {
  if (stream.size() < 7) return {};
  const std::size_t counted = stream[4] * 256U + stream[5];
  if (stream[2] != 0 || stream[3] != 0 || counted < 2 || counted > 254) return {Next::broken, 0};
  if (stream.size() < 6 + counted) return {};
  return {Next::request, 6 + counted};
}

class Connection {
 public:
  explicit Connection(FuzzedDevice& device) : device_(device) {}

  /// False: the endpoint closes it.
  bool receive(Frame bytes) {
    while (!bytes.empty()) {
      const std::span<std::uint8_t> room = framer_.room();
      if (room.empty()) report_finding("no room though all requests were taken");
      const std::size_t count = std::min(room.size(), bytes.size());
      std::copy_n(bytes.begin(), count, room.begin());
      framer_.received(count);
      stream_.insert(stream_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
      bytes = bytes.subspan(count);
      if (!answer_all()) return false;
    }
    return true;
  }

  const std::vector<std::uint8_t>& last_reply() const { return last_reply_; }

 private:
  bool answer_all() {
    for (;;) {
      const Frame waiting = Frame(stream_).subspan(taken_);
      const Expected expected = next_of(waiting);
      ModbusTcpFramer::Request request;
      const Next next = framer_.next(request);
      if (next != expected.next) {
        report_finding(fmt::format("framer says {}, not {}, of {}", static_cast<int>(next),
                                   static_cast<int>(expected.next), hex(waiting)));
      }
      if (next != Next::request) return next == Next::incomplete;
      const Frame frame = waiting.first(expected.length);
      const Frame pdu = frame.subspan(7);
      if (request.transaction != frame[0] * 256 + frame[1] || request.unit != frame[6] ||
          !std::equal(pdu.begin(), pdu.end(), request.pdu.begin(), request.pdu.end())) {
        report_finding("framer makes another request of " + hex(frame));
      }
      taken_ += expected.length;
      answer(request, frame);
    }
  }

  void answer(const ModbusTcpFramer::Request& request, Frame frame) {
    std::array<std::uint8_t, sim::largest_tcp_frame> reply{};
    const std::span<std::uint8_t> pdu = std::span(reply).subspan(sim::mbap_header_bytes, sim::largest_modbus_pdu);
    std::size_t length = 2;
    if (request.unit == unit || request.unit == sim::dongle_unit) {
      length = device_.serve(request.pdu, pdu, sim::Time{0});
    } else {
      pdu[0] = static_cast<std::uint8_t>(request.pdu.front() | 0x80);
      pdu[1] = static_cast<std::uint8_t>(sim::ModbusException::gateway_target);
    }
    const std::size_t whole = sim::complete_tcp_reply(request, length, reply);
    last_reply_.assign(reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(whole));
    const Expected said = next_of(last_reply_);
    const bool header_fits = said.next == Next::request && said.length == whole && reply[0] == frame[0] &&
                             reply[1] == frame[1] && reply[6] == frame[6];
    if (!header_fits) report_finding("header of " + hex(last_reply_) + " to " + hex(frame));
  }

  FuzzedDevice& device_;
  ModbusTcpFramer framer_;
  std::vector<std::uint8_t> stream_;
  std::size_t taken_ = 0;
  std::vector<std::uint8_t> last_reply_;
};

/// A read in two segments on a connection of its own.
void require_good_read(FuzzedDevice& device, std::uint64_t draw) {
  std::vector<std::uint8_t> request{0x12, 0x34, 0, 0, 0, 6, unit};
  const auto [pdu, answer] = device.good_read();
  request.insert(request.end(), pdu.begin(), pdu.end());
  std::vector<std::uint8_t> expected{0x12, 0x34, 0, 0, 0, static_cast<std::uint8_t>(1 + answer.size()), unit};
  expected.insert(expected.end(), answer.begin(), answer.end());
  const std::size_t in_first = 1 + draw % (request.size() - 1);
  Connection connection(device);
  const bool open =
      connection.receive(Frame(request).first(in_first)) && connection.receive(Frame(request).subspan(in_first));
  if (!open || connection.last_reply() != expected) {
    report_finding("a good read is answered by " + hex(connection.last_reply()));
  }
}

}  // namespace

void run(Frame input) {
  static FuzzedDevice device;
  std::optional<Connection> connection(std::in_place, device);
  PieceReader reader(input);
  std::uint8_t how = 0;
  Frame bytes;
  while (reader.next(how, bytes)) {
    if (how >= opens_from || !connection) connection.emplace(device);
    if (!connection->receive(bytes)) connection.reset();
  }
  const std::uint64_t draw = draw_of(input);
  require_good_read(device, draw);
  device.end_input(draw);
}

}  // namespace hil::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return hil::fuzz::mutate(data, size, max_size, seed, hil::fuzz::Framing::tcp, hil::fuzz::units);
}
