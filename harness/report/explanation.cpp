#include "harness/report/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "harness/record/number_text.h"
#include "harness/report/action_text.h"
#include "harness/report/assumed_rows.h"
#include "harness/scenario/fleet_order.h"

namespace hil::harness {
namespace {

constexpr std::size_t drawing_columns = 72;

std::string kilowatts(double watts) {
  return fmt::format("{:g} kW", std::round(watts / 10.0) / 100.0);
}

std::string load_text(const models::Site::Load& load) {
  if (!load.zip) return load.name;
  const auto sum = [](const models::PhaseValues& values) { return std::accumulate(values.begin(), values.end(), 0.0); };
  return fmt::format("{} ({}, {})", load.name, kilowatts(sum(load.zip->nominal_w) + sum(load.zip->nominal_ll_w)),
                     load.zip->on ? "on" : "off");
}

/// What sets this inverter apart from one as it is delivered.
std::string own_ways(const sim::GoodweEt::Settings& settings) {
  std::string text;
  if (settings.own_meter) text += ", a meter of its own";
  if (settings.unbalanced_output) text += ", unbalanced output";
  if (settings.sleep_after) text += ", sleeps after " + time_text(*settings.sleep_after) + " of night";
  return text;
}

std::string single_phase_cables(const models::Site::Parameters& plant) {
  std::string text;
  for (const models::Site::Cable& cable : plant.cables) {
    const auto cores = std::count(cable.conductors.begin(), cable.conductors.end(), true);
    if (cores != 2) continue;
    const auto phase = std::find(cable.conductors.begin(), cable.conductors.end(), true) - cable.conductors.begin();
    text += fmt::format("  The cable {} leads L{} and N to {}.\n", cable.name, phase + 1, cable.to_bus);
  }
  return text;
}

std::string pcs_text(const PcsSpec& pcs, const models::Site::Parameters& plant) {
  std::string socs;
  for (std::size_t string = 0; string < pcs.string_count(); ++string) {
    const double soc = plant.inverters[pcs.first_lane + string].lane.initial_soc;
    socs += fmt::format("{}{:g} %", socs.empty() ? "" : ", ", 100.0 * soc);
  }
  return fmt::format("    {:<8} {} on {} as unit {}, {} rated, {} batter{} at {}\n", pcs.name, pcs.part, pcs.line,
                     pcs.unit, kilowatts(pcs.rating.rated_w), pcs.string_count(), pcs.string_count() == 1 ? "y" : "ies",
                     socs);
}

std::string percent(double share) {
  return fmt::format("{:.4g} %", 100.0 * share);
}

/// "above 1.2 pu for 0.16 s, 1.1 pu for 2 s"; empty without a stage.
std::string stages_text(const char* side, const models::InterfaceProtection::Stages& stages, const char* unit) {
  std::string text;
  std::string before;
  for (const models::TripStage& stage : stages) {
    const std::string one = fmt::format("{:.5g} {}{} for {:g} s", stage.threshold, unit,
                                        stage.on_ten_minute_mean ? " of the ten-minute mean" : "",
                                        std::chrono::duration<double>(stage.delay).count());
    // Some codes fill the stages that they do not need with the one before.
    if (one != before) text += (text.empty() ? "" : ", ") + one;
    before = one;
  }
  return text.empty() ? "" : fmt::format("{} {}", side, text);
}

std::string trips_text(const models::InterfaceProtection::Parameters& protection) {
  std::string text;
  for (const std::string& part :
       {stages_text("above", protection.overvoltage, "pu"), stages_text("below", protection.undervoltage, "pu"),
        stages_text("above", protection.overfrequency, "Hz"), stages_text("below", protection.underfrequency, "Hz")}) {
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  }
  return text.empty() ? "none" : text;
}

std::string volt_var_text(const sim::PcsSupport::VoltVar& law) {
  std::string text;
  for (std::size_t i = 0; i < law.voltage_pu.size(); ++i) {
    text += fmt::format("{}{} at {:.5g} pu", text.empty() ? "" : ", ", percent(law.reactive_pu[i]), law.voltage_pu[i]);
  }
  return fmt::format("{} of rated power, response {:g} s", text, law.response_s);
}

std::string volt_watt_text(const sim::PcsSupport::VoltWatt& law) {
  return fmt::format("100 % up to {:.5g} pu, {} at {:.5g} pu of the set point, response {:g} s, back after {:g} s",
                     law.start_pu, percent(law.stop_share), law.stop_pu, law.response_s, law.return_delay_s);
}

/// A PWS2 takes it of rated power (869 is in Pn/Hz), the others of the set point.
std::string freq_watt_text(const sim::PcsSupport::FreqWatt& law, double nominal_hz, sim::PcsProfile profile) {
  const char* const basis = profile == sim::PcsProfile::pws2 ? "rated power" : "the set point";
  std::string text = fmt::format("{}/Hz of {} above {:.5g} Hz, back after {:g} s", percent(-law.slope_per_hz), basis,
                                 nominal_hz + law.start_hz, law.return_delay_s);
  if (law.low_slope_per_hz > 0.0) {
    text += fmt::format("; +{}/Hz of rated power below {:.5g} Hz", percent(law.low_slope_per_hz),
                        nominal_hz - law.low_start_hz);
  }
  return text;
}

/// A line each, as the scenario begins with them.
std::string curves_of(const PcsSpec& pcs, const models::Site::Parameters& plant) {
  const sim::PcsSupport::Parameters& support = pcs.settings.support;
  const auto& grid_code = plant.inverters[pcs.first_lane].lane.grid_code;
  return fmt::format("      Volt-VAr   {}\n      Volt-Watt  {}\n      Freq-Watt  {}\n      trips      {}\n",
                     volt_var_text(support.volt_var), volt_watt_text(support.volt_watt),
                     freq_watt_text(support.freq_watt, plant.grid.nominal_hz, pcs.profile),
                     grid_code ? trips_text(grid_code->protection) : "none: no grid code");
}

/// Once for all converters that have the same.
std::string curves_text(const SiteSpec& site) {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_curves;
  for (const PcsSpec& pcs : site.pcs) {
    const std::string curves = curves_of(pcs, site.plant);
    const auto known =
        std::find_if(by_curves.begin(), by_curves.end(), [&curves](const auto& each) { return each.first == curves; });
    if (known == by_curves.end()) {
      by_curves.push_back({curves, {pcs.name}});
    } else {
      known->second.push_back(pcs.name);
    }
  }
  std::string text;
  for (const auto& [curves, names] : by_curves) {
    text += fmt::format("    Trips of {}, and curves where a master switches them on:\n{}", name_ranges(names), curves);
  }
  return text;
}

std::string solax_text(const SiteSpec& site) {
  std::string text;
  for (const SolaxSpec& solax : site.solax) {
    text += fmt::format("    {:<8} {} on {} as unit {}, {} rated, battery at {:g} %, {}\n", solax.name, solax.part,
                        solax.line, solax.unit, kilowatts(solax.identity.rated_w),
                        100.0 * site.plant.inverters[solax.lane].lane.initial_soc, sim::name_of(solax.parallel.role));
  }
  if (!site.parallel) return text;
  text += fmt::format("  {} joins them in this order, the first {}.\n", site.parallel->name,
                      site.parallel->has_interface ? "next to the backup interface" : "at one end");
  const ParallelSpec& parallel = *site.parallel;
  if (!parallel.has_interface) return text;
  text += parallel.combiner_inputs == 0
              ? fmt::format("  Their AC outputs go to the backup interface, which takes {}.\n", parallel.direct_inputs)
              : fmt::format("  Their AC outputs go through a combiner box with {} inputs.\n", parallel.combiner_inputs);
  return text;
}

std::string interface_text(const BackupInterfaceSpec& interface, const models::Site::Parameters& plant) {
  const auto seconds = [](sim::Time time) { return std::chrono::duration<double>(time).count(); };
  const bool pro = interface.model == sim::BackupInterface::Model::bi_pro;
  std::string text = fmt::format(
      "  {} is a {} between {} and {}: it opens {:g} s after a leg of the grid has fallen below {:g} pu, or by order "
      "of "
      "the primary, and closes in step after {:g} s of a good grid.\n",
      interface.name, pro ? "BI PRO" : "BI", interface.grid_bus, interface.bus,
      seconds(interface.parameters.transfer_time), interface.parameters.lost_pu,
      seconds(interface.parameters.return_time));
  if (!interface.non_backup_bus.empty()) text += fmt::format("    {} has no backup.\n", interface.non_backup_bus);
  if (!interface.pv_bus.empty()) {
    text += fmt::format("    {} is the port for a grid-tied inverter of another make.\n", interface.pv_bus);
  }
  for (const models::Site::Cable& cable : plant.cables) {
    if (cable.name == interface.name + ".microgrid") text += fmt::format("    {} is a microgrid.\n", cable.to_bus);
  }
  for (const SmartLoadSpec& load : interface.smart_loads) {
    text += fmt::format("    Smart load {} is {}", load.channel, load.bus);
    if (load.parameters.shed_above_w) text += fmt::format(", off above {}", kilowatts(*load.parameters.shed_above_w));
    if (load.parameters.shed_below_soc) {
      text += fmt::format(", off below {:g} % of charge", 100.0 * *load.parameters.shed_below_soc);
    }
    text += ".\n";
  }
  if (interface.generator) {
    const sim::Generator::Parameters& generator = interface.generator->parameters;
    text += fmt::format("    A generator of {} at {} starts in an outage below {:g} % of charge.\n",
                        kilowatts(generator.rated_w), interface.generator->bus, 100.0 * generator.start_below_soc);
  }
  return text;
}

std::string pv_inverters_text(const SiteSpec& site) {
  std::string text;
  for (const PvInverterSpec& inverter : site.pv_inverters) {
    text += fmt::format("    {:<8} grid-tied PV inverter of another make at {}, {} rated\n", inverter.name,
                        site.plant.inverters[inverter.lane].bus, kilowatts(inverter.rated_ac_w));
  }
  return text;
}

std::string site_text(const Scenario& scenario) {
  const models::Site::Parameters& plant = scenario.site.plant;
  std::string text =
      fmt::format("The site\n  Grid of {:g} V and {:g} Hz", plant.grid.nominal_ln_v, plant.grid.nominal_hz);
  if (plant.grid.split_phase) text += ", split phase";
  if (plant.weather) text += ", sun and weather by the calendar";
  const auto counted = [&text](std::size_t count, const char* what) {
    text += fmt::format(", {} {}{}", count, what, count == 1 ? "" : "s");
  };
  const bool others = !scenario.site.pcs.empty() || !scenario.site.solax.empty();
  if (!others || !scenario.site.inverters.empty()) counted(scenario.site.inverters.size(), "inverter");
  if (!scenario.site.pcs.empty()) counted(scenario.site.pcs.size(), "storage converter");
  if (!scenario.site.solax.empty()) counted(scenario.site.solax.size(), "SolaX inverter");
  text += ":\n";
  for (std::size_t i = 0; i < scenario.site.inverters.size(); ++i) {
    const InverterSpec& inverter = scenario.site.inverters[i];
    text += fmt::format("    {:<8} {} on {} as unit {}, {} rated, battery at {:g} %{}\n", inverter.name, inverter.part,
                        inverter.line, inverter.unit, kilowatts(plant.inverters[i].lane.power_stage.rated_ac_w),
                        100.0 * plant.inverters[i].lane.initial_soc, own_ways(inverter.settings));
  }
  for (const PcsSpec& pcs : scenario.site.pcs) text += pcs_text(pcs, plant);
  text += curves_text(scenario.site);
  text += solax_text(scenario.site);
  if (scenario.site.backup_interface) text += interface_text(*scenario.site.backup_interface, plant);
  text += pv_inverters_text(scenario.site);
  text += single_phase_cables(plant);
  text += "  Loads: ";
  for (std::size_t i = 0; i < plant.loads.size(); ++i) text += (i == 0 ? "" : ", ") + load_text(plant.loads[i]);
  text +=
      fmt::format("{}\n  The meter {} looks at {} and has the registers of {}.\n", plant.loads.empty() ? "none" : "",
                  scenario.site.meter.name, plant.metering.cable, scenario.site.meter.register_map);
  for (const LanClientSpec& client : scenario.lan_clients) {
    const std::string at =
        client.address ? fmt::format(", at {}", text_of(LanAddress{.dhcp = false, .address = *client.address})) : "";
    text += fmt::format("  {} speaks with the controller on its LAN{}.\n", client.name, at);
  }
  return text;
}

std::string ems_text(const std::vector<EmsSpec>& all) {
  std::string text;
  for (const EmsSpec& ems : all) {
    std::string lines;
    for (const std::string& line : ems.lines) lines += (lines.empty() ? "" : ", ") + line;
    const char* const over = ems.over == EmsOver::tcp ? " over Modbus TCP" : "";
    text += fmt::format(
        "{}{} does on {}{} what the timeline says{}.\n", text.empty() ? "" : "  ", ems.name, lines, over,
        ems.polls.empty()
            ? ""
            : fmt::format(", and polls {} block{} of registers", ems.polls.size(), ems.polls.size() == 1 ? "" : "s"));
  }
  return text;
}

std::string leader_text(const FleetLeaderSpec& leader) {
  const controller::FleetSettings& settings = leader.settings;
  std::string text =
      "The leader of the storage converters begins with " +
      text_of(OrderFleet{settings.mode, settings.ac_injection_w, settings.ac_injection_var, settings.grid_import_w});
  if (settings.has_transfer_switch) {
    text += fmt::format("; {} is its transfer switch{}", leader.transfer_switch,
                        settings.islands_by_itself ? ", which it opens by itself when the grid is lost" : "");
  }
  return text + ".\n";
}

std::string controller_text(const controller::Settings& settings) {
  const auto mode = control_mode_names[static_cast<std::size_t>(settings.control_mode)];
  if (std::isnan(settings.export_limit_w)) return "Nobody has entered anything in the controller.\n";
  if (settings.control_mode == controller::ControlMode::off) return "The controller limits nothing.\n";
  if (settings.control_mode == controller::ControlMode::value) {
    return fmt::format("The controller keeps the export to {:g} W.\n", settings.export_limit_w);
  }
  return fmt::format("The controller follows the {} contacts.\n", mode);
}

/// An instant as a column of the drawing.
std::size_t column_of(sim::Time at, sim::Time duration) {
  using Seconds = std::chrono::duration<double>;
  const double share = std::clamp(Seconds(at) / Seconds(duration), 0.0, 1.0);
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(drawing_columns - 1)));
}

