#include "sim/devices/register_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/devices/register_codec.h"
#include "sim/signals/signal_registry.h"
#include "sim/wire/modbus_rtu.h"

namespace hil::sim {
namespace {

constexpr std::uint8_t read_coils = 0x01;
constexpr std::uint8_t read_discrete = 0x02;
constexpr std::uint8_t read_holding = 0x03;
constexpr std::uint8_t read_input = 0x04;
constexpr std::uint8_t write_coil = 0x05;
constexpr std::uint8_t write_register = 0x06;
constexpr std::uint8_t write_coils = 0x0F;
constexpr std::uint8_t write_registers = 0x10;
constexpr int largest_read = 125;        // reply of 250 data bytes (goodwe-et-modbus 1.1)
constexpr int largest_write = 123;       // Modbus application protocol 1.1b3, 6.12
constexpr int most_bits_read = 2000;     // 6.1
constexpr int most_bits_written = 1968;  // 6.11
constexpr int coil_on = 0xFF00;          // 6.5

using Kind = DeviceFace::Entry::Kind;

int word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return bytes[at] << 8 | bytes[at + 1];
}

void put_word(std::span<std::uint8_t> bytes, std::size_t at, int word) {
  bytes[at] = static_cast<std::uint8_t>(word >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(word);
}

std::size_t refuse(std::uint8_t function, ModbusException why, std::span<std::uint8_t> reply) {
  reply[0] = static_cast<std::uint8_t>(function | 0x80);
  reply[1] = static_cast<std::uint8_t>(why);
  return 2;
}

bool writes(std::uint8_t function) {
  return function == write_coil || function == write_register || function == write_coils || function == write_registers;
}

/// The words of a write that belong to this row; one word of a longer row is taken as the whole of its value.
double written_value(const RegisterRow& row, int first, std::span<const std::uint16_t> words) {
  const auto count = static_cast<std::size_t>(row.count);
  if (words.size() < count) return from_bits(words.front(), row);
  return from_bits(bits_of(words.subspan(static_cast<std::size_t>(row.address - first), count), row), row);
}

/// Coarsest register step that a quantity of this unit can sensibly have: a larger scale is a slip of a factor of
/// ten to a thousand. Ratios of charge run 0..1, so percent is 0.01.
double coarsest_scale(std::string_view binding) {
  if (binding.find("soc") != std::string_view::npos) return 0.01;
  const std::string_view unit = unit_of(binding);
  if (unit == "V" || unit == "A" || unit == "Hz") return 1.0;
  if (unit == "W" || unit == "var" || unit == "VA") return 1000.0;
  if (unit == "Wh") return 1e6;
  return std::numeric_limits<double>::infinity();
}

/// `entry`: what the device has under the row's binding.
void check_binding(const RegisterMap& map, const RegisterRow& row, const DeviceFace::Entry* entry,
                   const DeviceFace& face, std::vector<std::string>& faults) {
  // In words where there is a fault to tell: a site of ten inverters binds thousands of rows.
  const auto where = [&] {
    return fmt::format("{}: row {} \"{}\": \"{}\"", place_of(map, row), row.address, row.name, row.binding);
  };
  if (entry == nullptr) {
    faults.push_back(fmt::format("{} is unknown to the device, nearest: {}", where(), face.names_like(row.binding)));
    return;
  }
  const bool is_text = entry->kind == Kind::text;
  if (is_text != (row.encoding == Encoding::ascii)) {
    faults.push_back(where() + (is_text ? " is a text, its encoding must be ascii"
                                        : " is a number, its encoding must not be ascii"));
  }
  const bool writable = entry->kind == Kind::setting || entry->kind == Kind::action;
  if (!writable && row.access != Access::read) {
    faults.push_back(where() + " cannot be written, access must be read");
  }
  if (entry->kind == Kind::action && row.access == Access::read) {
    faults.push_back(where() + " is an action, access must be write or read_write");
  }
  const double coarsest = coarsest_scale(row.binding);
  if (std::abs(row.scale) > coarsest) {
    faults.push_back(fmt::format("{}: scale is {}, must be at most {}", where(), row.scale, coarsest));
  }
}

/// For each register of the block the first of these, ascending and without overlap, that does not end before it.
template <typename Rows>
std::vector<std::uint32_t> index_of(const RegisterBlock& block, const Rows& rows) {
  std::vector<std::uint32_t> index;
  index.reserve(static_cast<std::size_t>(block.last - block.first) + 1);
  std::uint32_t next = 0;
  for (int address = block.first; address <= block.last; ++address) {
    while (next < rows.size() && rows[next].row->address + rows[next].row->count <= address) ++next;
    index.push_back(next);
  }
  return index;
}

/// Those of `rows` that have a register in first..last, which lies inside their block.
template <typename Row>
std::span<Row> touched_of(std::span<Row> rows, const RegisterBlock& block, std::span<const std::uint32_t> index,
                          int first, int last) {
  const std::size_t begin = index[static_cast<std::size_t>(first - block.first)];
  std::size_t end = index[static_cast<std::size_t>(last - block.first)];
  if (end < rows.size() && rows[end].row->address <= last) ++end;
  return rows.subspan(begin, end - begin);
}

/// Unlike ==, tells -0 from 0, as the registers of a float do, and finds that no number is like itself.
bool same_bits(double one, double other) {
  return std::bit_cast<std::uint64_t>(one) == std::bit_cast<std::uint64_t>(other);
}

}  // namespace

RegisterServer::RegisterServer(std::shared_ptr<const RegisterMap> map, const DeviceFace& face) : map_(std::move(map)) {
  std::vector<std::string> faults = faults_of(*map_);
  std::vector<BoundRow> bound_rows;
  bound_rows.reserve(map_->rows.size());
  for (const RegisterRow& row : map_->rows) {
    bound_rows.push_back({&row, row.binding.empty() ? nullptr : face.find(row.binding)});
    if (!row.binding.empty()) check_binding(*map_, row, bound_rows.back().entry, face, faults);
  }
  if (!faults.empty()) throw BadRegisterMap(std::move(faults));

  images_.reserve(map_->blocks.size());
  auto next = bound_rows.begin();  // blocks and rows ascend, and each row is in a block
  for (const RegisterBlock& block : map_->blocks) {
    BlockImage image;
    image.block = &block;
    image.words.assign(static_cast<std::size_t>(block.last - block.first) + 1, block.fill.value_or(0));
    const auto begin = next;
    while (next != bound_rows.end() && next->row->table == block.table && next->row->address <= block.last) ++next;
    image.rows.assign(begin, next);
    for (const BoundRow& bound : image.rows) {
      const RegisterRow& row = *bound.row;
      if (bound.entry == nullptr) {
        if (row.encoding == Encoding::ascii) {
          write_text(row, row.constant_text, image);
        } else {
          write_value(row, row.constant, image);
        }
      } else if (bound.entry->kind == Kind::text) {
        image.texts.push_back(bound);
        write_text(row, *bound.entry->text, image);
      } else if (bound.entry->kind == Kind::action) {
        write_value(row, 0.0, image);
      } else {
        const double* const source = bound.entry->value;
        image.values.push_back({.row = &row,
                                .source = source,
                                .value = *source,
                                .made_up = *source,
                                .is_setting = bound.entry->kind == Kind::setting});
        write_value(row, *source, image);
      }
    }
    image.row_at = index_of(block, image.rows);
    image.value_at = index_of(block, image.values);
    images_.push_back(std::move(image));
  }
}

void RegisterServer::hold_values(bool on) {
  values_held_ = on;
  next_refresh_ = Time{0};
  for (BlockImage& image : images_) image.next_refresh = Time{0};
}

void RegisterServer::refresh_due(Time now) {
  next_refresh_ = Time::max();
  for (BlockImage& image : images_) {
    if (now >= image.next_refresh) {
      for (const BoundRow& text : image.texts) write_text(*text.row, *text.entry->text, image);
      for (TakenValue& taken : image.values) taken.value = *taken.source;
      const Time period = std::max<Time>(std::chrono::milliseconds{image.block->refresh_ms}, least_period_);
      if (period > Time{0}) image.next_refresh = (now / period + 1) * period;
    }
    next_refresh_ = std::min(next_refresh_, image.next_refresh);
  }
}

std::optional<ModbusException> RegisterServer::untimely(std::uint8_t function, Time now) const {
  if (now < command_until_ || (writes(function) && now < storing_until_)) return ModbusException::busy;
  return std::nullopt;
}

std::size_t RegisterServer::serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) {
  if (request_pdu.empty()) return 0;
  const std::uint8_t function = request_pdu[0];
  if (const auto why = untimely(function, now)) return refuse(function, *why, reply);
  acted_ = false;
  const std::size_t length = serve_now(request_pdu, reply);
  if (!writes(function) || reply[0] != function) return length;
  if (acted_ && busy_.command > Time{0}) {
    command_until_ = now + busy_.command;
    return refuse(function, ModbusException::acknowledge, reply);
  }
  if (busy_.storing > Time{0}) storing_until_ = now + busy_.storing;
  return length;
}

