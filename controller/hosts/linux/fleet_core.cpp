#include "controller/hosts/linux/fleet_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <sstream>
#include <system_error>

namespace hil::hosts {
namespace {

namespace core = hil::controller;

const char* phase_name(core::PcsUnit::Phase phase) {
  constexpr std::array names{
      "does not answer",           "rests", "is set up", "starts", "runs", "is stopping", "has a fault latched",
      "is left alone with a fault"};
  return names.at(static_cast<std::size_t>(phase));
}

const char* mode_name(core::FleetMode mode) {
  constexpr std::array names{"stop", "power", "self_consumption", "off_grid"};
  return names.at(static_cast<std::size_t>(mode));
}

struct ModeWords {
  core::FleetMode mode;
  std::size_t least_numbers;
  std::size_t most_numbers;
};
constexpr std::array<ModeWords, 3> modes_to_order{
    {{core::FleetMode::stop, 0, 0}, {core::FleetMode::power, 1, 2}, {core::FleetMode::self_consumption, 0, 2}}};

std::string refused(const std::string& words) {
  return fmt::format(
      "refused: \"{}\" must be stop, power W [VAR], self_consumption [IMPORT_W [VAR]] or release, with no power "
      "beyond the ratings of all its converters\n",
      words);
}

}  // namespace

std::string FleetCore::import_text(core::Time now) const {
  if (core_.settings().meter_address == 0) return "no meter";
  if (!core_.grid_import_w()) return "grid import never heard";
  return fmt::format("grid import {:.0f} W ({:.1f} s ago)", *core_.grid_import_w(),
                     std::chrono::duration<double>(now - core_.grid_import_at()).count());
}

std::string FleetCore::summary(core::Time now) const {
  std::size_t running = 0;
  for (std::size_t k = 0; k < core_.count(); ++k) running += core_.unit(k).connected(now) ? 1 : 0;
  return fmt::format("{}, {}, {} of {} converters run, ordered {:.0f} W", mode_name(core_.settings().mode),
                     import_text(now), running, core_.count(), core_.ordered_w());
}

std::string FleetCore::unit_lines() const {
  std::string text;
  std::size_t index = 0;
  const core::FleetSettings& settings = core_.settings();
  for (std::size_t line = 0; line < settings.lines.size(); ++line) {
    for (std::size_t place = 0; place < settings.lines[line].count && index < core_.count(); ++place) {
      const core::PcsUnit& unit = core_.unit(index);
      text += fmt::format("{} unit {}: {}", port_names[line], settings.lines[line].addresses[place],
                          phase_name(unit.phase()));
      if (unit.status()) {
        text += fmt::format(", AC {:.0f} W of {:.0f} W", unit.status()->ac_injection_w, unit.order().ac_injection_w);
      }
      text += fmt::format(", SOC {:.0f} % as counted\n", 100.0 * core_.energy(index).soc());
      ++index;
    }
  }
  return text;
}

std::string FleetCore::order_lines() const {
  const core::FleetSettings& settings = core_.settings();
  return fmt::format("mode {}, power {:.0f} W, {:.0f} var, import at the meter {:.0f} W\n", mode_name(settings.mode),
                     settings.ac_injection_w, settings.ac_injection_var, settings.grid_import_w);
}

std::string FleetCore::order(const std::string& words, core::Time now) {
  std::istringstream stream(words);
  std::string name;
  stream >> name;
  std::vector<double> numbers;
  const double largest = static_cast<double>(core_.count()) * core_.settings().unit_rating_w;
  for (std::string word; stream >> word;) {
    double number = 0.0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool good = error == std::errc{} && end == word.data() + word.size() && std::abs(number) <= largest;
    if (!good) return refused(words);
    numbers.push_back(number);
  }
  if (name == "release" && numbers.empty()) {
    core_.release();
    return "converters that were left alone are tried again\n";
  }
  const auto found = std::find_if(modes_to_order.begin(), modes_to_order.end(),
                                  [&name](const ModeWords& each) { return name == mode_name(each.mode); });
  if (found == modes_to_order.end() || numbers.size() < found->least_numbers || numbers.size() > found->most_numbers) {
    return refused(words);
  }
  if (found->mode == core::FleetMode::self_consumption && core_.settings().meter_address == 0) {
    return "refused: self_consumption needs a meter\n";
  }
  numbers.resize(2, 0.0);
  const bool power = found->mode == core::FleetMode::power;
  core_.order(found->mode, power ? numbers[0] : 0.0, numbers[1], power ? 0.0 : numbers[0], now);
  return order_lines();
}

}  // namespace hil::hosts