/// a, b, ... z; beyond, one sign for all.
char letter_of(std::size_t number) {
  return number < 26 ? static_cast<char>('a' + number) : '+';
}

/// The instants that are known beforehand on a line, a letter each; of those that share a column the first.
std::string axis(const Scenario& scenario) {
  std::string line(drawing_columns, '-');
  for (std::size_t i = scenario.timeline.size(); i-- > 0;) {
    line[column_of(scenario.timeline[i].at, scenario.duration)] = letter_of(i);
  }
  return line;
}

/// Where a check looks; one after a mark that a trigger sets is not known.
std::string check_bar(const Scenario& scenario, const CheckSpec& check) {
  sim::Time origin{0};
  if (!check.window.after.empty()) {
    const auto sets = [&](const TimelineEntry& entry) {
      return std::any_of(entry.actions.begin(), entry.actions.end(), [&](const Action& action) {
        const auto* mark = std::get_if<Mark>(&action);
        return mark != nullptr && mark->name == check.window.after;
      });
    };
    const auto entry = std::find_if(scenario.timeline.begin(), scenario.timeline.end(), sets);
    if (entry == scenario.timeline.end()) return "after " + check.window.after + ", whenever that comes";
    origin = entry->at;
  }
  const std::size_t from = column_of(origin + check.window.from, scenario.duration);
  const std::size_t to =
      column_of(check.window.until ? origin + *check.window.until : scenario.duration, scenario.duration);
  return std::string(from, ' ') + std::string(to - from + 1, '=');
}

