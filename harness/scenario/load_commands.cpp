#include "harness/scenario/load_commands.h"

namespace hil::harness {
namespace {

using models::LoadBehaviour;

template <typename Kind>
bool is(const LoadBehaviour& behaviour) {
  return behaviour.as<Kind>() != nullptr;
}

}  // namespace

const std::vector<LoadCommand>& load_commands() {
  static const std::vector<LoadCommand> commands{
      {"pilot_a", Bounds{.lowest = 0.0, .highest = 80.0}, false, is<models::EvCharger>,
       [](LoadBehaviour& load, std::optional<double> value) { load.as<models::EvCharger>()->set_pilot_a(*value); }},
      {"draw_off_l_per_min", Bounds{.lowest = 0.0, .highest = 100.0}, false, is<models::WaterHeater>,
       [](LoadBehaviour& load, std::optional<double> value) {
         load.as<models::WaterHeater>()->set_draw_off_l_per_min(*value);
       }},
      {"duty", ratio, false, is<models::CyclingLoad>,
       [](LoadBehaviour& load, std::optional<double> value) { load.as<models::CyclingLoad>()->set_duty(*value); }},
      {"request", ratio, true, is<models::HeatPump>,
       [](LoadBehaviour& load, std::optional<double> value) { load.as<models::HeatPump>()->command(value); }},
      {"scale", not_negative, false, is<models::ConstantLoad>,
       [](LoadBehaviour& load, std::optional<double> value) {
         load.as<models::ConstantLoad>()->set_scale(*value, *value);
       }},
  };
  return commands;
}

const LoadCommand* find_load_command(std::string_view name) {
  for (const LoadCommand& command : load_commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

std::vector<std::string> commands_of(const std::optional<LoadBehaviour>& behaviour) {
  std::vector<std::string> names;
  for (const LoadCommand& command : load_commands()) {
    if (behaviour && command.understood_by(*behaviour)) names.emplace_back(command.name);
  }
  return names;
}

}  // namespace hil::harness
