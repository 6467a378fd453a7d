#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "sim/devices/sinexcel_pcs.h"

namespace hil::sim::test {

// Table 4.1 of sinexcel-pcs-modbus, written from there alone: which write of a 53xxx converter acts in which state.

constexpr int no_mode_register = -1;

/// One register that may be written. `acts`, by column stopped, fault, grid AC, grid DC, grid string, off-grid:
/// 1 taken, 0 no reaction; m: when its mode register selects it; r: with string_reactive; b: with the two.
struct Written {
  const char* row;
  int address;
  const char* acts;
  std::vector<int> legal;
  std::vector<int> illegal;
  int mode_address = no_mode_register;
  int mode = 0;
};

/// Those of string `n`, from 1 on. `rated`: of all inputs together, in counts of 0.1 kW; 200 A an input.
inline std::vector<Written> of_string(int n, int rated) {
  const int b = 53650 + 30 * (n - 1);
  return {{"string P", 55600 + n - 1, "110010", {0, 300, 0xFFFF - 299}, {rated + 1, 0x8000}},
          {"DC mode", b, "110100", {0, 1}, {2, 0xFFFF}},
          {"DC current", b + 1, "110m00", {0, 400, 0xFFFF - 399}, {2001}, b, 0},
          {"DC power", b + 2, "110m00", {0, 250, 0xFFFF - 249}, {rated + 1}, b, 1},
          {"lower limit", b + 3, "111111", {6600, 6650}, {6800, 0xFFFF}},
          {"start of discharge", b + 4, "111111", {0, 7000}, {20001}},
          {"end of discharge", b + 5, "111111", {6700, 6720}, {6600, 8700}},
          {"precharge V", b + 6, "111111", {0, 6000}, {20001}},
          {"precharge to fast V", b + 7, "111111", {0, 6100}, {20001}},
          {"precharge time", b + 8, "111111", {0, 30}, {1441}},
          {"float", b + 9, "111111", {8300, 8400}, {8600, 6000}},
          {"topping", b + 10, "111111", {8400, 8500}, {8200, 0}},
          {"topping to float A", b + 11, "111111", {100, 200}, {2001}},
          {"end of charge A", b + 12, "111111", {50, 100}, {2001}},
          {"max charge A", b + 13, "111111", {1500, 2000}, {2001}},
          {"max discharge A", b + 14, "111111", {1500, 2000}, {2001}},
          {"max precharge A", b + 15, "111111", {0, 50}, {2001}}};
}

/// Those of the converter itself, then those of its strings; 100 kW an input.
inline std::vector<Written> all_written(int strings) {
  const int rated = 1000 * strings;
  std::vector<Written> all{{"53600", 53600, "110000", {0, 1}, {2, 0xFFFF}},
                           {"53601", 53601, "111111", {0, 1, 2}, {3}},
                           {"53620 reactive mode", 53620, "1110r0", {0, 1, 2}, {3}},
                           {"53621 PF", 53621, "11m0b0", {100, 90, 0xFFFF - 89}, {101, 50, 0}, 53620, 0},
                           {"53622 total P", 53622, "111000", {0, 500, 0xFFFF - 499}, {rated + 1, 0xFFFF - rated}},
                           {"53623 Q", 53623, "11m0b0", {0, 200, 0xFFFF - 199}, {rated + 1}, 53620, 1},
                           {"53624 reconnect delay", 53624, "111111", {30, 50}, {3601}},
                           {"53625 RR", 53625, "111111", {20000, 30000}, {9, 30001}},
                           {"53626 SS", 53626, "111111", {10000, 100, 5000}, {99, 10001, 20000}},
                           {"53627", 53627, "111111", {0, 1}, {2}},
                           {"53628 voltage factor", 53628, "110001", {900, 1000, 1100}, {899, 1101}},
                           {"53629", 53629, "111111", {0, 1}, {2}},
                           {"53630", 53630, "111111", {0, 1}, {2}},
                           {"53631", 53631, "111111", {0, 1}, {2}},
                           {"53635 off-grid start", 53635, "110000", {0, 1}, {2}},
                           {"53636 active mode", 53636, "111000", {0, 1, 2, 3}, {4}}};
  for (int n = 1; n <= strings; ++n) {
    for (Written& one : of_string(n, rated)) all.push_back(std::move(one));
  }
  return all;
}

enum Column { stopped, fault, grid_ac, grid_dc, grid_string, off_grid, column_count };
inline constexpr std::array column_names{"stopped", "fault", "grid AC", "grid DC", "grid string", "off-grid"};

/// Whether it acts or is kept; `registers`: what the mode registers hold.
inline bool taken(const Written& written, int column, bool string_reactive, const std::map<int, int>& registers) {
  const char act = written.acts[column];
  const bool selected = written.mode_address == no_mode_register || registers.at(written.mode_address) == written.mode;
  if (act == 'm') return selected;
  if (act == 'r') return string_reactive;
  if (act == 'b') return string_reactive && selected;
  return act == '1';
}

inline SinexcelPcs::Settings with_switches(bool string_reactive, bool strict) {
  SinexcelPcs::Settings settings;
  settings.string_reactive = string_reactive;
  settings.wrong_state_is_exception = strict;
  return settings;
}

}  // namespace hil::sim::test
