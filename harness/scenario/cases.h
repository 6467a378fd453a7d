#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/scenario/diagnostics.h"
#include "harness/scenario/parameters.h"
#include "harness/scenario/xml_document.h"

namespace hil::harness {

/// One of the scenarios that a file stands for: bases merged in, parameters filled in, without its sweep.
struct ScenarioCase {
  std::string key;                ///< what its sweep gave it: "load_w=6000,soc=0.5"; empty: the file has no sweep
  std::vector<Parameter> values;  ///< of all parameters
  Element root;
};

/// What the runner and its results folder call a case: "heater_step@load_w=6000,soc=0.5". Plain characters only.
std::string case_name(const std::string& scenario, const std::string& key);

/// All cases of a scenario's root element, in the order of its sweep; one without a sweep. Reads base scenarios but
/// nothing else; the same content gives the same cases. Empty when anything of that was wrong.
std::vector<ScenarioCase> cases_of(const Element& root, const std::filesystem::path& file,
                                   const std::filesystem::path& library, Diagnostics& diagnostics);

}  // namespace hil::harness
