#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hil::sim {

enum class Encoding : unsigned char {
  u16,
  s16,
  u32_high_first,
  s32_high_first,
  u64_high_first,
  float32_high_first,
  ascii,
  bit,
  u32_low_first,
  s32_low_first,
};
enum class Access : unsigned char { read, write, read_write };
/// The four address spaces of Modbus, and two more of makers who give functions 06 and 16 addresses of their own: then
/// what is read by 03 stands elsewhere. A device serves the functions of those that its map has blocks in.
enum class Table : unsigned char { holding, input, coils, discrete, single_write, block_write };
/// How sure the source is: C certain, S one source, I inferred, U unknown (invented for the bench).
enum class Certainty : unsigned char { certain, single_source, inferred, unknown };

/// One row of a register map, as read from its file.
struct RegisterRow {
  std::uint16_t address = 0;  ///< as sent on the wire
  int count = 1;              ///< registers
  Encoding encoding = Encoding::u16;
  double scale = 1.0;  ///< value = raw * scale, in the unit that the binding's name carries; sign included
  Access access = Access::read;
  std::string binding;        ///< name of a signal, setting, action or text of the device; empty: a constant
  double constant = 0.0;      ///< value of a row without binding
  std::string constant_text;  ///< the same for ascii
  std::string name;           ///< the maker's word for it
  std::string source;
  Certainty certainty = Certainty::unknown;
  int line = 0;  ///< in the file, for messages
  Table table = Table::holding;
  std::optional<double> lowest{};   ///< what may be written, in the unit of the value; beside the device's own bounds
  std::optional<double> highest{};  ///< beyond: exception 03
  std::string unit{};               ///< of the value; must be that of the binding's name. Empty: not said
  std::string file{};               ///< where the row stands, if not in the map's own file
};

/// A range that may be read as one; anything outside is exception 02.
struct RegisterBlock {
  std::uint16_t first = 0;
  std::uint16_t last = 0;                  ///< inclusive
  std::optional<std::uint16_t> fill = {};  ///< what holes read as; without it there must be none
  int refresh_ms = 0;                      ///< period of the image; 0: at every step
  int line = 0;
  Table table = Table::holding;
  std::string file{};
  bool behind_dsp = false;  ///< of another processor than the one that answers; see RegisterServer::refuse_behind_dsp()
};

struct RegisterMap {
  std::string name;                   ///< "goodwe_et_205"
  std::string file;                   ///< for messages
  std::vector<RegisterBlock> blocks;  ///< table by table, ascending, no overlap
  std::vector<RegisterRow> rows;      ///< table by table, ascending, no overlap, each inside one block
  bool single_writes = false;         ///< functions 15 and 16 are exception 01
};

/// Every fault of a map in one go: "file:line: what, what is allowed", one a line.
class BadRegisterMap : public std::runtime_error {
 public:
  explicit BadRegisterMap(std::vector<std::string> faults);
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  std::vector<std::string> faults_;
};

/// What is wrong with the map by itself: order, overlap, gaps, rows outside blocks, count against encoding, zero scale,
/// bounds, units against names, encodings and access that do not fit the table.
std::vector<std::string> faults_of(const RegisterMap& map);

/// `base` with what `extra` adds: its blocks and rows take the place of those that they touch.
RegisterMap extended(RegisterMap base, RegisterMap extra);

/// Registers that an encoding takes; 0 for ascii (any).
int registers_of(Encoding encoding);
/// "map.xml:12"
std::string place_of(const RegisterMap& map, const RegisterRow& row);

}  // namespace hil::sim
