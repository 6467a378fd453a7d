"""pymodbus on a serial line and on TCP at the same time, for a while: every answer is right."""

import argparse
import asyncio
import time

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

# Blocks that a client reads each cycle (goodwe-et-modbus 9); 35001 is the rated power.
BLOCKS = ((35000, 33), (35100, 125), (36000, 45), (37000, 24))
RATED_W = 10000
# A register that takes what is written: the EMS power (goodwe-et-modbus 6.4).
EMS_POWER = 47512


async def poll(name, client, unit, until, pause_s):
    await client.connect()
    count = 0
    while time.monotonic() < until:
        for first, registers in BLOCKS:
            reply = await client.read_holding_registers(first, registers, slave=unit)
            assert not reply.isError(), f"{name}: {first} x{registers}: {reply}"
            assert len(reply.registers) == registers, f"{name}: {len(reply.registers)} of {registers}"
            if first == 35000:
                assert reply.registers[1] == RATED_W, f"{name}: {reply.registers}"
            count += 1
        value = count % 5000
        assert not (await client.write_register(EMS_POWER, value, slave=unit)).isError()
        reply = await client.read_holding_registers(EMS_POWER, 1, slave=unit)
        assert reply.registers == [value], f"{name}: {reply.registers} instead of {value}"
        count += 2
        await asyncio.sleep(pause_s)
    closing = client.close()
    if asyncio.iscoroutine(closing):  # as in pymodbus 3.0
        await closing
    print(f"pymodbus {name}: {count} requests, no error")
    assert count >= 6


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--serial", required=True)
    parser.add_argument("--tcp", type=int, required=True)
    options = parser.parse_args()
    until = time.monotonic() + options.seconds
    line = AsyncModbusSerialClient(port=options.serial, baudrate=9600, parity="N", stopbits=1, timeout=3)
    tcp = AsyncModbusTcpClient("127.0.0.1", port=options.tcp, timeout=3)
    await asyncio.gather(poll("line", line, 11, until, 0.05), poll("tcp", tcp, 247, until, 0.02))


asyncio.run(main())
