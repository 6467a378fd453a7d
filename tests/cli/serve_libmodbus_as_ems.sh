# libmodbus as the EMS of a converter over a real TCP connection in real time: start, set point, read back, stop; the verdict is
# that of a run in virtual time.
source "$(dirname "$0")/expectations.sh" "$@"
cat >dispatch.xml <<XML
<?xml version="1.0" encoding="UTF-8"?>
<scenario schema="1" name="dispatch" duration_s="60" seed="7">
  <purpose>Written by a test.</purpose>
  <site extends="sites/sinexcel_pws1_400v.xml"/>
  <ems name="ems" lines="com1" over="tcp"/>
  <timeline>
    <when signal="pcs1.ac_injection_w" above="49500"><mark name="feeds"/></when>
    <when signal="pcs1.state" below="1.5" after="feeds"><mark name="stopped"/></when>
  </timeline>
  <expect>
    <never signal="pcs1.ac_injection_w" above="50500"/>
    <settles signal="pcs1.ac_injection_w" to="0" within="500" after="stopped" in_s="5"/>
    <eventually signal="pcs1.ac_injection_w" above="49500"/>
  </expect>
</scenario>
XML
"$hilbench" attach dispatch.xml --tcp pcs1=127.0.0.1:0 --speed 6 --late-limit-ms 5000 --until 50 >attach.out 2>attach.err &
bench=$!
trap 'kill $bench 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  grep -q 'Modbus TCP' attach.out && break
  sleep 0.1
done
tcp=$(sed -n 's/.*pcs1 *Modbus TCP \([0-9.:]*\),.*/\1/p' attach.out)
[ -n "$tcp" ] || { cat attach.out attach.err; fail "attach does not say where pcs1 listens"; }
ems() { expect_exit 0 probe --tcp "$tcp" --unit 1 --map sinexcel_pws1 --timeout 10 "$@"; }

ems read status_word
grep -qE '^53010 +status_word +0' stdout || fail "it runs before its start"
ems write set_discharge_w=50000
ems write start=1
for _ in $(seq 60); do
  ems read ac_injection_w
  grep -qE '^53027 +ac_injection_w +(49[5-9]00|50[0-5]00|50000) W' stdout && break
  sleep 0.1
done
grep -qE '^53027 +ac_injection_w +(49[5-9]00|50[0-5]00) W' stdout || fail "it does not feed 50 kW"
ems write stop=1
for _ in $(seq 30); do
  ems read status_word
  grep -qE '^53010 +status_word +0' stdout && break
  sleep 0.1
done
grep -qE '^53010 +status_word +0' stdout || fail "it does not stop"

timeout 60 tail --pid=$bench -s 0.1 -f /dev/null || fail "attach did not end within 60 s"
wait $bench
code=$?
cp attach.out stdout
cp attach.err stderr
[ $code -eq 0 ] || fail "attach ended with $code, expected 0"
expect_in stdout 'PASS' 'dispatch'

# In process it goes the same way in real time, with the same answers at the same instants as in virtual time.
sed -e 's/name="dispatch" duration_s="60"/name="in_process" duration_s="6"/' -e '/<when /d' -e '/<never /d' -e '/<settles /d' \
  -e 's|<eventually .*|<eventually signal="ems.answers" above="3.5"/><never signal="ems.unexpected_answers" above="0.5"/>|' \
  -e 's|<timeline>|<timeline><at time_s="1"><modbus device="pcs1" write="53622" value="500"/><modbus device="pcs1" read="53622" value="500"/>\
    <modbus device="pcs1" write="40000" value="1" answer="exception_2"/><modbus device="pcs1" pdu="2B 0E 01 00" answer="exception_1"/></at>|' \
  dispatch.xml >in_process.xml
expect_exit 0 run in_process.xml --results virtual
expect_exit 0 attach in_process.xml --controller in-process --meter pty --start-now --speed 6 --late-limit-ms 5000 --results real
expect_in real/in_process/events.csv 'client,pcs1,ems over Modbus TCP: connected'
cmp virtual/in_process/trace.csv real/in_process/trace.csv || fail "real time and virtual time differ"
expect_exit 2 attach in_process.xml --controller in-process --tcp pcs1=127.0.0.1:0
expect_in stderr '--tcp pcs1: ems in process has it on Modbus TCP'
