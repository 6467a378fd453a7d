#pragma once

#include <modbus/modbus.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "harness/live/file_descriptor.h"
#include "harness/plant/tcp_client.h"

namespace hil::harness {

/// Of the library that this program runs with, "3.1.6".
std::string libmodbus_version();

/// libmodbus as a client on Modbus TCP whose network is in the hands of the caller.
///
/// Its calls block until they have their reply, so they run on a thread of their own, at one end of a pair of sockets;
/// the caller has the other end, and a clock of its own: ask() returns what libmodbus sends, hear() gives it what
/// comes, hang_up() ends a call that lasts too long. Only one side is at work at any time: what comes back hangs on
/// the bytes alone, never on the machine's time, which is a guard only.
///
/// Whether a reply is whole is a question to libmodbus, too (a second context, which has the same bytes and no time to
/// wait): it goes by function codes. Protocol, length and unit of a reply's header are nothing that 3.1.6 looks at.
/// Of a sound answer registers are as libmodbus has read them, all else is as it came.
///
/// After the first request nothing is allocated, up to most_heard bytes of one reply.
class LibmodbusClient final : public TcpClient {
 public:
  /// No call takes so long once it has its bytes, on any machine.
  static constexpr std::chrono::seconds usual_guard{30};
  static constexpr std::size_t most_heard = 4096;

  /// Of requests to this unit. The thread begins with the first one.
  explicit LibmodbusClient(std::uint8_t unit, std::chrono::milliseconds guard = usual_guard);
  ~LibmodbusClient() override;

  /// Throws std::system_error.
  void connect() override;
  bool connected() const override { return near_.is_open(); }
  /// Calls libmodbus: modbus_read_registers for function 3, modbus_read_input_registers for 4, modbus_write_register
  /// for 6, modbus_write_registers for 16, for all others, and when it is to be `raw`, modbus_send_raw_request. Throws
  /// std::runtime_error when it puts nothing on the connection.
  std::span<const std::uint8_t> ask(std::span<const std::uint8_t> pdu, bool raw) override;
  /// Throws std::runtime_error when libmodbus does not return.
  std::optional<Answer> hear(std::span<const std::uint8_t> bytes) override;
  void hang_up() override;

 private:
  struct Release {
    void operator()(modbus_t* context) const { modbus_free(context); }
  };
  using Context = std::unique_ptr<modbus_t, Release>;
  enum class Call : unsigned char { read, read_input, write, write_block, raw };
  static Call call_for(std::span<const std::uint8_t> pdu, bool raw);
  enum class State : unsigned char { idle, under_way, returned };

  Context make_context() const;
  void work();
  void call();
  void wait_until_returned();
  bool is_whole();
  Answer answer();
  Answer raw_answer() const;

  std::uint8_t unit_;
  std::chrono::milliseconds guard_;
  FileDescriptor near_;     ///< the caller's end
  FileDescriptor scratch_;  ///< its end of the second context
  Context whole_;           ///< the second context
  std::vector<std::uint8_t> sent_;
  std::vector<std::uint8_t> heard_;
  std::vector<std::uint8_t> answered_;  ///< PDU of registers

  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::idle;
  bool ends_ = false;

  // The thread's while a call is under way, else the caller's.
  Context context_;
  Call call_ = Call::raw;
  std::vector<std::uint8_t> asked_;  ///< unit and PDU
  int result_ = 0;
  int error_ = 0;
  std::array<std::uint16_t, MODBUS_MAX_READ_REGISTERS> registers_{};
  std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> frame_{};

  std::thread thread_;
};

}  // namespace hil::harness
