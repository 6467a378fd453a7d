#include "harness/scenario/reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "harness/scenario/catalog.h"
#include "harness/scenario/checks_reader.h"
#include "harness/scenario/controller_reader.h"
#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"
#include "harness/scenario/profile_reader.h"
#include "harness/scenario/reference_text.h"
#include "harness/scenario/site_merge.h"
#include "harness/scenario/site_reader.h"
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
    plot.signals.push_back(name);
  }
  return plot;
}

/// The schema fixes this order, so the reader does too.
void check_order(const Element& root, Diagnostics& diagnostics) {
  constexpr std::array<std::string_view, 7> order{"purpose",  "site",   "controller", "lan_client",
                                                  "timeline", "expect", "plot"};
  const Element* last = nullptr;
  std::ptrdiff_t reached = 0;
  for (const Element& child : root.children) {
    const std::ptrdiff_t rank = std::find(order.begin(), order.end(), child.name) - order.begin();
    if (rank == static_cast<std::ptrdiff_t>(order.size())) continue;
    if (last != nullptr && rank < reached) {
      ElementReader{child, diagnostics}.fault(fmt::format(
          "stands behind <{}>, order: purpose, site, controller, lan_client, timeline, expect, plot", last->name));
      continue;
    }
    reached = rank;
    last = &child;
  }
}

void load_register_maps(const std::filesystem::path& library, Scenario& scenario, Diagnostics& diagnostics) {
  std::vector<std::string> wanted{scenario.site.meter.register_map};
  for (const InverterSpec& inverter : scenario.site.inverters) wanted.push_back(inverter.register_map);
  for (const std::string& name : wanted) {
    if (scenario.register_maps.contains(name)) continue;
    if (auto map = read_register_map(library / "registers" / (name + ".xml"), diagnostics)) {
      scenario.register_maps.emplace(name, std::move(*map));
    }
  }
}

std::string resolved(Element root, const Element& site) {
  for (Element& child : root.children) {
    if (child.name == "site") child = site;
    if (child.name == "expect") child = with_references_inside(std::move(child));
  }
  return to_xml(root);
}

void read_site_into(const Element& given, const std::filesystem::path& file, const std::filesystem::path& library,
                    const Element& root, Scenario& scenario, Diagnostics& diagnostics) {
  const Catalog catalog{library, diagnostics};
  const std::vector<std::string> maps = xml_stems(library / "registers");
  std::optional<Element> merged = merged_site(given, file, library, diagnostics);
  if (!merged) return;
  const Element site = catalog.with_parts(std::move(*merged));
  SiteReading reading{.catalog = catalog,
                      .register_maps = maps,
                      .step = scenario.step,
                      .seed = scenario.seed,
                      .diagnostics = diagnostics,
                      .assumed = scenario.assumed};
  scenario.site = read_site(site, reading);
  scenario.resolved_xml = resolved(root, with_profiles_inside(site));
}

std::optional<Scenario> read_root(const Element& root, const std::filesystem::path& file,
                                  const std::filesystem::path& library, Diagnostics& diagnostics) {
  if (root.name != "scenario") {
    diagnostics.add(root.place, fmt::format("root element is <{}>, must be <scenario>", root.name));
    return std::nullopt;
  }
  Scenario scenario;
  scenario.file = file.string();
  scenario.library = library;
  ElementReader reader{root, diagnostics};
  const bool has_duration = read_head(reader, scenario);
  const Element* purpose = reader.child("purpose", Need::required);
  const Element* site = reader.child("site", Need::required);
  const Element* control = reader.child("controller", Need::required);
  const std::vector<const Element*> lan_clients = reader.children("lan_client");
  const Element* timeline = reader.child("timeline", Need::optional);
  const Element* expect = reader.child("expect", Need::required);
  const std::vector<const Element*> plots = reader.children("plot");
  reader.finish();
  check_order(root, diagnostics);

  if (purpose != nullptr) read_purpose(*purpose, scenario.purpose, diagnostics);
  if (site != nullptr) read_site_into(*site, file, library, root, scenario, diagnostics);
  ControllerReading controller;
  if (control != nullptr) controller = read_controller(*control, scenario.assumed, diagnostics);
  scenario.lan_clients = read_lan_clients(lan_clients, scenario.site, scenario.assumed, diagnostics);
  Stage stage = stage_of(scenario.site, has_duration ? scenario.duration : sim::Time{0});
  for (const LanClientSpec& client : scenario.lan_clients) stage.lan_clients.push_back(client.name);
  stage.lan_clients_known = scenario.lan_clients.size() == lan_clients.size();
  TimelineReading read;
  if (timeline != nullptr) read = read_timeline(*timeline, stage, diagnostics);
  if (expect != nullptr) scenario.checks = read_checks(*expect, stage, read, diagnostics);
  for (const Element* plot : plots) scenario.plots.push_back(read_plot(*plot, diagnostics));
  if (!diagnostics.empty() || site == nullptr) return std::nullopt;

  scenario.timeline = std::move(read.entries);
  scenario.assumed.insert(scenario.assumed.end(), read.assumed.begin(), read.assumed.end());
  scenario.controller = commissioned(scenario.site, controller);
  load_register_maps(library, scenario, diagnostics);
  ElementReader site_reader{*site, diagnostics};
  require_buildable(site_reader, [&] { models::Site{scenario.site.plant}; });
  if (!diagnostics.empty()) return std::nullopt;
  return scenario;
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

std::optional<Scenario> read_scenario_text(std::string_view text, const std::filesystem::path& file,
                                           const std::filesystem::path& library, Diagnostics& diagnostics) {
  Diagnostics own;
  std::optional<Scenario> scenario;
  if (const auto root = parse_xml(text, file.string(), own)) scenario = read_root(*root, file, library, own);
  for (const Fault& fault : own.sorted()) diagnostics.add(fault.place, fault.message);
  return scenario;
}

std::optional<Scenario> read_scenario(const std::filesystem::path& file, const std::filesystem::path& library,
                                      Diagnostics& diagnostics) {
  Diagnostics own;
  std::optional<Scenario> scenario;
  if (const auto root = load_xml(file, own)) scenario = read_root(*root, file, library, own);
  for (const Fault& fault : own.sorted()) diagnostics.add(fault.place, fault.message);
  return scenario;
}

}  // namespace hil::harness
