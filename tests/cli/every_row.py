"""mbpoll and pymodbus read every row of a register map, and write back what they read where that is allowed.

usage: every_row.py UNIT TCP_PORT SERIAL_PATH <ROWS, what `hilbench list --registers` prints
"""

import re
import subprocess
import sys

from pymodbus.client import ModbusTcpClient

ROW = re.compile(r"^(holding|input|coils|discrete)\s+(\d+)(?:\.\.(\d+))?\s+\S+\s+(read/write|read|write)\s")
# Types of mbpoll, and the reading functions of pymodbus.
TABLES = {"holding": ("4", "read_holding_registers"), "input": ("3", "read_input_registers")}


def rows(lines):
    for line in lines:
        found = ROW.match(line)
        if found and found[4] != "write":
            first = int(found[2])
            yield found[1], first, int(found[3] or first) - first + 1, found[4] == "read/write"


def mbpoll(where, table, first, count, values=()):
    call = ["mbpoll", "-0", "-1", *where[:-1], "-t", TABLES[table][0], "-r", str(first)]
    call += ["-c", str(count), where[-1]] if not values else [where[-1], *map(str, values)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=10)
    if done.returncode != 0:
        sys.exit(f"{' '.join(call)}: {done.stdout}{done.stderr}")
    return [int(value) for value in re.findall(r"^\[\d+\]:\s+(\d+)", done.stdout, re.MULTILINE)]


def main():
    unit, port, serial = sys.argv[1:]
    wires = {
        "TCP": ["-m", "tcp", "-p", port, "-a", unit, "127.0.0.1"],
        "RTU": ["-m", "rtu", "-b", "9600", "-P", "none", "-a", unit, serial],
    }
    client = ModbusTcpClient("127.0.0.1", port=int(port))
    client.connect()
    read = written = 0
    for table, first, count, writable in rows(sys.stdin):
        for name, where in wires.items():
            values = mbpoll(where, table, first, count)
            if len(values) != count:
                sys.exit(f"mbpoll, {name}: {len(values)} values of {count} from {first} on")
            if writable:
                mbpoll(where, table, first, count, values)
        answer = getattr(client, TABLES[table][1])(first, count, int(unit))
        if answer.isError() or len(answer.registers) != count:
            sys.exit(f"pymodbus: {first}: {answer}")
        if writable and client.write_registers(first, answer.registers, int(unit)).isError():
            sys.exit(f"pymodbus: {first} cannot be written")
        read += 1
        written += writable
    client.close()
    print(f"{read} rows read, {written} written")


main()
