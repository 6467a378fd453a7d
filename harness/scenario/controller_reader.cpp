#include "harness/scenario/controller_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "controller/core/commissioning.h"
#include "harness/scenario/controller_quirk_reader.h"
#include "harness/scenario/lan_address_reader.h"
#include "harness/scenario/nameplate.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr Bounds export_limit_w{.lowest = -100'000.0, .highest = 100'000.0};  // S003-19 and sec1000-lan-protocol 3.4
constexpr Bounds reactive_var{.lowest = -100'000.0, .highest = 100'000.0};
constexpr Bounds client_kw{.lowest = -100.0, .highest = 100.0};
constexpr Bounds client_period_s{.lowest = 1.0, .highest = 86'400.0};
constexpr Bounds client_timeout_s{.lowest = 0.1, .highest = 600.0};
constexpr Bounds latency_s{.lowest = 0.0, .highest = 10.0};
constexpr double least_power_factor = 0.8;

void read_power_factor(ElementReader& reader, std::optional<double>& power_factor) {
  std::optional<double> given;
  if (!reader.number("power_factor", given, any_number)) return;
  const double size = std::abs(*given);
  if (size < least_power_factor || size > 1.0) {
    reader.fault_of("power_factor",
                    fmt::format("power_factor is {}, must be 0.8..1 (leading) or -1..-0.8 (lagging)", *given));
    return;
  }
  power_factor = given;
}

/// Four modes of AS/NZS 4755, one for each contact of the DRED port in its order.
void read_dred_modes(ElementReader& reader, controller::Settings& settings) {
  std::string given;
  if (!reader.text("dred_modes", given, Need::optional)) return;
  std::istringstream words{given};
  std::array<std::uint8_t, 4> modes{};
  std::size_t count = 0;
  bool good = true;
  for (std::string word; words >> word; ++count) {
    good = good && count < modes.size() && word.size() == 1 && word[0] >= '0' && word[0] <= '8';
    if (good) modes[count] = static_cast<std::uint8_t>(word[0] - '0');
  }
  if (!good || count != modes.size()) {
    reader.fault_of(
        "dred_modes",
        fmt::format("dred_modes is \"{}\", must be four of 0..8 with spaces between, as \"5 6 7 8\"", given));
    return;
  }
  settings.dred_modes = modes;
}

/// The entered limit, or that there is none, or that nobody has entered anything yet.
void read_limit(ElementReader& reader, ControllerReading& reading, Diagnostics& diagnostics) {
  controller::Settings& settings = reading.settings;
  const Element* limit = reader.child("export_limit_w", Need::optional);
  const Element* unlimited = reader.child("unlimited_export", Need::optional);
  const Element* delivered = reader.child("as_delivered", Need::optional);
  reading.as_delivered = delivered != nullptr;
  const int given = static_cast<int>(limit != nullptr) + static_cast<int>(unlimited != nullptr) +
                    static_cast<int>(delivered != nullptr);
  if (given != 1) reader.fault("must have exactly one of <export_limit_w>, <unlimited_export> and <as_delivered>");
  std::optional<controller::ControlMode> mode;
  const bool mode_read = read_mode(reader, mode);
  if (mode_read && limit == nullptr && unlimited != nullptr && mode != controller::ControlMode::off) {
    reader.fault_of("mode", fmt::format("mode is \"{}\", <unlimited_export> is mode \"off\"",
                                        control_mode_names[static_cast<std::size_t>(*mode)]));
  }
  settings.control_mode =
      mode.value_or(unlimited == nullptr ? controller::ControlMode::value : controller::ControlMode::off);
  if (delivered != nullptr) {
    settings.export_limit_w = controller::factory_settings().export_limit_w;
    ElementReader{*delivered, diagnostics}.finish();
  }
  if (limit != nullptr) {
    ElementReader limit_reader{*limit, diagnostics};
    limit_reader.content_number(settings.export_limit_w, export_limit_w);
    limit_reader.finish();
  }
  if (unlimited != nullptr) ElementReader{*unlimited, diagnostics}.finish();
}

/// Whether another element has the name already; notes it.
bool name_taken(ElementReader& reader, const std::string& name, const SiteSpec& site,
                const std::vector<LanClientSpec>& clients) {
  const auto named = [&name](const auto& each) { return each.name == name; };
  constexpr std::array<std::string_view, 8> reserved{"grid", "site", "bus",  "controller",
                                                     "com1", "com2", "com3", "com4"};
  const bool taken = std::any_of(clients.begin(), clients.end(), named) ||
                     std::any_of(site.inverters.begin(), site.inverters.end(), named) ||
                     std::any_of(site.pcs.begin(), site.pcs.end(), named) ||
                     std::any_of(site.plant.loads.begin(), site.plant.loads.end(), named) || site.meter.name == name ||
                     std::find(reserved.begin(), reserved.end(), name) != reserved.end();
  if (taken) reader.fault_of("name", fmt::format("name is \"{}\", already taken", name));
  return taken;
}

LanClientSpec read_lan_client(ElementReader& reader, double site_capacity_w, std::vector<Assumed>& assumed) {
  LanClientSpec spec;
  spec.place = reader.element().place;
  reader.name("name", spec.name);
  std::string profile = "manual";
  reader.one_of("profile", profile, {"manual", "client_code"}, "profiles", Need::optional);
  LanClient::Settings& settings = spec.settings;
  if (profile == "client_code") {
    settings.profile = LanClient::Profile::client_code;
    settings.refresh = std::chrono::seconds{10};  // as its code has it; the manual says 30
  }
  reader.seconds("refresh_s", settings.refresh, client_period_s, Need::optional);
  reader.number("minimum_kw", settings.minimum_kw, client_kw, Need::optional);
  reader.number("maximum_kw", settings.maximum_kw, client_kw, Need::optional);
  if (settings.minimum_kw > settings.maximum_kw) {
    reader.fault_between({"minimum_kw", "maximum_kw"}, fmt::format("minimum_kw is {}, must be <= maximum_kw ({})",
                                                                   settings.minimum_kw, settings.maximum_kw));
  }
  settings.capacity_kw = site_capacity_w / 1000.0;
  reader.number("capacity_kw", settings.capacity_kw, {.lowest = 0.0, .highest = 1000.0, .lowest_excluded = true},
                Need::optional);
  std::optional<controller::ControlMode> mode;
  if (read_mode(reader, mode)) settings.mode = static_cast<sec1000::Mode>(*mode);
  std::string phases = "sum";
  reader.one_of("phases", phases, {"sum", "each"}, "phase modes", Need::optional);
  settings.sum_of_phases = phases == "sum";
  read_address(reader, "address", spec.address);
  reader.seconds("timeout_s", settings.timeout, client_timeout_s, Need::optional);
  reader.seconds("start_s", spec.start, any_time, Need::optional);
  const bool latency_given = reader.element().attribute("latency_s") != nullptr;
  reader.seconds("latency_s", spec.latency, latency_s, Need::optional);
  if (!latency_given) {
    assumed.push_back(
        {spec.name + ": latency_s", fmt::format("{}", in_seconds(spec.latency)), "assumed: a wired network, one way"});
  }
  reader.finish();
  return spec;
}

/// Of the battery of that inverter.
double nominal_wh_of(const SiteSpec& site, const std::string& inverter) {
  for (const models::Site::Inverter& each : site.plant.inverters) {
    if (each.name == inverter) return nominal_wh(each.lane.battery);
  }
  return 0.0;
}

}  // namespace