std::size_t RegisterServer::serve_now(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply) {
  const std::uint8_t function = request_pdu[0];
  switch (function) {
    case read_coils:
      if (has(Table::coils)) return read_bits(Table::coils, request_pdu, reply);
      break;
    case read_discrete:
      if (has(Table::discrete)) return read_bits(Table::discrete, request_pdu, reply);
      break;
    case read_holding:
      if (has(Table::holding)) return read_registers(Table::holding, request_pdu, reply);
      break;
    case read_input:
      if (has(Table::input)) return read_registers(Table::input, request_pdu, reply);
      break;
    case write_coil:
      if (has(Table::coils)) return write_one(Table::coils, request_pdu, reply);
      break;
    case write_register:
      if (has(Table::single_write)) return write_one(Table::single_write, request_pdu, reply);
      if (has(Table::holding)) return write_one(Table::holding, request_pdu, reply);
      break;
    case write_coils:
      if (has(Table::coils) && !map_->single_writes) return write_several_bits(request_pdu, reply);
      break;
    case write_registers:
      if (map_->single_writes) break;
      if (has(Table::block_write)) return write_several_registers(Table::block_write, request_pdu, reply);
      if (has(Table::holding)) return write_several_registers(Table::holding, request_pdu, reply);
      break;
    default:
      break;
  }
  return refuse(function, ModbusException::illegal_function, reply);
}

