# From an empty file to a verdict: new, check in its three forms, explain, cases of a sweep, triggers that never come.
source "$(dirname "$0")/expectations.sh" "$@"

expect_exit 0 new first_question.xml
expect_exit 0 check first_question.xml
grep -q . stderr && fail "the starter is warned of"
expect_exit 0 explain first_question.xml
expect_in stdout 'first_question' 'heater on; mark heater_on' 'when grid.import_w below 500 W' '- 20 s after settled:' 'What must hold'
expect_exit 0 run first_question.xml --results out
expect_in out/first_question/events.csv 'trigger,when,' 'mark,settled,'
expect_exit 2 new first_question.xml
expect_in stderr 'exists already'
expect_exit 2 new Wrong-Name.xml
expect_in stderr 'lower_snake'
expect_exit 2 new nowhere/question.xml

# A starter for each system: sound, passes as it stands.
for system in goodwe sinexcel solax; do
  expect_exit 0 new "of_$system.xml" --system "$system"
  expect_exit 0 check "of_$system.xml"
  grep -q . stderr && fail "the starter of $system is warned of"
  expect_exit 0 run "of_$system.xml" --results out
done
expect_in of_sinexcel.xml 'name="of_sinexcel"' 'hilbench check of_sinexcel.xml' '<ems '
expect_in of_solax.xml '<solax '
expect_exit 2 new other.xml --system growatt
expect_in stderr 'growatt' 'sinexcel'

# All faults at once, wrong signals among them, in the order of the file and at the attribute.
scenario wrong 5 '<never signal="site.laod_w" above="5"/>
    <never signal="site.load_w" abvoe="5" above="1"/>'
expect_exit 2 check wrong.xml
expect_in stderr 'wrong.xml:7:8: <never>: signal "site.laod_w" is unknown; known: site.load_w' '[S003]' \
  'wrong.xml:8:33: <never signal="site.load_w">: unknown attribute abvoe, known: above' '2 faults'
expect_exit 2 check --format json wrong.xml
python3 - <<'PYTHON' || fail "no JSON as it should be"
import json
findings = json.load(open("stdout"))["findings"]
assert [(f["line"], f["column"], f["severity"]) for f in findings] == [(8, 33, "error"), (7, 8, "error")], findings
assert findings[1]["rule"] == "S003"
PYTHON
expect_exit 2 check --format github wrong.xml
expect_in stdout '::error file=wrong.xml,line=8,col=33::<never' '::error file=wrong.xml,line=7,col=8,title=S003::'

# Sites and register maps by themselves.
expect_exit 0 check "$source_dir/scenarios/sites/goodwe_ten_et_400v.xml" "$source_dir/scenarios/registers/goodwe_et_205.xml"
expect_in stdout 'goodwe_ten_et_400v.xml' 'goodwe_et_205.xml'
sed 's/soc="0.60"/soc="1.60"/' "$source_dir/scenarios/sites/goodwe_two_et_400v.xml" >site.xml
expect_exit 2 check site.xml
expect_in stderr 'soc is 1.6, must be 0..1'

# A sweep: each case a scenario of its own, in a folder of its own.
scenario swept 5 '<never signal="site.load_w" above="${bound_w}"/>'
sed -i 's|<site |<parameters><parameter name="bound_w" default="1" unit="W"/></parameters><sweep><list parameter="bound_w" values="1 1e6"/></sweep>&|' swept.xml
expect_exit 0 list swept.xml
expect_in stdout 'swept@bound_w=1 ' 'swept@bound_w=1e6 '
expect_exit 0 explain swept.xml
expect_in stdout 'never above 1 W' 'the first of 2 cases' 'swept@bound_w=1e6'
[ "$(grep -c 'What must hold' stdout)" = 1 ] || fail "explains more than the first case"
expect_exit 0 explain swept.xml --case swept@bound_w=1e6
expect_in stdout 'never above 1000000 W'
grep -q 'the first of' stdout && fail "names cases beside the one that it was asked for"
expect_exit 1 run swept.xml --results out
expect_in stdout 'FAIL          swept@bound_w=1 ' 'PASS          swept@bound_w=1e6'
expect_in out/swept@bound_w=1e6/scenario.xml 'above="1e6"'
expect_exit 0 run swept.xml --case swept@bound_w=1e6 --results out
expect_exit 2 run swept.xml --case swept@bound_w=2 --results out
expect_in stderr 'no case "swept@bound_w=2", known: swept@bound_w=1, swept@bound_w=1e6'

# What takes one scenario only says which cases there are.
for command in 'serve swept.xml --pty com1' 'attach swept.xml --com1 pty' 'parity swept.xml'; do
  expect_exit 2 $command
  expect_in stderr "swept.xml: ${command%% *} takes one scenario, --case names it: swept@bound_w=1, swept@bound_w=1e6"
done
expect_exit 0 serve swept.xml --case swept@bound_w=1e6 --pty com1 --for 0.2
expect_in stdout 'swept@bound_w=1e6 at 1 x real time'

# A warning is told and forbids nothing.
scenario warned 5 "$holding"
sed -i 's|<site |<parameters><parameter name="unused_w" default="1"/></parameters>&|' warned.xml
expect_exit 0 run warned.xml --results out
expect_in stderr 'warned.xml:4:' 'warning: ' 'unused_w' '[S009]'

# The trace as the scenario wants it: what changes at its instant, others left out.
scenario traced 5 "$holding"
sed -i 's|  <expect>|  <timeline><at time_s="2.345"><controller_power on="false"/></at></timeline>\n&|
        s|  <plot|  <record others="false"><signal name="controller.powered" on_change="true"/><signal name="et1.pv_w" period_s="0.5"/></record>\n&|' traced.xml
expect_exit 0 run traced.xml --results out --vcd
head -1 out/traced/trace.csv >stdout
expect_in stdout 'site.load_w' 'controller.powered' 'et1.pv_w'
grep -q 'grid.import_w' stdout && fail "a signal that nobody asked for"
grep -qE '^2\.350000,(,|0)+$' out/traced/trace.csv || fail "no row of the change: $(grep ^2.3 out/traced/trace.csv)"
grep -q '^2\.500000,' out/traced/trace.csv || fail "no row each half second"

# A trigger that never fires leaves the run untested, unless it is optional.
scenario silent 5 "$holding"
sed -i 's|  <expect>|  <timeline><when signal="site.load_w" above="1e6"><mark name="never"/></when></timeline>\n&|' silent.xml
expect_exit 5 run silent.xml --results out
expect_in stdout 'UNTESTED' '<when> site.load_w above 1000000 W: never fired'
expect_in out/silent/report.html 'Triggers' 'never'
sed -i 's|<when |<when optional="true" |' silent.xml
expect_exit 0 run silent.xml --results out
