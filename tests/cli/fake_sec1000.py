"""A SEC1000 on its LAN port as sec1000-lan-protocol describes it: fake_sec1000.py [TROUBLE].

Prints its port, then each request in hex. TROUBLE: pieces (answers byte by byte), checksum, status (15 hex to writes),
closed (no answer), silent.
"""

import socket
import struct
import sys
import time

trouble = sys.argv[1] if len(sys.argv) > 1 else ""
state = {"mode": 3, "capacity": 20300, "limit": 0, "phases": 2}
SWITCHES = {0x33: 1, 0x28: 2, 0x40: 3}
TELEMETRY = (2410, 2404, 2409, 480, 390, 508, 295, -114, -532, -351, 3386)


def received(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            return None
        data += part
    return data


def answer_data(command, data):
    if command == 0x0B:
        return struct.pack(">11i", *TELEMETRY)
    if command == 0x43:
        return struct.pack(">Biii", state["mode"], state["capacity"], 40, state["limit"])
    if trouble == "status":
        return b"\x15"
    if command == 0x42:
        state["capacity"], state["limit"], state["phases"] = struct.unpack(">iiB", data)
    elif command in SWITCHES:
        own = SWITCHES[command]
        if data[0] == 1:
            state["mode"] = own
        elif state["mode"] == own:
            state["mode"] = 0
    return b"\x03" if command == 0x05 else b"\x06"


def serve(connection):
    head = received(connection, 2)
    if head is None:
        return
    frame = received(connection, struct.unpack(">H", head)[0])
    if frame is None:
        return
    print((head + frame).hex(" "), flush=True)
    assert frame[:2] == b"\x01\x01" and sum(frame[:-2]) & 0xFFFF == struct.unpack(">H", frame[-2:])[0]
    if trouble == "closed":
        return
    if trouble == "silent":
        time.sleep(30)
        return
    body = frame[:3] + answer_data(frame[2], frame[3:-2])
    total = sum(body) + (1 if trouble == "checksum" else 0)
    answer = b"\x04REVO" + struct.pack(">H", len(body) + 2) + body + struct.pack(">H", total & 0xFFFF)
    if trouble != "pieces":
        connection.sendall(answer)
        return
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(len(answer)):
        connection.sendall(answer[at : at + 1])
        time.sleep(0.001)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    with client:
        serve(client)
