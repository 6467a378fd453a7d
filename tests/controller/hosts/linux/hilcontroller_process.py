"""hilcontroller as a process: hilcontroller_process.py HILCONTROLLER

Options and settings that it refuses, what it asks on its ports, its status, a port that is unplugged and comes back, what
it tells the service manager, how it ends.
"""
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

program = sys.argv[1]
work = tempfile.mkdtemp()
os.chdir(work)


def expect(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")


def refused(arguments, *texts):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=20)
    expect(done.returncode == 2, f"{arguments} ended with {done.returncode}: {done.stderr}")
    for text in texts:
        expect(text in done.stderr, f"{arguments} does not say \"{text}\" but: {done.stderr}")


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


class Wire:
    """A pseudo-terminal behind a link of fixed name, as udev makes one for an adapter."""

    def __init__(self, name):
        self.name = name
        self.plug()

    def plug(self):
        self.master, slave = pty.openpty()
        if os.path.lexists(self.name):
            os.unlink(self.name)
        os.symlink(os.ttyname(slave), self.name)
        self.slave = slave

    def unplug(self):
        os.unlink(self.name)
        os.close(self.slave)
        os.close(self.master)

    def request(self, timeout_s=5.0):
        """The next frame that is asked; None when there is none in time."""
        if not select.select([self.master], [], [], timeout_s)[0]:
            return None
        return os.read(self.master, 256)


site = {"com1": {"addresses": [7]}, "meter": {"address": 3}, "export_limit_w": 0, "total_capacity_w": 10000, "ct_ratio": 50}
json.dump(site, open("site.json", "w"), indent=1)
open("bad.json", "w").write('{\n"com1": {"addresses": [7]},\n"export_limit": 0,\n"total_capacity_w": 1, "export_limit_w": 0}')
com1, meter = Wire("com1"), Wire("meter")
ports = ["--com1", "com1", "--meter", "meter"]

# Each is one message and nothing else.
refused([], "--settings is missing")
refused([*ports, "--settings", "none.json"], "none.json: cannot be read")
refused([*ports, "--settings", "bad.json"], "bad.json:3: export_limit is unknown, known: com1, com2,")
refused(["--com1", "com1", "--settings", "site.json"], "--meter is missing")
refused(["--meter", "meter", "--settings", "site.json"], "the settings have inverters on com1, but --com1 is not given")
refused([*ports, "--com2", "x", "--settings", "site.json"], "--com2 is given, but the settings have no inverter on com2")
refused(["--com1", "com1:9601", "--meter", "meter", "--settings", "site.json"], 'baud is "9601", must be one of 1200')
refused(["--com1", "gone", "--meter", "meter", "--settings", "site.json"], "gone: No such file or directory")
refused([*ports, "--settings", "site.json", "--socket", "no/such/folder"], "--socket no/such/folder: No such file")
refused([*ports, "--settings", "site.json", "--lan", "localhost"], '--lan is "localhost", must be ADDRESS:PORT')
refused([*ports, "--settings", "site.json", "--lan", "203.0.113.1:1234"], "--lan 203.0.113.1:1234: Cannot assign")
refused([*ports, "--settings", "site.json", "--state", "site.json"], "--state site.json")
help_text = subprocess.run([program, "--help"], capture_output=True, text=True)
expect(help_text.returncode == 0 and "Example" in help_text.stdout, "--help has no example")
nobody = subprocess.run([program, "--status", "--socket", "status"], capture_output=True, text=True)
expect(nobody.returncode == 3 and "no hilcontroller answers at status" in nobody.stderr, "--status without one running")

manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("notify")
manager.settimeout(5)
environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(work, "notify"), WATCHDOG_USEC="400000")
running = subprocess.Popen(
    [program, *ports, "--settings", "site.json", "--socket", "status", "--status-every", "1"],
    stderr=open("log", "w"), env=environment)
