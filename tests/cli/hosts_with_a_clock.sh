# hilcontroller with its time from the bench: cases of a sweep in parity, how both end, and what an attached controller cannot be
# asked for. usage: hosts_with_a_clock.sh HILBENCH SOURCE HILCONTROLLER
source "$(dirname "$0")/expectations.sh" "$@"
hilcontroller=$3
bench= controller=
trap 'kill -KILL $bench $controller 2>/dev/null; rm -rf "$work"' EXIT

# One case of a sweep; the case's settings are those that its hosts get.
scenario swept 20 "$holding"
sed -i 's|<site |<parameters><parameter name="limit_w" default="0" unit="W"/><parameter name="on_s" default="3"/></parameters>\n<sweep><list parameter="limit_w" values="0 -500"/><list parameter="on_s" values="3 5"/></sweep>&|
        s|<export_limit_w>0<|<export_limit_w>${limit_w}<|
        s|  <expect>|  <timeline><at time_s="${on_s}"><mark name="on"/></at></timeline>\n&|' swept.xml
expect_exit 2 parity swept.xml --stepped --controller "$hilcontroller"
expect_in stderr 'swept.xml: parity takes one scenario, --case names it: swept@limit_w=0,on_s=3, swept@limit_w=0,on_s=5, swept@limit_w=-500,on_s=3'
expect_exit 2 parity swept.xml --case swept@limit_w=1,on_s=3 --stepped --controller "$hilcontroller"
expect_in stderr 'no case "swept@limit_w=1,on_s=3", known: swept@limit_w=0,on_s=3'
[ ! -e results ] || fail "results were written"
case=swept@limit_w=-500,on_s=5
for quick in '' --quick; do
  expect_exit 0 parity swept.xml --case $case --stepped $quick --controller "$hilcontroller" --results out
  grep -qx agree stdout || fail "it does not agree"
  expect_in "out/${case}_parity/hilcontroller/$case/events.csv" '5.000000,mark,on'
  expect_in "out/${case}_parity/in_process/$case/events.csv" '5.000000,mark,on'
  expect_in "out/${case}_parity/settings.json" '"export_limit_w": -500'
done
# A long name does not make the path of the controller's socket too long.
long=$(printf 'a%.0s' {1..64})
sed "s|name=\"swept\"|name=\"$long\"|" swept.xml >long_name.xml
expect_exit 0 parity long_name.xml --case "$long@limit_w=0,on_s=3" --stepped --quick --controller "$hilcontroller" --results "$work/out"
grep -qx agree stdout || fail "a case with a long name does not agree"
expect_exit 0 parity swept.xml --case $case --write-board-settings site.h
expect_in site.h 'settings.export_limit_w = -500'

# attached NAME: bench and controller in the background.
attached() {
  "$hilbench" attach "$1.xml" --com1 pty:com1 --meter pty:com4 --clock pty:clock >stdout 2>stderr &
  bench=$!
  for _ in $(seq 600); do
    [ -e clock ] && [ -e com1 ] && [ -e com4 ] && break
    sleep 0.05
  done
  [ -e clock ] || fail "attach opened no clock within 30 s"
  "$hilcontroller" --clock clock --com1 com1 --meter com4 --settings "out/${case}_parity/settings.json" --socket status \
    2>controller.log &
  controller=$!
}
# collected PROCESS: waits for its end. Its number may then be another's, so it is forgotten; what it ended with is returned.
collected() {
  wait "$1" 2>/dev/null
  local code=$?
  [ "$1" != "$bench" ] || bench=
  [ "$1" != "$controller" ] || controller=
  return $code
}
# ended PROCESS WHAT CODE
ended() {
  timeout 60 tail --pid="$1" -s 0.1 -f /dev/null || fail "$2 did not end within 60 s"
  collected "$1"
  local code=$?
  [ $code -eq "$3" ] || { cat controller.log; fail "$2 ended with $code, expected $3"; }
}
# under_way: until the run has recorded something.
under_way() {
  for _ in $(seq 600); do
    [ -s results/long/trace.csv ] && return
    sleep 0.05
  done
  fail "the run did not begin within 30 s"
}
# A run that comes to its end, one that somebody stops: the controller is told.
scenario short 20 "$holding"
attached short
ended $bench attach 0
ended $controller hilcontroller 0
expect_in controller.log 'the bench has ended its run after 20 s: '
[ "$(grep -c 'ended' controller.log)" -eq 1 ] || fail "the end is told twice: $(cat controller.log)"
scenario long 8640000 "$holding"
attached long
under_way
kill -INT $bench
ended $bench attach 4
ended $controller hilcontroller 0
expect_in controller.log 'the bench has ended its run after '
# A bench that breaks off tells nobody.
rm -rf results/long
attached long
under_way
kill -KILL $bench
collected $bench
ended $controller hilcontroller 3
expect_in controller.log 'hilcontroller: the bench that says the time is gone without "e", its last words are "t '
rm -f clock com1 com4
# A controller that breaks off is missed at once.
rm -rf results/long
attached long
under_way
kill -KILL $controller
collected $controller
begun=$SECONDS
ended $bench attach 3
[ $((SECONDS - begun)) -lt 20 ] || fail "it took $((SECONDS - begun)) s to be missed"
expect_in stdout 'the controller has closed the clock' 'before the run was over'

