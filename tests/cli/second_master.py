"""A master on a serial line that another one has already: sound by itself, and it takes no heed of locks."""

import os
import select
import sys
import time
import tty

from modbus_crc import crc


def main():
    path, seconds = sys.argv[1], float(sys.argv[2])
    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port)
    body = bytes([2, 3]) + (35001).to_bytes(2, "big") + bytes([0, 1])
    asked = answered = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        os.write(port, body + crc(body))
        asked += 1
        if select.select([port], [], [], 0.3)[0]:
            answered += os.read(port, 256) == bytes.fromhex("02030227 10") + crc(bytes.fromhex("0203022710"))
        time.sleep(0.02)
    print(f"{asked} requests, {answered} replies as if it were alone")
    assert asked > 3


main()
