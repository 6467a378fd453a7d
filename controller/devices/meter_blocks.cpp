#include "controller/devices/meter_blocks.h"

#include <bit>

#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {
namespace {

static_assert(meter_phases_count != meter_count && meter_reactive_count != meter_count &&
              meter_phases_count != meter_reactive_count);

double u16_at(std::span<const std::uint8_t> data, std::size_t index) {
  return data[2 * index] << 8 | data[2 * index + 1];
}

double s32_at(std::span<const std::uint8_t> data, std::size_t index) {
  std::uint32_t raw = 0;
  for (const std::uint8_t byte : data.subspan(2 * index, 4)) raw = raw << 8 | byte;
  return std::bit_cast<std::int32_t>(raw);
}

}  // namespace

Request meter_request(std::uint8_t address, MeterBlock block) noexcept {
  switch (block) {
    case MeterBlock::powers:
      break;
    case MeterBlock::phases:
      return {address, Function::read, meter_phases_first, meter_phases_count, {}};
    case MeterBlock::powers_and_reactive:
      return {address, Function::read, meter_first, meter_reactive_count, {}};
  }
  return meter_request(address);
}

MeterPhases decode_meter_phases(std::span<const std::uint8_t> data) noexcept {
  constexpr double volt = 0.1;
  constexpr double ampere = 0.01;
  MeterPhases phases;
  for (std::size_t phase = 0; phase < 3; ++phase) {
    phases.voltage_ln_rms_v[phase] = u16_at(data, phase) * volt;
    phases.current_a[phase] = u16_at(data, 3 + phase) * ampere;
  }
  return phases;
}

MeterPowers decode_meter_powers(std::span<const std::uint8_t> data) noexcept {
  MeterPowers powers;
  for (std::size_t phase = 0; phase < 3; ++phase) powers.phase_import_w[phase] = s32_at(data, 2 * phase);
  powers.grid_import_w = decode_grid_import_w(data);
  if (data.size() == std::size_t{2} * meter_reactive_count) powers.grid_import_var = s32_at(data, 0x000E - meter_first);
  return powers;
}

}  // namespace hil::controller
