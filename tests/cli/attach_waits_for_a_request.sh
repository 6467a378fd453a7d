# Time begins with the first whole request on any line, whatever comes before it and in whatever pieces; it is answered, and what
# was none is told.
source "$(dirname "$0")/expectations.sh" "$@"
bench=
trap 'kill $bench 2>/dev/null; rm -rf "$work"' EXIT
scenario good 4 "$holding"

"$hilbench" attach good.xml --com1 pty:com1 --meter pty:com4 --late-limit-ms 5000 >stdout 2>stderr &
bench=$!
for _ in $(seq 200); do
  grep -q "waiting for the controller's first request" stdout && break
  sleep 0.05
done
PYTHONPATH=$source_dir/tests/cli /usr/bin/python3 - >client.out 2>&1 <<'PYTHON' || { cat client.out; fail "the first request was not answered"; }
import os, select, time, tty

from modbus_crc import crc


def opened(path):
    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port)
    return port


def frame(*body):
    return bytes(body) + crc(bytes(body))


com1, com4 = opened("com1"), opened("com4")
os.write(com1, bytes([0x55] * 300))              # noise
os.write(com4, frame(1, 3, 0, 0, 0, 1)[:-1] + b"\0")  # a wrong CRC
time.sleep(2)
assert "com1: 300 bytes and no Modbus request among them" in open("stdout").read(), "the noise is not told"
assert not os.path.exists("results/good/trace.csv"), "it began with noise"
# To unit 2, byte by byte: rated power, register 35001 (goodwe-et-modbus 2).
for byte in frame(2, 3, 35001 >> 8, 35001 & 0xFF, 0, 1):
    os.write(com1, bytes([byte]))
    time.sleep(0.01)
reply = b""
while len(reply) < 7:
    assert select.select([com1], [], [], 3)[0], reply
    reply += os.read(com1, 100)
assert reply == frame(2, 3, 2, 10000 >> 8, 10000 & 0xFF), reply.hex()
assert not select.select([com4], [], [], 0)[0], "the meter has answered noise"
PYTHON
wait $bench
code=$?
[ $code -eq 0 ] || fail "attach ended with $code"
expect_in stdout '300 bytes that are no Modbus frame came on com1 before' '8 bytes that are no Modbus frame came on com4 before' PASS
expect_in results/good/report.html '300 bytes that are no Modbus frame came on com1 before'

# A port that is pulled out while it waits is told, and is no beginning.
: >stdout
/usr/bin/python3 - >client.out 2>&1 <<'PYTHON' &
import os, time, tty

master, slave = os.openpty()
tty.setraw(slave)
os.symlink(os.ttyname(slave), "plug")
os.close(slave)
while "waiting for" not in open("stdout").read():
    time.sleep(0.05)
time.sleep(0.5)
PYTHON
python=$!
for _ in $(seq 100); do
  [ -e plug ] && break
  sleep 0.05
done
"$hilbench" attach good.xml --com1 plug >stdout 2>stderr &
bench=$!
wait $python
for _ in $(seq 100); do
  grep -q 'is unplugged' stdout && break
  sleep 0.05
done
kill -INT $bench
wait $bench
[ $? -eq 4 ] || fail "attach did not end with 4"
expect_in stdout 'plug on com1 is unplugged' 'nothing ran, no report was written' 'results/good is as the run before it left it'
expect_in results/good/run.json '"verdict": "pass"'
