"""Clients of the SEC1000's LAN protocol against `hilbench serve --lan`: as the two public ones do it (one connection
for each command; 7 bytes, then one receive for the rest), as netcat does, and as nobody should."""

import argparse
import socket
import time

READ_TELEMETRY = bytes.fromhex("000501010B000D")
READ_LIMIT = bytes.fromhex("00050101430045")
VALUE_ON, VALUE_OFF = bytes.fromhex("0006010140010043"), bytes.fromhex("0006010140020044")
DRED_OFF, RCR_OFF = bytes.fromhex("0006010133020037"), bytes.fromhex("000601012802002C")
SEVEN_KW = bytes.fromhex("000E01014200004F4C00001B58020154")
CLOCK = bytes.fromhex("000C010105190500180B03270072")


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(5)
    return connection


def read_response(connection):
    """7 bytes, then exactly one receive: a response in two segments fails here, as it fails there."""
    head = connection.recv(7)
    assert head[:5] == b"\x04REVO" and head[5] == 0, head.hex(" ")
    body = connection.recv(256)
    assert len(body) == head[6], (head.hex(" "), body.hex(" "))
    assert sum(body[:-2]) & 0xFFFF == int.from_bytes(body[-2:], "big"), body.hex(" ")
    return body


def exchange(port, request):
    with connect(port) as connection:
        connection.sendall(request)
        return read_response(connection)


def values(body):
    return [int.from_bytes(body[at : at + 4], "big", signed=True) for at in range(3, len(body) - 2, 4)]


def commands(port):
    telemetry = values(exchange(port, READ_TELEMETRY))
    assert len(telemetry) == 11
    assert all(2200 < tenths < 2400 for tenths in telemetry[:3]), telemetry
    limit = exchange(port, READ_LIMIT)
    assert limit[3] == 3 and int.from_bytes(limit[12:16], "big") == 0, limit.hex(" ")
    assert exchange(port, CLOCK)[2:4] == b"\x05\x03"


def limit_acts(port):
    """The four exchanges of a new limit, without a pause, and the plant follows; then limit off."""
    for request, command in ((SEVEN_KW, 0x42), (DRED_OFF, 0x33), (RCR_OFF, 0x28), (VALUE_ON, 0x40)):
        assert exchange(port, request)[2:4] == bytes([command, 0x06])
    wait_for(port, lambda export_w: 6500 < export_w < 7200)
    assert exchange(port, VALUE_OFF)[2:4] == b"\x40\x06"
    assert exchange(port, READ_LIMIT)[3] == 0
    wait_for(port, lambda export_w: export_w > 8000)


def wait_for(port, holds):
    for _ in range(100):
        export_w = values(exchange(port, READ_TELEMETRY))[9]
        if holds(export_w):
            return
        time.sleep(0.1)
    raise AssertionError(f"the meter shows {export_w} W")


def half_closed(port):
    """As netcat: the request, then the end of the own side. Answered, then closed; likewise three at once."""
    for count in (1, 3):
        with connect(port) as connection:
            connection.sendall(READ_LIMIT * count)
            connection.shutdown(socket.SHUT_WR)
            got = b""
            while piece := connection.recv(4096):
                got += piece
            assert len(got) == 25 * count, got.hex(" ")


def in_pieces(port):
    with connect(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(3):
            for byte in READ_LIMIT:
                connection.sendall(bytes([byte]))
                time.sleep(0.005)
            assert len(read_response(connection)) == 18


def third_is_refused(port):
    first, second = connect(port), connect(port)
    first.sendall(READ_LIMIT)
    second.sendall(READ_LIMIT)
    assert len(read_response(first)) == len(read_response(second)) == 18
    with connect(port) as third:
        assert third.recv(1) == b"", "a third client is to be closed at once"
    first.close()
    time.sleep(0.2)
    assert len(exchange(port, READ_LIMIT)) == 18
    second.close()


def floods(port):
    """Garbage without end and malformed lengths on one connection hold up nobody else."""
    noisy = connect(port)
    for head in (b"\x00\x00", b"\x00\x01", b"\xff\xff", b"GET / HTTP/1.0\r\n\r\n"):
        noisy.sendall(head + b"\x01\x01\x0b")
    noisy.setblocking(False)
    longest_s = 0.0
    for _ in range(20):
        for _ in range(50):
            try:
                noisy.send(b"\x00\x05\x01\x02" * 1024)
            except BlockingIOError:
                break
        began = time.monotonic()
        exchange(port, READ_TELEMETRY)
        longest_s = max(longest_s, time.monotonic() - began)
    assert longest_s < 2.0, longest_s
    noisy.close()
    # Too many requests ahead: this one is closed.
    time.sleep(0.2)
    with connect(port) as greedy:
        try:
            greedy.sendall(READ_TELEMETRY * 500)
            while greedy.recv(4096):
                pass
        except ConnectionResetError:
            pass
    assert len(exchange(port, READ_LIMIT)) == 18


def overload(port):
    """13 requests within 3 s are too many: five short answers, then nothing."""
    kinds = []
    for _ in range(20):
        with connect(port) as connection:
            connection.settimeout(0.2)
            connection.sendall(READ_TELEMETRY)
            try:
                kinds.append(len(read_response(connection)))
            except TimeoutError:
                kinds.append(0)
        if kinds[-1] == 0:
            break
    assert kinds == [49] * 12 + [6] * 5 + [0], kinds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lan", type=int, required=True)
    parser.add_argument("--overload", action="store_true")
    options = parser.parse_args()
    if options.overload:
        overload(options.lan)
        return
    time.sleep(3)  # 30 s of the plant: its limits have settled
    for part in (commands, limit_acts, half_closed, in_pieces, third_is_refused, floods):
        part(options.lan)
        print(part.__name__, "ok", flush=True)


main()
