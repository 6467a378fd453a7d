"""mbpoll and pymodbus read every row of a register map over TCP and over a line, and write back what they read where
that is allowed; what was written must be there when it is read again.

usage: every_row.py UNIT TCP_PORT SERIAL_PATH [06] <ROWS, what `hilbench list --registers` prints

06: the device has no function 16. A map with write addresses of their own (write_06, write_16) is written there with
what the row of the same name reads; the one called unlock_password gets 2014 first.
"""

import math
import re
import subprocess
import sys
from typing import NamedTuple

from pymodbus.client import ModbusSerialClient, ModbusTcpClient

LIMITS = re.compile(r"; takes (-?[\d.]+)\D*? to (-?[\d.]+)")
ROW = re.compile(r"^(\w+)\s+(\d+)(?:\.\.(\d+))?\s+(\S+)\s+(read/write|read|write)\s+(\S+)")
# Types of mbpoll, and the reading functions of pymodbus.
TABLES = {"holding": ("4", "read_holding_registers"), "input": ("3", "read_input_registers")}
USER_LEVEL = 2014
# A clock goes on, and an energy counter may move, between a write and the reading after it.
TRIALS = 4


class Row(NamedTuple):
    table: str
    first: int
    count: int
    scale: str
    access: str
    name: str
    limits: tuple

    def allowed(self, values):
        """These, or the least that it takes where a device holds at first what nobody may write."""
        if not self.limits or len(values) != 1:
            return values
        lowest, highest = self.limits
        signed = values[0] - 0x10000 if lowest < 0 and values[0] > 0x7FFF else values[0]
        if lowest <= signed * float(self.scale) <= highest:
            return values
        return [math.ceil(lowest / float(self.scale)) & 0xFFFF]


def rows(lines):
    for line in lines:
        found = ROW.match(line)
        if found:
            first = int(found[2])
            limits = LIMITS.search(line)
            bounds = (float(limits[1]), float(limits[2])) if limits else ()
            yield Row(found[1], first, int(found[3] or first) - first + 1, found[4], found[5], found[6], bounds)


class Mbpoll:
    def __init__(self, where):
        self.options, self.target = ["mbpoll", "-0", "-1", "-o", "10", *where[:-1]], where[-1]

    def call(self, options, values=()):
        call = [*self.options, *options, self.target, *map(str, values)]
        done = subprocess.run(call, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            sys.exit(f"{' '.join(call)}: {done.stdout}{done.stderr}")
        return [int(value) for value in re.findall(r"^\[\d+\]:\s+(\d+)", done.stdout, re.MULTILINE)]

    def read(self, row):
        return self.call(["-t", TABLES[row.table][0], "-r", str(row.first), "-c", str(row.count)])

    def write(self, first, values, _):
        self.call(["-t", "4", "-r", str(first)], values)

    def close(self):
        pass


class Pymodbus:
    def __init__(self, client, unit):
        self.client, self.unit = client, unit
        if not client.connect():
            sys.exit(f"pymodbus: no connection: {client}")

    def read(self, row):
        answer = getattr(self.client, TABLES[row.table][1])(row.first, row.count, self.unit)
        return [] if answer.isError() else answer.registers

    def write(self, first, values, function):
        if function == 6:
            answer = self.client.write_register(first, values[0], self.unit)
        else:
            answer = self.client.write_registers(first, values, self.unit)
        if answer.isError():
            sys.exit(f"pymodbus: {first} cannot be written: {answer}")

    def close(self):
        self.client.close()


def write(master, first, values, function):
    """By 06 a word at a time."""
    if function == 16:
        return master.write(first, values, 16)
    for place, value in enumerate(values):
        master.write(first + place, [value], 6)


def meet(name, master, row, targets):
    """Reads the row, writes what it reads by each of the (row, function) and expects it there again."""
    values = master.read(row)
    if len(values) != row.count:
        sys.exit(f"{name}: {len(values)} values of {row.count} from {row.first} on")
    for target, function in targets:
        values = target.allowed(values)
        for _ in range(TRIALS):
            write(master, target.first, values, function)
            again = master.read(row)
            if again == values:
                break
            values = again
        else:
            sys.exit(f"{name}: {row.first} ({row.name}) reads {again} after {values} was written")


def main():
    unit, port, serial = sys.argv[1:4]
    function = 6 if sys.argv[4:] == ["06"] else 16
    every = list(rows(sys.stdin))
    apart = {"write_06": 6, "write_16": 16}
    unlock = [row for row in every if row.table == "write_06" and row.name == "unlock_password"]
    wanted = [row for row in every if row.table in TABLES and row.access != "write"]
    # One after the other: two programs with one serial port open would take each other's replies.
    masters = {
        "mbpoll, TCP": lambda: Mbpoll(["-m", "tcp", "-p", port, "-a", unit, "127.0.0.1"]),
        "mbpoll, RTU": lambda: Mbpoll(["-m", "rtu", "-b", "9600", "-P", "none", "-a", unit, serial]),
        "pymodbus, TCP": lambda: Pymodbus(ModbusTcpClient("127.0.0.1", port=int(port)), int(unit)),
        "pymodbus, RTU": lambda: Pymodbus(
            ModbusSerialClient(port=serial, baudrate=9600, parity="N", stopbits=1, timeout=10), int(unit)
        ),
    }
    for name, opened in masters.items():
        master = opened()
        for row in unlock:
            master.write(row.first, [USER_LEVEL], 6)
        written = 0
        for row in wanted:
            targets = [(row, function)] if row.access == "read/write" else []
            for other in every:
                alike = (other.name, other.scale, other.count) == (row.name, row.scale, row.count)
                # mbpoll has no choice of function: it takes 06 for one register, 16 for more.
                known = other.count > 1 or other.table == "write_06" or isinstance(master, Pymodbus)
                if row.table == "holding" and other.table in apart and alike and known:
                    targets.append((other, apart[other.table]))
            meet(name, master, row, targets)
            written += len(targets)
        master.close()
    print(f"{len(wanted)} rows read, {written} written")


main()
