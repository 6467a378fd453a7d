#include "harness/scenario/tabulate_reader.h"

#include <fmt/core.h>

#include <utility>

#include "harness/scenario/element_reader.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

void read_shown(const Element& element, TabulateSpec& table, Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  TabulateSpec::Shown shown;
  if (reader.text("name", shown.signals) && !is_signal_pattern(shown.signals)) {
    reader.fault_of("name", fmt::format("name is {}, must be a signal or a pattern such as *.battery_soc",
                                        in_quotes(shown.signals)));
  }
  shown.label = shown.signals;
  reader.text("label", shown.label, Need::optional);
  reader.finish();
  const Attribute* name = element.attribute("name");
  if (!reader.sound()) return;
  table.signal_places.push_back(name == nullptr ? element.place : name->place);
  table.shown.push_back(std::move(shown));
}

}  // namespace

void read_tabulate(const Element& element, const std::vector<std::string>& marks, Scenario& scenario,
                   Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  TabulateSpec table;
  table.place = element.place;
  reader.text("title", table.title);
  reader.text("note", table.note, Need::optional);
  reader.text("rows", table.rows);
  reader.text("row", table.row);
  reader.text("columns", table.columns);
  reader.text("column", table.column);
  reader.one_of("from", table.from, marks, "marks", Need::optional);
  reader.one_of("until", table.until, marks, "marks", Need::optional);
  const std::vector<const Element*> signals = reader.children("signal");
  if (signals.empty()) reader.fault("element <signal> is missing");
  reader.finish();
  for (const Element* signal : signals) read_shown(*signal, table, diagnostics);
  if (!reader.sound()) return;
  for (std::size_t i = 0; i < table.shown.size(); ++i) {
    scenario.records.push_back({table.shown[i].signals, std::nullopt, true, table.signal_places[i]});
  }
  scenario.tables.push_back(std::move(table));
}

}  // namespace hil::harness