# What the controller in process says of itself nobody else does: each place is named, and nothing runs.
scenario watches 20 '    <never signal="controller.finding.ct_rotated" above="0"/>'
sed -i 's|  <plot|  <record><signal name="controller.state"/></record>\n&|
        s|  <expect>|  <timeline><when signal="controller.scan_done" above="0.5" optional="true"><mark name="done"/></when></timeline>\n&|' watches.xml
needs='needs the controller in process, which attach leaves out, for parity too; run has it [S003]'
rm -rf results
for command in "attach watches.xml --com1 pty" "parity watches.xml --stepped --controller $hilcontroller"; do
  expect_exit 2 $command
  expect_in stderr "<never>: signal \"controller.finding.ct_rotated\" $needs" "<signal>: signal \"controller.state\" $needs" \
    "<when>: signal \"controller.scan_done\" $needs"
  for place in 6: 8: 10:; do
    grep -q "^watches.xml:$place" stderr || fail "nothing of line $place"
  done
  [ "$(wc -l <stderr)" -eq 3 ] || fail "more than one line for each"
done
[ ! -e results ] || fail "results were written"
expect_exit 0 check watches.xml
expect_exit 0 parity watches.xml --write-board-settings site.h
# Another name stays what it is.
sed -i 's|controller.finding.ct_rotated|controler.finding.ct_rotated|' watches.xml
expect_exit 2 attach watches.xml --com1 pty
expect_in stderr 'signal "controler.finding.ct_rotated" is unknown'

# One that asks once and never again, as an image that waits for the bench's time, and one that is set up for another site.
# asked FRAME...: bench at 4 times real time, and each frame on com1, a second of it after the other.
asked() {
  "$hilbench" attach asked.xml --com1 pty:com1 --speed 4 --late-limit-ms 5000 >stdout 2>stderr &
  bench=$!
  for _ in $(seq 600); do
    grep -q 'waiting for' stdout && break
    sleep 0.05
  done
  local frame
  for frame in "$@"; do
    printf '%b' "$frame" >com1
    sleep 0.05
  done
  ended $bench attach 0
  tr -s ' \n' ' ' <stdout >wrapped
}
scenario asked 12 "$holding"
unit_1='\x01\x03\x8c\xb3\x00\x01\x5f\x7d'
unit_7='\x07\x03\x8c\xb3\x00\x01\x5f\x1b'
asked "$unit_1"
expect_in wrapped "no line heard more than one request: does the controller wait for the bench's time, as the board's ..._stepped.elf does? It needs --clock"
asked "$unit_7" "$unit_7"
expect_in wrapped "com1: the controller asked et1 unit 1 never, et2 unit 2 never, but unit 7 2 times: is it, or the board's image, set up for this site?"
grep -q 'no line heard more' wrapped && fail "two explanations"
# Register 0 is none of an ET's.
elsewhere='\x01\x03\x00\x00\x00\x01\x84\x0a'
asked "$elsewhere" "$elsewhere"
expect_in wrapped "com1: et1 unit 1 refused each of 2 requests, the last one of function 3: does the controller expect another register map?"
exit 0
