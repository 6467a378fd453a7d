#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hil::sim {

inline constexpr std::size_t mbap_header_bytes = 7;    ///< transaction 2, protocol 2, length 2, unit 1
inline constexpr std::size_t largest_tcp_frame = 260;  ///< header and 253 bytes of PDU
inline constexpr std::size_t largest_modbus_pdu = 253;

/// Cuts what one TCP connection receives into requests, however its segments were split or merged.
///
/// Source: Modbus Messaging on TCP/IP 1.0b, 3.1.3 (MBAP header). A protocol identifier other than 0 or a length outside
/// 2..254 cannot be Modbus: the stream has lost its frames and the connection is to be closed.
class ModbusTcpFramer {
 public:
  struct Request {
    std::uint16_t transaction = 0;
    std::uint8_t unit = 0;
    std::span<const std::uint8_t> pdu;  ///< valid until the next room()
  };
  enum class Next : unsigned char { incomplete, request, broken };

  /// Where to receive; never empty unless the stream is broken.
  std::span<std::uint8_t> room();
  void received(std::size_t bytes) { end_ += bytes; }
  /// The next whole request, in order.
  Next next(Request& request);

 private:
  std::array<std::uint8_t, 4096> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// High byte first, at `at` and the place after it; of a larger `word` the low 16 bits.
void put_word(std::span<std::uint8_t> bytes, std::size_t at, std::size_t word);

/// The header before a reply PDU of `pdu_bytes` (1..253) that already stands at `frame` + 7. Returns the frame's
/// length.
std::size_t complete_tcp_reply(const ModbusTcpFramer::Request& request, std::size_t pdu_bytes,
                               std::span<std::uint8_t> frame);

}  // namespace hil::sim
