#include "harness/scenario/reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "harness/scenario/cases.h"
#include "harness/scenario/catalog.h"
#include "harness/scenario/checks_reader.h"
#include "harness/scenario/controller_reader.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/ems_reader.h"
#include "harness/scenario/fleet_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/profile_reader.h"
#include "harness/scenario/record_reader.h"
#include "harness/scenario/reference_text.h"
#include "harness/scenario/register_refresh.h"
#include "harness/scenario/requirement_names.h"
#include "harness/scenario/serial_numbers.h"
#include "harness/scenario/series_reader.h"
#include "harness/scenario/site_merge.h"
#include "harness/scenario/site_reader.h"
#include "harness/scenario/site_sense.h"
#include "harness/scenario/tabulate_reader.h"
#include "harness/scenario/timeline_reader.h"

namespace hil::harness {
namespace {

constexpr Bounds step_bounds{.lowest = 0.001, .highest = 1.0};
constexpr Bounds record_bounds{.lowest = 0.001, .highest = 86400.0};

void read_seed(ElementReader& reader, std::uint64_t& seed) {
  std::string given;
  if (!reader.text("seed", given)) return;
  const auto [rest, status] = std::from_chars(given.data(), given.data() + given.size(), seed);
  if (status == std::errc{} && rest == given.data() + given.size()) return;
  reader.fault_of("seed", fmt::format("seed is {}, must be a whole number 0..18446744073709551615", in_quotes(given)));
}

/// schema, name, times and seed. Returns false when the duration is not to be used.
bool read_head(ElementReader& reader, Scenario& scenario) {
  int schema = 0;
  std::string merged_already;
  reader.text("extends", merged_already, Need::optional);
  reader.integer("schema", schema, 1, 1);
  reader.name("name", scenario.name);
  const bool has_duration = reader.seconds("duration_s", scenario.duration, positive);
  const bool has_step = reader.seconds("step_s", scenario.step, step_bounds, Need::optional) ||
                        reader.element().attribute("step_s") == nullptr;
  read_seed(reader, scenario.seed);
  reader.flag("capture", scenario.capture, Need::optional);
  const bool has_period = reader.seconds("record_period_s", scenario.record_period, record_bounds, Need::optional) ||
                          reader.element().attribute("record_period_s") == nullptr;
  if (has_step && has_period && scenario.record_period % scenario.step != sim::Time{0}) {
    reader.fault_of("record_period_s", fmt::format("record_period_s is {}, must be a multiple of the step ({} s)",
                                                   in_seconds(scenario.record_period), in_seconds(scenario.step)));
  }
  if (has_duration && has_step && scenario.duration < scenario.step) {
    reader.fault_of("duration_s", fmt::format("duration_s is {}, must be >= the step ({} s)",
                                              in_seconds(scenario.duration), in_seconds(scenario.step)));
  }
  return has_duration;
}

void read_purpose(const Element& element, std::string& purpose, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  reader.content(purpose);
  reader.finish();
}

PlotSpec read_plot(const Element& element, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  PlotSpec plot;
  plot.place = element.place;
  reader.text("title", plot.title);
  const std::vector<const Element*> signals = reader.children("signal");
  if (signals.empty()) reader.fault("element <signal> is missing");
  reader.finish();
  for (const Element* signal : signals) {
    ElementReader signal_reader{*signal, diagnostics};
    std::string name;
    if (signal_reader.text("name", name) && !is_signal_pattern(name)) {
      signal_reader.fault_of(
          "name", fmt::format("name is {}, must be a signal or a pattern such as *.battery_soc", in_quotes(name)));
    }
    signal_reader.finish();
    const Attribute* given = signal->attribute("name");
    plot.signals.push_back(name);
    plot.signal_places.push_back(given == nullptr ? signal->place : given->place);
  }
  return plot;
}

/// In the folder `registers` beside the scenario, else in that of the library.
std::filesystem::path file_of_map(const std::string& name, const std::filesystem::path& scenario,
                                  const std::filesystem::path& library) {
  std::error_code error;
  std::filesystem::path beside = scenario.parent_path() / "registers" / (name + ".xml");
  return std::filesystem::is_regular_file(beside, error) ? beside : library / "registers" / (name + ".xml");
}

std::vector<std::string> known_maps(const std::filesystem::path& scenario, const std::filesystem::path& library) {
  std::vector<std::string> names = xml_stems(library / "registers");
  for (std::string& own : xml_stems(scenario.parent_path() / "registers")) {
    if (std::find(names.begin(), names.end(), own) == names.end()) names.push_back(std::move(own));
  }
  return names;
}

void load_register_maps(const std::filesystem::path& file, const std::filesystem::path& library, Scenario& scenario,
                        Diagnostics& diagnostics) {
  for (const UnitSpec& unit : units_of(scenario.site)) {
    const std::string& name = unit.register_map;
    if (scenario.register_maps.contains(name)) continue;
    if (auto map = read_register_map(file_of_map(name, file, library), library, diagnostics)) {
      scenario.register_maps.emplace(name, std::move(*map));
    }
  }
}

std::string resolved(Element root, const Element& site) {
  for (Element& child : root.children) {
    if (child.name == "site") child = site;
    if (child.name == "expect") child = with_references_inside(std::move(child));
    if (child.name != "timeline") continue;
    for (Element& each : child.children) {
      if (each.name == "follow") put_series_inside(each);
    }
  }
  return to_xml(root);
}

void read_site_into(const Element& given, const std::filesystem::path& file, const std::filesystem::path& library,
                    const Element& root, Scenario& scenario, Diagnostics& diagnostics) {
  const Catalog catalog{library, diagnostics};
  const std::vector<std::string> maps = known_maps(file, library);
  std::optional<Element> merged = merged_site(given, file, library, diagnostics);
  if (!merged) return;
  give_serial_numbers(*merged, catalog);
  const Element site = catalog.with_parts(std::move(*merged));
  SiteReading reading{.catalog = catalog,
                      .register_maps = maps,
                      .step = scenario.step,
                      .seed = scenario.seed,
                      .diagnostics = diagnostics,
                      .assumed = scenario.assumed};
  scenario.site = read_site(site, reading);
  if (diagnostics.empty()) check_site_sense(site, scenario.site, catalog, diagnostics);
  scenario.resolved_xml = resolved(root, with_profiles_inside(site));
}

/// nullopt: of its site or its controller something is wrong. Else `diagnostics` says whether all is well.
/// Registers to which the bench itself gave an address: whoever reads them must know.
void note_assigned_registers(Scenario& scenario) {
  for (const PcsSpec& pcs : scenario.site.pcs) {
    const auto map = scenario.register_maps.find(pcs.register_map);
    if (map == scenario.register_maps.end()) continue;
    const auto& rows = map->second.rows;
    const auto assigned = std::count_if(
        rows.begin(), rows.end(), [](const sim::RegisterRow& row) { return row.source.starts_with("bench-assigned"); });
    if (assigned == 0) continue;
    scenario.assumed.push_back(
        {fmt::format("{}: {} of {} registers of {}", pcs.name, assigned, rows.size(), pcs.register_map),
         "bench-assigned", "no source names their addresses; they say nothing of the real product"});
  }
}

std::vector<std::string> names_of(const std::map<std::string, MarkTime>& marks) {
  std::vector<std::string> names;
  names.reserve(marks.size());
  for (const auto& [name, time] : marks) names.push_back(name);
  return names;
}

std::optional<Scenario> read_root(const Element& root, const std::filesystem::path& file,
                                  const std::filesystem::path& library, Diagnostics& diagnostics) {
  Scenario scenario;
  scenario.file = file.string();
  scenario.library = library;
  ElementReader reader{root, diagnostics};
  const bool has_duration = read_head(reader, scenario);
  const Element* purpose = reader.child("purpose", Need::required);
  for (const char* used_already : {"parameters", "sweep"}) {
    for (const Element* second : reader.children(used_already)) {
      ElementReader{*second, diagnostics}.fault("stands a second time; only one is allowed");
    }
  }
  const Element* site = reader.child("site", Need::required);
  const std::vector<const Element*> refreshes = reader.children("register_refresh");
  const std::vector<const Element*> ems = reader.children("ems");
  const Element* leader = reader.child("fleet_leader", Need::optional);
  const bool led = !ems.empty() || leader != nullptr;
  const Element* control = reader.child("controller", Need::optional);
  if (control != nullptr && led) {
    ElementReader{leader != nullptr ? *leader : *ems.front(), diagnostics}.fault(
        "stands beside a <controller>: only one of them can have the lines");
  } else if (leader != nullptr && !ems.empty()) {
    ElementReader{*leader, diagnostics}.fault("stands beside an <ems>: only one of them can have the lines");
  }
  const std::vector<const Element*> lan_clients = reader.children("lan_client");
  const Element* timeline = reader.child("timeline", Need::optional);
  const Element* expect = reader.child("expect", Need::required);
  const Element* record = reader.child("record", Need::optional);
  const std::vector<const Element*> tables = reader.children("tabulate");
  const std::vector<const Element*> plots = reader.children("plot");
  reader.finish();

  if (purpose != nullptr) read_purpose(*purpose, scenario.purpose, diagnostics);
  if (site != nullptr) read_site_into(*site, file, library, root, scenario, diagnostics);
  const bool leads_itself = !scenario.site.solax.empty();
  if (control == nullptr && !led && !leads_itself) {
    reader.fault(scenario.site.pcs.empty() ? "element <controller> is missing"
                                           : "element <ems>, <fleet_leader> or <controller> is missing: the first two "
                                             "lead storage converters");
  }
  if (control != nullptr && leads_itself) {
    ElementReader{*control, diagnostics}.fault("stands beside <solax>, whose energy manager is in the primary");
  }
  ControllerReading controller;
  if (control != nullptr) controller = read_controller(*control, scenario.assumed, diagnostics);
  scenario.dhcp_address = controller.dhcp_address;
  scenario.lan_clients = read_lan_clients(lan_clients, scenario.site, scenario.assumed, diagnostics);
  scenario.ems = read_ems(ems, scenario.site, diagnostics);
  if (leader != nullptr) {
    scenario.leader = read_fleet_leader(*leader, scenario.site, scenario.assumed, diagnostics);
  }
  if (control == nullptr && (led || leads_itself) && !lan_clients.empty()) {
    ElementReader{*lan_clients.front(), diagnostics}.fault("needs a <controller>");
  }
  Stage stage = stage_of(scenario.site, has_duration ? scenario.duration : sim::Time{0});
  for (const LanClientSpec& client : scenario.lan_clients) stage.lan_clients.push_back(client.name);
  stage.lan_clients_known = scenario.lan_clients.size() == lan_clients.size();
  stage.has_controller = control != nullptr || (!led && !leads_itself);
  stage.has_leader = leader != nullptr;
  stage.leader_has_switch = leader != nullptr && leader->attribute("transfer_switch") != nullptr;
  for (const EmsSpec& each : scenario.ems) stage.ems.push_back({each.name, each.lines});
  stage.ems_known = std::none_of(scenario.ems.begin(), scenario.ems.end(),
                                 [](const EmsSpec& each) { return each.name.empty() || each.lines.empty(); });
  const bool can_be_built = diagnostics.empty() && site != nullptr;
  TimelineReading read;
  if (timeline != nullptr) read = read_timeline(*timeline, stage, diagnostics);
  if (timeline != nullptr) check_switch_over(*timeline, scenario.site, diagnostics);
  if (expect != nullptr) {
    scenario.checks = read_checks(*expect, stage, read, diagnostics);
    check_requirement_names(*expect, library, diagnostics);
  }
  if (record != nullptr) read_record(*record, scenario, diagnostics);
  for (const Element* table : tables) read_tabulate(*table, names_of(read.marks), scenario, diagnostics);
  for (const Element* plot : plots) scenario.plots.push_back(read_plot(*plot, diagnostics));
  if (!can_be_built) return std::nullopt;

  scenario.timeline = std::move(read.entries);
  scenario.triggers = std::move(read.triggers);
  scenario.assumed.insert(scenario.assumed.end(), read.assumed.begin(), read.assumed.end());
  if (scenario.has_controller()) scenario.controller = commissioned(scenario.site, controller);
  load_register_maps(file, library, scenario, diagnostics);
  read_register_refresh(refreshes, scenario, diagnostics);
  note_refresh_periods(scenario);
  note_assigned_registers(scenario);
  if (scenario.ems.empty() && !leads_itself) check_meter_map(scenario, diagnostics);
  check_meter_faults(scenario, diagnostics);
  find_named_registers(scenario, diagnostics);
  ElementReader site_reader{*site, diagnostics};
  require_buildable(site_reader, [&] { models::Site{scenario.site.plant}; });
  if (!site_reader.sound()) return std::nullopt;
  return scenario;
}

/// All cases of the root, or the one of that key. Of those with faults what `Scenarios::unsound` says.
Scenarios read_cases(const Element& root, const std::filesystem::path& file, const std::filesystem::path& library,
                     std::string_view key, Diagnostics& diagnostics) {
  Scenarios scenarios;
  if (root.name != "scenario") {
    diagnostics.add(root.place, fmt::format("root element is <{}>, must be <scenario>", root.name));
    return scenarios;
  }
  for (const ScenarioCase& each : cases_of(root, file, library, diagnostics)) {
    if (!key.empty() && each.key != key) continue;
    std::optional<Scenario> scenario = read_root(each.root, file, library, diagnostics);
    if (!scenario) continue;
    scenario->case_key = each.key;
    scenario->name = case_name(scenario->name, each.key);
    (diagnostics.empty() ? scenarios.sound : scenarios.unsound).push_back(*std::move(scenario));
  }
  return scenarios;
}

/// Where one scenario is wanted, of a file that may stand for several.
std::optional<Scenario> only_case(std::vector<Scenario> cases, const Element& root, std::string_view key,
                                  Diagnostics& diagnostics) {
  if (!diagnostics.empty()) return std::nullopt;
  if (cases.size() == 1) return std::move(cases.front());
  diagnostics.add(root.place, cases.empty() ? fmt::format("{}: has no case {}", root.label(), in_quotes(key))
                                            : fmt::format("{}: stands for {} cases, one of them is wanted here",
                                                          root.label(), cases.size()));
  return std::nullopt;
}

}  // namespace

void set_seed(Scenario& scenario, std::uint64_t seed) {
  scenario.seed = seed;
  Diagnostics none;
  std::optional<Element> root = parse_xml(scenario.resolved_xml, scenario.file, none);
  if (!root) return;
  for (Attribute& attribute : root->attributes) {
    if (attribute.name == "seed") attribute.value = fmt::format("{}", seed);
  }
  scenario.resolved_xml = to_xml(*root);
  // Generators of the site took their seeds from the scenario's when it was read.
  std::optional<Scenario> again = read_scenario_text(scenario.resolved_xml, scenario.file, scenario.library, none);
  if (again) scenario.site = std::move(again->site);
}

void set_ems_over(Scenario& scenario, EmsOver over) {
  for (EmsSpec& ems : scenario.ems) ems.over = over;
  scenario.ems_over = over;
  Diagnostics none;
  std::optional<Element> root = parse_xml(scenario.resolved_xml, scenario.file, none);
  if (!root) return;
  for (Element& child : root->children) {
    if (child.name != "ems") continue;
    std::erase_if(child.attributes, [](const Attribute& attribute) { return attribute.name == "over"; });
    Attribute& added = child.attributes.emplace_back();
    added.name = "over";
    added.value = ems_over_word(over);
  }
  scenario.resolved_xml = to_xml(*root);
}

std::optional<Scenario> read_scenario_text(std::string_view text, const std::filesystem::path& file,
                                           const std::filesystem::path& library, Diagnostics& diagnostics,
                                           std::string_view case_key) {
  Diagnostics own;
  std::optional<Scenario> scenario;
  if (const auto root = parse_xml(text, file.string(), own)) {
    scenario = only_case(read_cases(*root, file, library, case_key, own).sound, *root, case_key, own);
  }
  for (const Fault& fault : own.sorted()) diagnostics.add(fault);
  return scenario;
}

std::optional<Scenario> read_scenario(const std::filesystem::path& file, const std::filesystem::path& library,
                                      Diagnostics& diagnostics, std::string_view case_key) {
  Diagnostics own;
  std::optional<Scenario> scenario;
  if (const auto root = load_xml(file, own)) {
    scenario = only_case(read_cases(*root, file, library, case_key, own).sound, *root, case_key, own);
  }
  for (const Fault& fault : own.sorted()) diagnostics.add(fault);
  return scenario;
}

Scenarios read_scenarios(const std::filesystem::path& file, const std::filesystem::path& library,
                         Diagnostics& diagnostics) {
  Diagnostics own;
  Scenarios scenarios;
  if (const auto root = load_xml(file, own)) scenarios = read_cases(*root, file, library, {}, own);
  for (const Fault& fault : own.sorted()) diagnostics.add(fault);
  if (!own.empty()) scenarios.sound.clear();
  return scenarios;
}

void check_site_file(const std::filesystem::path& file, const std::filesystem::path& library,
                     Diagnostics& diagnostics) {
  Diagnostics own;
  if (const auto root = load_xml(file, own)) {
    Element around;
    Scenario scenario;
    scenario.step = std::chrono::milliseconds{10};
    read_site_into(*root, file, library, around, scenario, own);
  }
  for (const Fault& fault : own.sorted()) diagnostics.add(fault);
}

}  // namespace hil::harness