bool read_mode(ElementReader& reader, std::optional<controller::ControlMode>& mode) {
  std::string word;
  if (!reader.one_of("mode", word, {control_mode_names.begin(), control_mode_names.end()}, "modes", Need::optional)) {
    return false;
  }
  const auto found = std::find(control_mode_names.begin(), control_mode_names.end(), word);
  mode = static_cast<controller::ControlMode>(found - control_mode_names.begin());
  return true;
}

void read_settings(ElementReader& reader, ChangeSettings& change) {
  std::string phases;
  if (reader.one_of("phases", phases, {"sum", "each"}, "phase modes", Need::optional)) {
    change.phases = phases == "sum" ? controller::PhaseMode::sum : controller::PhaseMode::each;
  }
  reader.number("active_power_share", change.active_power_share, ratio);
  read_power_factor(reader, change.power_factor);
  reader.number("reactive_power_var", change.reactive_power_var, reactive_var);
  if (change.power_factor && change.reactive_power_var) {
    reader.fault("power_factor and reactive_power_var are both given, must be one of them");
  }
  reader.number("total_capacity_w", change.total_capacity_w, positive);
  reader.number("ct_ratio", change.ct_ratio, positive);
  bool freeze_cure = true;
  if (reader.flag("freeze_cure", freeze_cure, Need::optional)) change.freeze_cure = freeze_cure;
  read_lan_address(reader, change.address);
}

