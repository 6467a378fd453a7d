#include "controller/core/settings_store.h"

#include "controller/core/record_format.h"

namespace hil::controller {

namespace {

constexpr RecordKind kind{{'H', 'S', 'E', 'C'}, storage_version};

/// `Record` is StoredRecord, const when it is written. The names take the structures apart as wholes: a field that is
/// added to one of them and not stored does not compile.
template <typename Archive, typename Record>
void visit(Archive& archive, Record& record) {
  auto& [lines, meter_address, meter_baud, meter_bits, control_mode, phase_mode, freeze_cure, export_limit_w,
         total_capacity_w, ct_ratio, active_power_share, reactive_mode, power_factor, reactive_power_var, dred_modes,
         dred_increase_share, rcr_shares, rcr_basis, rcr_open_share, lan, network] =
      record.settings;  // `lan` is how the host wants the server to behave, not an entry of the installer
  for (auto& line : lines) line_field(archive, line);
  field(archive, meter_address);
  field(archive, meter_baud);
  field(archive, meter_bits);
  small_field(archive, control_mode, 0, 3);
  small_field(archive, phase_mode, 1, 2);
  field(archive, freeze_cure);
  field(archive, export_limit_w);
  field(archive, total_capacity_w);
  field(archive, ct_ratio);
  field(archive, active_power_share);
  small_field(archive, reactive_mode, 0, 2);
  field(archive, power_factor);
  field(archive, reactive_power_var);
  bytes_field(archive, dred_modes);
  field(archive, dred_increase_share);
  for (auto& share : rcr_shares) field(archive, share);
  small_field(archive, rcr_basis, 0, 1);
  field(archive, rcr_open_share);
  auto& [dhcp, address, netmask, gateway] = network;
  field(archive, dhcp);
  bytes_field(archive, address);
  bytes_field(archive, netmask);
  bytes_field(archive, gateway);
  auto& [clock_valid, seconds_since_2000] = record.clock;
  field(archive, clock_valid);
  field(archive, seconds_since_2000);
}

}  // namespace

std::size_t encode_record(const StoredRecord& record, std::span<std::uint8_t, storage_slot_size> bytes) noexcept {
  RecordWriter payload{payload_place(bytes)};
  visit(payload, record);
  return payload.ok() ? seal_record(kind, record.sequence, payload.count(), bytes) : 0;
}

bool decode_record(std::span<const std::uint8_t> bytes, StoredRecord& record) noexcept {
  const std::optional<OpenedRecord> opened = open_record(kind, bytes);
  if (!opened) return false;
  record = {};
  record.sequence = opened->sequence;
  RecordReader payload{opened->payload};
  visit(payload, record);
  return payload.ok();
}

}  // namespace hil::controller
