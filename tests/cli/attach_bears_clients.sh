# Whoever is attached: a scenario that runs in real time bears clients that die, flood and send byte by byte, two masters on one line,
# and one that never talks; it ends with the verdict, and the report says who was there.
source "$(dirname "$0")/expectations.sh" "$@"
here=$source_dir/tests/cli
bench=
trap 'kill $bench 2>/dev/null; rm -rf "$work"' EXIT

# attached OPTIONS...: in the background, until it says what it opens or waits for.
attached() {
  : >stdout  # or what was said before would do
  "$hilbench" attach good.xml --late-limit-ms 5000 "$@" >stdout 2>stderr &
  bench=$!
  for _ in $(seq 600); do
    grep -qE 'Modbus TCP|LAN of the controller' stdout && return
    kill -0 $bench 2>/dev/null || break
    sleep 0.05
  done
  grep -qE 'Modbus TCP|LAN of the controller' stdout || fail "attach ended, or 30 s went by, before it opened anything"
}
ended() {
  timeout 60 tail --pid=$bench -s 0.1 -f /dev/null || fail "attach did not end within 60 s"
  wait $bench
  local code=$?
  [ $code -eq "$1" ] || fail "attach ended with $code, expected $1"
}

scenario good 20 "$holding"
attached --com1 pty:com1 --tcp et1=127.0.0.1:0 --start-now --capture
tcp=$(sed -n 's/.*et1 *Modbus TCP 127\.0\.0\.1:\([0-9]*\),.*/\1/p' stdout)
/usr/bin/python3 "$here/rough_clients.py" --tcp "$tcp" >clients.out 2>&1 || { cat clients.out; fail "a client was not served"; }
# Two masters on one line disturb each other; when one is gone the other is answered. The second minds no lock, as one on a wire.
"$hilbench" probe --port com1 --unit 1 --timeout 0.3 watch rated_w --every 0.03 --times 40 >one.out 2>&1 &
one=$!
PYTHONPATH=$here /usr/bin/python3 "$here/second_master.py" com1 2 >two.out 2>&1 || { cat two.out; fail "the second master did not ask"; }
wait $one && { cat one.out two.out; fail "the first was not disturbed"; }
# The answer to a last request of theirs, for which they did not wait, may come first.
for _ in 1 2 3; do
  "$hilbench" probe --port com1 --unit 2 --timeout 3 read rated_w >after.out 2>&1 && break
done || { cat after.out; fail "the line is dead"; }
grep -q '10000 W' after.out || fail "the line says something else"
ended 0
expect_in stdout PASS
expect_in results/good/report.html 'et1 on TCP: ' 'requests on ' 'ended for talking no Modbus' 'idle thread'
expect_in results/good/report.html 'com1: of ' 'are two masters on the line' 'came before the reply to an earlier one'
expect_in results/good/run.json '"wake_ups"' '"processor_s"' '"p99_ms"'
# Each client is an event with its time and address.
for what in connected gone 'closed: it was silent longest' 'closed: it talks no Modbus'; do
  grep -qE "^[0-9.]+,client,et1,\"?127\.0\.0\.1:[0-9]+ $what" results/good/events.csv || { cat results/good/events.csv; fail "no event tells of: $what"; }
done

# What clients said on TCP is captured, as tshark reads it too.
expect_in results/good/captures/et1_tcp.txt 'unit 247: read holding registers 35001 x1' 'closed'
if command -v tshark >/dev/null; then
  tshark -r results/good/captures/et1_tcp.pcapng -d "tcp.port==$tcp,mbtcp" -o "mbtcp.tcp.port:$tcp" -Y 'modbus.func_code==3' >decoded 2>tshark.log
  [ -s decoded ] || fail "tshark finds no Modbus TCP in the capture"
fi

# Time starts with the first connection, too; Ctrl-C ends with a report.
attached --tcp et1=127.0.0.1:0
tcp=$(sed -n 's/.*et1 *Modbus TCP \([0-9.:]*\),.*/\1/p' stdout)
"$hilbench" probe --tcp "$tcp" --unit 247 --timeout 10 read rated_w >after.out 2>&1 || { cat after.out; fail "et1 does not answer"; }
kill -INT $bench
ended 4
expect_in stdout 'INCONCLUSIVE' "before the scenario's end" 'report results/good/report.html' ' of 1 answers late'

# A port that is pulled out and comes back under its name is an event each time, and told with the verdict.
rm -rf results/good
/usr/bin/python3 - >client.out 2>&1 <<'PYTHON' &
import os, time, tty


def plugged():
    master, slave = os.openpty()
    tty.setraw(slave)
    os.symlink(os.ttyname(slave), "plug")
    os.close(slave)
    return master


def until(there, path):
    end = time.monotonic() + 60
    while os.path.exists(path) != there:
        assert time.monotonic() < end, path
        time.sleep(0.05)


master = plugged()
until(True, "results/good/events.csv")
time.sleep(1)
os.close(master)
os.unlink("plug")
time.sleep(1.5)
master = plugged()
until(False, "go_on")
PYTHON
python=$!
touch go_on
for _ in $(seq 600); do
  [ -e plug ] && break
  sleep 0.05
done
expect_exit 0 attach good.xml --late-limit-ms 5000 --com1 plug --start-now --until 8
rm go_on
wait $python || { cat client.out; fail "the port was not pulled out as it should"; }
expect_in results/good/events.csv 'fault,plug,is unplugged on com1' 'fault,plug,is there again on com1'
expect_in results/good/report.html 'com1 at plug was unplugged, first at' 'com1 at plug, times unplugged: 1'

# Our controller stays in the loop, and its LAN is open to whoever comes.
attached --controller in-process --lan 127.0.0.1:0 --until 10
lan=$(sed -n 's/.*LAN of the controller, TCP \([0-9.:]*\),.*/\1/p' stdout)
# It answers each time, and knows the voltages when it has asked the meter.
voltages='L1, L2, L3 *2[23][0-9]'
for _ in $(seq 20); do
  "$hilbench" probe --lan "$lan" telemetry >after.out 2>&1 || { cat after.out; fail "the LAN does not answer"; }
  grep -q "$voltages" after.out && break
  sleep 0.2
done
grep -q "$voltages" after.out || { cat after.out; fail "no voltages"; }
ended 0
expect_in stdout 'not attached: the controller in process polls' 'ran 10 s'
expect_in results/good/report.html 'LAN of the controller: '
grep -qE '[0-9]+ of [1-9][0-9]* answers late' stdout || fail "the answers on the LAN are not counted"
for what in connected gone; do
  grep -qE "^[0-9.]+,client,lan,127\.0\.0\.1:[0-9]+ $what" results/good/events.csv || { cat results/good/events.csv; fail "no event tells of: $what"; }
done

# The controller takes two clients at a time.
attached --controller in-process --lan 127.0.0.1:0 --until 10
lan=$(sed -n 's/.*LAN of the controller, TCP [0-9.]*:\([0-9]*\),.*/\1/p' stdout)
/usr/bin/python3 - "$lan" <<'PYTHON' || fail "the third client was not closed"
import socket, sys

clients = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20) for _ in range(3)]
assert clients[2].recv(1) == b""
# The others it keeps: the run has not ended.
for client in clients[:2]:
    client.setblocking(False)
    try:
        raise SystemExit(f"of the first two, one got {client.recv(1)}")
    except BlockingIOError:
        pass
PYTHON
ended 0
grep -qE '^[0-9.]+,client,lan,127\.0\.0\.1:[0-9]+ refused' results/good/events.csv || { cat results/good/events.csv; fail "no event tells of who was refused"; }
