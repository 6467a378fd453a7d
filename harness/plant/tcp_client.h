#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace hil::harness {

/// A client of one unit on Modbus TCP whose network is in the hands of the caller, with a clock of the caller's.
class TcpClient {
 public:
  /// What it made of a request.
  struct Answer {
    bool sound = false;                   ///< a reply to it, or an exception
    std::span<const std::uint8_t> pdu{};  ///< of a sound one, until the next call
  };

  TcpClient() = default;
  virtual ~TcpClient() = default;
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  virtual void connect() = 0;
  virtual bool connected() const = 0;
  /// Returns what it puts on the connection, until the next call. `raw`: the PDU as it stands, whatever it means.
  virtual std::span<const std::uint8_t> ask(std::span<const std::uint8_t> pdu, bool raw) = 0;
  /// Bytes come on the connection. Nothing: it waits for more.
  virtual std::optional<Answer> hear(std::span<const std::uint8_t> bytes) = 0;
  /// Ends the connection, and a request that waits.
  virtual void hang_up() = 0;
};

/// For a unit of this address.
using TcpClientMaker = std::function<std::unique_ptr<TcpClient>(std::uint8_t unit)>;

/// The client of this bench. Which one that is stands outside of plant/: it has sockets and a thread.
std::unique_ptr<TcpClient> make_tcp_client(std::uint8_t unit);

}  // namespace hil::harness
