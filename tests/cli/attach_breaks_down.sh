# Ports and disks that others have: refused before anything runs, or an error with what was recorded.
source "$(dirname "$0")/expectations.sh" "$@"
scenario good 60 "$holding"

# A device port that somebody else has locked, and one whose driver cannot turn a transceiver round.
/usr/bin/python3 - <<'PYTHON' &
import fcntl, os, time

master, slave = os.openpty()
fcntl.flock(slave, fcntl.LOCK_EX)
os.symlink(os.ttyname(slave), "locked")
_, free = os.openpty()
os.symlink(os.ttyname(free), "free")
while os.path.exists("locked"):
    time.sleep(0.05)
PYTHON
holder=$!
for _ in $(seq 100); do
  [ -e free ] && break
  sleep 0.05
done
expect_exit 2 attach good.xml --com1 "$work/locked" --start-now
expect_in stderr "$work/locked: is in use by another program, or for another line"
expect_exit 2 attach good.xml --com1 "$work/free:9600,8N1,rs485" --start-now
expect_in stderr "$work/free: its driver has no RS485 mode, must be one that has, or without rs485"
rm locked
wait $holder

# An address that somebody has: refused when it is so at the start, an error when a fault gives it away.
/usr/bin/python3 - <<'PYTHON' &
import os, socket, time

taker = socket.socket()
taker.bind(("127.0.0.1", 0))
taker.listen()
with open("taken.new", "w") as out:
    out.write(str(taker.getsockname()[1]))
os.rename("taken.new", "taken")
while os.path.exists("taken"):
    time.sleep(0.05)
PYTHON
holder=$!
for _ in $(seq 100); do
  [ -e taken ] && break
  sleep 0.05
done
expect_exit 2 attach good.xml --tcp et1=127.0.0.1:"$(cat taken)" --start-now
expect_in stderr "TCP 127.0.0.1:$(cat taken): Address already in use"
rm taken
wait $holder
[ ! -e results ] || fail "results were written"

scenario gone 6 "$holding"
sed -i 's|^  <expect>|  <timeline><at time_s="1"><fault kind="tcp_refused" target="et1" for_s="3"/></at></timeline>\n&|' gone.xml
: >stdout
"$hilbench" attach gone.xml --tcp et1=127.0.0.1:0 --start-now --late-limit-ms 5000 >stdout 2>stderr &
bench=$!
/usr/bin/python3 - $bench <<'PYTHON' || fail "the address was not to be had"
import os, re, socket, sys, time

end = time.monotonic() + 20
port = None
while port is None:
    port = re.search(r"et1 *Modbus TCP 127\.0\.0\.1:(\d+)", open("stdout").read())
    time.sleep(0.02)
    assert time.monotonic() < end
taker = socket.socket()
while True:
    try:
        taker.bind(("127.0.0.1", int(port[1])))
        break
    except OSError:
        assert time.monotonic() < end
        time.sleep(0.02)
taker.listen()
while os.path.exists(f"/proc/{sys.argv[1]}/exe"):  # of a zombie it is not there
    assert time.monotonic() < end
    time.sleep(0.1)
PYTHON
wait $bench
code=$?
[ $code -eq 3 ] || fail "attach ended with $code, expected 3"
expect_in stdout ERROR 'TCP 127.0.0.1:' 'Address already in use'
expect_in results/gone/run.json '"verdict": "error"'

# A file must not grow beyond 100 kB, as on a disk that is full: an error, and what was recorded until then is whole.
sed -i 's|duration_s="60"|& record_period_s="0.01"|' good.xml
(ulimit -f 100 && exec timeout 100 "$hilbench" attach good.xml --com1 pty --start-now --speed 5 --late-limit-ms 5000 --results full >stdout 2>stderr)
code=$?
[ $code -eq 3 ] || fail "ended with $code on a full disk, expected 3"
expect_in stdout ERROR 'full/good/trace.csv: File too large'
[ "$(wc -l <full/good/trace.csv)" -gt 10 ] || fail "little was recorded"
mkdir small
if mount -t tmpfs -o size=300k none small 2>/dev/null; then
  trap 'umount "$work/small"; rm -rf "$work"' EXIT
  timeout 100 "$hilbench" attach good.xml --com1 pty --start-now --speed 5 --late-limit-ms 5000 --results small/results >stdout 2>stderr
  code=$?
  [ $code -eq 3 ] || fail "ended with $code on a full file system, expected 3"
  expect_in stdout ERROR 'No space left on device'
  [ "$(wc -l <small/results/good/trace.csv)" -gt 10 ] || fail "little was recorded on a full file system"
fi
exit 0
