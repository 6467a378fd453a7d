#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/element_reader.h"
#include "models/load/load_behaviour.h"

namespace hil::harness {

/// What the timeline can tell a load, by the kind of its behaviour: `<command load="wallbox" pilot_a="16"/>`.
struct LoadCommand {
  std::string_view name;  ///< the attribute, with its unit
  Bounds bounds;
  bool automatic;  ///< takes "automatic" as well: the load decides by itself again
  bool (*understood_by)(const models::LoadBehaviour&);
  void (*give)(models::LoadBehaviour&, std::optional<double> value);
};
const std::vector<LoadCommand>& load_commands();
/// nullptr when there is none of that name.
const LoadCommand* find_load_command(std::string_view name);
/// Those that this load understands; none without a behaviour.
std::vector<std::string> commands_of(const std::optional<models::LoadBehaviour>& behaviour);

}  // namespace hil::harness
