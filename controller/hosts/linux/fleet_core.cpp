#include "controller/hosts/linux/fleet_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <sstream>
#include <system_error>
#include <utility>

#include "controller/hosts/linux/settings_file.h"

namespace hil::hosts {
namespace {

namespace core = hil::controller;

/// A converter says that it runs from the accepted start on, well before it can give power.
const char* phase_name(const core::PcsUnit& unit, core::Time now) {
  constexpr std::array names{
      "does not answer",           "rests", "is set up", "starts", "runs", "is stopping", "has a fault latched",
      "is left alone with a fault"};
  const core::PcsUnit::Phase phase = unit.phase();
  if (phase == core::PcsUnit::Phase::running && !unit.connected(now)) return "starts, not yet connected";
  return names.at(static_cast<std::size_t>(phase));
}

const char* mode_name(core::FleetMode mode) {
  constexpr std::array names{"stop", "power", "self_consumption", "off_grid"};
  return names.at(static_cast<std::size_t>(mode));
}

/// What does not suit lithium in the limits that were entered at a converter; empty: nothing.
std::string limits_text(const core::PcsUnit& unit) {
  std::string text;
  for (const core::PcsUnit::NamedFinding& named : core::PcsUnit::named_findings) {
    if ((unit.limit_findings() & static_cast<std::uint8_t>(named.finding)) == 0) continue;
    text += (text.empty() ? ", battery limits: " : ", ") + std::string(named.text);
  }
  return text;
}

/// What can be ordered, and how many numbers go with it.
struct OrderWords {
  const char* name;
  std::size_t least_numbers;
  std::size_t most_numbers;
  const char* form;
  bool import_first = false;  ///< of the numbers: what the meter is to show
};
constexpr std::array<OrderWords, 4> orders{{{"stop", 0, 0, "stop"},
                                            {"power", 1, 2, "power W [VAR]"},
                                            {"self_consumption", 0, 2, "self_consumption [IMPORT_W [VAR]]", true},
                                            {"release", 0, 0, "release"}}};

struct Bound {
  double largest = 0.0;  ///< either way
  std::string text;      ///< what is wrong with a number beyond it
};

/// Of the number at that place. At the meter stands, too, what others draw and feed, and nobody here knows how much
/// that may be: an import of more than the ratings caps that of large loads. Its bound is that of the settings.
Bound bound_of(const OrderWords& order, std::size_t place, const core::FleetController& fleet) {
  const char* const unit = place == 0 ? "W" : "var";
  if (place == 0 && order.import_first) {
    return {largest_fleet_w, fmt::format("{} must be {:.0f}..{:.0f}", unit, -largest_fleet_w, largest_fleet_w)};
  }
  const double rating_w = fleet.settings().unit_rating_w;
  const double largest = static_cast<double>(fleet.count()) * rating_w;
  return {largest, fmt::format("{} is beyond the ratings, must be {:.0f}..{:.0f}: {} converter{} of {:.0f} {}", unit,
                               -largest, largest, fleet.count(), fleet.count() == 1 ? "" : "s", rating_w, unit)};
}

std::string refused(const std::string& why) {
  return "refused: " + why + "\n";
}

std::string known_orders() {
  std::string text;
  for (const OrderWords& each : orders) text += (text.empty() ? "" : ", ") + std::string(each.form);
  return text;
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

std::string FleetCore::unit_lines(core::Time now) const {
  std::string text;
  std::size_t index = 0;
  const core::FleetSettings& settings = core_.settings();
  for (std::size_t line = 0; line < settings.lines.size(); ++line) {
    for (std::size_t place = 0; place < settings.lines[line].count && index < core_.count(); ++place) {
      const core::PcsUnit& unit = core_.unit(index);
      text +=
          fmt::format("{} unit {}: {}", port_names[line], settings.lines[line].addresses[place], phase_name(unit, now));
      if (unit.status()) {
        text += fmt::format(", AC {:.0f} W of {:.0f} W", unit.status()->ac_injection_w, unit.order().ac_injection_w);
      }
      text += fmt::format(", SOC {:.0f} % as counted{}\n", 100.0 * core_.energy(index).soc(), limits_text(unit));
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
  if (!(stream >> name)) return refused("an order is missing, known: " + known_orders());
  const auto* const known =
      std::find_if(orders.begin(), orders.end(), [&name](const OrderWords& each) { return name == each.name; });
  if (known == orders.end()) return refused(fmt::format("\"{}\" is no order, known: {}", name, known_orders()));
  std::vector<std::string> given;
  for (std::string word; stream >> word;) given.push_back(word);
  if (given.size() < known->least_numbers || given.size() > known->most_numbers) {
    return refused(fmt::format("\"{}\" has {} number{}, must be {}", words, given.size(), given.size() == 1 ? "" : "s",
                               known->form));
  }
  std::vector<double> numbers;
  for (const std::string& word : given) {
    double number = 0.0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(number)) {
      return refused(fmt::format("\"{}\" is no number, must be {}", word, known->form));
    }
    const Bound bound = bound_of(*known, numbers.size(), core_);
    if (std::abs(number) > bound.largest) return refused(fmt::format("{} {}", word, bound.text));
    numbers.push_back(number);
  }
  return carry_out(name, std::move(numbers), now);
}

/// One of `orders`, with as many numbers as it takes.
std::string FleetCore::carry_out(const std::string& name, std::vector<double> numbers, core::Time now) {
  if (name == "release") {
    core_.release();
    return "converters that were left alone are tried again\n";
  }
  numbers.resize(2, 0.0);
  if (name == "stop") {
    core_.order(core::FleetMode::stop, 0.0, 0.0, 0.0, now);
  } else if (name == "power") {
    core_.order(core::FleetMode::power, numbers[0], numbers[1], 0.0, now);
  } else if (core_.settings().meter_address == 0) {
    return refused("self_consumption needs a meter, which the settings do not have");
  } else {
    core_.order(core::FleetMode::self_consumption, 0.0, numbers[1], numbers[0], now);
  }
  return order_lines();
}

}  // namespace hil::hosts