bool RegisterServer::has(Table table) const {
  return std::any_of(images_.begin(), images_.end(),
                     [table](const BlockImage& image) { return image.block->table == table; });
}

RegisterServer::BlockImage* RegisterServer::block_of(Table table, int first, int count) {
  const auto ends_before = [table, first](const BlockImage& image) {
    return image.block->table != table ? image.block->table < table : image.block->last < first;
  };
  const auto found = std::partition_point(images_.begin(), images_.end(), ends_before);
  if (found == images_.end()) return nullptr;
  const RegisterBlock& block = *found->block;
  const bool is_inside = block.table == table && first >= block.first && first + count - 1 <= block.last;
  return is_inside ? &*found : nullptr;
}

void RegisterServer::write_text(const RegisterRow& row, const std::string& text, BlockImage& image) {
  const auto first = image.words.begin() + (row.address - image.block->first);
  const auto character = [&text](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : ' '); };
  for (std::size_t i = 0; i < static_cast<std::size_t>(row.count); ++i) {
    first[static_cast<std::ptrdiff_t>(i)] = static_cast<std::uint16_t>(character(2 * i) << 8 | character(2 * i + 1));
  }
}

void RegisterServer::write_value(const RegisterRow& row, double value, BlockImage& image) {
  const auto first = static_cast<std::size_t>(row.address - image.block->first);
  put_bits(to_bits(value, row), row, std::span{image.words}.subspan(first, static_cast<std::size_t>(row.count)));
}

std::span<const RegisterServer::BoundRow> RegisterServer::rows_touched(const BlockImage& image, int first, int last) {
  return touched_of(std::span{image.rows}, *image.block, image.row_at, first, last);
}

std::span<RegisterServer::TakenValue> RegisterServer::values_touched(BlockImage& image, int first, int last) {
  return touched_of(std::span{image.values}, *image.block, image.value_at, first, last);
}

void RegisterServer::make_up(BlockImage& image, int first, int count) {
  for (TakenValue& taken : values_touched(image, first, first + count - 1)) {
    if (same_bits(taken.made_up, taken.value)) continue;
    write_value(*taken.row, taken.value, image);
    taken.made_up = taken.value;
  }
}

