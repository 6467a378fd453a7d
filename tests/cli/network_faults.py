"""Each fault of the network against `hilbench serve`: what a client sees while it is on, and that all is well after."""

import argparse
import re
import socket
import struct
import threading
import time

from pymodbus.client import ModbusTcpClient

from modbus_crc import crc

# A register that keeps what is written, and that the controller on the line leaves alone: the insulation limit.
KEPT = 45245
# From a fault's begin to its end; what waits for one waits no longer.
LONGEST_S = 20.0


class Bench:
    """What serve has printed so far."""

    def __init__(self, log):
        self.log = log

    def wait(self, device, kind, what):
        # With the fault's parameters in brackets.
        line = re.compile(rf"fault {device} {kind}( \(.*\))? {what}\n")
        end = time.monotonic() + LONGEST_S
        while time.monotonic() < end:
            with open(self.log, encoding="utf-8") as log:
                if line.search(log.read()):
                    return
            time.sleep(0.02)
        raise AssertionError(f"never seen: {line.pattern}")


class Tcp:
    """One device on Modbus TCP."""

    def __init__(self, port):
        self.port = port
        self.number = 0

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, connection, count=1):
        """Sends a read of 35000 and gives the sound reply that should come, but for its data."""
        self.number += 1
        head = struct.pack(">HHHBB", self.number, 0, 6, 247, 3)
        connection.sendall(head + struct.pack(">HH", 35000, count))
        return struct.pack(">HHHBBB", self.number, 0, 3 + 2 * count, 247, 3, 2 * count)

    @staticmethod
    def read(connection, size):
        reply = b""
        while len(reply) < size:
            more = connection.recv(size - len(reply))
            assert more, "closed"
            reply += more
        return reply

    def well(self, connection):
        sound = self.ask(connection)
        assert self.read(connection, 11)[:9] == sound


def silent(connection, for_s=0.4):
    connection.settimeout(for_s)
    try:
        got = connection.recv(4096)
        raise AssertionError(f"an answer: {got!r}")
    except socket.timeout:
        pass
    connection.settimeout(5)


def is_reset(connection):
    try:
        return connection.recv(100) == b"never"
    except ConnectionResetError:
        return True


def refused(tcp, bench, device):
    before = tcp.connect()
    bench.wait(device, "tcp_refused", "begins")
    tcp.well(before)
    try:
        tcp.connect()
        raise AssertionError("connected")
    except ConnectionRefusedError:
        pass
    assert not ModbusTcpClient("127.0.0.1", port=tcp.port).connect()
    # Somebody else takes the port meanwhile, and gives it back later.
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", tcp.port))
        other.listen()
        bench.wait(device, "tcp_refused", "ends")
        time.sleep(0.3)
        tcp.well(before)
    deadline = time.monotonic() + 5
    while True:
        try:
            return tcp.well(tcp.connect())
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "does not listen again"
            time.sleep(0.05)


def reset(tcp, bench, device):
    bench.wait(device, "tcp_reset", "begins")
    connection = tcp.connect()
    tcp.ask(connection)
    assert is_reset(connection)
    bench.wait(device, "tcp_reset", "ends")
    tcp.well(tcp.connect())


def reset_at_once(tcp, bench, device):
    idle = tcp.connect()
    tcp.well(idle)
    bench.wait(device, "tcp_reset", "begins")
    assert is_reset(idle)
    try:
        assert is_reset(tcp.connect())
    except ConnectionResetError:
        pass  # before connect() was through
    bench.wait(device, "tcp_reset", "ends")
    tcp.well(tcp.connect())


def stall(tcp, bench, device):
    bench.wait(device, "tcp_stall", "begins")
    connection = tcp.connect()
    sound = tcp.ask(connection)
    silent(connection)
    client = ModbusTcpClient("127.0.0.1", port=tcp.port, timeout=1, retries=0)
    assert client.connect()
    assert client.read_holding_registers(35000, 1, slave=247).isError()
    bench.wait(device, "tcp_stall", "ends")
    assert tcp.read(connection, 11)[:9] == sound


