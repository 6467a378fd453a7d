#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/devices/register_server.h"
#include "sim/wire/modbus_rtu.h"
#include "tests/sim/devices/register_map_xml.h"
#include "tests/sim/devices/running_et.h"

namespace hil::sim::test {

/// "F7 03 89" as bytes.
inline std::vector<std::uint8_t> bytes(const std::string& hex) {
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 3) {
    result.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return result;
}

/// An ET behind the shipped map of platform 205, asked in PDUs as any wire brings them.
class AskedEt {
 public:
  explicit AskedEt(const models::Site::Parameters& parameters = one_inverter_site(),
                   const GoodweEt::Settings& settings = {}, const GoodweEt::Quirks& quirks = {})
      : et{parameters, settings, quirks},
        server{read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/goodwe_et_205.xml"), et.et.face()} {
    run(std::chrono::seconds{1});
  }
  void run(Time duration) {
    for (const Time end = et.now + duration; et.now < end;) {
      et.step();
      server.refresh(et.now);
    }
  }
  std::vector<std::uint8_t> ask(const std::vector<std::uint8_t>& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server.serve(pdu, reply, et.now);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }
  /// Function 06; the exception code, 0 when it was taken.
  int write(int address, int value) {
    const auto reply = ask({0x06, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address),
                            static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
    return reply.at(0) == 0x06 ? 0 : reply.at(1);
  }
  /// One register; -1 for an exception.
  int read(int address) {
    const auto reply = ask({0x03, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address), 0, 1});
    return reply.at(0) == 0x03 ? reply.at(2) << 8 | reply.at(3) : -1;
  }
  const models::Site::LaneView& lane() const { return et.lane(); }

  RunningEt et;
  RegisterServer server;
};

}  // namespace hil::sim::test
