#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace hil::sim {

/// Bit words of an ET (goodwe-et-modbus 7): 35189, 35220, 35218, 37006 and 37010.
enum class EtAlarmWord : unsigned char { errors, diagnostics, diagnostics_high, bms_alarms, bms_warnings };
inline constexpr std::size_t et_alarm_word_count = 5;

/// A bit that the references name.
struct EtAlarmBit {
  EtAlarmWord word = EtAlarmWord::errors;
  unsigned place = 0;      ///< 0..31; of the battery's words 0..15
  std::string_view name;   ///< begins with that of its word: "error_insulation", "diagnostic_meter_lost"
  std::string_view cause;  ///< what on the bench raises it; empty: only who is told to, the fault `alarm_bit`
};

/// All of them, word by word, ascending. Reserved bits are not in it. Those of the battery are also what an energy
/// manager in the BMS's place says (47911, 47913). Over-currents of the battery are told where the model has them; the
/// power stage of the bench keeps to the BMS's limits, so that nothing here brings one about.
const std::vector<EtAlarmBit>& et_alarm_bits();
/// Where a master reads the word: the first of its registers, and how many.
struct EtAlarmRegisters {
  int first = 0;
  int count = 0;
};
EtAlarmRegisters registers_of(EtAlarmWord word);

}  // namespace hil::sim