try:
    expect(manager.recv(1000) == b"READY=1", "no READY=1")
    # Reads of the unit and the meter that the settings name, with sound checksums (goodwe-et-modbus 1.1).
    for wire, address, function in ((com1, 7, 3), (meter, 3, 4)):
        frame = wire.request()
        expect(frame is not None and frame[0] == address and frame[1] == function, f"{wire.name}: asked {frame}")
        expect(crc(frame[:-2]) == frame[-2:], f"{wire.name}: checksum of {frame}")
    expect(manager.recv(1000).startswith(b"WATCHDOG=1\nSTATUS=starting"), "no WATCHDOG=1 with the status")

    def status():
        return subprocess.run([program, "--status", "--socket", "status"], capture_output=True, text=True).stdout

    text = status()
    for part in ("grid import never heard, 0 of 1 inverters answer", "COM1 unit 7: does not answer",
                 "plant: PV unknown", "SOC mean unknown, weighted unknown", "meter L3: unknown", "COM1 unit 7: PV unknown",
                 "COM1 unit 7: today PV unknown",
                 "meter meter 9600,8N1: open", "unplugged 0 times"):
        expect(part in text, f"status does not say \"{part}\" but: {text}")
    second = subprocess.run([program, *ports, "--settings", "site.json", "--socket", "status"], capture_output=True, text=True)
    expect(second.returncode == 2 and "in use by another controller" in second.stderr, f"two at once: {second.stderr}")

    com1.unplug()
    time.sleep(0.3)
    expect("COM1 com1 9600,8N1: gone" in status(), f"status of an unplugged port: {status()}")
    com1.plug()
    frame = com1.request(8.0)
    expect(frame is not None and frame[0] == 7, "the port is not used again when it is back")
    expect("unplugged 1 times" in status(), f"status of a port that is back: {status()}")

    def last_told():
        told = b""
        while select.select([manager], [], [], 0.05)[0]:
            told = manager.recv(1000)
        return told

    last_told()  # the socket holds ten and then takes no more
    running.send_signal(signal.SIGTERM)
    expect(running.wait(5) == 0, f"ended with {running.returncode} on SIGTERM")
    told = last_told()
    expect(told == b"STOPPING=1", f"last told: {told}")
    expect(not os.path.exists("status"), "the status socket was left behind")
    log = open("log").read()
    for part in ("COM1: com1 at 9600,8N1", "is gone", "is back", "ended on a signal"):
        expect(part in log, f"log does not say \"{part}\" but: {log}")
finally:
    running.kill()

# The leader of a fleet: what it refuses, the first status that it asks for (sinexcel-pcs-modbus 2.1 and 17), what it tells of itself.
fleet = {"role": "fleet", "com1": {"addresses": [7]}, "unit_rating_w": 100000, "mode": "power", "ac_injection_w": 50000}
json.dump(fleet, open("fleet.json", "w"), indent=1)
json.dump({**fleet, "transfer_switch": True}, open("switch.json", "w"), indent=1)
json.dump({**fleet, "meter": {"address": 3}}, open("meter.json", "w"), indent=1)
refused(["--com1", "com1", "--settings", "switch.json"], "transfer_switch must be false: a serial adapter has no contact")
refused([*ports, "--settings", "fleet.json"], "--meter is given, but the settings have no meter")
refused(["--com1", "com1", "--settings", "meter.json"], "the settings have a meter, but --meter is not given")
refused(["--com2", "com1", "--settings", "fleet.json"], "the settings have converters on com1, but --com1 is not given")
refused(["--com1", "com1", "--settings", "fleet.json", "--lan", "127.0.0.1:0"], "--lan: the leader of a fleet has no LAN server")
com1.plug()  # nothing of before lies there


def lead(*more):
    return subprocess.Popen([program, "--com1", "com1:19200,8N1", "--settings", "fleet.json", "--socket", "status", *more],
                            stderr=open("log", "w"))


def heard():
    """The status, as soon as there is one."""
    for _ in range(100):
        if text := status():
            return text
        time.sleep(0.05)
    return ""


