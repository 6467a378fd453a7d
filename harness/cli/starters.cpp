#include "harness/cli/starters.h"

#include <fmt/format.h>

#include <algorithm>

namespace hil::harness {
namespace {

// What each of them says of its parts.
constexpr std::string_view plant =
    R"(The plant: a file of scenarios/sites, and on top of it what is different here. An element with a name of the base
       overrides what it gives; any other is added.)";
constexpr std::string_view happens = "What happens: at an instant, or when something has come about.";
constexpr std::string_view marks = "A mark names an instant for the checks below.";
constexpr std::string_view holds =
    "What must hold. The signals that there are: hilbench list, with the option signals and this file; the unit is in "
    "the "
    "name.";

constexpr std::string_view head = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- A scenario asks one question. This one runs as it stands; change a part, then:
       hilbench check {name}.xml      every mistake, with its place
       hilbench explain {name}.xml    what it says, in plain English
       hilbench run {name}.xml        the verdict, and results/{name}/report.html
     Everything that can be written here stands in scenarios/README.md. -->
)";

constexpr std::string_view goodwe = R"(<scenario schema="1" name="{name}" duration_s="120" seed="7">
  <purpose>Does the site keep its export limit when a 6 kW heater goes on and off?</purpose>

  <!-- {plant} -->
  <site extends="sites/goodwe_two_et_400v.xml">
    <inverter name="et1" soc="0.6"/>
    <inverter name="et2" soc="0.6"/>
  </site>

  <!-- As an installer sets it up. -->
  <controller kind="sec1000"><export_limit_w>0</export_limit_w></controller>

  <!-- {happens} {marks} -->
  <timeline>
    <at time_s="30"><switch load="heater" on="true"/><mark name="heater_on"/></at>
    <when signal="grid.import_w" below="500" for_s="5" after="heater_on"><mark name="settled"/></when>
    <after mark="settled" delay_s="20"><switch load="heater" on="false"/><mark name="heater_off"/></after>
  </timeline>

  <!-- {holds} -->
  <expect>
    <never signal="grid.export_w" above="200" longer_than_s="5" why="No export, but for the time to notice"/>
    <settles signal="grid.import_w" to="0" within="150" after="heater_on" in_s="30" until_s="40"/>
  </expect>

  <!-- What the report draws. -->
  <plot title="Power"><signal name="grid.import_w"/><signal name="site.pv_w"/><signal name="site.load_w"/></plot>
</scenario>
)";

constexpr std::string_view sinexcel = R"(<scenario schema="1" name="{name}" duration_s="120" seed="7">
  <purpose>Does a storage converter charge with 40 kW when it is told to, and stop when it is told to?</purpose>

  <!-- {plant} -->
  <site extends="sites/sinexcel_pws1_400v.xml">
    <pcs name="pcs1"><string number="1" soc="0.4"/></pcs>
  </site>

  <!-- The master on the line: it sends what the timeline says, and reads this register again and again. -->
  <ems name="ems" lines="com1"><poll device="pcs1" read="status_word" period_s="0.5"/></ems>

  <!-- {happens} Registers by name or number: hilbench list, with the
       option registers and sinexcel_pws1; values are the raw words, here of 100 W. {marks} -->
  <timeline>
    <at time_s="5"><modbus device="pcs1" write="start" value="1"/><mark name="ordered"/></at>
    <when signal="pcs1.state" above="2.5" after="ordered">
      <modbus device="pcs1" write="set_discharge_w" value="-400"/><mark name="on_the_grid"/>
    </when>
    <at time_s="80"><modbus device="pcs1" write="stop" value="1"/><mark name="stopped"/></at>
  </timeline>

  <!-- {holds} -->
  <expect>
    <settles signal="pcs1.ac_injection_w" to="-40000" within="1000" after="on_the_grid" in_s="10" until_s="40"/>
    <settles signal="pcs1.ac_injection_w" to="0" within="500" after="stopped" in_s="10"/>
    <never signal="ems.unexpected_answers" above="0.5" why="Every order was answered as it should be"/>
  </expect>

  <!-- What the report draws. -->
  <plot title="Power"><signal name="pcs1.ac_injection_w"/><signal name="site.load_w"/><signal name="grid.import_w"/></plot>
</scenario>
)";

constexpr std::string_view solax = R"(<scenario schema="1" name="{name}" duration_s="240" seed="7">
  <purpose>Do two parallel inverters carry the home through an outage, a kettle included, and share the load?</purpose>

  <!-- {plant} The energy manager is in the first inverter: there is no controller. -->
  <site extends="sites/solax_two_a1_bi_240v.xml">
    <solax name="a1" soc="0.7"/>
    <solax name="a2" soc="0.7"/>
    <load name="kettle" part="kettle" bus="home" on="false"/>
  </site>

  <!-- {happens} {marks} -->
  <timeline>
    <at time_s="60"><grid outage="true"/><mark name="outage"/></at>
    <at time_s="90"><switch load="kettle" on="true"/></at>
    <at time_s="120"><grid outage="false"/><mark name="back"/></at>
  </timeline>

  <!-- {holds} -->
  <expect>
    <always signal="bus.home.l1_voltage_ln_rms_v" above="108" below="132" after="outage" from_s="1" until_s="59"/>
    <together signals="a*.ac_injection_w" spread="300" after="outage" from_s="5" until_s="59"/>
    <reaches signal="bi.relay_closed" above="0.5" after="back" no_later_than_s="90" why="Back on the grid, in step"/>
  </expect>

  <!-- What the report draws. -->
  <plot title="Power"><signal name="a*.ac_injection_w"/><signal name="site.load_w"/><signal name="grid.import_w"/></plot>
</scenario>
)";

}  // namespace

const std::vector<Starter>& starters() {
  static const std::vector<Starter> all{{"goodwe", goodwe}, {"sinexcel", sinexcel}, {"solax", solax}};
  return all;
}

std::string starter_text(std::string_view system, std::string_view name) {
  const auto found = std::find_if(starters().begin(), starters().end(),
                                  [system](const Starter& each) { return each.system == system; });
  const std::string text = std::string{head} + std::string{found->parts};
  return fmt::format(fmt::runtime(text), fmt::arg("name", name), fmt::arg("plant", plant), fmt::arg("happens", happens),
                     fmt::arg("marks", marks), fmt::arg("holds", holds));
}

}  // namespace hil::harness
