#pragma once

#include <modbus/modbus.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/live/serial_device.h"
#include "harness/live/socket_address.h"
#include "sim/devices/register_map.h"
#include "sim/wire/serial_format.h"

namespace hil::harness {

/// A request that brought no values.
class ModbusFailure : public std::runtime_error {
 public:
  enum class Kind : unsigned char {
    link,     ///< port or connection
    nobody,   ///< nothing came in time, or a gateway says that there is nobody (exceptions 0A and 0B)
    refused,  ///< by another exception
    garbled,  ///< something came that is no reply
  };
  ModbusFailure(const std::string& what, Kind kind) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// A Modbus master on a serial port or over TCP. It is libmodbus, not the bench's own frames: what both understand in
/// the same wrong way would look right.
///
/// A connection that breaks, or an adapter that is unplugged, is opened again with the next request.
class ModbusMaster {
 public:
  /// Both open at once; throw ModbusFailure when that does not work, naming what they open.
  static ModbusMaster on_serial_port(const std::string& path, const sim::SerialFormat& format, double timeout_s,
                                     SerialDevice::Direction direction = SerialDevice::Direction::by_adapter);
  static ModbusMaster over_tcp(const SocketAddress& address, double timeout_s);

  /// 1..247, whom the next requests go to.
  void set_unit(int unit);
  /// One request: up to 125 registers, or 2000 bits, each a word. Throws ModbusFailure.
  std::vector<std::uint16_t> read(sim::Table table, std::uint16_t first, int count);
  /// One request: function 06 or 05 for a single one, else 16. Throws ModbusFailure.
  void write(sim::Table table, std::uint16_t first, std::span<const std::uint16_t> words);

 private:
  ModbusMaster(modbus_t* link, std::string name, double timeout_s,
               SerialDevice::Direction direction = SerialDevice::Direction::by_adapter);
  void begin();
  /// Throws when `done` says that a request failed.
  void check(int done);
  [[noreturn]] void fail(int error);

  std::unique_ptr<modbus_t, void (*)(modbus_t*)> link_;
  std::string name_;
  SerialDevice::Direction direction_;    ///< of a serial port
  std::chrono::nanoseconds silence_{0};  ///< on a serial line, before each request
  bool connected_ = false;
};

}  // namespace hil::harness