running = lead()
try:
    frame = com1.request()
    expect(frame is not None and frame[:6] == bytes.fromhex("0703CF120013"), f"a leader asks first: {frame}")
    expect(crc(frame[:-2]) == frame[-2:], f"checksum of {frame}")
    text = status()
    for part in ("power, no meter, 0 of 1 converters run, ordered", "COM1 unit 7: does not answer, SOC 50 % as counted",
                 "COM1 com1 19200,8N1: open", "mode power, power 50000 W, 0 var"):
        expect(part in text, f"a leader's status does not say \"{part}\" but: {text}")

    # Orders: taken, refused, and kept over a power cut until the installer changes the settings.
    def ordered(words):
        return subprocess.run([program, "--order", words, "--socket", "status"], capture_output=True, text=True)

    done = ordered("power 70000 -1000")
    expect(done.returncode == 0 and "mode power, power 70000 W, -1000 var" in done.stdout, f"order: {done}")
    known = "is no order, known: stop, power W [VAR], self_consumption [IMPORT_W [VAR]], release"
    form = "power W [VAR]"
    for words, why in (("fast", f'"fast" {known}'), ("off_grid", f'"off_grid" {known}'),
                       ("power", f'"power" has 0 numbers, must be {form}'),
                       ("power 1 2 3", f'"power 1 2 3" has 3 numbers, must be {form}'),
                       ("stop 1", '"stop 1" has 1 number, must be stop'),
                       ("power much", f'"much" is no number, must be {form}'),
                       ("power nan", f'"nan" is no number, must be {form}'),
                       ("power 7e6", "7e6 W is beyond the ratings, must be -100000..100000: 1 converter of 100000 W"),
                       ("power 1 -7e6", "-7e6 var is beyond the ratings, must be -100000..100000: 1 converter of 100000 var")):
        done = ordered(words)
        expect(done.returncode == 2 and f"refused: {why}" in done.stderr, f"{words}: {done}")
    for words in ("", "  "):  # which is no wish to run
        done = ordered(words)
        expect(done.returncode == 2 and "must not be empty, stop is an order" in done.stderr, f"empty order: {done}")
    expect("mode power, power 70000 W, -1000 var" in status(), f"an order that was refused changed something: {status()}")
    done = ordered("self_consumption")
    expect(done.returncode == 2 and "self_consumption needs a meter" in done.stderr, f"order: {done}")
    expect(ordered("release").returncode == 0, "release")
    for expected in (50000, 20000):  # without --state the order was kept by nobody
        running.kill()  # as a power cut
        running.wait()
        running = lead("--state", "kept_fleet")
        expect(f"mode power, power {expected} W" in heard(), f"after a power cut: {status()}")
        expect(ordered("power 20000").returncode == 0, "an order that is to be kept")
    running.kill()
    running.wait()
    json.dump({**fleet, "lowest_soc": 0.2}, open("fleet.json", "w"), indent=1)
    running = lead("--state", "kept_fleet")
    expect("mode power, power 50000 W" in heard(), f"changed settings do not count: {status()}")
    running.send_signal(signal.SIGTERM)
    expect(running.wait(5) == 0, f"a leader ended with {running.returncode} on SIGTERM")
finally:
    running.kill()

# LAN clients, and what they change outlives the program until the installer changes the settings (sec1000-lan-protocol 3).
READ_LIMIT = bytes.fromhex("00050101430045")
SEVEN_KW = bytes.fromhex("000E01014200004F4C00001B58020154")


def start():
    process = subprocess.Popen(
        [program, *ports, "--settings", "site.json", "--socket", "status", "--lan", "127.0.0.1:0", "--state", "kept"],
        stderr=open("log", "w"))
    for _ in range(100):
        if "LAN: TCP" in open("log").read():
            return process, int(open("log").read().split("LAN: TCP 127.0.0.1:")[1].split()[0])
        time.sleep(0.05)
    process.kill()
    sys.exit(f"FAILED: the log does not say where the LAN server is: {open('log').read()}")


def client(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(5)
    return connection


def limit_w(port):
    """Asks and ends its side at once: it is answered all the same, in one segment."""
    with client(port) as connection:
        connection.sendall(READ_LIMIT)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(256)
        expect(answer[:5] == b"\x04REVO" and connection.recv(1) == b"", f"answer: {answer.hex(' ')}")
        return int.from_bytes(answer[7 + 12:7 + 16], "big")


running, port = start()
try:
    expect(limit_w(port) == 0, "the settings' limit")
    first, second, third = client(port), client(port), client(port)
    expect(third.recv(1) == b"", "a third client was not closed")
    first.sendall(b"GET / HTTP/1.1\r\n\r\n")  # garbage, and then a request in pieces
    for byte in SEVEN_KW:
        first.sendall(bytes([byte]))
    expect(first.recv(256)[7 + 2:7 + 4] == b"\x42\x06", "the limit was not taken")
    second.close()
    first.close()
    expect(limit_w(port) == 7000, "the limit that was written")
    text = status()
    for part in (f"LAN 127.0.0.1:{port}: 0 of 2 clients, 1 refused", "mode value, export limit 7000 W, 0 freezes cured"):
        expect(part in text, f"status does not say \"{part}\" but: {text}")
    time.sleep(0.2)
    running.kill()  # as a power cut
    running.wait()
    running, port = start()
    expect(limit_w(port) == 7000, "the limit is forgotten after a power cut")
    running.kill()
    running.wait()
    site["export_limit_w"] = 500
    json.dump(site, open("site.json", "w"), indent=1)
    running, port = start()
    expect(limit_w(port) == 500, "changed settings do not count")
finally:
    running.kill()
