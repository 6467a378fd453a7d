#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "models/grid_code/grid_codes.h"
#include "sim/devices/register_server.h"
#include "sim/devices/solax_hybrid.h"
#include "sim/wire/modbus_rtu.h"
#include "tests/sim/devices/one_inverter_site.h"
#include "tests/sim/devices/register_map_xml.h"

namespace hil::sim::test {

inline SolaxHybrid::Identity ten_kilowatt_solax() {
  SolaxHybrid::Identity identity;
  identity.rated_w = 10000.0;
  return identity;
}

/// The site of one_inverter_site() with 300 W on each phase of a backup port.
inline models::Site::Parameters solax_site_with_backup(double soc = 0.5) {
  models::Site::Parameters site = one_inverter_site(soc);
  models::InverterLane::Backup backup;
  backup.forming.nominal_ln_v = 230.0;
  backup.forming.nominal_hz = 50.0;
  backup.forming.max_phase_a = 20.0;
  backup.transfer_time = std::chrono::milliseconds{10};
  site.inverters[0].lane.backup = backup;
  models::Site::Load load = site.loads[0];
  load.name = "kept";
  load.bus = "et1.backup";
  load.zip->nominal_w = {300.0, 300.0, 300.0};
  site.loads.push_back(load);
  return site;
}

/// A SolaX hybrid inverter on its lane behind the shipped map, stepped in the order of the bench and asked in PDUs.
class RunningSolax {
 public:
  explicit RunningSolax(const SolaxHybrid::Settings& settings = {},
                        const models::Site::Parameters& parameters = one_inverter_site(),
                        const SolaxHybrid::Identity& identity = ten_kilowatt_solax())
      : site{parameters},
        solax{"a1", site, 0, identity, settings},
        server{read_register_map(HILBENCH_SOURCE_DIR "/scenarios/registers/solax_g4.xml"), solax.face()} {}

  void step() {
    solax.latch(now);
    if (now > Time{0}) site.advance();
    solax.refresh(now);
    server.refresh(now);
    now += std::chrono::milliseconds{10};
  }
  /// Steps until `duration` has passed; one step for zero.
  void run(Time duration) {
    const Time end = now + duration;
    do step();
    while (now < end);
  }
  std::vector<std::uint8_t> ask(const std::vector<std::uint8_t>& pdu) {
    std::array<std::uint8_t, 253> reply{};
    const std::size_t length = server.serve(pdu, reply, now);
    return {reply.begin(), reply.begin() + static_cast<std::ptrdiff_t>(length)};
  }
  /// Function 06; the exception code, 0 when it was answered as taken.
  int write(int address, int value) {
    std::vector<std::uint8_t> pdu{0x06};
    put(pdu, address);
    put(pdu, value);
    const auto reply = ask(pdu);
    return reply.at(0) == 0x06 ? 0 : reply.at(1);
  }
  /// Function 16; likewise.
  int write_block(int address, const std::vector<int>& words) {
    std::vector<std::uint8_t> pdu{0x10};
    put(pdu, address);
    put(pdu, static_cast<int>(words.size()));
    pdu.push_back(static_cast<std::uint8_t>(2 * words.size()));
    for (const int word : words) put(pdu, word);
    const auto reply = ask(pdu);
    return reply.at(0) == 0x10 ? 0 : reply.at(1);
  }
  void unlock() { write(0x0000, 2014); }
  /// Registers of function 03 or 04; empty for an exception.
  std::vector<int> read(int function, int address, int count) {
    std::vector<std::uint8_t> pdu{static_cast<std::uint8_t>(function)};
    put(pdu, address);
    put(pdu, count);
    const auto reply = ask(pdu);
    std::vector<int> words;
    if (reply.at(0) != function) return words;
    for (std::size_t i = 2; i + 1 < reply.size(); i += 2) words.push_back(reply[i] << 8 | reply[i + 1]);
    return words;
  }
  /// -1 for an exception.
  int holding(int address) {
    const auto words = read(3, address, 1);
    return words.empty() ? -1 : words[0];
  }
  int input(int address) {
    const auto words = read(4, address, 1);
    return words.empty() ? -1 : words[0];
  }
  int input_signed(int address) { return static_cast<std::int16_t>(input(address)); }
  /// Low word first.
  std::int32_t input_long(int address) {
    const auto words = read(4, address, 2);
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(words.at(1)) << 16 |
                                     static_cast<std::uint32_t>(words.at(0)));
  }
  /// A number as two registers, low word first.
  static std::vector<int> two_words(int value) { return {value & 0xFFFF, value >> 16 & 0xFFFF}; }
  void voltage(double pu) { site.grid_source().ramp_voltage_pu(models::all_phases, pu, 0.0); }
  void night() { site.set_irradiance(0, 0.0); }
  SolaxRunState::Mode mode() const { return solax.mode(); }
  const models::Site::LaneView& lane() const { return site.lane(0); }
  double ac_w() const { return lane().power.ac_injection_w; }
  double battery_w() const { return lane().power.battery_discharge_w; }
  double export_w() const { return -site.grid().import_w; }

  models::Site site;
  SolaxHybrid solax;
  RegisterServer server;
  Time now{0};

 private:
  static void put(std::vector<std::uint8_t>& pdu, int word) {
    pdu.push_back(static_cast<std::uint8_t>(word >> 8));
    pdu.push_back(static_cast<std::uint8_t>(word));
  }
};

}  // namespace hil::sim::test
