#include "harness/probe/modbus_master.h"

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <thread>
#include <utility>

namespace hil::harness {
namespace {

constexpr int gateway_path = 10;
constexpr int gateway_target = 11;
constexpr int last_exception = gateway_target;

void release(modbus_t* link) {
  modbus_close(link);
  modbus_free(link);
}

bool is_exception(int error) {
  return error > MODBUS_ENOBASE && error <= MODBUS_ENOBASE + last_exception;
}

/// The reply was wrong, or there was none: the port is as good as before.
bool leaves_the_port_open(int error) {
  return is_exception(error) || error == ETIMEDOUT || error == EMBBADCRC || error == EMBBADDATA || error == EMBBADEXC ||
         error == EMBMDATA || error == EMBBADSLAVE;
}

}  // namespace

ModbusMaster::ModbusMaster(modbus_t* link, std::string name, double timeout_s, SerialDevice::Direction direction)
    : link_(link, release), name_(std::move(name)), direction_(direction) {
  if (link == nullptr) throw ModbusFailure(name_ + ": " + modbus_strerror(errno), ModbusFailure::Kind::link);
  constexpr double us_per_s = 1e6;
  const double whole_s = std::floor(timeout_s);
  const auto seconds = static_cast<std::uint32_t>(whole_s);
  const auto microseconds = static_cast<std::uint32_t>((timeout_s - whole_s) * us_per_s);
  modbus_set_response_timeout(link_.get(), seconds, microseconds);
  begin();
}

ModbusMaster ModbusMaster::on_serial_port(const std::string& path, const sim::SerialFormat& format, double timeout_s,
                                          SerialDevice::Direction direction) {
  const char parity = format.parity == sim::Parity::none ? 'N' : format.parity == sim::Parity::even ? 'E' : 'O';
  modbus_t* link = modbus_new_rtu(path.c_str(), format.baud, parity, format.data_bits, format.stop_bits);
  ModbusMaster master{link, path, timeout_s, direction};
  // t3.5 (Modbus over serial line 1.02, 2.5.1.1), and as much again: libmodbus keeps none, and to the other units a
  // request right behind a reply is part of it.
  constexpr std::int64_t bits_of_silence = 2 * 35 + 7;
  constexpr std::int64_t ns_per_s = 1'000'000'000;
  master.silence_ = std::chrono::nanoseconds{bits_of_silence * ns_per_s / format.baud};
  return master;
}

ModbusMaster ModbusMaster::over_tcp(const SocketAddress& address, double timeout_s) {
  modbus_t* link = modbus_new_tcp(address.host().c_str(), ntohs(address.raw.sin_port));
  return ModbusMaster{link, address.text(), timeout_s};
}

void ModbusMaster::set_unit(int unit) {
  if (modbus_set_slave(link_.get(), unit) != 0) fail(errno);
}

/// What came too late for the request before is none of the next one's.
void ModbusMaster::begin() {
  if (!connected_ && modbus_connect(link_.get()) != 0) fail(errno);
  // A serial port: two on one take each other's bytes. On a socket it does nothing.
  if (!connected_ && ::flock(modbus_get_socket(link_.get()), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    modbus_close(link_.get());
    throw ModbusFailure(name_ + ": is in use by another program", ModbusFailure::Kind::link);
  }
  if (!connected_ && !set_rs485_direction(modbus_get_socket(link_.get()), direction_)) {
    modbus_close(link_.get());
    throw ModbusFailure(name_ + ": its driver has no RS485 mode, must be one that has, or without rs485",
                        ModbusFailure::Kind::link);
  }
  connected_ = true;
  std::this_thread::sleep_for(silence_);
  modbus_flush(link_.get());
}

std::vector<std::uint16_t> ModbusMaster::read(sim::Table table, std::uint16_t first, int count) {
  begin();
  std::vector<std::uint16_t> words(static_cast<std::size_t>(count));
  switch (table) {
    case sim::Table::holding:
      check(modbus_read_registers(link_.get(), first, count, words.data()));
      return words;
    case sim::Table::input:
      check(modbus_read_input_registers(link_.get(), first, count, words.data()));
      return words;
    case sim::Table::coils:
    case sim::Table::discrete:
      break;
    case sim::Table::single_write:
    case sim::Table::block_write:
      fail(EMBXILFUN);  // no function reads them
  }
  std::vector<std::uint8_t> bits(words.size());
  check(table == sim::Table::coils ? modbus_read_bits(link_.get(), first, count, bits.data())
                                   : modbus_read_input_bits(link_.get(), first, count, bits.data()));
  std::copy(bits.begin(), bits.end(), words.begin());
  return words;
}

void ModbusMaster::write(sim::Table table, std::uint16_t first, std::span<const std::uint16_t> words) {
  begin();
  if (table == sim::Table::coils) {
    check(modbus_write_bit(link_.get(), first, words.front() != 0 ? 1 : 0));
  } else if (words.size() == 1 && table != sim::Table::block_write) {
    check(modbus_write_register(link_.get(), first, words.front()));
  } else {
    check(modbus_write_registers(link_.get(), first, static_cast<int>(words.size()), words.data()));
  }
}

void ModbusMaster::check(int done) {
  if (done < 0) fail(errno);
}

void ModbusMaster::fail(int error) {
  using Kind = ModbusFailure::Kind;
  if (connected_ && !leaves_the_port_open(error)) {
    modbus_close(link_.get());
    connected_ = false;
  }
  if (is_exception(error)) {
    const int code = error - MODBUS_ENOBASE;
    throw ModbusFailure("exception " + std::to_string(code) + ", " + modbus_strerror(error),
                        code == gateway_path || code == gateway_target ? Kind::nobody : Kind::refused);
  }
  if (error == ETIMEDOUT && connected_) throw ModbusFailure("no answer", Kind::nobody);
  if (connected_) throw ModbusFailure(modbus_strerror(error), Kind::garbled);
  throw ModbusFailure(name_ + ": " + modbus_strerror(error), Kind::link);
}

}  // namespace hil::harness
