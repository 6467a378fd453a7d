#include "controller/devices/meter_phases.h"

#include <bit>
#include <cstddef>

#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {
namespace {

double s32_at(std::span<const std::uint8_t> data, std::size_t index) {
  std::uint32_t raw = 0;
  for (const std::uint8_t byte : data.subspan(2 * index, 4)) raw = raw << 8 | byte;
  return std::bit_cast<std::int32_t>(raw);
}

}  // namespace

Request meter_phases_request(std::uint8_t address) noexcept {
  return {address, Function::read, meter_first, meter_phases_count, {}};
}

MeterPhases decode_meter_phases(std::span<const std::uint8_t> data) noexcept {
  MeterPhases phases;
  if (data.size() != std::size_t{2} * meter_phases_count) return phases;
  for (std::size_t phase = 0; phase < phases.import_w.size(); ++phase) phases.import_w[phase] = s32_at(data, 2 * phase);
  phases.import_var = s32_at(data, 0x000E - meter_first);
  return phases;
}

}  // namespace hil::controller