std::string drawing(const Scenario& scenario) {
  const std::string end = time_text(scenario.duration);
  std::string text = fmt::format("         0{:>{}}\n  time   {}\n", end, drawing_columns - 1, axis(scenario));
  for (std::size_t i = 0; i < scenario.checks.size(); ++i) {
    text += fmt::format("  {:>5}  {}\n", i + 1, check_bar(scenario, scenario.checks[i]));
  }
  return text;
}

std::string happenings(const Scenario& scenario) {
  std::string text = fmt::format("What happens in {}\n", time_text(scenario.duration));
  if (scenario.timeline.empty() && scenario.triggers.empty()) text += "  Nothing: the site is left to itself.\n";
  for (std::size_t i = 0; i < scenario.timeline.size(); ++i) {
    std::string what;
    for (const Action& action : scenario.timeline[i].actions)
      what += (what.empty() ? "" : "; ") + action_text(action, scenario);
    text += fmt::format("  {} {:>10}  {}\n", letter_of(i), time_text(scenario.timeline[i].at), what);
  }
  for (const TriggerSpec& trigger : scenario.triggers) {
    const bool counted = trigger.times > 1 && trigger.times < TriggerSpec::any_times;
    const std::string often = counted ? fmt::format(", at most {} times", trigger.times) : "";
    text += fmt::format("  {} {}{}:\n", trigger.element == "when" ? "when" : "-", trigger.description, often);
    for (const DelayedAction& delayed : trigger.actions) {
      const std::string later = delayed.delay.count() > 0 ? "+" + time_text(delayed.delay) : "";
      text += fmt::format("    {:>10}  {}\n", later, action_text(delayed.action, scenario));
    }
  }
  return text;
}