bool RegisterServer::may_write(const BoundRow& bound, double value) {
  if (!std::isfinite(value)) return false;
  // raw * scale can miss the bound by its rounding; a millionth of a register step cannot be written otherwise.
  const double rounding = 1e-6 * std::abs(bound.row->scale);
  if (bound.row->lowest && value < *bound.row->lowest - rounding) return false;
  if (bound.row->highest && value > *bound.row->highest + rounding) return false;
  if (bound.entry == nullptr) return true;
  if (bound.entry->accepts && !bound.entry->accepts(value)) return false;
  if (bound.entry->kind != Kind::setting) return true;
  const std::vector<double>& allowed = bound.entry->allowed;
  if (allowed.empty()) return value >= bound.entry->lowest - rounding && value <= bound.entry->highest + rounding;
  return std::any_of(allowed.begin(), allowed.end(), [&](double code) { return std::abs(code - value) <= rounding; });
}

std::size_t RegisterServer::read_registers(Table table, std::span<const std::uint8_t> request,
                                           std::span<std::uint8_t> reply) {
  const std::uint8_t function = request[0];
  if (request.size() != 5) return refuse(function, ModbusException::illegal_value, reply);
  const int first = word_at(request, 1);
  const int count = word_at(request, 3);
  if (count == 0) return refuse(function, ModbusException::illegal_value, reply);
  BlockImage* const image = count > largest_read ? nullptr : block_of(table, first, count);
  if (image == nullptr) return refuse(function, ModbusException::illegal_address, reply);
  if (behind_dsp_ && image->block->behind_dsp) return refuse(function, *behind_dsp_, reply);
  reply[0] = function;
  reply[1] = static_cast<std::uint8_t>(2 * count);
  make_up(*image, first, count);
  const auto offset = static_cast<std::size_t>(first - image->block->first);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    put_word(reply, 2 + 2 * i, image->words[offset + i]);
  }
  return 2 + 2 * static_cast<std::size_t>(count);
}

std::size_t RegisterServer::read_bits(Table table, std::span<const std::uint8_t> request,
                                      std::span<std::uint8_t> reply) {
  const std::uint8_t function = request[0];
  const int count = request.size() == 5 ? word_at(request, 3) : 0;
  if (count < 1 || count > most_bits_read) return refuse(function, ModbusException::illegal_value, reply);
  const int first = word_at(request, 1);
  BlockImage* const image = block_of(table, first, count);
  if (image == nullptr) return refuse(function, ModbusException::illegal_address, reply);
  if (behind_dsp_ && image->block->behind_dsp) return refuse(function, *behind_dsp_, reply);
  make_up(*image, first, count);
  const auto size = static_cast<std::size_t>(count + 7) / 8;
  reply[0] = function;
  reply[1] = static_cast<std::uint8_t>(size);
  std::fill_n(reply.begin() + 2, size, std::uint8_t{0});
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const bool on = image->words[static_cast<std::size_t>(first - image->block->first) + i] != 0;
    if (on) reply[2 + i / 8] = static_cast<std::uint8_t>(reply[2 + i / 8] | 1U << i % 8);
  }
  return 2 + size;
}

std::size_t RegisterServer::write_one(Table table, std::span<const std::uint8_t> request,
                                      std::span<std::uint8_t> reply) {
  const std::uint8_t function = request[0];
  if (request.size() != 5) return refuse(function, ModbusException::illegal_value, reply);
  const int sent = word_at(request, 3);
  const bool is_coil = table == Table::coils;
  if (is_coil && sent != 0 && sent != coil_on) return refuse(function, ModbusException::illegal_value, reply);
  words_[0] = static_cast<std::uint16_t>(is_coil ? sent == coil_on : sent);
  const auto refusal = write({table, word_at(request, 1), {words_.data(), 1}});
  if (refusal) return refuse(function, *refusal, reply);
  std::copy_n(request.begin(), 5, reply.begin());
  return 5;
}

std::size_t RegisterServer::write_several_registers(Table table, std::span<const std::uint8_t> request,
                                                    std::span<std::uint8_t> reply) {
  const int count = request.size() >= 6 ? word_at(request, 3) : 0;
  const bool fits = count >= 1 && count <= largest_write && request[5] == 2 * count &&
                    request.size() == 6 + 2 * static_cast<std::size_t>(count);
  if (!fits) return refuse(write_registers, ModbusException::illegal_value, reply);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    words_[i] = static_cast<std::uint16_t>(word_at(request, 6 + 2 * i));
  }
  const auto refusal = write({table, word_at(request, 1), {words_.data(), static_cast<std::size_t>(count)}});
  if (refusal) return refuse(write_registers, *refusal, reply);
  std::copy_n(request.begin(), 5, reply.begin());
  return 5;
}

