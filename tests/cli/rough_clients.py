"""Clients as no one wants them, against a device on Modbus TCP: dying, flooding, sending byte by byte, talking no Modbus."""

import argparse
import socket
import struct

REQUEST = bytes([0, 1, 0, 0, 0, 6, 247, 3]) + (35001).to_bytes(2, "big") + bytes([0, 1])
REPLY = bytes([0, 1, 0, 0, 0, 5, 247, 3, 2]) + (10000).to_bytes(2, "big")


def connected(port):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def asks(client):
    client.sendall(REQUEST)
    reply = client.recv(100)
    assert reply == REPLY, reply


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tcp", type=int, required=True)
    port = parser.parse_args().tcp

    steady = connected(port)
    asks(steady)

    dying = connected(port)
    dying.sendall(REQUEST[:7])
    # No friendly end but a reset.
    dying.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    dying.close()
    asks(steady)

    flooding = connected(port)
    flooding.setblocking(False)
    sent = 0
    try:
        for _ in range(20000):
            sent += flooding.send(REQUEST)
    except BlockingIOError:
        pass
    assert sent > 1000 * len(REQUEST), sent
    asks(steady)
    flooding.close()

    slow = connected(port)
    for byte in REQUEST:
        slow.sendall(bytes([byte]))
    assert slow.recv(100) == REPLY

    stranger = connected(port)
    stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert stranger.recv(100) == b""

    # More than are served at a time, none of them with a word: whoever was silent longest makes room.
    crowd = []
    for _ in range(80):
        crowd.append(connected(port))
        asks(steady)
    asks(crowd[-1])
    assert crowd[0].recv(1) == b"", "the client that was silent longest is still there"
    for client in crowd:
        client.close()
    asks(steady)


main()