std::string expectations(const Scenario& scenario) {
  std::string text = "What must hold\n";
  for (std::size_t i = 0; i < scenario.checks.size(); ++i) {
    const CheckSpec& check = scenario.checks[i];
    text += fmt::format("  {:>3}. {}{}\n", i + 1, check.description,
                        check.requirement.empty() ? "" : "   [" + check.requirement + "]");
    if (!check.why.empty()) text += fmt::format("       {}\n", check.why);
  }
  return text;
}

std::string energy_manager_text(const SiteSpec& site) {
  const auto primary = std::find_if(site.solax.begin(), site.solax.end(), [](const SolaxSpec& each) {
    return each.parallel.role == sim::ParallelRole::primary;
  });
  if (primary == site.solax.end()) return "No inverter is the primary.\n";
  const double limit_w = primary->settings.delivered.export_limit_w;
  // As delivered it is far beyond what inverters of a home can give.
  const bool limited = limit_w < sim::SolaxSettings::Values{}.export_limit_w;
  return fmt::format("The energy manager is in {}, with {}.\n", primary->name,
                     limited ? fmt::format("an export limit of {:g} W", limit_w) : "no export limit");
}

std::string in_charge(const Scenario& scenario) {
  if (!scenario.site.solax.empty() && scenario.ems.empty()) return energy_manager_text(scenario.site);
  if (!scenario.site.solax.empty()) return energy_manager_text(scenario.site) + "  " + ems_text(scenario.ems);
  if (scenario.leader) return leader_text(*scenario.leader);
  return scenario.ems.empty() ? controller_text(scenario.controller) : ems_text(scenario.ems);
}

}  // namespace

std::string explain(const Scenario& scenario) {
  return fmt::format("{}\n  {}\n\n{}  {}\n{}\n{}\n{}", scenario.name, scenario.purpose, site_text(scenario),
                     in_charge(scenario), happenings(scenario), drawing(scenario), expectations(scenario));
}

}  // namespace hil::harness