def half_open(tcp, bench, device):
    connection = tcp.connect()
    tcp.well(connection)
    bench.wait(device, "tcp_half_open", "begins")
    tcp.ask(connection)
    silent(connection)
    newcomer = tcp.connect()
    tcp.ask(newcomer)
    silent(newcomer)
    bench.wait(device, "tcp_half_open", "ends")
    assert is_reset(connection), "the device is back and does not know it"
    assert is_reset(newcomer), "nor what was asked while it was gone"
    tcp.well(tcp.connect())


def delay(tcp, bench, device):
    bench.wait(device, "tcp_delay", "begins")
    connection = tcp.connect()
    begin = time.monotonic()
    tcp.well(connection)
    assert time.monotonic() - begin > 0.28
    bench.wait(device, "tcp_delay", "ends")


def jitter(tcp, bench, device):
    bench.wait(device, "tcp_jitter", "begins")
    connection = tcp.connect()
    taken = []
    for _ in range(6):
        begin = time.monotonic()
        tcp.well(connection)
        taken.append(time.monotonic() - begin)
    assert max(taken) > 0.05, taken
    bench.wait(device, "tcp_jitter", "ends")


def split(tcp, bench, device):
    bench.wait(device, "tcp_split", "begins")
    connection = tcp.connect()
    begin = time.monotonic()
    sound = tcp.ask(connection, 33)
    pieces = []
    while sum(len(piece) for piece in pieces) < 75:
        pieces.append(connection.recv(4096))
    assert time.monotonic() - begin > 0.08, "nine pauses of 10 ms between pieces of 8 bytes"
    assert len(pieces) > 1 and b"".join(pieces)[:9] == sound, pieces
    bench.wait(device, "tcp_split", "ends")


def merged(tcp, bench, device):
    bench.wait(device, "tcp_merged", "begins")
    connection = tcp.connect()
    first = tcp.ask(connection)
    silent(connection, 0.1)
    second = tcp.ask(connection)
    both = connection.recv(4096)
    assert len(both) == 22 and both[:9] == first and both[11:20] == second, both
    bench.wait(device, "tcp_merged", "ends")


def header(kind, change):
    def seen(tcp, bench, device):
        bench.wait(device, kind, "begins")
        connection = tcp.connect()
        sound = bytearray(tcp.ask(connection))
        change(sound)
        reply = tcp.read(connection, 11)
        assert reply[:9] == bytes(sound), reply
        bench.wait(device, kind, "ends")
        tcp.well(connection)

    return seen


def wrong_length(frame):
    frame[4:6] = (6).to_bytes(2, "big")


def wrong_transaction(frame):
    frame[0:2] = (int.from_bytes(frame[0:2], "big") + 1).to_bytes(2, "big")


def wrong_protocol(frame):
    frame[2:4] = (1).to_bytes(2, "big")


def wrong_unit(frame):
    frame[6] = 9


class Dongle:
    """One inverter's dongle."""

    def __init__(self, port, discovery):
        self.port = port
        self.discovery = discovery
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(5)

    def send(self, pdu):
        frame = bytes([247]) + pdu
        self.socket.sendto(frame + crc(frame), ("127.0.0.1", self.port))

    def ask(self, count=1):
        self.send(struct.pack(">BHH", 3, 35000, count))

    def write(self, value):
        self.send(struct.pack(">BHH", 6, KEPT, value))

    def kept(self):
        self.send(struct.pack(">BHH", 3, KEPT, 1))
        return int.from_bytes(self.receive()[5:7], "big")

    def receive(self):
        return self.socket.recv(4096)

    def well(self):
        self.ask()
        assert_whole(self.receive(), 1)


def assert_whole(reply, count):
    assert reply[:5] == bytes([0xAA, 0x55, 247, 3, 2 * count]) and len(reply) == 7 + 2 * count, reply
    assert crc(reply[2:-2]) == reply[-2:]


def dongle_silent(dongle, bench, device):
    bench.wait(device, "dongle_silent", "begins")
    dongle.ask()
    silent(dongle.socket)
    dongle.socket.sendto(b"WIFIKIT-214028-READ", ("127.0.0.1", dongle.discovery))
    assert b"Solar-WiFi" in dongle.receive(), "the other dongle's"
    silent(dongle.socket, 0.1)
    bench.wait(device, "dongle_silent", "ends")
    dongle.well()


