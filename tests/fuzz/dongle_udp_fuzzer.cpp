// Datagrams to a dongle's port 8899 with one ET behind it: RTU requests and the old AA 55 set. Each piece is a
// datagram.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "sim/wire/goodwe_dongle.h"
#include "tests/fuzz/entry.h"
#include "tests/fuzz/finding.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/fuzzed_device.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/pieces.h"

namespace hil::fuzz {
namespace {

constexpr std::uint8_t unit = 3;
constexpr std::array<std::uint8_t, 4> units{unit, 247, 0, 4};
const std::array<std::uint8_t, 9> identity_request{0xAA, 0x55, 0xC0, 0x7F, 0x01, 0x02, 0x00, 0x02, 0x41};

struct Dongle {
  FuzzedDevice et;
  sim::GoodweDongle dongle{et, unit, {"GW10K-ET", "9010KETU22AW0001", "10023", "02041-23-S00"}};
  sim::GoodweDongle::Reply reply{};
};

bool is_marked(Frame bytes) {
  return bytes.size() >= 2 && bytes[0] == 0xAA && bytes[1] == 0x55;
}

/// AA 55, source, destination, control, function, length, data, sum of all before (goodwe-et-modbus 8).
bool is_sound_aa55(Frame frame) {
  if (!is_marked(frame) || frame.size() < 9 || frame.size() != 9U + frame[6]) return false;
  unsigned sum = 0;
  for (const unsigned byte : frame.first(frame.size() - 2)) sum += byte;
  return frame[frame.size() - 2] == sum / 256 % 256 && frame[frame.size() - 1] == sum % 256;
}

void check_identity(Frame reply) {
  const bool sound = is_sound_aa55(reply) && reply.size() == 7 + 76 + 2 && reply[2] == 0x7F && reply[3] == 0xC0 &&
                     reply[4] == 1 && reply[5] == 0x82;
  if (!sound) report_finding("identity " + hex(reply));
  const std::string data(reply.begin() + 7, reply.end() - 2);
  if (data.substr(0, 15) != "10023GW10K-ET  " || data.substr(31, 16) != "9010KETU22AW0001") {
    report_finding("identity tells " + data);
  }
}

void send(Dongle& one, Frame datagram) {
  const std::uint64_t served_before = one.et.served();
  const std::size_t length = one.dongle.answer(datagram, one.reply, sim::Time{0});
  if (length > one.reply.size()) report_finding("reply longer than its room");
  const Frame reply = Frame(one.reply).first(length);
  const bool asks_identity =
      is_sound_aa55(datagram) && datagram[2] == 0xC0 && datagram[3] == 0x7F && datagram[4] == 1 && datagram[5] == 2;
  const bool asks_unit =
      !is_marked(datagram) && is_sound_rtu(datagram) && (datagram[0] == unit || datagram[0] == sim::dongle_unit);
  if (one.et.served() != served_before + (asks_unit ? 1 : 0)) report_finding("wrongly served: " + hex(datagram));
  if (asks_identity) {
    check_identity(reply);
  } else if (asks_unit) {
    const std::string fault = is_marked(reply) ? fault_of_rtu_reply(datagram, reply.subspan(2)) : "no AA 55";
    if (!fault.empty()) report_finding("reply " + hex(reply) + " to " + hex(datagram) + ": " + fault);
  } else if (length != 0) {
    report_finding("reply " + hex(reply) + " to " + hex(datagram) + ", which asks nothing of it");
  }
}

void require_good_read(Dongle& one) {
  auto [request, expected] = one.et.good_read();
  request.insert(request.begin(), sim::dongle_unit);
  expected.insert(expected.begin(), sim::dongle_unit);
  expected = with_crc(std::move(expected));
  expected.insert(expected.begin(), {0xAA, 0x55});
  const std::size_t length = one.dongle.answer(with_crc(std::move(request)), one.reply, sim::Time{0});
  const Frame reply = Frame(one.reply).first(std::min(length, one.reply.size()));
  if (!std::equal(reply.begin(), reply.end(), expected.begin(), expected.end())) {
    report_finding("a good read is answered by " + hex(reply));
  }
}

}  // namespace

void run(Frame input) {
  static Dongle one;
  PieceReader reader(input);
  std::uint8_t how = 0;
  Frame datagram;
  while (reader.next(how, datagram)) send(one, datagram);
  require_good_read(one);
  send(one, identity_request);
  one.et.end_input(draw_of(input));
}

}  // namespace hil::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return hil::fuzz::mutate(data, size, max_size, seed, hil::fuzz::Framing::udp, hil::fuzz::units);
}
