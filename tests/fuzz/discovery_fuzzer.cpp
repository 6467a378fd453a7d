// Datagrams to the discovery port 48899, where two dongles listen. The input is one datagram. Nothing behind a dongle
// is reached from there: what is looked at is the answer alone.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "sim/wire/goodwe_dongle.h"
#include "tests/fuzz/entry.h"
#include "tests/fuzz/finding.h"
#include "tests/fuzz/frames.h"
#include "tests/fuzz/mutator.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace hil::fuzz {
namespace {

constexpr std::string_view question = "WIFIKIT-214028-READ";  // goodwe-et-modbus 1.2

struct Dongle {
  std::string_view ip;
  std::string_view serial;
  std::string_view tail;  ///< of its reply
};
constexpr std::array dongles{Dongle{"192.168.1.9", "9010KETU22AW0001", ",Solar-WiFi22AW0001"},
                             Dongle{"10.0.0.200", "7", ",Solar-WiFi7"}};

/// "<ip>,<12 digits of a locally administered MAC>,Solar-WiFi<end of the serial>"
bool is_answer_of(const Dongle& dongle, std::string_view reply) {
  constexpr std::size_t mac_digits = 12;
  if (reply.size() != dongle.ip.size() + 1 + mac_digits + dongle.tail.size()) return false;
  const std::string_view mac = reply.substr(dongle.ip.size() + 1, mac_digits);
  return reply.starts_with(dongle.ip) && reply[dongle.ip.size()] == ',' && mac.starts_with("02") &&
         mac.find_first_not_of("0123456789ABCDEF") == std::string_view::npos && reply.ends_with(dongle.tail);
}

void send(std::string_view datagram) {
  for (const Dongle& dongle : dongles) {
    const std::string reply = sim::discovery_reply(datagram, dongle.ip, dongle.serial);
    if (datagram == question ? !is_answer_of(dongle, reply) : !reply.empty()) {
      report_finding("discovery answers \"" + reply + "\" to \"" + std::string(datagram) + "\"");
    }
  }
}

}  // namespace

void run(Frame input) {
  send({reinterpret_cast<const char*>(input.data()), input.size()});
  send(question);
}

}  // namespace hil::fuzz

// One in four begins with the whole question again, the others drift away from what they were.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  constexpr unsigned one_whole_in = 4;
  const std::size_t whole = hil::fuzz::question.size();
  if (seed % one_whole_in == 0 && max_size >= whole) {
    std::memcpy(data, hil::fuzz::question.data(), whole);
    size = std::max(size, whole);
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