def request_dropped(dongle, bench, device):
    dongle.write(1111)
    dongle.receive()
    bench.wait(device, "udp_request_dropped", "begins")
    dongle.write(2222)
    silent(dongle.socket)
    bench.wait(device, "udp_request_dropped", "ends")
    assert dongle.kept() == 1111


def reply_dropped(dongle, bench, device):
    bench.wait(device, "udp_reply_dropped", "begins")
    dongle.write(3333)
    silent(dongle.socket)
    bench.wait(device, "udp_reply_dropped", "ends")
    assert dongle.kept() == 3333


def udp_delay(dongle, bench, device):
    bench.wait(device, "udp_delay", "begins")
    begin = time.monotonic()
    dongle.well()
    assert time.monotonic() - begin > 0.4, "0.3 s and its own 0.12 s"
    bench.wait(device, "udp_delay", "ends")
    begin = time.monotonic()
    dongle.well()
    assert time.monotonic() - begin > 0.1, "its own"


def udp_jitter(dongle, bench, device):
    bench.wait(device, "udp_jitter", "begins")
    for _ in range(3):
        dongle.well()
    bench.wait(device, "udp_jitter", "ends")


def late(dongle, bench, device):
    bench.wait(device, "udp_late", "begins")
    dongle.ask(33)
    silent(dongle.socket)
    dongle.ask(1)
    assert_whole(dongle.receive(), 33)
    bench.wait(device, "udp_late", "ends")
    dongle.ask(2)
    assert_whole(dongle.receive(), 1)
    assert_whole(dongle.receive(), 2)


def duplicated(dongle, bench, device):
    bench.wait(device, "udp_duplicated", "begins")
    dongle.ask()
    first = dongle.receive()
    assert_whole(first, 1)
    assert dongle.receive() == first
    bench.wait(device, "udp_duplicated", "ends")


def doubled(dongle, bench, device):
    bench.wait(device, "udp_doubled", "begins")
    dongle.ask()
    reply = dongle.receive()
    assert len(reply) == 18 and reply[:9] == reply[9:], reply
    bench.wait(device, "udp_doubled", "ends")


def truncated(dongle, bench, device):
    bench.wait(device, "udp_truncated", "begins")
    dongle.ask(33)
    assert len(dongle.receive()) == 42
    bench.wait(device, "udp_truncated", "ends")


def udp_split(dongle, bench, device):
    bench.wait(device, "udp_split", "begins")
    dongle.ask(33)
    first = dongle.receive()
    second = dongle.receive()
    assert len(first) == 37, first
    assert_whole(first + second, 33)
    bench.wait(device, "udp_split", "ends")


def udp_merged(dongle, bench, device):
    bench.wait(device, "udp_merged", "begins")
    dongle.ask(1)
    dongle.ask(2)
    both = dongle.receive()
    assert_whole(both[:9], 1)
    assert_whole(both[9:], 2)
    bench.wait(device, "udp_merged", "ends")
    dongle.well()


failures = []


def in_turn(client, bench, device, cases):
    for case in cases:
        try:
            case(client, bench, device)
        except Exception as error:  # pylint: disable=broad-except  # each thread tells its own
            failures.append(f"{device}: {getattr(case, '__name__', case)}: {error!r}")
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    for name in ("tcp1", "tcp2", "udp1", "udp2", "discovery"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    bench = Bench(options.log)
    turns = [
        (Tcp(options.tcp1), "et1", [refused, reset, stall, half_open, delay, jitter]),
        (
            Tcp(options.tcp2),
            "et2",
            [
                split,
                merged,
                header("tcp_wrong_length", wrong_length),
                header("tcp_wrong_transaction", wrong_transaction),
                header("tcp_wrong_protocol", wrong_protocol),
                header("tcp_wrong_unit", wrong_unit),
                reset_at_once,
            ],
        ),
        (
            Dongle(options.udp1, options.discovery),
            "et1",
            [dongle_silent, request_dropped, reply_dropped, udp_delay, udp_jitter, late],
        ),
        (
            Dongle(options.udp2, options.discovery),
            "et2",
            [duplicated, doubled, truncated, udp_split, udp_merged],
        ),
    ]
    threads = [threading.Thread(target=in_turn, args=(c, bench, d, cases)) for c, d, cases in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, "\n".join(failures)


main()
