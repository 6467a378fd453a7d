#include "harness/scenario/record_reader.h"

#include <fmt/core.h>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

constexpr Bounds period_bounds{.lowest = 0.001, .highest = 86400.0};

void read_signal(const Element& element, Scenario& scenario, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  RecordSpec record;
  if (reader.text("name", record.signals) && !is_signal_pattern(record.signals)) {
    reader.fault_of("name", fmt::format("name is {}, must be a signal or a pattern such as *.battery_soc",
                                        in_quotes(record.signals)));
  }
  sim::Time period{0};
  if (reader.seconds("period_s", period, period_bounds, Need::optional)) {
    record.period = period;
    if (period % scenario.step != sim::Time{0}) {
      reader.fault_of("period_s", fmt::format("period_s is {}, must be a multiple of the step ({} s)",
                                              in_seconds(period), in_seconds(scenario.step)));
    }
  }
  reader.flag("on_change", record.on_change, Need::optional);
  reader.finish();
  const Attribute* name = element.attribute("name");
  record.place = name == nullptr ? element.place : name->place;
  if (reader.sound()) scenario.records.push_back(std::move(record));
}

}  // namespace

void read_record(const Element& element, Scenario& scenario, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  reader.flag("others", scenario.record_others, Need::optional);
  const std::vector<const Element*> signals = reader.children("signal");
  reader.finish();
  if (signals.empty() && scenario.record_others) reader.fault("element <signal> is missing");
  for (const Element* signal : signals) read_signal(*signal, scenario, diagnostics);
}

}  // namespace hil::harness