std::size_t RegisterServer::write_several_bits(std::span<const std::uint8_t> request, std::span<std::uint8_t> reply) {
  const int count = request.size() >= 6 ? word_at(request, 3) : 0;
  const auto size = static_cast<std::size_t>(count + 7) / 8;
  const bool fits = count >= 1 && count <= most_bits_written && request[5] == size && request.size() == 6 + size;
  if (!fits) return refuse(write_coils, ModbusException::illegal_value, reply);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    words_[i] = static_cast<std::uint16_t>(request[6 + i / 8] >> i % 8 & 1);
  }
  const auto refusal = write({Table::coils, word_at(request, 1), {words_.data(), static_cast<std::size_t>(count)}});
  if (refusal) return refuse(write_coils, *refusal, reply);
  std::copy_n(request.begin(), 5, reply.begin());
  return 5;
}

std::optional<ModbusException> RegisterServer::write(const Write& request) {
  const int first = request.first;
  const int count = static_cast<int>(request.words.size());
  const int last = first + count - 1;
  BlockImage* image = block_of(request.table, first, count);
  if (image == nullptr) return ModbusException::illegal_address;
  if (behind_dsp_ && image->block->behind_dsp) return behind_dsp_;

  const std::span<const BoundRow> rows = rows_touched(*image, first, last);
  // All is checked before anything changes. The rows must cover the range without a hole.
  int covered = 0;
  bool values_fit = true;
  for (const BoundRow& bound : rows) {
    const RegisterRow& row = *bound.row;
    const bool whole = row.address >= first && row.address + row.count - 1 <= last;
    const bool in_one_word = map_->single_writes && bound.entry != nullptr && count < row.count;
    if (!(whole || in_one_word) || row.access == Access::read) return ModbusException::illegal_address;
    covered += in_one_word ? count : row.count;
    values_fit = values_fit && may_write(bound, written_value(row, first, request.words));
  }
  if (covered != count) return ModbusException::illegal_address;
  if (!values_fit) return ModbusException::illegal_value;
  if (!receive(rows)) return ModbusException::device_failure;

  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (received_[i]) store(rows[i], request, *image);
  }
  // What follows may change other rows of the request, a clock's for one.
  acted_ = false;
  bool moved_others = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const DeviceFace::Entry* const entry = rows[i].entry;
    if (!received_[i] || entry == nullptr) continue;
    if (entry->written) entry->written();
    moved_others = moved_others || entry->moves_others;
    acted_ = acted_ || entry->kind == Kind::action;
  }
  for (TakenValue& taken : values_touched(*image, first, last)) taken.value = *taken.source;
  const bool read_elsewhere = request.table == Table::single_write || request.table == Table::block_write;
  if (acted_ || moved_others || read_elsewhere) show_settings();
  return std::nullopt;
}

bool RegisterServer::receive(std::span<const BoundRow> rows) {
  bool all_work = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const DeviceFace::Entry* const entry = rows[i].entry;
    const auto reception = entry != nullptr && entry->receive ? entry->receive() : DeviceFace::Reception::take;
    received_[i] = reception == DeviceFace::Reception::take;
    all_work = all_work && reception != DeviceFace::Reception::fail;
  }
  return all_work;
}

void RegisterServer::show_settings() {
  for (BlockImage& image : images_) {
    for (TakenValue& taken : image.values) {
      if (taken.is_setting) taken.value = *taken.source;
    }
  }
}

void RegisterServer::store(const BoundRow& bound, const Write& request, BlockImage& image) {
  const RegisterRow& row = *bound.row;
  if (bound.entry == nullptr) {
    if (row.access == Access::write) return;  // reads as its constant
    std::copy_n(request.words.begin() + (row.address - request.first), row.count,
                image.words.begin() + (row.address - image.block->first));
    return;
  }
  const double value = written_value(row, request.first, request.words);
  if (bound.entry->kind == Kind::action) {
    bound.entry->act(value);
    return;
  }
  const bool ranged = bound.entry->allowed.empty();
  *bound.entry->target = ranged ? std::clamp(value, bound.entry->lowest, bound.entry->highest) : value;
}

}  // namespace hil::sim
