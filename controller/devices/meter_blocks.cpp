#include "controller/devices/meter_blocks.h"

#include <bit>
#include <cmath>

namespace hil::controller {
namespace {

static_assert(meter_phases_count != meter_powers_count && meter_reactive_count != meter_powers_count &&
              meter_phases_count != meter_reactive_count);

double float_at(std::span<const std::uint8_t> data, std::size_t index) {
  std::uint32_t raw = 0;
  for (const std::uint8_t byte : data.subspan(4 * index, 4)) raw = raw << 8 | byte;
  return std::bit_cast<float>(raw);
}

/// More of V, A, W or var no meter behind CTs shows: the words of its floats are swapped, or it is another device.
constexpr double largest_value = 1e7;

}  // namespace

Request meter_request(std::uint8_t address, MeterBlock block) noexcept {
  switch (block) {
    case MeterBlock::powers:
      break;
    case MeterBlock::phases:
      return {address, Function::read_input, meter_phases_first, meter_phases_count, {}};
    case MeterBlock::powers_and_reactive:
      return {address, Function::read_input, meter_powers_first, meter_reactive_count, {}};
  }
  return {address, Function::read_input, meter_powers_first, meter_powers_count, {}};
}

bool holds_numbers(std::span<const std::uint8_t> data) noexcept {
  for (std::size_t index = 0; 4 * index + 4 <= data.size(); ++index) {
    if (!(std::abs(float_at(data, index)) <= largest_value)) return false;
  }
  return true;
}

MeterPhases decode_meter_phases(std::span<const std::uint8_t> data) noexcept {
  MeterPhases phases;
  for (std::size_t phase = 0; phase < 3; ++phase) {
    phases.voltage_ln_rms_v[phase] = float_at(data, phase);
    phases.current_a[phase] = float_at(data, 3 + phase);
  }
  return phases;
}

MeterPowers decode_meter_powers(std::span<const std::uint8_t> data) noexcept {
  MeterPowers powers;
  const bool with_reactive = data.size() == std::size_t{2} * meter_reactive_count;
  for (std::size_t phase = 0; phase < 3; ++phase) {
    powers.phase_import_w[phase] = float_at(data, phase);
    powers.grid_import_w += powers.phase_import_w[phase];
    if (with_reactive) powers.grid_import_var += float_at(data, 6 + phase);
  }
  return powers;
}

}  // namespace hil::controller
