#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "controller/core/record_slots.h"
#include "controller/fleet/fleet_settings.h"

namespace hil::controller {

/// What a slot of a fleet's leader holds: what its installer set up and its operator ordered last.
struct StoredFleet {
  std::uint32_t sequence = 0;
  FleetSettings settings;
};

/// Laid out as record_format.h says, with "HFLT" in front: a slot of the energy controller is none of the leader's. A
/// field more or in another place is a new version; a record of another version is not read. Where the transfer switch
/// stands is not stored: its contact tells.
inline constexpr std::uint16_t fleet_storage_version = 1;
std::size_t encode_record(const StoredFleet& record, std::span<std::uint8_t, storage_slot_size> bytes) noexcept;
/// False unless magic, version, length, checksum and every enumeration are right; then `record` is undetermined.
bool decode_record(std::span<const std::uint8_t> bytes, StoredFleet& record) noexcept;

using FleetStore = RecordSlots<StoredFleet>;

}  // namespace hil::controller
