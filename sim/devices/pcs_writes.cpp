#include "sim/devices/pcs_writes.h"

#include <array>
#include <cstddef>

namespace hil::sim {
namespace {

enum class Column : unsigned char { stopped, fault, grid_ac, grid_dc, grid_string, off_grid };

/// yes: acts at once; kept: acts later; mode: when the mode register selects it; reactive: with `string_reactive`;
/// both: with the two.
enum class Take : unsigned char { no, yes, kept, mode, reactive, both };

using enum Take;
using Row = std::array<Take, 6>;
// By PcsWrite. Columns: stopped, fault, grid AC, grid DC, grid string, off-grid.
constexpr std::array<Row, 14> table{{
    {yes, kept, no, no, no, no},          // grid_mode
    {yes, kept, yes, yes, yes, kept},     // dispatch
    {kept, kept, yes, no, no, no},        // active_mode
    {kept, kept, yes, no, no, no},        // set_discharge
    {kept, kept, no, no, yes, no},        // string_set_discharge
    {kept, kept, yes, no, reactive, no},  // reactive_mode
    {kept, kept, mode, no, both, no},     // power_factor
    {kept, kept, mode, no, both, no},     // reactive_power
    {kept, kept, no, yes, no, no},        // dc_mode
    {kept, kept, no, mode, no, no},       // dc_current
    {kept, kept, no, mode, no, no},       // dc_power
    {kept, kept, no, no, no, no},         // off_grid_start
    {kept, kept, no, no, no, yes},        // off_grid_voltage
    {yes, yes, yes, yes, yes, yes},       // other
}};

Column column_of(const PcsSituation& now) {
  switch (now.state) {
    case PcsState::State::init:
    case PcsState::State::stopped:
      return Column::stopped;
    case PcsState::State::fault:
      return Column::fault;
    default:
      break;
  }
  if (now.off_grid) return Column::off_grid;
  switch (now.dispatch) {
    case PcsState::Dispatch::dc:
      return Column::grid_dc;
    case PcsState::Dispatch::string:
      return Column::grid_string;
    case PcsState::Dispatch::ac:
      break;
  }
  return Column::grid_ac;
}

bool selected(PcsWrite write, const PcsSituation& now) {
  switch (write) {
    case PcsWrite::power_factor:
      return now.reactive_mode == 0;
    case PcsWrite::reactive_power:
      return now.reactive_mode == 1;
    case PcsWrite::dc_current:
      return now.dc_mode == 0;
    case PcsWrite::dc_power:
      return now.dc_mode == 1;
    default:
      return true;
  }
}

}  // namespace

bool takes(PcsWrite write, const PcsSituation& now) {
  switch (table[static_cast<std::size_t>(write)][static_cast<std::size_t>(column_of(now))]) {
    case Take::no:
      return false;
    case Take::yes:
    case Take::kept:
      return true;
    case Take::mode:
      return selected(write, now);
    case Take::reactive:
      return now.string_reactive;
    case Take::both:
      return now.string_reactive && selected(write, now);
  }
  return false;
}

}  // namespace hil::sim
