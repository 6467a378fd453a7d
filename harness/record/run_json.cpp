#include "harness/record/run_json.h"

#include <array>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/record/output_file.h"

namespace hil::harness {
namespace {

using Json = nlohmann::ordered_json;

constexpr int format_version = 1;
constexpr std::array verdict_names{"pass", "fail", "error", "inconclusive", "untested"};
constexpr std::array state_names{"holds", "broken", "untested"};

template <std::size_t Count>
std::size_t index_of(const std::array<const char*, Count>& names, const std::string& name) {
  for (std::size_t i = 0; i < Count; ++i) {
    if (name == names[i]) return i;
  }
  throw std::runtime_error("\"" + name + "\" is unknown");
}

Json to_json(const CheckResult& check) {
  Json json{{"element", check.spec.element},
            {"description", check.spec.description},
            {"requirement", check.spec.requirement},
            {"why", check.spec.why},
            {"file", check.spec.place.file},
            {"line", check.spec.place.line},
            {"column", check.spec.place.column},
            {"state", state_names[static_cast<std::size_t>(check.state)]},
            {"margin", check.margin},  // written as null when it is infinite: JSON has no word for it
            {"margin_unit", check.margin_unit},
            {"worst_at_ns", nullptr},
            {"worst_text", check.worst_text}};
  if (!check.frames.empty()) json["frames"] = check.frames;
  if (check.worst_at) json["worst_at_ns"] = check.worst_at->count();
  return json;
}

Json to_json(const TriggerResult& trigger) {
  return {{"element", trigger.element}, {"description", trigger.description}, {"file", trigger.place.file},
          {"line", trigger.place.line}, {"column", trigger.place.column},     {"optional", trigger.optional},
          {"fired", trigger.fired}};
}

TriggerResult trigger_from(const Json& json) {
  return {json.at("element"),
          json.at("description"),
          {json.at("file"), json.at("line"), json.at("column")},
          json.at("optional"),
          json.at("fired")};
}

Json to_json(const Lateness& lateness) {
  return {{"count", lateness.instants},
          {"late", lateness.late},
          {"early", lateness.early},
          {"median_ms", lateness.quantile_ms(0.5)},
          {"p99_ms", lateness.quantile_ms(0.99)},
          {"p999_ms", lateness.quantile_ms(0.999)},
          {"worst_ms", lateness.worst_ms()},
          {"range_ends_ms", Lateness::range_ends_ms},
          {"in_range", lateness.in_range}};
}

Json to_json(const PacedRun& paced) {
  return {{"speed", paced.speed},
          {"late_limit_ms", paced.late_limit_ms},
          {"steps", to_json(paced.steps)},
          {"answers", to_json(paced.answers)},
          {"stopped", paced.stopped},
          {"scheduling", paced.scheduling},
          {"ports", paced.ports},
          {"dropped_bytes", paced.dropped_bytes},
          {"wake_ups", to_json(paced.wake_ups)},
          {"late_by_itself", paced.late_by_itself},
          {"worst_by_itself_ms", std::chrono::duration<double, std::milli>(paced.worst_by_itself).count()},
          {"processor_s", paced.processor_s},
          {"real_s", paced.real_s}};
}

CheckResult check_from(const Json& json) {
  CheckResult check;
  check.spec.element = json.at("element");
  check.spec.description = json.at("description");
  check.spec.requirement = json.at("requirement");
  check.spec.why = json.at("why");
  check.spec.place = {json.at("file"), json.at("line"), json.at("column")};
  check.state = static_cast<CheckState>(index_of(state_names, json.at("state")));
  const Json& margin = json.at("margin");
  check.margin = margin.is_null() ? -std::numeric_limits<double>::infinity() : margin.get<double>();
  check.margin_unit = json.at("margin_unit");
  if (!json.at("worst_at_ns").is_null()) check.worst_at = sim::Time{json.at("worst_at_ns").get<std::int64_t>()};
  check.worst_text = json.at("worst_text");
  if (json.contains("frames")) check.frames = json.at("frames").get<std::vector<std::string>>();
  return check;
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  return verdict_names.at(static_cast<std::size_t>(verdict));
}

void write_run_json(const RunResult& result, const std::filesystem::path& file) {
  Json json{{"format", format_version},
            {"scenario", result.scenario},
            {"file", result.file},
            {"purpose", result.purpose},
            {"verdict", verdict_name(result.verdict)},
            {"error", result.error},
            {"inconclusive", result.inconclusive},
            {"checks", Json::array()},
            {"plots", Json::array()},
            {"triggers", Json::array()},
            {"trace_hash", result.trace_hash},
            {"virtual_s", result.virtual_s},
            {"wall_s", result.wall_s},
            {"steps", result.steps},
            {"seed", result.seed},
            {"version", result.version},
            {"command_line", result.command_line},
            {"library", result.library},
            {"stepped", result.stepped},
            {"notes", result.notes}};
  if (!result.ems_over.empty()) json["ems_over"] = result.ems_over;
  for (const CheckResult& check : result.checks) json["checks"].push_back(to_json(check));
  for (const PlotFile& plot : result.plots) {
    json["plots"].push_back({{"title", plot.title}, {"file", plot.file}, {"signals", plot.signals}});
  }
  for (const TriggerResult& trigger : result.triggers) json["triggers"].push_back(to_json(trigger));
  if (result.paced) json["paced"] = to_json(*result.paced);
  // `replace`: the text of a crash may hold any bytes.
  write_whole_file(file, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

RunResult read_run_json(const std::filesystem::path& file) {
  try {
    const Json json = Json::parse(read_whole_file(file));
    RunResult result;
    result.scenario = json.at("scenario");
    result.file = json.at("file");
    result.purpose = json.at("purpose");
    result.verdict = static_cast<Verdict>(index_of(verdict_names, json.at("verdict")));
    result.error = json.at("error");
    result.inconclusive = json.at("inconclusive");
    for (const Json& check : json.at("checks")) result.checks.push_back(check_from(check));
    for (const Json& plot : json.at("plots")) {
      result.plots.push_back({plot.at("title"), plot.at("file"), plot.at("signals")});
    }
    for (const Json& trigger : json.at("triggers")) result.triggers.push_back(trigger_from(trigger));
    result.trace_hash = json.at("trace_hash");
    result.virtual_s = json.at("virtual_s");
    result.wall_s = json.at("wall_s");
    result.steps = json.at("steps");
    result.seed = json.at("seed");
    result.version = json.at("version");
    result.command_line = json.at("command_line");
    result.library = json.at("library");
    // Results of an earlier version have none.
    result.stepped = json.value("stepped", false);
    result.ems_over = json.value("ems_over", std::string{});
    result.notes = json.value("notes", std::vector<std::string>{});
    result.folder = file.parent_path();
    return result;
  } catch (const std::exception& error) {
    throw std::runtime_error(file.string() + ": " + error.what());
  }
}

}  // namespace hil::harness