void read_inverter_counts(ElementReader& reader, std::array<std::optional<int>, controller::max_lines - 1>& counts) {
  for (std::size_t port = 0; port < counts.size(); ++port) {
    int count = 0;
    const std::string attribute = fmt::format("com{}_inverters", port + 1);
    if (reader.integer(attribute, count, 0, static_cast<int>(controller::max_units_per_line), Need::optional)) {
      counts[port] = count;
    }
  }
}

ControllerReading read_controller(const Element& element, std::vector<Assumed>& assumed, Diagnostics& diagnostics) {
  ControllerReading reading;
  ElementReader reader{element, diagnostics};
  std::string kind;
  reader.one_of("kind", kind, {"sec1000"}, "controllers");
  read_limit(reader, reading, diagnostics);
  ChangeSettings given;
  read_settings(reader, given);
  given.apply_to(reading.settings);
  reading.total_capacity_w = given.total_capacity_w;
  reading.ct_ratio = given.ct_ratio;
  read_inverter_counts(reader, reading.counts);
  read_address(reader, "dhcp_address", reading.dhcp_address);
  reader.seconds("lan_idle_timeout_s", reading.settings.lan.idle_timeout, not_negative, Need::optional);
  reader.flag("lan_off_guard", reading.settings.lan.off_guard, Need::optional);
  read_dred_modes(reader, reading.settings);
  std::string capacities = "unknown";
  reader.one_of("battery_capacities", capacities, {"unknown", "entered"}, "words", Need::optional);
  reading.battery_capacities = capacities == "entered";
  std::string rcr_basis = "feed_in";
  reader.one_of("rcr_basis", rcr_basis, {"feed_in", "generation"}, "bases", Need::optional);
  if (rcr_basis == "generation") reading.settings.rcr_basis = controller::RcrBasis::generation;
  const std::vector<const Element*> quirks = reader.children("quirk");
  reader.finish();
  for (const Element* quirk : quirks) read_controller_quirk(*quirk, reading.settings.lan, assumed, diagnostics);
  return reading;
}

controller::Settings commissioned(const SiteSpec& site, const ControllerReading& given) {
  controller::Settings settings = given.settings;
  for (const LineSpec& line : site.lines) {
    if (line.name == "com4") {
      settings.meter_baud = line.format.baud;
      settings.meter_bits_per_character = line.format.bits_per_character();
    } else {
      auto& port = settings.inverter_lines.at(static_cast<std::size_t>(line.name.back() - '1'));
      port.baud = line.format.baud;
      port.bits_per_character = line.format.bits_per_character();
    }
  }
  double rated_w = 0.0;
  for (const InverterSpec& inverter : site.inverters) {
    rated_w += inverter.identity.rated_w;
    if (given.as_delivered) continue;
    auto& line = settings.inverter_lines.at(static_cast<std::size_t>(inverter.line.back() - '1'));
    if (given.battery_capacities) line.capacity_wh.at(line.count) = nominal_wh_of(site, inverter.name);
    line.addresses.at(line.count++) = static_cast<std::uint8_t>(inverter.unit);
  }
  const double ct_ratio = site.plant.metering.installation.meter.ct_ratio;
  settings.total_capacity_w = given.total_capacity_w.value_or(given.as_delivered ? 0.0 : rated_w);
  settings.ct_ratio = given.ct_ratio.value_or(given.as_delivered ? 0.0 : ct_ratio);
  settings.meter_address = static_cast<std::uint8_t>(site.meter.unit);
  int highest = 0;
  for (const InverterSpec& inverter : site.inverters) {
    if (!given.as_delivered) highest = std::max(highest, inverter.unit);
  }
  for (std::size_t port = 0; port < given.counts.size(); ++port) {
    auto& line = settings.inverter_lines[port];
    const std::size_t wanted = given.counts[port] ? static_cast<std::size_t>(*given.counts[port]) : line.count;
    for (std::size_t k = line.count; k < wanted; ++k) line.addresses[k] = static_cast<std::uint8_t>(++highest);
    line.count = wanted;
  }
  return settings;
}

std::vector<LanClientSpec> read_lan_clients(const std::vector<const Element*>& elements, const SiteSpec& site,
                                            std::vector<Assumed>& assumed, Diagnostics& diagnostics) {
  double rated_w = 0.0;
  for (const InverterSpec& inverter : site.inverters) rated_w += inverter.identity.rated_w;
  std::vector<LanClientSpec> clients;
  for (const Element* element : elements) {
    ElementReader reader{*element, diagnostics};
    LanClientSpec spec = read_lan_client(reader, rated_w, assumed);
    if (spec.name.empty() || name_taken(reader, spec.name, site, clients)) continue;
    clients.push_back(std::move(spec));
  }
  return clients;
}

}  // namespace hil::harness
