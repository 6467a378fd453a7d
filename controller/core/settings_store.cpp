#include "controller/core/settings_store.h"

#include <algorithm>

#include "controller/core/record_format.h"

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr RecordKind kind{{'H', 'S', 'E', 'C'}, storage_version};
constexpr Time retry_pause = 10s;

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

std::optional<StoredRecord> decode_record(std::span<const std::uint8_t> bytes) noexcept {
  const std::optional<OpenedRecord> opened = open_record(kind, bytes);
  if (!opened) return std::nullopt;
  StoredRecord record;
  record.sequence = opened->sequence;
  RecordReader payload{opened->payload};
  visit(payload, record);
  if (!payload.ok()) return std::nullopt;
  return record;
}

std::optional<StoredRecord> SettingsStore::load(const StorageImage& image) noexcept {
  std::optional<StoredRecord> newest;
  for (std::size_t slot = 0; slot < image.size(); ++slot) {
    const std::optional<StoredRecord> record = decode_record(image[slot]);
    if (!record) continue;
    const bool ahead = !newest || static_cast<std::int32_t>(record->sequence - newest->sequence) > 0;
    if (!ahead) continue;
    newest = record;
    newest_slot_ = slot;
  }
  if (!newest) return std::nullopt;
  wanted_ = *newest;
  sequence_ = newest->sequence;
  stored_count_ = encode_record(*newest, stored_);
  return newest;
}

void SettingsStore::save(const Settings& settings) noexcept {
  wanted_.settings = settings;
  waiting_ = true;
}

void SettingsStore::save_clock(const StoredClock& clock) noexcept {
  wanted_.clock = clock;
  waiting_ = true;
}

void SettingsStore::ask(Time now, StorageWrite& write) noexcept {
  if (!waiting_ || under_way_ || write.count != 0 || now < retry_at_) return;
  waiting_ = false;
  wanted_.sequence = sequence_ + 1;
  writing_count_ = encode_record(wanted_, writing_);
  const auto wanted = payload_of({writing_.data(), writing_count_});
  const auto stored = payload_of({stored_.data(), stored_count_});
  if (std::equal(wanted.begin(), wanted.end(), stored.begin(), stored.end())) return;
  under_way_ = true;
  write.slot = 1 - newest_slot_;
  write.bytes = writing_;
  write.count = writing_count_;
}

void SettingsStore::written(bool good, Time now) noexcept {
  if (!under_way_) return;
  under_way_ = false;
  if (!good) {
    ++failures_;
    waiting_ = true;
    retry_at_ = now + retry_pause;
    return;
  }
  newest_slot_ = 1 - newest_slot_;
  sequence_ = wanted_.sequence;
  stored_ = writing_;
  stored_count_ = writing_count_;
  retry_at_ = now;
}

}  // namespace hil::controller
