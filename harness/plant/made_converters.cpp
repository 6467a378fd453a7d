#include "harness/plant/made_converters.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>
#include <vector>

namespace hil::harness {
namespace {

sim::SinexcelPws2::Rating pws2_rating(const PcsSpec& spec) {
  sim::SinexcelPws2::Rating rating;
  rating.model = spec.rating.model;
  rating.serial = fmt::format("HILBENCH{:08}", spec.unit);
  rating.rated_w = spec.rating.rated_w;
  rating.max_dc_a = spec.rating.max_string_a;
  rating.nominal_ln_v = spec.rating.nominal_ln_v;
  rating.nominal_hz = spec.rating.nominal_hz;
  return rating;
}

sim::SinexcelPws2::Settings pws2_settings(const PcsSpec& spec, const models::Site& site, int baud) {
  sim::SinexcelPws2::Settings settings;
  settings.modbus_address = spec.unit;
  settings.baud = baud;
  settings.battery = spec.settings.strings.front();
  settings.upper_limit_v = sim::SinexcelPws2::highest_dc_v;
  settings.grid_code = sim::pws2_grid_code_number(site.grid_code(spec.first_lane)->name).value_or(0);
  settings.reconnect_delay_s = spec.settings.reconnect_delay_s;
  settings.wrong_state_is_exception = spec.settings.wrong_state_is_exception;
  settings.starts_by_itself = spec.settings.starts_by_itself;
  settings.frequency_bias_hz = spec.settings.frequency_bias_hz;
  settings.support = spec.settings.support;
  return settings;
}

}  // namespace

std::unique_ptr<sim::SinexcelPcs> made_pcs(const PcsSpec& spec, models::Site& site) {
  std::vector<std::size_t> lanes(spec.string_count());
  std::iota(lanes.begin(), lanes.end(), spec.first_lane);
  return std::make_unique<sim::SinexcelPcs>(spec.name, site, std::move(lanes), spec.rating, spec.settings);
}

std::unique_ptr<sim::SinexcelPws2> made_pws2(const PcsSpec& spec, models::Site& site, int baud) {
  return std::make_unique<sim::SinexcelPws2>(spec.name, site, spec.first_lane, pws2_rating(spec),
                                             pws2_settings(spec, site, baud));
}

std::unique_ptr<sim::StorageConverter> made_converter(const PcsSpec& spec, models::Site& site, int baud) {
  if (spec.profile == sim::PcsProfile::pws2) return made_pws2(spec, site, baud);
  return made_pcs(spec, site);
}

}  // namespace hil::harness
