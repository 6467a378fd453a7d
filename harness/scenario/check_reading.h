#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/scenario/check_specs.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/stage.h"

namespace hil::harness {

/// What the readers of single checks share. Each returns the description, "grid.export_w never above 200 W", and puts
/// what it read into the specification.
struct CheckReading {
  ElementReader& reader;
  const Stage& stage;
  CheckSpec& spec;
  std::optional<sim::Time> length{};  ///< of the window, when it is sound

  /// The name of one signal.
  void read_signal(std::string_view attribute, std::string& signal);
  /// A time that counts from the window's start must lie inside the window.
  void require_inside(std::string_view attribute, sim::Time value);
};

/// "200 W", with the unit that the signal's name carries.
std::string bound_text(double value, std::string_view signal);
/// "above 200 W"
std::string side_text(const std::optional<double>& above, const std::optional<double>& below, std::string_view signal);

std::string read_always(CheckReading& reading);
std::string read_eventually(CheckReading& reading);
std::string read_until(CheckReading& reading);
std::string read_responds(CheckReading& reading);
std::string read_formula(CheckReading& reading, Diagnostics& diagnostics);

std::string read_step_shape(CheckReading& reading);
std::string read_ramp_shape(CheckReading& reading);
std::string read_constant(CheckReading& reading);
std::string read_follows(CheckReading& reading, Diagnostics& diagnostics);
std::string read_count(CheckReading& reading);

std::string read_bus(CheckReading& reading);
std::string read_fresh(CheckReading& reading);
std::string read_order(CheckReading& reading);

}  // namespace hil::harness
