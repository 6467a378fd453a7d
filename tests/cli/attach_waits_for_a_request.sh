# Time begins with the first whole request on any line, whatever comes before it and in whatever pieces; it is answered, and what
# was none is told.
source "$(dirname "$0")/expectations.sh" "$@"
bench= python=
trap 'kill $bench $python 2>/dev/null; rm -rf "$work"' EXIT
scenario good 8 "$holding"

# says TEXT: until the bench has said it.
says() {
  for _ in $(seq 600); do
    grep -qF -- "$1" stdout && return
    kill -0 $bench 2>/dev/null || break
    sleep 0.05
  done
  grep -qF -- "$1" stdout || fail "attach ended, or 30 s went by, before it said: $1"
}
# ended CODE: the bench ends by itself, or by what it was sent, with CODE.
ended() {
  timeout 60 tail --pid=$bench -s 0.1 -f /dev/null || fail "attach did not end within 60 s"
  wait $bench
  local code=$?
  [ $code -eq "$1" ] || fail "attach ended with $code, expected $1"
}

"$hilbench" attach good.xml --com1 pty:com1 --meter pty:com4 --late-limit-ms 5000 >stdout 2>stderr &
bench=$!
says "waiting for the controller's first request"
PYTHONPATH=$source_dir/tests/cli /usr/bin/python3 - >client.out 2>&1 <<'PYTHON' || { cat client.out; fail "the first request was not answered"; }
import os, re, select, time, tty

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
# How many were there when the bench looked is a matter of time; that all are counted is looked at when it has ended.
end = time.monotonic() + 20
for line, most in ("com1", 300), ("com4", 8):
    while not (told := re.search(line + r": (\d+) bytes and no Modbus request among them", open("stdout").read())):
        assert time.monotonic() < end, f"the noise on {line} is not told within 20 s"
        time.sleep(0.05)
    assert 0 < int(told[1]) <= most, told[0]
assert not os.path.exists("results/good/trace.csv"), "it began with noise"
# To unit 2, byte by byte: rated power, register 35001 (goodwe-et-modbus 2).
for byte in frame(2, 3, 35001 >> 8, 35001 & 0xFF, 0, 1):
    os.write(com1, bytes([byte]))
    time.sleep(0.01)
reply = b""
end = time.monotonic() + 20
while len(reply) < 7:
    assert select.select([com1], [], [], max(0, end - time.monotonic()))[0], f"{reply.hex()} within 20 s"
    piece = os.read(com1, 100)
    assert piece, f"{reply.hex()} until the bench ended"
    reply += piece
assert reply == frame(2, 3, 2, 10000 >> 8, 10000 & 0xFF), reply.hex()
assert not select.select([com4], [], [], 0)[0], "the meter has answered noise"
PYTHON
ended 0
expect_in stdout '300 bytes that are no Modbus frame came on com1 before' '8 bytes that are no Modbus frame came on com4 before' PASS
expect_in results/good/report.html '300 bytes that are no Modbus frame came on com1 before'

# A controller at another baud is not understood, which is told; at the right one it is, and the report has both.
"$hilbench" attach good.xml --com1 pty:com1 --late-limit-ms 5000 >stdout 2>stderr &
bench=$!
says "waiting for the controller's first request"
expect_exit_of_probe() {
  local code=$1
  shift
  "$hilbench" probe --timeout 3 "$@" read rated_w >client.out 2>&1
  local found=$?
  [ $found -eq "$code" ] || { cat client.out; fail "probe ended with $found, expected $code"; }
}
expect_exit_of_probe 3 --port com1:19200,8N1
says 'com1 was set to 19200 baud, com1 has 9600: neither understands the other'
says 'bytes and no Modbus request among them'
grep -q 'came on com1 before' stdout && fail "it began with a request at another baud"
expect_exit_of_probe 0 --port com1:9600,8N1
expect_exit_of_probe 3 --port com1:4800,8N1
ended 0
expect_in results/good/events.csv ',fault,com1,"set to 4800 baud, com1 has 9600: neither understands the other"'
expect_in results/good/report.html 'com1 was set to 19200 baud' 'was set to 4800 baud'

# A port that is pulled out while it waits is told, and is no beginning.
: >stdout
/usr/bin/python3 - >client.out 2>&1 <<'PYTHON' &
import os, time, tty

master, slave = os.openpty()
tty.setraw(slave)
os.symlink(os.ttyname(slave), "plug")
os.close(slave)
end = time.monotonic() + 60
while "waiting for" not in open("stdout").read():
    assert time.monotonic() < end, "attach did not wait within 60 s"
    time.sleep(0.05)
time.sleep(0.5)
PYTHON
python=$!
for _ in $(seq 600); do
  [ -e plug ] && break
  sleep 0.05
done
[ -e plug ] || { cat client.out; fail "there was no pseudo-terminal within 30 s"; }
"$hilbench" attach good.xml --com1 plug >stdout 2>stderr &
bench=$!
says "waiting for the controller's first request"
wait $python || { cat client.out; fail "the port was not pulled out as it should"; }
says 'is unplugged'
kill -INT $bench
ended 4
expect_in stdout 'plug on com1 is unplugged' 'nothing ran, no report was written' 'results/good is as the run before it left it'
expect_in results/good/run.json '"verdict": "pass"'
