#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "harness/scenario/site_reader.h"

namespace hil::harness {
namespace {

using Protection = models::InterfaceProtection;

constexpr Bounds trip_delay_s{.lowest = 0.0, .highest = 3600.0};

struct Kind {
  const char* word;  ///< what its attributes begin with
  const char* unit;
  const char* title;
  Protection::Stages Protection::Parameters::*stages;
  bool above;
  Bounds bounds;
};
constexpr std::array kinds{
    Kind{"ov", "pu", "overvoltage", &Protection::Parameters::overvoltage, true, {.lowest = 1.0, .highest = 2.0}},
    Kind{"uv",
         "pu",
         "undervoltage",
         &Protection::Parameters::undervoltage,
         false,
         {.lowest = 0.0, .highest = 1.0, .lowest_excluded = true}},
    Kind{"of", "hz", "overfrequency", &Protection::Parameters::overfrequency, true, {.lowest = 40.0, .highest = 70.0}},
    Kind{"uf",
         "hz",
         "underfrequency",
         &Protection::Parameters::underfrequency,
         false,
         {.lowest = 40.0, .highest = 70.0}}};

/// Places in the list, nearest to nominal first: codes list them either way.
std::array<std::size_t, Protection::max_stages> outwards(const Protection::Stages& stages, bool above) {
  std::array<std::size_t, Protection::max_stages> places{};
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(stages.size()),
                   [&](std::size_t left, std::size_t right) {
                     const double difference = stages[left].threshold - stages[right].threshold;
                     return above ? difference < 0.0 : difference > 0.0;
                   });
  return places;
}

}  // namespace

void read_trips(const Element& element, SiteReading& reading, models::GridCode* code) {
  ElementReader reader{element, reading.diagnostics};
  Protection::Parameters ignored;
  Protection::Parameters read = code == nullptr ? ignored : code->protection;
  for (const Kind& kind : kinds) {
    Protection::Stages& stages = read.*kind.stages;
    const auto places = outwards(stages, kind.above);
    for (std::size_t stage = 0; stage < Protection::max_stages - 1; ++stage) {
      const std::string threshold = fmt::format("{}{}_{}", kind.word, stage + 1, kind.unit);
      const std::string delay = fmt::format("{}{}_s", kind.word, stage + 1);
      models::TripStage beyond;
      models::TripStage& of = stage < stages.size() ? stages[places[stage]] : beyond;
      const bool gives_threshold = reader.number(threshold, of.threshold, kind.bounds, Need::optional);
      const bool gives_delay = reader.seconds(delay, of.delay, trip_delay_s, Need::optional);
      if (code == nullptr || stage < stages.size() || !(gives_threshold || gives_delay)) continue;
      const std::string& given = gives_threshold ? threshold : delay;
      reader.fault_of(given, fmt::format("{} is given, but the grid code \"{}\" has {} {} {}", given, code->name,
                                         stages.size(), kind.title, stages.size() == 1 ? "stage" : "stages"));
    }
  }
  reader.finish();
  if (code == nullptr) {
    reader.fault("is given without a grid_code, whose trips it would change");
    return;
  }
  if (reader.sound()) code->protection = read;
}

}  // namespace hil::harness
