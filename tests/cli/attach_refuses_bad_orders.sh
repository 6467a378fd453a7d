# What attach cannot open is exit 2, with what could be; nothing is written.
source "$(dirname "$0")/expectations.sh" "$@"
bench=
trap 'kill -KILL $bench 2>/dev/null; rm -rf "$work"' EXIT
scenario good 60 "$holding"
expect_exit 2 attach good.xml
expect_in stderr 'nothing to attach, needs --com1, --com2, --com3, --com4, --meter, --tcp, --can or --lan'
expect_exit 2 attach good.xml --com2 pty
expect_in stderr '--com2 pty: the scenario has no such line, its lines: com1, com4'
expect_exit 2 attach good.xml --com4 pty --meter pty
expect_in stderr '--meter pty: com4 is attached twice'
expect_exit 2 attach good.xml --com1 pty:
expect_in stderr 'no link behind the colon'
expect_exit 2 attach good.xml --com1 /dev/null:9601
expect_in stderr 'baud is none that a serial port has, must be 1200'
expect_exit 2 attach good.xml --com1 /dev/null:9600,7E1
expect_in stderr 'format is "7E1", must be 8N1'
expect_exit 2 attach good.xml --com1 :9600
expect_in stderr 'no path, must be pty, pty:LINK or PATH[:BAUD[,FORMAT]]'
expect_exit 2 attach good.xml --com1 "$work/missing"
expect_in stderr "$work/missing: No such file or directory"
expect_exit 2 attach good.xml --com1 /dev/null
expect_in stderr '/dev/null: is no serial port'
expect_exit 2 attach good.xml --com1 pty --speed 0
expect_exit 2 attach good.xml --com1 pty --late-limit-ms 0
expect_exit 2 attach good.xml --tcp et9=127.0.0.1:0
expect_in stderr '--tcp et9=127.0.0.1:0: unknown device, known: et1, et2, meter'
expect_exit 2 attach good.xml --tcp et1
expect_in stderr '--tcp et1: must be DEVICE=ADDRESS:PORT, as et1=127.0.0.1:1502'
expect_exit 2 attach good.xml --lan 127.0.0.1:0
expect_in stderr 'needs --controller in-process'
expect_exit 2 attach good.xml --controller in-process --lan nowhere
expect_in stderr '--lan nowhere: must be ADDRESS:PORT'
# CAN: of a scenario that has one, and an interface that is there. A kernel without CAN says that of any name.
expect_exit 2 attach good.xml --can vcan0
expect_in stderr '--can vcan0: the scenario has no CAN, must be one with SolaX inverters in <parallel>'
solax="$source_dir/scenarios/solax/share_heater_step.xml"
for refused in 'nosuchcan0:does not exist, must be a CAN interface that is up; there are: ' \
  'lo:is none of CAN, must be a CAN interface that is up; there are: ' \
  'a_name_beyond_all:has a name of 17 characters, must be 1..15'; do
  name=${refused%%:*}
  expect_exit 2 attach "$solax" --can "$name"
  grep -qF "CAN interface $name: ${refused#*:}" stderr ||
    grep -qF "CAN interface $name: this kernel has no CAN sockets, must be a Linux with SocketCAN" stderr ||
    fail "not told why $name is not opened: $(cat stderr)"
done
# An empty word does not stand for "not attached".
for option in --com1 --com3 --meter --tcp --can --lan; do
  expect_exit 2 attach good.xml --com2 pty $option ''
  expect_in stderr "$option" 'the word behind it is empty'
done
expect_exit 2 attach good.xml --case good@a=1 --com1 pty
expect_in stderr 'no case'
# No label of a host's name has more than 63 characters.
nobody=$(printf 'x%.0s' {1..70})
expect_exit 2 attach good.xml --tcp "et1=$nobody:1502"
expect_in stderr "--tcp et1=$nobody:1502: no IPv4 address is known of \"$nobody\""
expect_exit 2 attach good.xml --com1 "tcp:$nobody:4001"
expect_in stderr "--com1 tcp:$nobody:4001: no IPv4 address is known of \"$nobody\""
# What only the controller in process says of itself cannot be watched when it is left out.
sed 's|</expect>|<never signal="controller.finding.ct_rotated" above="0"/></expect>|' good.xml >watches.xml
expect_exit 2 attach watches.xml --com1 pty
expect_in stderr 'watches.xml:' '<never>: signal "controller.finding.ct_rotated" needs the controller in process, which attach leaves out'
expect_exit 2 attach missing.xml --com1 pty
expect_in stderr 'missing.xml: does not exist'
echo precious >com1
expect_exit 2 attach good.xml --com1 pty:com1
[ "$(cat com1)" = precious ] || fail "the file was overwritten"
[ ! -e results ] || fail "results were written"

