# --vcd and --comtrade hold what trace.csv holds: read back by readers that share nothing with the writers.
source "$(dirname "$0")/expectations.sh" "$@"
scenario good 30 "$holding"
expect_exit 0 run good.xml --results plain
[ ! -e plain/good/trace.vcd ] && [ ! -e plain/good/comtrade.cfg ] || fail "formats that nobody asked for"
expect_exit 0 run good.xml --results out --vcd --comtrade
/usr/bin/python3 - out/good <<'PYTHON' || fail "what was read back differs"
import csv, math, struct, sys
folder = sys.argv[1]
with open(folder + "/trace.csv") as file:
    rows = list(csv.reader(file))
names, rows = rows[0], [[float(cell) for cell in row] for row in rows[1:]]

# Value change dump: declarations, then times and changes.
scope, signal_of, at, now, seen = [], {}, None, {}, {}
for line in open(folder + "/trace.vcd").read().split("$enddefinitions")[0].splitlines():
    word = line.split()
    if word[0] == "$timescale": assert word[1:3] == ["1", "us"], line
    if word[0] == "$scope": scope.append(word[2])
    if word[0] == "$upscope": scope.pop()
    if word[0] == "$var":
        assert word[1] == "real" and word[3] not in signal_of, line
        signal_of[word[3]] = ".".join(scope + [word[4]])
assert sorted(signal_of.values()) == sorted(names[1:])
for line in open(folder + "/trace.vcd").read().split("$enddefinitions $end\n")[1].splitlines():
    if line[0] == "#":
        if at is not None: seen[at] = dict(now)
        at = int(line[1:])
    else:
        value, code = line[1:].split()
        now[signal_of[code]] = float(value)
seen[at] = dict(now)
times = sorted(seen)
for row in rows:
    last = max(time for time in times if time <= round(row[0] * 1e6))
    for name, value in zip(names[1:], row[1:]):
        assert math.isnan(value) or abs(seen[last][name] - value) < 1e-9, (row[0], name, value, seen[last][name])

# COMTRADE 2013, FLOAT32.
text = open(folder + "/comtrade.cfg", newline="").read()
assert "\n" not in text.replace("\r\n", "")
lines = text.split("\r\n")
total, analogue, status = lines[1].split(",")
analogue, status = int(analogue[:-1]), int(status[:-1])
assert int(total) == analogue + status == len(names) - 1
channels = [line.split(",") for line in lines[2:2 + analogue]]
assert all(len(channel) == 13 for channel in channels)
flags = [line.split(",") for line in lines[2 + analogue:2 + analogue + status]]
rest = lines[2 + analogue + status:]
assert rest[0] == "50" and rest[1] == "0" and rest[5] == "FLOAT32", rest
samples = int(rest[2].split(",")[1])
multiplier = float(rest[6])
data = open(folder + "/comtrade.dat", "rb").read()
words = (status + 15) // 16
size = 8 + 4 * analogue + 2 * words
assert samples == len(rows) and len(data) == samples * size
for number, row in enumerate(rows):
    record = data[number * size:(number + 1) * size]
    count, stamp = struct.unpack("<II", record[:8])
    assert count == number + 1 and abs(stamp * multiplier - row[0] * 1e6) < multiplier
    values = dict(zip(names, row))
    for channel, found in zip(channels, struct.unpack("<%df" % analogue, record[8:8 + 4 * analogue])):
        value = values[channel[1]]
        # A float has 24 bits.
        assert math.isnan(value) and math.isnan(found) or abs(found - value) <= 1e-6 * max(1.0, abs(value)), channel
    bits = struct.unpack("<%dH" % words, record[8 + 4 * analogue:])
    for place, flag in enumerate(flags):
        assert bits[place // 16] >> place % 16 & 1 == values[flag[1]], flag
print(len(names) - 1, "signals,", samples, "samples, the same in all three")
PYTHON
# The next run leaves none of them behind.
expect_exit 0 run good.xml --results out
[ ! -e out/good/trace.vcd ] && [ ! -e out/good/comtrade.dat ] || fail "formats of a former run"
exit 0
