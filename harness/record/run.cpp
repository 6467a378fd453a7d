#include "harness/record/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

#include "harness/checks/bus_evidence.h"
#include "harness/live/libmodbus_client.h"
#include "harness/record/capture_set.h"
#include "harness/record/event_writer.h"
#include "harness/record/number_text.h"
#include "harness/record/output_file.h"
#include "harness/record/recorded_signals.h"
#include "harness/record/results_folder.h"
#include "harness/record/run_json.h"
#include "harness/record/trace_writer.h"
#include "harness/report/html_report.h"
#include "harness/report/junit.h"
#include "harness/report/plots.h"

namespace hil::harness {
namespace {

Verdict verdict_of(const RunResult& result) {
  const auto any = [&](CheckState state) {
    return std::any_of(result.checks.begin(), result.checks.end(),
                       [state](const CheckResult& check) { return check.state == state; });
  };
  if (!result.error.empty()) return Verdict::error;
  // A late bench may have broken a check itself; one that was stopped has not seen all, but what it saw counts.
  if (result.paced && result.paced->too_late()) return Verdict::inconclusive;
  if (any(CheckState::broken)) return Verdict::fail;
  if (result.stopped || (result.paced && result.paced->stopped)) return Verdict::inconclusive;
  const bool all_came = std::none_of(result.triggers.begin(), result.triggers.end(),
                                     [](const TriggerResult& trigger) { return trigger.untested(); });
  if (any(CheckState::untested) || !all_came) return Verdict::untested;
  return Verdict::pass;
}

/// The first reason stays: what follows is its consequence.
void note_error(RunResult& result, const std::string& why) {
  if (result.error.empty()) result.error = why;
}

/// Why a run in paced time proves nothing; empty: it does.
std::string why_inconclusive(const PacedRun& paced, double virtual_s) {
  if (paced.too_late()) {
    return fmt::format("the bench was late: steps by up to {:.3f} ms, answers by up to {:.3f} ms, allowed are {} ms",
                       paced.steps.worst_ms(), paced.answers.worst_ms(), trimmed(paced.late_limit_ms));
  }
  if (paced.stopped) return "stopped by the user at " + trimmed(virtual_s) + " s, before the scenario's end";
  return {};
}

/// Each step and answer that was late, in virtual time.
std::string lateness_csv(const PacedRun& paced) {
  std::string text = "time_s,what,late_ms,own_ms\n";
  for (const LateMoment& moment : paced.moments) {
    text += fmt::format("{:.6f},{},{:.3f},{:.3f}\n", std::chrono::duration<double>(moment.at).count(),
                        moment.answer ? "answer" : "step", std::chrono::duration<double, std::milli>(moment.by).count(),
                        std::chrono::duration<double, std::milli>(moment.own).count());
  }
  return text;
}

std::vector<TriggerResult> trigger_results(const Scenario& scenario, const Bench& bench) {
  std::vector<TriggerResult> results;
  const std::vector<int> fired = bench.triggers_fired();
  for (std::size_t i = 0; i < fired.size(); ++i) {
    const TriggerSpec& spec = scenario.triggers[i];
    results.push_back({spec.element, spec.description, spec.place, spec.optional, fired[i]});
  }
  return results;
}

/// Of an EMS on the network, whose run proves other things than one on a line.
std::string note_on(const EmsSpec& ems) {
  return fmt::format(
      "{} is libmodbus {} over Modbus TCP, one connection to each device on {}: nothing of it is on the wires, and "
      "what "
      "is wrong with them does not reach it; replies come after the turn-around that units have on their lines "
      "(assumed)",
      ems.name, libmodbus_version(), fmt::join(ems.lines, ", "));
}

/// Bench, checks and files of one run; fills in what the run says about itself. `make_ready` is for the folder.
void simulate(const Scenario& scenario, RunResult& result, Drive* drive, const std::function<void()>& make_ready) {
  Bench bench(scenario, drive != nullptr ? drive->wiring() : Bench::Wiring{});
  std::vector<std::unique_ptr<Check>> checks;
  for (const CheckSpec& spec : scenario.checks) checks.push_back(make_check(spec, bench));
  // Holds what checks and plots look at.
  const std::vector<RecordedSignal> recorded = recorded_signals(scenario, bench);
  bench.refresh_only(signals_of(recorded));
  result.never_began = drive != nullptr && !drive->wait();
  if (result.never_began) return;
  make_ready();
  TraceWriter trace(result.folder / results::trace_csv, recorded);
  EventWriter events(result.folder / results::events_csv);
  std::optional<CaptureSet> captures;
  BusEvidence evidence(bench, checks);
  if (scenario.capture) captures.emplace(result.folder / results::captures, scenario.site, bench);

  bench.on_event([&](const Event& event) {
    events.write(event);
    if (captures) captures->note(event);
    for (const auto& check : checks) {
      if (event.kind == "mark") check->marked(event.subject, event.at);
      check->happened(event);
    }
  });
  bench.on_invariant_broken([&](sim::Time at, const std::string& text) {
    note_error(result, "invariant broken at " + time_text(at) + ": " + text);
  });
  // At 0 nothing has been solved yet: voltages that are 0 there are no readings.
  const sim::Time first_step = bench.kernel().step();
  bench.kernel().each_step(sim::StepPhase::checks, [&](sim::Time now) {
    if (now < first_step) return;
    for (const auto& check : checks) check->step(now);
  });
  bench.kernel().each_step(sim::StepPhase::record, [&](sim::Time now) {
    if (now >= first_step) trace.step(now);
    // What cannot be recorded any more is not worth its time.
    if (trace.failed() || events.failed()) bench.end();
  });

  const auto begin = std::chrono::steady_clock::now();
  try {
    if (drive != nullptr) {
      drive->run(bench, scenario, result);
    } else {
      bench.run();
    }
  } catch (const std::exception& error) {
    note_error(result, error.what());
  }
  result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // Without the wait for a controller.
  if (result.paced) result.wall_s = result.paced->real_s;
  result.virtual_s = std::chrono::duration<double>(bench.kernel().now()).count();
  result.steps = bench.kernel().steps();
  if (result.stopped) {
    result.inconclusive = "stopped on request at " + trimmed(result.virtual_s) + " s, before the scenario's end";
  }
  if (result.paced) {
    result.inconclusive = why_inconclusive(*result.paced, result.virtual_s);
    write_whole_file(result.folder / results::lateness_csv, lateness_csv(*result.paced));
  }
  const bool stopped = scenario.ends_early || result.stopped || (result.paced && result.paced->stopped);
  for (std::size_t k = 0; k < checks.size(); ++k) {
    result.checks.push_back(result_at(*checks[k], bench.kernel().now(), stopped));
    result.checks.back().frames = evidence.around(k);
  }
  result.triggers = trigger_results(scenario, bench);
  for (const TriggerResult& trigger : result.triggers) {
    if (trigger.fired == 0) {
      events.write({bench.kernel().now(), "trigger", trigger.element, trigger.description + ": never fired"});
    }
  }

  trace.flush();
  for (const std::string& failure : {trace.failure(), events.failure()}) {
    if (!failure.empty()) note_error(result, failure);
  }
  if (captures) {
    captures->flush();
    if (const std::string failure = captures->failure(); !failure.empty()) note_error(result, failure);
  }
  ContentHash hash = trace.hash();
  hash.update(read_whole_file(result.folder / results::events_csv));
  result.trace_hash = hash.hex();
}

}  // namespace

RunResult::RunResult() = default;
RunResult::RunResult(const RunResult& other) = default;
RunResult::RunResult(RunResult&& other) noexcept = default;
RunResult& RunResult::operator=(const RunResult& other) = default;
RunResult& RunResult::operator=(RunResult&& other) noexcept = default;
RunResult::~RunResult() = default;

const char* bench_version() {
  return HILBENCH_VERSION;
}

RunResult run_scenario(const Scenario& scenario, const std::filesystem::path& folder, const std::string& command_line,
                       const std::filesystem::path& library, Drive* drive) {
  RunResult result;
  result.scenario = scenario.name;
  result.file = scenario.file;
  result.purpose = scenario.purpose;
  result.seed = scenario.seed;
  result.version = bench_version();
  result.command_line = command_line;
  result.library = library.string();
  if (scenario.ems_over) result.ems_over = ems_over_word(*scenario.ems_over);
  for (const EmsSpec& ems : scenario.ems) {
    if (ems.over == EmsOver::tcp) result.notes.push_back(note_on(ems));
  }
  result.folder = folder;
  bool ready = false;
  const auto make_ready = [&] {
    if (ready) return;
    prepare_results_folder(folder);
    ready = true;
    write_whole_file(folder / results::scenario_xml, scenario.resolved_xml);
  };
  try {
    // As early as may be: of a crash nothing must be left that looks like its result.
    if (drive == nullptr || !drive->waits()) make_ready();
    simulate(scenario, result, drive, make_ready);
  } catch (const std::exception& error) {
    note_error(result, error.what());
  }
  if (result.never_began) return result;
  if (!ready) make_ready();  // it broke down before; throws when the folder was the reason
  result.verdict = verdict_of(result);
  write_reports(scenario, result);
  return result;
}

void write_reports(const Scenario& scenario, RunResult& result) {
  const PlotSet plots = make_plots(scenario, result);
  result.plots = plots.files;
  write_html_report(scenario, result, plots);
  write_junit({result}, result.folder / results::junit_xml);
  write_run_json(result, result.folder / results::run_json);
}

}  // namespace hil::harness
