#include "controller/core/settings_store.h"

#include <algorithm>
#include <bit>

namespace hil::controller {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::uint8_t, 4> magic{'H', 'S', 'E', 'C'};
constexpr std::size_t head_size = 12;
constexpr std::size_t crc_size = 4;
constexpr Time retry_pause = 10s;

/// CRC-32 of IEEE 802.3: polynomial EDB88320 reflected, start and end inverted.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// Little endian, one after the other; beyond the end nothing happens, and ok() says so.
class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  void whole(std::uint64_t value, std::size_t size) {
    for (std::size_t k = 0; k < size; ++k) {
      if (count_ == bytes_.size()) {
        ok_ = false;
        return;
      }
      bytes_[count_++] = static_cast<std::uint8_t>(value >> (8 * k) & 0xFF);
    }
  }
  bool ok() const { return ok_; }
  std::size_t count() const { return count_; }

 private:
  std::span<std::uint8_t> bytes_;
  std::size_t count_ = 0;
  bool ok_ = true;
};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t whole(std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t k = 0; k < size; ++k) {
      if (count_ == bytes_.size()) {
        ok_ = false;
        return 0;
      }
      value |= std::uint64_t{bytes_[count_++]} << (8 * k);
    }
    return value;
  }
  void refuse() { ok_ = false; }
  /// Everything was there, and nothing is left.
  bool ok() const { return ok_ && count_ == bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t count_ = 0;
  bool ok_ = true;
};

// One overload of each kind for writing and one for reading, so that visit() is the only list of fields.
void field(Writer& writer, const std::uint8_t& value) {
  writer.whole(value, 1);
}
void field(Reader& reader, std::uint8_t& value) {
  value = static_cast<std::uint8_t>(reader.whole(1));
}
void field(Writer& writer, const std::uint32_t& value) {
  writer.whole(value, 4);
}
void field(Reader& reader, std::uint32_t& value) {
  value = static_cast<std::uint32_t>(reader.whole(4));
}
void field(Writer& writer, const std::int32_t& value) {
  writer.whole(static_cast<std::uint32_t>(value), 4);
}
void field(Reader& reader, std::int32_t& value) {
  value = static_cast<std::int32_t>(static_cast<std::uint32_t>(reader.whole(4)));
}
void field(Writer& writer, const double& value) {
  writer.whole(std::bit_cast<std::uint64_t>(value), 8);
}
void field(Reader& reader, double& value) {
  value = std::bit_cast<double>(reader.whole(8));
}
void field(Writer& writer, const bool& value) {
  writer.whole(value ? 1 : 0, 1);
}
void field(Reader& reader, bool& value) {
  const std::uint64_t raw = reader.whole(1);
  if (raw > 1) reader.refuse();
  value = raw == 1;
}
template <typename Archive, typename Bytes>
void bytes_field(Archive& archive, Bytes& bytes) {
  for (auto& byte : bytes) field(archive, byte);
}

/// An enumeration or a count as one byte, lowest..highest.
template <typename Value>
void small_field(Writer& writer, const Value& value, int /*lowest*/, int /*highest*/) {
  writer.whole(static_cast<std::uint64_t>(value), 1);
}
template <typename Value>
void small_field(Reader& reader, Value& value, int lowest, int highest) {
  const auto raw = static_cast<int>(reader.whole(1));
  if (raw < lowest || raw > highest) return reader.refuse();
  value = static_cast<Value>(raw);
}

/// `Record` is StoredRecord, const when it is written. The names take the structures apart as wholes: a field that is
/// added to one of them and not stored does not compile.
template <typename Archive, typename Record>
void visit(Archive& archive, Record& record) {
  auto& [lines, meter_address, meter_baud, meter_bits, control_mode, phase_mode, freeze_cure, export_limit_w,
         total_capacity_w, ct_ratio, active_power_share, reactive_mode, power_factor, reactive_power_var, dred_modes,
         dred_increase_share, rcr_shares, rcr_basis, rcr_open_share, lan, network] =
      record.settings;  // `lan` is how the host wants the server to behave, not an entry of the installer
  for (auto& line : lines) {
    auto& [addresses, count, baud, bits_per_character, capacity_wh] = line;
    bytes_field(archive, addresses);
    small_field(archive, count, 0, static_cast<int>(max_units_per_line));
    field(archive, baud);
    field(archive, bits_per_character);
    for (auto& each_wh : capacity_wh) field(archive, each_wh);
  }
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

std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> record) {
  return record.size() < head_size + crc_size ? record.first(0)
                                              : record.subspan(head_size, record.size() - head_size - crc_size);
}

}  // namespace

std::size_t encode_record(const StoredRecord& record, std::span<std::uint8_t, storage_slot_size> bytes) noexcept {
  Writer payload{bytes.subspan(head_size, storage_slot_size - head_size - crc_size)};
  visit(payload, record);
  if (!payload.ok()) return 0;
  std::copy(magic.begin(), magic.end(), bytes.begin());
  Writer head{bytes.subspan(magic.size())};
  head.whole(storage_version, 2);
  head.whole(payload.count(), 2);
  head.whole(record.sequence, 4);
  const std::size_t size = head_size + payload.count();
  Writer crc{bytes.subspan(size)};
  crc.whole(crc32(bytes.first(size)), crc_size);
  return size + crc_size;
}

std::optional<StoredRecord> decode_record(std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() < head_size + crc_size || !std::equal(magic.begin(), magic.end(), bytes.begin()))
    return std::nullopt;
  Reader head{bytes.subspan(magic.size(), head_size - magic.size())};
  const std::uint64_t version = head.whole(2);
  const auto payload_size = static_cast<std::size_t>(head.whole(2));
  StoredRecord record;
  record.sequence = static_cast<std::uint32_t>(head.whole(4));
  if (version != storage_version || bytes.size() < head_size + payload_size + crc_size) return std::nullopt;
  Reader crc{bytes.subspan(head_size + payload_size, crc_size)};
  if (crc.whole(crc_size) != crc32(bytes.first(head_size + payload_size))) return std::nullopt;
  Reader payload{bytes.subspan(head_size, payload_size)};
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
