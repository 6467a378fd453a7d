"""A controller by hand that takes its time from the bench: stepped_clock.py HILBENCH SOURCE"""

import os
import signal
import subprocess
import sys
import tempfile
import termios
import time

from modbus_crc import crc

HILBENCH, SOURCE = sys.argv[1:3]
SCENARIO = os.path.join(SOURCE, "scenarios/goodwe/heater_step_short.xml")
S = 1_000_000_000


class Bench:
    def __init__(self, *options, results=None):
        self.folder = tempfile.TemporaryDirectory()
        self.results = os.path.join(results or self.folder.name, "heater_step_short")
        self.ended_ns = None
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        link = {name: os.path.join(self.folder.name, name) for name in ("com1", "com4", "clock")}
        self.process = subprocess.Popen(
            [HILBENCH, "attach", SCENARIO, "--com1", "pty:" + link["com1"], "--meter", "pty:" + link["com4"],
             "--clock", "pty:" + link["clock"], "--results", results or self.folder.name, *options],
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

    def say(self, line, end=b"\n"):
        os.write(self.clock, line.encode() + end)

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
        if words[0] == b"e" and len(words) == 2:
            self.ended_ns = int(words[1])
            return None
        assert words[0] == b"t" and len(words) == 6, line
        return [int(word) for word in words[1:]]

    def hang_up(self):
        os.close(self.clock)
        self.clock = None

    def end(self):
        code = self.process.wait(timeout=90)
        for fd in (self.com1, self.com4, self.clock):
            if fd is not None:
                os.close(fd)
        return code


def expect(true, bench, what):
    if not true:
        sys.exit(f"FAILED: {what}\n{bench.text()}")


def expect_end(bench, expected, *texts):
    code = bench.end()
    text = " ".join(bench.text().split())  # a summary is wrapped
    for part in texts:
        expect(part in text, bench, f"no word of: {part}")
    expect(code == expected, bench, f"it ends with {code}, expected {expected}")


REQUEST = bytes.fromhex("01038cb30001")
REQUEST += crc(REQUEST)

# What takes its time is begun here, and looked at in the end. One that talks but takes no turn, as firmware with a clock of its
# own does, and one that asks on the line alone.
talker = Bench("--clock-wait", "8")
talker.say("state 1\x07")
asker = Bench("--clock-wait", "8")
os.write(asker.com1, REQUEST)
# One that stops in the middle of its second turn, and one that declares more than it has sent.
stopper = Bench()
stopper.say("d 1000000000 0 0 0 0")
stopper.say("d 20000", end=b"")
boaster = Bench()
os.write(boaster.com1, REQUEST)
boaster.say("d 1000000000 16 0 0 0")

# Each second one request to the inverter, seen at the very nanosecond; what is said beside it is for people.
bench = Bench()
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
expect(bench.ended_ns == 34 * S, bench, f"the end was told as {bench.ended_ns}, expected at 34 s")
text = bench.text()
expect("waiting for a controller to take its first turn on " in text, bench, "it does not say what it waits for")
unasked = "com1: the controller asked et2 unit 2 never, but unit 1 34 times: is it, or the board's image, set up for this site?"
expect(unasked in " ".join(text.split()), bench, "it does not say who was never asked")
expect("com4: the controller asked meter unit 1 never, nor any other unit: is" in " ".join(text.split()), bench, "the meter was not asked")
expect("controller: hello from the controller" in text, bench, "words for people do not come through")
expect("the controller is on com1, com4 and has its time from the bench" in text, bench, "it does not say who regulated")
expect("in virtual time" in text and "ran 34 s" in text, bench, "it did not run to its end in virtual time")
wakes = [turn[0] for turn in turns if turn[0] % S == 0]
expect(wakes == [k * S for k in range(35)], bench, f"woken at {wakes}, expected each second of 34")
replies = [turn for turn in turns if turn[0] % S != 0]
expect(len(replies) >= 33, bench, f"{len(replies)} replies of 34 requests")
# A request and its reply of 7 characters at 9600 baud, 10 bits each, after the turn-around: never sooner than the characters take.
expect(all(turn[0] % S >= (8 + 7) * 10 * S // 9600 for turn in replies), bench, "a reply is early")

# At another baud it is not understood, which is told.
bench = Bench("--until", "5")
settings = termios.tcgetattr(bench.com1)
settings[4] = settings[5] = termios.B19200
termios.tcsetattr(bench.com1, termios.TCSANOW, settings)
sent = 0
bench.say("d 0 0 0 0 0")
while (turn := bench.hear()) is not None:
    expect(turn[1] == 0, bench, f"{turn[1]} bytes came in reply")
    os.write(bench.com1, REQUEST)
    sent += len(REQUEST)
    bench.say(f"d {turn[0] + S} {sent} 0 0 0")
code = bench.end()
text = " ".join(bench.text().split())
expect("com1 at 0 s was set to 19200 baud, com1 has 9600: neither understands the other" in text, bench, "the baud is not told")

# Nobody comes, and there was no run before: nothing is left behind.
with tempfile.TemporaryDirectory() as results:
    bench = Bench("--clock-wait", "0.5", results=results)
    expect_end(bench, 4, "nothing ran, no report was written")
    expect(not os.listdir(results), bench, f"left behind: {list(os.walk(results))}")

# Nobody comes, somebody ends it, or the first turn is none: nothing has run, and the report of the run before stays as it is.
with tempfile.TemporaryDirectory() as results:
    def contents():
        return {name: open(os.path.join(folder, name), "rb").read()
                for folder, _, names in os.walk(results) for name in names}

    bench = Bench(results=results)
    bench.say(f"d {100 * S} 0 0 0 0")
    bench.end()
    before = contents()
    expect("run.json" in before, bench, "there is no report")
    kept = "nothing ran, no report was written " + os.path.join(results, "heater_step_short") + " is as the run before it left it"
    bench = Bench("--clock-wait", "0.5", results=results)
    expect_end(bench, 4, ", at most 0.5 s; Ctrl-C ends", "heater_step_short: no controller took a turn on ",
               "within 0.5 s, nothing came there; " + kept)
    bench = Bench("--clock-wait", "0.5", results=results)
    bench.say("d 12", end=b"")
    expect_end(bench, 4, 'within 0.5 s, what came last is "d 12" without a line feed; ' + kept)
    bench = Bench(results=results)
    while "waiting for a controller" not in bench.text():
        expect(bench.process.poll() is None, bench, "it does not wait")
        time.sleep(0.01)
    bench.process.send_signal(signal.SIGINT)
    expect_end(bench, 4, "heater_step_short: ended before the controller's first turn; " + kept)
    bench = Bench(results=results)
    bench.say("d soon")
    expect_end(bench, 3, "ERROR, the controller says \"d soon\" on its clock's port, must be \"d\"", kept)
    expect(contents() == before, bench, "the earlier report was touched")

# What is no turn ends it with an error that says what was expected; behind the first one there is a report of it.
for words, reason in (("d 1 2 3", 'says "d 1 2 3" on its clock\'s port, must be "d", the time to be woken at'),
                      ("d 5 -8 0 0 0", 'says "d 5 -8 0 0 0" on its clock\'s port'),
                      ("d \x01", 'says "d \\x01" on its clock\'s port'),
                      ("noise" * 900, "4500 bytes without a line feed came on the clock's port")):
    for first in (True, False):
        bench = Bench()
        if not first:
            bench.say(f"d {S} 0 0 0 0")
            bench.hear()
        bench.say(words, end=b"" if words.startswith("noise") else b"\n")
        expect_end(bench, 3, reason)
        expect(os.path.exists(os.path.join(bench.results, "run.json")) != first, bench, f"{words}: report of what ran")

# One that takes bytes back.
bench = Bench()
os.write(bench.com1, REQUEST)
bench.say(f"d {S} 8 0 0 0")
bench.hear()
bench.say(f"d {2 * S} 7 0 0 0")
expect_end(bench, 3, 'takes bytes back: "d 2000000000 7 0 0 0" says 7 on COM1, it was 8 before')

# One that leaves is not waited for.
for half, seen in (("", 'after its turn "d 1000000000 0 0 0 0":'),
                   ("d 20", 'after its turn "d 1000000000 0 0 0 0" and "d 20" of the next:')):
    bench = Bench()
    bench.say("d 1000000000 0 0 0 0")
    bench.hear()
    os.write(bench.clock, half.encode())
    bench.hang_up()
    expect_end(bench, 3, "the controller has closed the clock's port", "before the run was over, " + seen,
               'it must stay until the bench says "e"')

# One that never lets the time go on is not waited for.
bench = Bench()
bench.say("d 0 0 0 0 0")
while bench.hear() is not None:
    try:
        bench.say("d 0 0 0 0 0")
    except OSError:
        break
expect_end(bench, 3, 'the controller has had 10000 turns at 0 ns, as many as it may, and by "d 0 0 0 0 0" wants to be woken at '
           "0 ns: its time must go on")

# Bytes that the controller does not say it has sent stay where they are, and are told.
bench = Bench()
bench.say(f"d {S} 0 0 0 0")
bench.hear()
os.write(bench.com1, REQUEST)
bench.say(f"d {100 * S} 0 0 0 0")
code = bench.end()
expect("8 bytes lie on com1 of which the controller has not said" in " ".join(bench.text().split()), bench,
       "it does not say what lies on com1")

# What one that came and went without a turn has said is not this one's.
bench = Bench()
os.write(bench.com1, b"\x01\x03\x00" + REQUEST)
bench.say(f"d {S} 8 0 0 0")
turn = bench.hear()
while turn is not None and turn[0] < S and turn[1] == 0:
    bench.say(f"d {S} 8 0 0 0")
    turn = bench.hear()
expect(turn is not None and turn[1] > 0, bench, f"the request was not answered, the turn is {turn}")
bench.say(f"d {100 * S} 8 0 0 0")
bench.end()
expect("com1: 3 bytes that came before the controller's first turn are left out" in bench.text(), bench,
       "it does not say what it left out")

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
                      (["--com1", "pty", "--clock-wait", "2"], "--clock-wait requires --clock"),
                      (["--com1", "pty", "--clock", "pty", "--can", "vcan0"], "goes with serial ports only, not with --tcp, --can,"),
                      (["--clock", "pty"], "nothing to attach")):
    done = subprocess.run([HILBENCH, "attach", SCENARIO, *words], capture_output=True, text=True,
                          env={**os.environ, "HILBENCH_LIBRARY": os.path.join(SOURCE, "scenarios")})
    if done.returncode != 2 or reason not in done.stderr:
        sys.exit(f"FAILED: attach {words} ended with {done.returncode} and said: {done.stderr}")

own_clock = "has it a clock of its own? With the bench's there are hilcontroller --clock and the board's ..._stepped.elf"
expect_end(talker, 4, "controller: state 1\\x07", 'is no turn: ' + own_clock, 'its latest words are "state 1\\x07"; nothing ran')
expect_end(asker, 4, "8 bytes came on com1, but the controller took no turn on", own_clock, "nothing came there; nothing ran")
expect_end(stopper, 3, 'the controller\'s last turn was "d 1000000000 0 0 0 0", of the next only "d 20000" came, without a line '
           'feed, and to "t 1000000000 0 0 0 0" it gave no answer within 30 s')
expect_end(boaster, 3, 'only 8 of the 16 bytes that "d 1000000000 16 0 0 0" tells of have come on com1 within 30 s')