# begun TEXT OPTIONS...: attach in the background, until it has said TEXT.
begun() {
  local said=$1
  shift
  : >stdout  # or what was said before would do
  "$hilbench" attach good.xml --com1 pty "$@" >stdout 2>stderr &
  bench=$!
  for _ in $(seq 600); do
    grep -qF "$said" stdout && break
    kill -0 $bench 2>/dev/null || break
    sleep 0.05
  done
  grep -qF "$said" stdout || fail "attach ended, or 30 s went by, before it said: $said"
  grep -q 'com4  *not attached: nobody polls meter unit 1' stdout || fail "attach does not say that com4 is not attached"
}
waiting="waiting for the controller's first request"
running='mark under_way'
# marked: an event tells when the scenario runs.
marked() {
  sed -i 's|^  <expect>|  <timeline><at time_s="0.5"><mark name="under_way"/></at></timeline>\n&|' good.xml
}
# ended CODE: the bench ends by itself, or by what it was sent, with CODE.
ended() {
  timeout 60 tail --pid=$bench -s 0.1 -f /dev/null || fail "attach did not end within 60 s"
  wait $bench
  local code=$?
  [ $code -eq "$1" ] || fail "attach ended with $code, expected $1"
}
interrupted() {
  kill -INT $bench
  ended 4
}
marked
# Ctrl-C while it waits: nothing has run, and there is no report.
begun "$waiting"
interrupted
expect_in stdout "good: ended before the controller's first request; nothing ran, no report was written"
[ ! -e results/good/run.json ] && [ ! -e results/good/trace.csv ] || fail "a report or a trace was written"
# While it runs: a report, and a verdict that proves nothing.
begun "$running" --start-now --late-limit-ms 5000
interrupted
expect_in stdout 'INCONCLUSIVE' "before the scenario's end" 'report results/good/report.html'
grep -q '"verdict": "inconclusive"' results/good/run.json || fail "run.json has another verdict"
# The report of that run stays whole until the next one has begun.
find results -type f -exec sha256sum {} + >before
begun "$waiting"
sha256sum --quiet -c before || fail "the earlier report was touched while attach waited"
interrupted
sha256sum --quiet -c before || fail "the earlier report was touched"
expect_in stdout 'results/good is as the run before it left it'

# Nobody asks and nobody expects it: the scenario plays to its end and passes. --speed shortens it.
scenario good 5 "$holding"
expect_exit 0 attach good.xml --com1 pty --start-now --speed 20 --late-limit-ms 5000
expect_in stdout 'PASS' 'ran 5 s'
expect_in results/good/report.html 'Paced time' 'late by'
# What the timeline orders of a controller that is not here is told at the start, as it comes, and in the report.
sed -e 's|^  <expect>|  <lan_client name="ha"/>\n  <timeline><at time_s="1"><contact name="drm5" closed="true"/><fault kind="lan_split" target="ha"/></at><at time_s="2"><modbus device="et1" read="35010"/></at></timeline>\n&|' good.xml >contact.xml
sed -i 's|name="good"|name="contact"|' contact.xml
expect_exit 0 attach contact.xml --com1 pty --tcp et1=localhost:0 --start-now --speed 20 --late-limit-ms 5000
expect_in stdout 'et1   Modbus TCP 127.0.0.1:' 'warning: contact drm5 closes at 1 s: the bench drives none, close it by hand' \
  'warning: fault lan_split of the LAN client ha at 1 s: it does not reach this controller' \
  'contact controller.contact.drm5 closed (no controller here: by hand)' 'modbus et1 read 35010'
grep -q 'warning: .*35010' stdout && fail "the maker's program is the bench's, it needs nobody's line"
expect_in results/contact/report.html 'contact drm5 closes at 1 s: the bench drives none, close it by hand'
# A bench that the machine does not let run for 0.3 s is late by that much, whatever its checks say.
scenario good 8 "$holding"
marked
begun "$running" --start-now --late-limit-ms 250 --results late
kill -STOP $bench
sleep 0.3
kill -CONT $bench
ended 4
expect_in stdout 'INCONCLUSIVE' 'the bench was late: steps by up to' 'are 250 ms' 'holds'
# Where the machine stands still as well it is more; the bench itself took next to nothing of it.
grep -qE '^[0-9.]+,step,(2[5-9][0-9]|[3-9][0-9]{2}|[0-9]{4,})\.[0-9]{3},[0-9]\.[0-9]{3}$' late/good/lateness.csv || fail "lateness.csv does not hold the late step"
