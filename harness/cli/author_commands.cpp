#include <fmt/format.h>

#include <ostream>

#include "harness/cli/commands.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/inputs.h"
#include "harness/record/output_file.h"
#include "harness/report/explanation.h"
#include "harness/scenario/names.h"

namespace hil::harness {
namespace {

/// A scenario that passes as it stands, with a word on each part.
constexpr const char* starter = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- A scenario asks one question. This one runs as it stands; change a part, then:
       hilbench check {0}.xml      every mistake, with its place
       hilbench explain {0}.xml    what it says, in plain English
       hilbench run {0}.xml        the verdict, and results/{0}/report.html
     Everything that can be written here stands in scenarios/README.md. -->
<scenario schema="1" name="{0}" duration_s="120" seed="7">
  <purpose>Does the site keep its export limit when a 6 kW heater goes on and off?</purpose>

  <!-- The plant: a file of scenarios/sites, and on top of it what is different here. An element with a name of the base
       overrides what it gives; any other is added. -->
  <site extends="sites/goodwe_two_et_400v.xml">
    <inverter name="et1" soc="0.6"/>
    <inverter name="et2" soc="0.6"/>
  </site>

  <!-- As an installer sets it up. -->
  <controller kind="sec1000"><export_limit_w>0</export_limit_w></controller>

  <!-- What happens: at an instant, or when something has come about. A mark names an instant for the checks below. -->
  <timeline>
    <at time_s="30"><switch load="heater" on="true"/><mark name="heater_on"/></at>
    <when signal="grid.import_w" below="500" for_s="5" after="heater_on"><mark name="settled"/></when>
    <after mark="settled" delay_s="20"><switch load="heater" on="false"/><mark name="heater_off"/></after>
  </timeline>

  <!-- What must hold. The signals that there are: hilbench list, with the option signals and this file; the unit is in the name. -->
  <expect>
    <never signal="grid.export_w" above="200" longer_than_s="5" why="No export, but for the time to notice"/>
    <settles signal="grid.import_w" to="0" within="150" after="heater_on" in_s="30" until_s="40"/>
  </expect>

  <!-- What the report draws. -->
  <plot title="Power"><signal name="grid.import_w"/><signal name="site.pv_w"/><signal name="site.load_w"/></plot>
</scenario>
)";

}  // namespace

int new_command(const std::filesystem::path& file, Console console) {
  const std::string name = file.stem().string();
  std::error_code error;
  std::string fault;
  if (file.extension() != ".xml" || !is_lower_snake(name)) {
    fault = "must be lower_snake.xml: the scenario bears the file's name";
  } else if (std::filesystem::exists(file, error)) {
    fault = "exists already, nothing was written";
  } else if (file.has_parent_path() && !std::filesystem::is_directory(file.parent_path(), error)) {
    fault = "its folder does not exist";
  }
  if (!fault.empty()) {
    console.err << file.string() << ": " << fault << '\n';
    return exit_bad_input;
  }
  write_whole_file(file, fmt::format(fmt::runtime(starter), name));
  console.out << "wrote " << file.string() << "; next: hilbench check " << file.string() << '\n';
  return exit_pass;
}

int explain_command(const std::filesystem::path& file, const std::string& case_name,
                    const std::filesystem::path& library, Console console) {
  const Inputs inputs = read_inputs({file}, library_folder(library), case_name);
  for (const std::string& fault : inputs.faults) console.err << fault << '\n';
  if (!inputs.faults.empty()) return exit_bad_input;
  for (std::size_t i = 0; i < inputs.scenarios.size(); ++i) {
    console.out << (i == 0 ? "" : "\n") << explain(inputs.scenarios[i]);
  }
  return exit_pass;
}

}  // namespace hil::harness
