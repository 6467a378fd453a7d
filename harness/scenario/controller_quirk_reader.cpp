#include "harness/scenario/controller_quirk_reader.h"

#include <fmt/core.h>

#include <chrono>

#include "harness/faults/quirk_kinds.h"
#include "harness/scenario/assuming_reader.h"

namespace hil::harness {
namespace {

constexpr int most_exchanges = 120;  ///< that the controller counts
constexpr int most_every = 1'000'000;

/// A whole number that nobody measured.
void count(AssumingReader& parameters, ElementReader& reader, std::string_view attribute, std::uint32_t& value,
           int lowest, int highest) {
  int given = static_cast<int>(value);
  reader.integer(attribute, given, lowest, highest, Need::optional);
  value = static_cast<std::uint32_t>(given);
  parameters.note(attribute, fmt::format("{}", given));
}

void read_overload(AssumingReader& parameters, ElementReader& reader, controller::LanSettings& lan) {
  controller::LanSettings::Overload overload;
  parameters.seconds("sustained_interval_s", overload.sustained_interval, positive);
  parameters.seconds("sustained_window_s", overload.sustained_window, positive);
  count(parameters, reader, "burst_exchanges", overload.burst_exchanges, 1, most_exchanges);
  parameters.seconds("burst_window_s", overload.burst_window, positive);
  count(parameters, reader, "wrong_answers", overload.wrong_answers, 0, most_every);
  if (reader.sound() && overload.sustained_window / overload.sustained_interval > most_exchanges) {
    reader.fault_between(
        {"sustained_window_s", "sustained_interval_s"},
        fmt::format("sustained_window_s is {}, must be <= {} times sustained_interval_s ({})",
                    in_seconds(overload.sustained_window), most_exchanges, in_seconds(overload.sustained_interval)));
  }
  lan.overload = overload;
}

}  // namespace

void read_controller_quirk(const Element& element, controller::LanSettings& lan, std::vector<Assumed>& assumed,
                           Diagnostics& diagnostics) {
  ElementReader reader{element, diagnostics};
  std::string kind;
  if (!reader.one_of("kind", kind, controller_quirk_names(), "quirks of the controller")) return;
  AssumingReader parameters{reader, "controller: " + kind + " ", "assumed: never measured on a device", &assumed};
  if (kind == "lan_overload") read_overload(parameters, reader, lan);
  if (kind == "lan_stale_inverters_power") {
    controller::LanSettings::StaleInvertersPower stale;
    parameters.seconds("period_s", stale.period, positive);
    count(parameters, reader, "zero_every", stale.zero_every, 0, most_every);
    lan.stale_inverters_power = stale;
  }
  if (kind == "lan_short_answers") {
    lan.short_answer_every = 20;
    count(parameters, reader, "every", lan.short_answer_every, 1, most_every);
  }
  if (kind == "lan_answers_malformed") lan.answers_malformed = true;
  reader.finish();
}

}  // namespace hil::harness
