# Ports and disks that others have: refused before anything runs, or an error with what was recorded.
source "$(dirname "$0")/expectations.sh" "$@"
holder= bench=
trap 'kill $holder $bench 2>/dev/null; rm -rf "$work"' EXIT
scenario good 60 "$holding"

# there FILE: until it is there; a program in the background makes it.
there() {
  for _ in $(seq 1200); do
    [ -e "$1" ] && return
    sleep 0.05
  done
  fail "$1 was not there within 60 s"
}

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
there free
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
there taken
expect_exit 2 attach good.xml --tcp et1=127.0.0.1:"$(cat taken)" --start-now
expect_in stderr "TCP 127.0.0.1:$(cat taken): Address already in use"
rm taken
wait $holder
[ ! -e results ] || fail "results were written"

# It is closed for 8 s of real time; who takes it runs before the bench does, and tries all the while.
scenario gone 11 "$holding"
sed -i 's|^  <expect>|  <timeline><at time_s="1"><fault kind="tcp_refused" target="et1" for_s="8"/></at></timeline>\n&|' gone.xml
: >stdout
/usr/bin/python3 - >holder.out 2>&1 <<'PYTHON' &
import os, re, socket, time

open("ready", "w").close()
taker = socket.socket()
port = None
while port is None:
    assert not os.path.exists("over"), "the bench ended and named no port"
    port = re.search(r"et1 *Modbus TCP 127\.0\.0\.1:(\d+),", open("stdout").read())
    time.sleep(0.02)
while True:
    try:
        taker.bind(("127.0.0.1", int(port[1])))
        break
    except OSError as error:
        assert not os.path.exists("over"), f"until the bench ended: {error}"
        time.sleep(0.02)
assert not os.path.exists("over"), "it was to be had only after the bench had ended"
taker.listen()
while not os.path.exists("over"):
    time.sleep(0.05)
PYTHON
holder=$!
there ready
"$hilbench" attach gone.xml --tcp et1=127.0.0.1:0 --start-now --late-limit-ms 5000 >stdout 2>stderr &
bench=$!
timeout 60 tail --pid=$bench -s 0.1 -f /dev/null || fail "attach did not end within 60 s"
wait $bench
code=$?
touch over
wait $holder || { cat holder.out; fail "the address was not to be had, attach ended with $code"; }
[ $code -eq 3 ] || fail "attach ended with $code, expected 3"
expect_in stdout ERROR 'TCP 127.0.0.1:' 'Address already in use'
expect_in results/gone/run.json '"verdict": "error"'

# A file must not grow beyond 100 kB, as on a disk that is full: an error, and what was recorded until then is whole.
sed -i 's|duration_s="60"|& record_period_s="0.01"|' good.xml
(ulimit -f 100 && exec timeout 60 "$hilbench" attach good.xml --com1 pty --start-now --speed 5 --late-limit-ms 5000 --results full >stdout 2>stderr)
code=$?
[ $code -eq 3 ] || fail "ended with $code on a full disk, expected 3"
expect_in stdout ERROR 'full/good/trace.csv: File too large'
[ "$(wc -l <full/good/trace.csv)" -gt 10 ] || fail "little was recorded"
mkdir small
if mount -t tmpfs -o size=300k none small 2>/dev/null; then
  trap 'umount "$work/small"; rm -rf "$work"' EXIT
  timeout 60 "$hilbench" attach good.xml --com1 pty --start-now --speed 5 --late-limit-ms 5000 --results small/results >stdout 2>stderr
  code=$?
  [ $code -eq 3 ] || fail "ended with $code on a full file system, expected 3"
  expect_in stdout ERROR 'No space left on device'
  [ "$(wc -l <small/results/good/trace.csv)" -gt 10 ] || fail "little was recorded on a full file system"
else
  echo "left out: a full file system, since nothing can be mounted here"
fi
exit 0
