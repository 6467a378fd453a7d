#include "harness/record/network_capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hil::harness {
namespace {

constexpr std::uint16_t link_type_ethernet = 1;
constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t ip_bytes = 20;
constexpr std::size_t tcp_bytes = 20;
constexpr std::size_t udp_bytes = 8;
constexpr std::size_t longest_header = ethernet_bytes + ip_bytes + tcp_bytes;

// Flags of TCP (RFC 9293 3.1).
constexpr std::uint8_t flag_fin = 0x01;
constexpr std::uint8_t flag_syn = 0x02;
constexpr std::uint8_t flag_rst = 0x04;
constexpr std::uint8_t flag_psh = 0x08;
constexpr std::uint8_t flag_ack = 0x10;

/// Big endian, as all of it.
class Header {
 public:
  void byte(unsigned value) { bytes_[size_++] = static_cast<std::uint8_t>(value); }
  void word(unsigned value) {
    byte(value >> 8);
    byte(value);
  }
  void word32(std::uint32_t value) {
    word(value >> 16);
    word(value);
  }
  void put_word(std::size_t at, std::uint32_t value) {
    bytes_[at] = static_cast<std::uint8_t>(value >> 8);
    bytes_[at + 1] = static_cast<std::uint8_t>(value);
  }
  std::span<const std::uint8_t> view() const { return std::span(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, longest_header> bytes_{};
  std::size_t size_ = 0;
};

/// The sum of 16-bit words that the Internet checksum (RFC 1071) is the complement of.
std::uint32_t word_sum(std::span<const std::uint8_t> bytes, std::uint32_t sum) {
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
  return sum;
}

std::uint32_t checksum(std::uint32_t sum) {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return ~sum & 0xFFFF;
}

std::uint32_t words_of(std::uint32_t ip) {
  return (ip >> 16) + (ip & 0xFFFF);
}

/// Locally administered, the address in it; both ends may have the same one.
void put_mac(Header& header, std::uint32_t ip, bool device) {
  header.word(device ? 0x02DEU : 0x02C1U);
  header.word32(ip);
}

}  // namespace

std::string NetworkEnd::text() const {
  return fmt::format("{}.{}.{}.{}:{}", ip >> 24, ip >> 16 & 0xFF, ip >> 8 & 0xFF, ip & 0xFF, port);
}

NetworkCapture::NetworkCapture(const std::filesystem::path& file, const std::string& name, Protocol protocol,
                               NetworkEnd device)
    : file_(file, link_type_ethernet, name, longest_header + longest_segment), protocol_(protocol), device_(device) {}

void NetworkCapture::packet(NetworkEnd client, bool request, std::uint8_t flags, std::span<const std::uint8_t> bytes,
                            sim::Time at, std::string_view comment, bool bad_checksum) {
  const NetworkEnd from = request ? client : device_;
  const NetworkEnd to = request ? device_ : client;
  const bool tcp = protocol_ == Protocol::tcp;
  const std::size_t transport_length = (tcp ? tcp_bytes : udp_bytes) + bytes.size();
  Header header;
  put_mac(header, to.ip, request);
  put_mac(header, from.ip, !request);
  header.word(0x0800);  // IPv4
  header.word(0x4500);
  header.word(static_cast<unsigned>(ip_bytes + transport_length));
  header.word(identification_++);
  header.word(0x4000);  // not to be fragmented
  header.byte(64);
  header.byte(static_cast<unsigned>(protocol_));
  header.word(0);
  header.word32(from.ip);
  header.word32(to.ip);
  header.put_word(ethernet_bytes + 10, checksum(word_sum(header.view().subspan(ethernet_bytes), 0)));

  header.word(from.port);
  header.word(to.port);
  std::size_t checksum_at = ethernet_bytes + ip_bytes + 6;
  if (tcp) {
    Stream& stream = streams_[client];
    std::uint32_t& sequence = request ? stream.client : stream.device;
    const bool acknowledges = (flags & flag_ack) != 0;
    header.word32(sequence);
    header.word32(!acknowledges ? 0 : request ? stream.device : stream.client);
    header.byte(tcp_bytes / 4 << 4);
    header.byte(flags);
    header.word(0xFFFF);  // window
    header.word(0);
    header.word(0);
    checksum_at = ethernet_bytes + ip_bytes + 16;
    sequence += static_cast<std::uint32_t>(bytes.size()) + ((flags & (flag_syn | flag_fin)) != 0 ? 1 : 0);
  } else {
    header.word(static_cast<unsigned>(transport_length));
    header.word(0);
  }
  const std::uint32_t pseudo_header = words_of(from.ip) + words_of(to.ip) + static_cast<std::uint32_t>(protocol_) +
                                      static_cast<std::uint32_t>(transport_length);
  const std::uint32_t sum = word_sum(bytes, word_sum(header.view().subspan(ethernet_bytes + ip_bytes), pseudo_header));
  const std::uint32_t complement = checksum(sum);
  header.put_word(checksum_at, complement == 0 && !tcp ? 0xFFFF : complement);  // 0 would say that UDP has none
  file_.write({.at = at,
               .header = header.view(),
               .bytes = bytes,
               .request = request,
               .bad_checksum = bad_checksum,
               .comment = comment});
}

void NetworkCapture::write(NetworkEnd client, bool request, std::span<const std::uint8_t> bytes, sim::Time at,
                           std::string_view comment, bool bad_checksum) {
  do {
    const auto segment = bytes.first(std::min(bytes.size(), longest_segment));
    bytes = bytes.subspan(segment.size());
    packet(client, request, flag_psh | flag_ack, segment, at, comment, bad_checksum);
    comment = {};
  } while (!bytes.empty());
}

void NetworkCapture::opened(NetworkEnd client, sim::Time at, std::string_view comment) {
  // A port that comes again begins elsewhere, else it looks like a repetition.
  const std::uint32_t first = connections_++ << 16;
  streams_[client] = {.client = first, .device = first};
  packet(client, true, flag_syn, {}, at, comment);
  packet(client, false, flag_syn | flag_ack, {}, at, {});
  packet(client, true, flag_ack, {}, at, {});
}

void NetworkCapture::closed(NetworkEnd client, bool by_client, sim::Time at, std::string_view comment) {
  packet(client, by_client, flag_fin | flag_ack, {}, at, comment);
  packet(client, !by_client, flag_fin | flag_ack, {}, at, {});
  packet(client, by_client, flag_ack, {}, at, {});
  streams_.erase(client);
}

void NetworkCapture::reset(NetworkEnd client, sim::Time at, std::string_view comment) {
  packet(client, false, flag_rst | flag_ack, {}, at, comment);
  streams_.erase(client);
}

}  // namespace hil::harness
