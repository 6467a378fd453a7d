#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "harness/record/pcapng_file.h"

namespace hil::harness {

/// An IPv4 address and port, as numbers.
struct NetworkEnd {
  std::uint32_t ip = 0;
  std::uint16_t port = 0;

  bool operator==(const NetworkEnd&) const = default;
  bool operator<(const NetworkEnd& other) const { return std::tie(ip, port) < std::tie(other.ip, other.port); }
  std::string text() const;  ///< "127.0.0.1:1502"
};

/// A pcapng file of one device on the network: Ethernet (link type 1), IPv4, TCP or UDP, so that Wireshark follows its
/// connections (`tshark -r et1_tcp.pcapng -d tcp.port==1502,mbtcp`).
///
/// The bench sees what sockets give and take, no packets: headers, handshake and the end of a connection are made up
/// around it, checksums and sequence numbers right. What the kernel answers by itself (a refused connection, bare
/// acknowledgements) is not in it.
class NetworkCapture {
 public:
  enum class Protocol : std::uint8_t { tcp = 6, udp = 17 };
  static constexpr std::size_t longest_segment = 1460;  ///< bytes of one packet; more are several
  static constexpr std::size_t longest_comment = PcapngFile::longest_comment;

  /// Throws std::runtime_error naming the file.
  NetworkCapture(const std::filesystem::path& file, const std::string& name, Protocol protocol, NetworkEnd device);

  /// Bytes between a client and the device, with a comment at the first packet; `bad_checksum` flags it. Of a TCP
  /// connection not opened they begin at sequence number 1.
  void write(NetworkEnd client, bool request, std::span<const std::uint8_t> bytes, sim::Time at,
             std::string_view comment, bool bad_checksum = false);
  // Of TCP alone.
  void opened(NetworkEnd client, sim::Time at, std::string_view comment);
  void closed(NetworkEnd client, bool by_client, sim::Time at, std::string_view comment);
  void reset(NetworkEnd client, sim::Time at, std::string_view comment);

  void flush() noexcept { file_.flush(); }
  std::string failure() const { return file_.failure(); }

 private:
  /// The next sequence number of each side.
  struct Stream {
    std::uint32_t client = 1;
    std::uint32_t device = 1;
  };
  void packet(NetworkEnd client, bool request, std::uint8_t flags, std::span<const std::uint8_t> bytes, sim::Time at,
              std::string_view comment, bool bad_checksum = false);

  PcapngFile file_;
  Protocol protocol_;
  NetworkEnd device_;
  std::map<NetworkEnd, Stream> streams_;
  std::uint16_t identification_ = 0;
  std::uint32_t connections_ = 0;
};

}  // namespace hil::harness
