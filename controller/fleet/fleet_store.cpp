#include "controller/fleet/fleet_store.h"

#include "controller/core/record_format.h"
#include "controller/devices/sinexcel_registers.h"

namespace hil::controller {
namespace {

constexpr RecordKind kind{{'H', 'F', 'L', 'T'}, fleet_storage_version};

/// `Record` is StoredFleet, const when it is written. The names take the settings apart as a whole: a field that is
/// added to them and not stored does not compile.
template <typename Archive, typename Record>
void visit(Archive& archive, Record& record) {
  auto& [lines, meter_address, meter_baud, meter_bits, strings_per_unit, unit_rating_w, mode, ac_injection_w,
         ac_injection_var, grid_import_w, initial_soc, lowest_soc, highest_soc, has_transfer_switch,
         transfer_switch_closed, islands_by_itself, nominal_ln_v] = record.settings;
  for (auto& line : lines) line_field(archive, line);
  field(archive, meter_address);
  field(archive, meter_baud);
  field(archive, meter_bits);
  small_field(archive, strings_per_unit, 1, static_cast<int>(most_pcs_strings));
  field(archive, unit_rating_w);
  small_field(archive, mode, 0, static_cast<int>(FleetMode::off_grid));
  field(archive, ac_injection_w);
  field(archive, ac_injection_var);
  field(archive, grid_import_w);
  field(archive, initial_soc);
  field(archive, lowest_soc);
  field(archive, highest_soc);
  field(archive, has_transfer_switch);
  field(archive, islands_by_itself);
  field(archive, nominal_ln_v);
}

}  // namespace

std::size_t encode_record(const StoredFleet& record, std::span<std::uint8_t, storage_slot_size> bytes) noexcept {
  RecordWriter payload{payload_place(bytes)};
  visit(payload, record);
  return payload.ok() ? seal_record(kind, record.sequence, payload.count(), bytes) : 0;
}

bool decode_record(std::span<const std::uint8_t> bytes, StoredFleet& record) noexcept {
  const std::optional<OpenedRecord> opened = open_record(kind, bytes);
  if (!opened) return false;
  record = {};
  record.sequence = opened->sequence;
  RecordReader payload{opened->payload};
  visit(payload, record);
  return payload.ok();
}

}  // namespace hil::controller
