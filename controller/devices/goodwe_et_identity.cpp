#include "controller/devices/goodwe_et_identity.h"

#include <algorithm>

#include "controller/devices/goodwe_et_registers.h"

namespace hil::controller {
namespace {

constexpr bool has_length_of_its_own(std::uint16_t count) {
  return std::none_of(et_ranges.begin(), et_ranges.end(), [&](const EtRange& range) { return range.count == count; });
}
static_assert(has_length_of_its_own(identity_count) && has_length_of_its_own(firmware_count) &&
              has_length_of_its_own(own_meter_count));
static_assert(identity_count != firmware_count && identity_count != own_meter_count &&
              firmware_count != own_meter_count);

constexpr std::size_t rated_w_at = 35001 - identity_first;
constexpr std::size_t serial_at = 35003 - identity_first;
constexpr std::size_t dsp_version_at = 35016 - firmware_first;
constexpr std::size_t arm_version_at = 35019 - firmware_first;
constexpr std::size_t meter_answers_at = 36004 - own_meter_first;

std::uint16_t word_at(std::span<const std::uint8_t> data, std::size_t index) {
  return static_cast<std::uint16_t>(data[2 * index] << 8 | data[2 * index + 1]);
}

bool is_serial_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

}  // namespace

Request identity_request(std::uint8_t address) noexcept {
  return {address, Function::read, identity_first, identity_count, {}};
}

EtIdentity decode_identity(std::span<const std::uint8_t> data) noexcept {
  EtIdentity identity;
  if (data.size() != std::size_t{2} * identity_count) return identity;
  identity.rated_w = word_at(data, rated_w_at);
  const auto serial = data.subspan(2 * serial_at, identity.serial.size());
  std::transform(serial.begin(), serial.end(), identity.serial.begin(),
                 [](std::uint8_t byte) { return static_cast<char>(byte); });
  identity.is_inverter = std::all_of(identity.serial.begin(), identity.serial.end(), is_serial_character);
  return identity;
}

Request firmware_request(std::uint8_t address) noexcept {
  return {address, Function::read, firmware_first, firmware_count, {}};
}

EtFirmware decode_firmware(std::span<const std::uint8_t> data) noexcept {
  if (data.size() != std::size_t{2} * firmware_count) return {};
  return {word_at(data, dsp_version_at), word_at(data, arm_version_at)};
}

Request own_meter_request(std::uint8_t address) noexcept {
  return {address, Function::read, own_meter_first, own_meter_count, {}};
}

bool decode_own_meter(std::span<const std::uint8_t> data) noexcept {
  return data.size() == std::size_t{2} * own_meter_count && word_at(data, meter_answers_at) == 1;
}

}  // namespace hil::controller
