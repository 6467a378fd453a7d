#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/devices/device_face.h"
#include "sim/devices/register_map.h"
#include "sim/wire/modbus_rtu.h"
#include "sim/wire/serial_line.h"

namespace hil::sim {

/// Serves a register map over a device's face: functions 03, 06 and 16 of holding registers, 04 of input registers, 01,
/// 05 and 15 of coils, 02 of discrete inputs, each where the map has a block of that table; the others, and with
/// RegisterMap::single_writes 15 and 16: exception 01. With a block of the table single_write function 06 goes there
/// and not to holding registers, likewise 16 with block_write; settings written there read back at once.
///
/// Reads come from an image that is refreshed block by block at the block's own period, so that a master sees
/// values as old as on the real device. A refresh takes the values; their registers are made up by who reads them,
/// since few are read as often as they are refreshed. A write goes to the setting or action at once and into the image.
/// Where no function writes several registers, a row of two is written by either of them, whose word is taken as the
/// whole value: a counter is reset by a 0 (sinexcel-pcs-modbus 12).
/// 125 registers a read, 123 a write; a range not wholly inside one block is exception 02 (as are more than 125
/// registers: goodwe-et-modbus 1.4), so is a write to a row that cannot be written or to a part of a row; a value out
/// of a setting's range is exception 03 and changes nothing of the request; what the device's state forbids is
/// exception 04 or answered and forgotten, as the device has it. A constant that may be written keeps what was written
/// and acts on nothing. What takes a device longer than its answer stands in Busy. Up to 2000 bits a read, 1968 a
/// write; function 05 knows FF00 and 0000 only.
class RegisterServer : public ModbusServer {
 public:
  /// Throws BadRegisterMap: the map's own faults, unknown bindings (with the nearest names), access that does not
  /// fit the binding, unit suffix of the binding against an impossible scale.
  RegisterServer(RegisterMap map, const DeviceFace& face)
      : RegisterServer(std::make_shared<const RegisterMap>(std::move(map)), face) {}
  /// The same with a map that several devices have.
  RegisterServer(std::shared_ptr<const RegisterMap> map, const DeviceFace& face);
  RegisterServer(const RegisterServer&) = delete;
  RegisterServer& operator=(const RegisterServer&) = delete;

  /// Takes the values of the blocks that are due at `now`. Does not allocate.
  void refresh(Time now) {
    if (now >= next_refresh_ && !values_held_) refresh_due(now);
  }
  /// While on, what is read stays as it was at the last refresh, but for what is written; then all blocks are due at
  /// once.
  void hold_values(bool on);
  /// No block is refreshed more often than this, whatever its map says.
  void set_least_refresh_period(Time period) { least_period_ = period; }
  std::size_t serve(std::span<const std::uint8_t> request_pdu, std::span<std::uint8_t> reply, Time now) override;

  /// How long a write keeps the device busy (Modbus application protocol 1.1b3, 7). 0: not at all.
  struct Busy {
    Time command{0};  ///< a write that sets off an action: exception 05, it is done; all requests until then: 06
    Time storing{0};  ///< after any other write all writes for so long: 06
  };
  void set_busy(const Busy& busy) { busy_ = busy; }
  /// Requests to blocks behind the DSP are answered with this; nothing: served again.
  void refuse_behind_dsp(std::optional<ModbusException> why) { behind_dsp_ = why; }

  const RegisterMap& map() const { return *map_; }

 private:
  struct BoundRow {
    const RegisterRow* row = nullptr;
    const DeviceFace::Entry* entry = nullptr;  ///< nullptr: constant
  };
  /// A signal or setting of a block, and what it was at the block's last refresh.
  struct TakenValue {
    const RegisterRow* row = nullptr;
    const double* source = nullptr;
    double value = 0.0;
    double made_up = 0.0;  ///< the value that its words show
    bool is_setting = false;
  };
  struct BlockImage {
    const RegisterBlock* block = nullptr;
    std::vector<std::uint16_t> words;
    std::vector<BoundRow> rows;      ///< all, ascending
    std::vector<BoundRow> texts;     ///< likewise; a refresh writes them at once
    std::vector<TakenValue> values;  ///< likewise
    /// For each register of the block: the first of `rows` and of `values` that does not end before it.
    std::vector<std::uint32_t> row_at;
    std::vector<std::uint32_t> value_at;
    Time next_refresh{0};
  };
  /// A write request, whatever its function: one word for each register or bit.
  struct Write {
    Table table = Table::holding;
    int first = 0;
    std::span<const std::uint16_t> words;
  };
  void refresh_due(Time now);
  bool has(Table table) const;
  std::size_t serve_now(std::span<const std::uint8_t> request, std::span<std::uint8_t> reply);
  /// Why a request comes at a bad time.
  std::optional<ModbusException> untimely(std::uint8_t function, Time now) const;
  BlockImage* block_of(Table table, int first, int count);
  static void write_text(const RegisterRow& row, const std::string& text, BlockImage& image);
  static void write_value(const RegisterRow& row, double value, BlockImage& image);
  static std::span<const BoundRow> rows_touched(const BlockImage& image, int first, int last);
  static std::span<TakenValue> values_touched(BlockImage& image, int first, int last);
  /// Makes up these registers: as the block was at its last refresh, with what was written since. Words that already
  /// show their value are left alone, so a second read between refreshes costs next to nothing.
  static void make_up(BlockImage& image, int first, int count);
  static bool may_write(const BoundRow& bound, double value);
  std::size_t read_registers(Table table, std::span<const std::uint8_t> request, std::span<std::uint8_t> reply);
  std::size_t read_bits(Table table, std::span<const std::uint8_t> request, std::span<std::uint8_t> reply);
  std::size_t write_one(Table table, std::span<const std::uint8_t> request, std::span<std::uint8_t> reply);
  std::size_t write_several_registers(Table table, std::span<const std::uint8_t> request,
                                      std::span<std::uint8_t> reply);
  std::size_t write_several_bits(std::span<const std::uint8_t> request, std::span<std::uint8_t> reply);
  /// Carries it out, or says why not and changes nothing.
  std::optional<ModbusException> write(const Write& request);
  /// Whether the device's state lets the write through; received_ says for each row whether it is taken.
  bool receive(std::span<const BoundRow> rows);
  /// An action may have changed any setting: all are as new.
  void show_settings();
  static void store(const BoundRow& bound, const Write& request, BlockImage& image);

  std::shared_ptr<const RegisterMap> map_;
  std::vector<BlockImage> images_;  ///< points into the map
  Time least_period_{0};
  Time next_refresh_{0};  ///< of the block that is due first
  bool values_held_ = false;
  Busy busy_;
  Time command_until_{0};
  Time storing_until_{0};
  bool acted_ = false;  ///< the write under way set off an action
  std::optional<ModbusException> behind_dsp_{};
  std::array<std::uint16_t, 1968> words_{};  ///< of the write under way
  std::array<bool, 1968> received_{};        ///< of its rows
};

}  // namespace hil::sim
