#include "harness/scenario/controller_action_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "harness/scenario/controller_reader.h"
#include "sim/devices/goodwe_et.h"

namespace hil::harness {
namespace {

constexpr Bounds ordered_kw{.lowest = -1e6, .highest = 1e6};  // beyond what a client takes: that is to be tried
constexpr Bounds settings_limit_w{.lowest = -100'000.0, .highest = 100'000.0};
constexpr int longest_bounce_ms = 100;
constexpr int longest_request = 16;
constexpr int most_exchanges = 1000;

void note(std::vector<Assumed>& assumed, const std::string& what, const std::string& value, const std::string& reason) {
  const bool known =
      std::any_of(assumed.begin(), assumed.end(), [&what](const Assumed& each) { return each.what == what; });
  if (!known) assumed.push_back({what, value, reason});
}

Action read_controller_power(ElementReader& reader, const Stage& /*stage*/, std::vector<Assumed>& /*assumed*/) {
  SwitchController change;
  reader.flag("on", change.on);
  return change;
}

Action read_contact(ElementReader& reader, const Stage& /*stage*/, std::vector<Assumed>& assumed) {
  MoveContact change;
  std::string name;
  if (reader.one_of("name", name, {contact_names.begin(), contact_names.end()}, "contacts")) {
    const auto found = std::find(contact_names.begin(), contact_names.end(), name);
    change.input = static_cast<controller::Input>(found - contact_names.begin());
  }
  reader.flag("closed", change.closed);
  int bounce_ms = 0;
  reader.integer("bounce_ms", bounce_ms, 0, longest_bounce_ms, Need::optional);
  change.bounce = std::chrono::milliseconds{bounce_ms};
  if (bounce_ms > 0) note(assumed, "contacts: changes while they bounce", "1 a millisecond", "assumed: no source");
  return change;
}

Action read_controller_settings(ElementReader& reader, const Stage& /*stage*/, std::vector<Assumed>& /*assumed*/) {
  ChangeSettings change;
  reader.number("export_limit_w", change.export_limit_w, settings_limit_w);
  read_mode(reader, change.mode);
  read_settings(reader, change);
  read_inverter_counts(reader, change.inverters);
  if (change.empty() && reader.element().attributes.empty()) {
    reader.fault(
        "a setting is missing, known: export_limit_w, mode, phases, active_power_share, power_factor, "
        "reactive_power_var, total_capacity_w, ct_ratio, freeze_cure, address, com1_inverters, com2_inverters, "
        "com3_inverters");
  }
  return change;
}

Action read_commissioning(ElementReader& reader, const Stage& /*stage*/, std::vector<Assumed>& /*assumed*/) {
  StartCommissioning order;
  std::string word = "scan";
  reader.one_of("start", word, {"scan", "ct_check"}, "checks of an installer");
  if (word == "ct_check") order.what = StartCommissioning::What::ct_check;
  return order;
}

Action read_device_power(ElementReader& reader, const Stage& stage, std::vector<Assumed>& assumed) {
  SwitchDevice change;
  const bool known = read_reference(reader, "target", change.device, stage, stage.units, "devices");
  reader.flag("on", change.on);
  const auto& inverters = stage.inverter_names;
  if (known && change.on && std::find(inverters.begin(), inverters.end(), change.device) != inverters.end()) {
    note(assumed, change.device + ": after device_power, silent for",
         fmt::format("{} s", sim::GoodweEt::boot_time.count()), "assumed: no source");
    note(assumed, change.device + ": after device_power, off the grid for",
         fmt::format("{} s", sim::GoodweEt::restart_time.count()), "assumed: as after a restart by register");
  }
  return change;
}

void read_client(ElementReader& reader, std::string& client, const Stage& stage) {
  if (stage.lan_clients_known) {
    reader.one_of("client", client, stage.lan_clients, "LAN clients");
  } else {
    reader.name("client", client);
  }
}

Action read_lan(ElementReader& reader, const Stage& stage, std::vector<Assumed>& /*assumed*/) {
  // Telemetry is its timer's alone (003 section 2.7).
  constexpr std::array services{LanService::set_export_limit, LanService::export_disable,
                                LanService::export_enable,    LanService::get_export_limit,
                                LanService::set_datetime,     LanService::reset_export_watchdog};
  OrderLanClient change;
  read_client(reader, change.client, stage);
  std::vector<std::string> known;
  known.reserve(services.size());
  for (const LanService service : services) known.emplace_back(name_of(service));
  std::string word;
  if (reader.one_of("service", word, known, "services")) {
    change.order.service =
        services[static_cast<std::size_t>(std::find(known.begin(), known.end(), word) - known.begin())];
  }
  if (change.order.service == LanService::set_export_limit) {
    double limit_kw = 0.0;
    if (reader.number("limit_kw", limit_kw, ordered_kw)) change.order.limit_kw = limit_kw;
  }
  return change;
}

Action read_lan_power(ElementReader& reader, const Stage& stage, std::vector<Assumed>& /*assumed*/) {
  SwitchLanClient change;
  read_client(reader, change.client, stage);
  reader.flag("on", change.on);
  if (change.on) return change;
  reader.integer("in_exchange", change.death.exchange, 1, most_exchanges, Need::optional);
  int request_bytes = longest_request;
  reader.integer("request_bytes", request_bytes, 0, longest_request, Need::optional);
  change.death.request_bytes = static_cast<std::size_t>(request_bytes);
  std::string connections = "closed";
  reader.one_of("connections", connections, {"closed", "open"}, "words", Need::optional);
  change.death.leaves_connections = connections == "open";
  return change;
}

struct Kind {
  std::string element;
  Action (*read)(ElementReader&, const Stage&, std::vector<Assumed>&);
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{{"controller_power", read_controller_power},
                                     {"contact", read_contact},
                                     {"controller_settings", read_controller_settings},
                                     {"commissioning", read_commissioning},
                                     {"device_power", read_device_power},
                                     {"lan", read_lan},
                                     {"lan_power", read_lan_power}};
  return all;
}

}  // namespace

const std::vector<std::string>& controller_action_elements() {
  static const std::vector<std::string> elements = [] {
    std::vector<std::string> names;
    for (const Kind& kind : kinds()) names.push_back(kind.element);
    return names;
  }();
  return elements;
}

Action read_controller_action(ElementReader& reader, const Stage& stage, std::vector<Assumed>& assumed) {
  for (const Kind& kind : kinds()) {
    if (kind.element != reader.element().name) continue;
    Action action = kind.read(reader, stage, assumed);
    if (!stage.has_controller && kind.element != "device_power") reader.fault("needs a <controller>");
    reader.finish();
    return action;
  }
  throw std::logic_error("<" + reader.element().name + "> is no action on the controller");
}

}  // namespace hil::harness
