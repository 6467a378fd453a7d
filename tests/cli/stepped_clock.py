"""A controller by hand that takes its time from the bench: stepped_clock.py HILBENCH SOURCE"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

from modbus_crc import crc

HILBENCH, SOURCE = sys.argv[1:3]
SCENARIO = os.path.join(SOURCE, "scenarios/goodwe/heater_step_short.xml")
S = 1_000_000_000


class Bench:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        link = {name: os.path.join(self.folder.name, name) for name in ("com1", "com4", "clock")}
        self.process = subprocess.Popen(
            [HILBENCH, "attach", SCENARIO, "--com1", "pty:" + link["com1"], "--meter", "pty:" + link["com4"],
             "--clock", "pty:" + link["clock"], "--results", self.folder.name],
            stdout=self.log, stderr=subprocess.STDOUT,
            env={**os.environ, "HILBENCH_LIBRARY": os.path.join(SOURCE, "scenarios")})
        while not all(os.path.exists(path) for path in link.values()):
            assert self.process.poll() is None, self.text()
            time.sleep(0.01)
        self.com1, self.com4, self.clock = (os.open(link[name], os.O_RDWR | os.O_NOCTTY) for name in
                                            ("com1", "com4", "clock"))

    def text(self):
        with open(self.log.name) as log:
            return log.read()

    def say(self, line):
        os.write(self.clock, line.encode() + b"\n")

    def hear(self):
        """The bench's next turn: time and bytes of the four ports; None: it is over."""
        line = b""
        while not line.endswith(b"\n"):
            try:
                byte = os.read(self.clock, 1)
            except OSError:
                return None
            if not byte:
                return None
            line += byte
        words = line.split()
        assert words[0] == b"t" and len(words) == 6, line
        return [int(word) for word in words[1:]]

    def end(self):
        code = self.process.wait(timeout=60)
        for fd in (self.com1, self.com4, self.clock):
            os.close(fd)
        return code


def expect(true, bench, what):
    if not true:
        sys.exit(f"FAILED: {what}\n{bench.text()}")


# One that talks but takes no turn, as firmware with a clock of its own does: seen at the end.
talker = Bench()
silence = threading.Event()


def talk():
    while not silence.wait(0.2):
        talker.say("state 1")


threading.Thread(target=talk, daemon=True).start()

# Each second one request to the inverter, seen at the very nanosecond; what is said beside it is for people.
bench = Bench()
REQUEST = bytes.fromhex("01038cb30001")
REQUEST += crc(REQUEST)
sent = 0
turns = []
bench.say("hello from the controller")
bench.say("d 0 0 0 0 0")
while (turn := bench.hear()) is not None:
    if turns and turn[1] > turns[-1][1]:
        os.read(bench.com1, 512)
    turns.append(turn)
    if turn[0] % S == 0:
        os.write(bench.com1, REQUEST)
        sent += len(REQUEST)
    bench.say(f"d {(turn[0] // S + 1) * S} {sent} 0 0 0")
code = bench.end()
expect(code == 1, bench, f"a controller that regulates nothing ends with {code}, expected 1")
text = bench.text()
expect("controller: hello from the controller" in text, bench, "words for people do not come through")
expect("the controller is on com1, com4 and has its time from the bench" in text, bench, "it does not say who regulated")
expect("in virtual time" in text and "ran 34 s" in text, bench, "it did not run to its end in virtual time")
wakes = [turn[0] for turn in turns if turn[0] % S == 0]
expect(wakes == [k * S for k in range(35)], bench, f"woken at {wakes}, expected each second of 34")
replies = [turn for turn in turns if turn[0] % S != 0]
expect(len(replies) >= 33, bench, f"{len(replies)} replies of 34 requests")
# A request and its reply of 7 characters at 9600 baud, 10 bits each, after the turn-around: never sooner than the characters take.
expect(all(turn[0] % S >= (8 + 7) * 10 * S // 9600 for turn in replies), bench, "a reply is early")

# What is no turn, or takes something back, ends the run with an error that says what was expected.
for words, reason in (("d soon", 'says "d soon" on its clock\'s port, must be "d", the time to be woken at'),
                      ("d 1 2 3", 'must be "d", the time to be woken at'),
                      ("d 5 -8 0 0 0", "takes bytes back")):
    bench = Bench()
    bench.say(words)
    code = bench.end()
    expect(code == 3, bench, f'"{words}" ends with {code}, expected 3')
    expect(reason in " ".join(bench.text().split()), bench, f'"{words}": no word of: {reason}')

# One that never lets the time go on is not waited for.
bench = Bench()
bench.say("d 0 0 0 0 0")
while bench.hear() is not None:
    try:
        bench.say("d 0 0 0 0 0")
    except OSError:
        break
code = bench.end()
expect(code == 3, bench, f"a controller whose time stands still ends with {code}, expected 3")
expect("its time must go on" in " ".join(bench.text().split()), bench, "it does not say that the time stands still")

# Bytes that the controller does not say it has sent stay where they are, and are told.
bench = Bench()
os.write(bench.com1, REQUEST)
bench.say(f"d {100 * S} 0 0 0 0")
code = bench.end()
expect("8 bytes lie on com1 of which the controller has not said" in " ".join(bench.text().split()), bench,
       "it does not say what lies on com1")

# Ctrl-C while the bench waits for a controller that says nothing.
bench = Bench()
bench.say("d 300000000 0 0 0 0")
bench.hear()
bench.process.send_signal(signal.SIGINT)
code = bench.end()
expect(code == 4, bench, f"Ctrl-C ends with {code}, expected 4")
expect("stopped on request at 0.3 s" in " ".join(bench.text().split()), bench, "it does not say when it was stopped")

# Options that do not go together.
for words, reason in ((["--com1", "/dev/ttyS99:9600", "--clock", "pty"], "every port must be pty"),
                      (["--com1", "pty", "--clock", "/dev/ttyS99"], "--clock /dev/ttyS99: must be pty or pty:LINK"),
                      (["--com1", "pty", "--clock", "pty", "--tcp", "et1=127.0.0.1:0"], "goes with serial ports only"),
                      (["--com1", "pty", "--clock", "pty", "--speed", "2"], "--clock excludes --speed"),
                      (["--clock", "pty"], "nothing to attach")):
    done = subprocess.run([HILBENCH, "attach", SCENARIO, *words], capture_output=True, text=True,
                          env={**os.environ, "HILBENCH_LIBRARY": os.path.join(SOURCE, "scenarios")})
    if done.returncode != 2 or reason not in done.stderr:
        sys.exit(f"FAILED: attach {words} ended with {done.returncode} and said: {done.stderr}")

talker.process.wait(timeout=60)
silence.set()
code = talker.end()
expect(code == 3, talker, f"a controller that takes no turn ends with {code}, expected 3")
expect("no turn of the controller on its clock's port within 30 s" in " ".join(talker.text().split()), talker,
       "it does not say what is missing")
