# The scenarios of an EMS with libmodbus over Modbus TCP in its place: same checks, virtual time, the same bytes each time.
source "$(dirname "$0")/expectations.sh" "$@"

# Left as they are: those of our leader, and the one that says which of its EMSs goes which way.
scenarios=("$source_dir"/scenarios/sinexcel/*.xml)
[ "$(grep -l '<bus ' "${scenarios[@]}" | wc -l)" -ge 3 ] || fail "no scenario looks at what is asked"
[ "$(grep -l '<ems ' "${scenarios[@]}" | wc -l)" -ge 20 ] || fail "found only ${#scenarios[@]} scenarios"
expect_exit 0 run "${scenarios[@]}" --ems-over tcp --results tcp --shard "${3:-1/1}"
grep -qE '^([0-9]+) scenarios: \1 pass$' stdout || fail "not all passed"
expect_in stdout '--ems-over tcp: as they are, without an <ems> or with several that go both ways: fleet_' ', two_ways'

cp "$source_dir/scenarios/sinexcel/start_and_stop.xml" .
expect_exit 0 run start_and_stop.xml --ems-over tcp --results tcp
expect_in stdout 'PASS  start_and_stop' 'libmodbus' 'Modbus TCP'
expect_in tcp/start_and_stop/run.json '"ems_over": "tcp"' 'one connection to each device on com1'
expect_in tcp/start_and_stop/report.html '--ems-over tcp' 'over Modbus TCP'
expect_in tcp/start_and_stop/scenario.xml 'over="tcp"'
expect_in tcp/start_and_stop/events.csv 'client,pcs1,ems over Modbus TCP: connected'
# The line heard none of it.
grep -q ',modbus,' tcp/start_and_stop/events.csv || fail "no request is told"
grep -q 'com1 request' tcp/start_and_stop/captures/com1.txt 2>/dev/null && fail "a request on the line"

# <bus> checks of the line see what is asked on the network: a stall breaks them, with the frames of the connection; without a
# request they are untested, and say so.
sed -e 's|name="two_ways"|name="stalled"|' -e '/<bus /d' -e 's|  </expect>|    <bus line="com2" unanswered_at_most="0"/>\n&|' \
  "$source_dir/scenarios/sinexcel/two_ways.xml" >stalled.xml
expect_exit 1 run stalled.xml --results stalled
expect_in stdout 'at most 0 requests on com2 unanswered' '2 unanswered, the last at 37.5 s' \
  'pcs2_tcp request #' 'unit 1: read holding registers 53010 x2'
grep -qE 'BROKEN +-2 requests +at most 0 requests on com2' stdout || fail "the stall is not counted as it is"
sed -e 's|name="two_ways"|name="unasked"|' -e '/<bus /d' -e 's|  </expect>|    <bus line="com4" unanswered_at_most="0"/>\n&|' \
  "$source_dir/scenarios/sinexcel/two_ways.xml" >unasked.xml
expect_exit 5 run unasked.xml --results unasked --junit unasked_junit.xml
expect_in stdout 'no request on com4 began in its window'
expect_in unasked_junit.xml 'untested: no request on com4 began in its window'
expect_in unasked/unasked/report.html 'no request on com4 began in its window'

# The way back, of a file that says tcp: as if it said rtu.
sed 's/lines="com1"/lines="com1" over="tcp"/' start_and_stop.xml >says_tcp.xml
sed -i 's/name="start_and_stop"/name="says_tcp"/' says_tcp.xml
expect_exit 0 run says_tcp.xml --results own
expect_in stdout 'Modbus TCP'
cmp own/says_tcp/trace.csv tcp/start_and_stop/trace.csv || fail "the attribute and the option are not the same"
expect_exit 0 run start_and_stop.xml --results rtu
expect_exit 0 run says_tcp.xml --ems-over rtu --results rtu
cmp rtu/start_and_stop/trace.csv rtu/says_tcp/trace.csv || fail "not back on the line"
cmp -s rtu/start_and_stop/events.csv own/says_tcp/events.csv && fail "events do not tell the way"

# Network faults, among them such as draw: the same bytes twice, in the captures too.
cat >troubled.xml <<XML
<?xml version="1.0" encoding="UTF-8"?>
<scenario schema="1" name="troubled" duration_s="60" seed="7" capture="true">
  <purpose>Written by a test.</purpose>
  <site extends="sites/sinexcel_three_pws1_400v.xml"/>
  <ems name="ems" lines="com1" over="tcp" timeout_s="0.2">
    <poll device="pcs1" read="53010" count="2" period_s="0.1"/><poll device="pcs2" read="53010" period_s="0.3"/>
    <poll device="pcs3" read="53010" period_s="0.3"/>
  </ems>
  <timeline>
    <at time_s="2"><fault kind="tcp_reset" target="pcs1" probability="0.1" for_s="10"/></at>
    <at time_s="14"><fault kind="tcp_jitter" target="pcs1" up_to_s="0.3" for_s="10"/><fault kind="tcp_split" target="pcs1" for_s="10"/></at>
    <at time_s="26"><fault kind="tcp_wrong_transaction" target="pcs1" probability="0.3" for_s="5"/></at>
    <at time_s="32"><fault kind="tcp_half_open" target="pcs1" for_s="2"/></at>
    <at time_s="36"><fault kind="tcp_refused" target="pcs1" for_s="2"/><fault kind="tcp_reset" target="pcs1" when="at_once" for_s="1"/></at>
    <at time_s="40"><fault kind="stuck_driver" target="pcs2"/><fault kind="noise" target="com1" byte_error_rate="0.5"/><fault kind="silence" target="pcs1"/></at>
    <at time_s="50"><modbus device="pcs1" write="53622" value="100"/><modbus device="pcs1" pdu="2B 0E 01 00" answer="exception_1"/></at>
    <at time_s="55"><device_power target="pcs1" on="false"/></at>
    <at time_s="57"><modbus device="pcs1" read="53010" answer="none"/></at>
  </timeline>
  <expect>
    <never signal="ems.unexpected_answers" above="0.5"/>
    <eventually signal="ems.failed_polls" above="20"/>
    <constant signal="pcs2.state" at="1" within="0.1"/>
  </expect>
</scenario>
XML
expect_exit 0 run troubled.xml --results first
expect_exit 0 run troubled.xml --results second
for file in trace.csv events.csv captures/pcs1_tcp.pcapng captures/pcs1_tcp.txt captures/pcs3_tcp.pcapng; do
  cmp "first/troubled/$file" "second/troubled/$file" || fail "$file differs"
done
expect_in first/troubled/events.csv 'reset by the device' 'refused' 'hung up' 'poll of 53010: garbled' 'poll of 53010: values again'
expect_in first/troubled/captures/pcs1_tcp.txt 'wrong_transaction'
if command -v tshark >/dev/null; then
  tshark -r first/troubled/captures/pcs3_tcp.pcapng -Y 'modbus.func_code == 3' -T fields -e ip.dst -e tcp.dstport -e mbtcp.unit_id >decoded 2>tshark.log
  grep -qP '^192\.0\.2\.13\t502\t3$' decoded || { head -3 decoded; fail "tshark finds no request to unit 3"; }
fi

# A scenario without an EMS has none to go another way: it runs as it is beside those that have one; of nobody there is
# nothing to do.
scenario good 5 "$holding"
expect_exit 0 run good.xml start_and_stop.xml --ems-over tcp --results both
expect_in stdout '--ems-over tcp: as they are, without an <ems> or with several that go both ways: good'
expect_in both/start_and_stop/run.json '"ems_over": "tcp"'
grep -q ems_over both/good/run.json && fail "good.xml has no EMS"
expect_exit 2 run good.xml --ems-over tcp --results none
expect_in stderr 'good.xml: --ems-over tcp: needs an <ems>, or several that go one way, which the scenario does not have'
cp good.xml other.xml
sed -i 's/name="good"/name="other"/' other.xml
expect_exit 2 run good.xml other.xml --ems-over tcp --results none
expect_in stderr 'good.xml: --ems-over tcp: needs an <ems>, or several that go one way, which none of the scenarios has'
[ ! -e none/good/trace.csv ] || fail "something ran"
expect_exit 2 run start_and_stop.xml --ems-over udp
# One client of its port at a time.
expect_exit 2 serve says_tcp.xml --tcp pcs1=127.0.0.1:0 --for 1
expect_in stderr '--tcp pcs1: ems in process has it on Modbus TCP'
