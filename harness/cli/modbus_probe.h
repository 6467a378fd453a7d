#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/cli/commands.h"

namespace hil::harness {

/// What `hilbench probe` does on a serial line or a Modbus TCP port.
struct ModbusProbeOptions {
  enum class Order : unsigned char { none, scan, read, write, watch, decode };
  Order order = Order::none;
  std::string port;  ///< PATH[:BAUD[,FORMAT]]; empty: `tcp`
  std::string tcp;   ///< ADDRESS:PORT
  int unit = 1;
  std::filesystem::path map = "goodwe_et_205";  ///< a register map: a file, or a name in the library's registers/
  std::filesystem::path library;                ///< empty: the default
  double timeout_s = 1.0;                       ///< for each answer
  int first_unit = 1;                           ///< of a scan
  int last_unit = 247;
  std::vector<std::string> words;  ///< names, NAME=VALUE, frames
  double every_s = 1.0;            ///< of watching
  int times = 0;                   ///< 0: until Ctrl-C
};
/// A master on libmodbus; exit_error when a unit did not answer or refused.
int modbus_probe_command(const ModbusProbeOptions& options, Console console);

}  // namespace hil::harness
