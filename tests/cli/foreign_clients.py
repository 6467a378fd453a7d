"""Clients that others wrote against `hilbench serve`: pymodbus over TCP and serial, plain sockets for the dongle."""

import argparse
import socket
import struct

from pymodbus.client import ModbusSerialClient, ModbusTcpClient

from modbus_crc import crc

# A register that takes what is written: the EMS power, 47512 (goodwe-et-modbus 6.4).
EMS_POWER = 47512


def blocks(client, unit):
    """The blocks that a real client reads each cycle (goodwe-et-modbus 9)."""
    for first, count in ((35000, 33), (35100, 125), (36000, 45), (37000, 24)):
        reply = client.read_holding_registers(first, count, slave=unit)
        assert not reply.isError(), f"{first} x{count}: {reply}"
        assert len(reply.registers) == count
    identity = client.read_holding_registers(35003, 8, slave=unit).registers
    serial = b"".join(word.to_bytes(2, "big") for word in identity)
    assert serial.startswith(b"9010KETU"), serial


def writes(client, unit):
    assert not client.write_register(EMS_POWER, 1234, slave=unit).isError()
    assert client.read_holding_registers(EMS_POWER, 1, slave=unit).registers == [1234]
    refused = client.write_register(35100, 1, slave=unit)
    assert refused.isError() and refused.exception_code == 2, refused


def over_tcp(port):
    clients = [ModbusTcpClient("127.0.0.1", port=port) for _ in range(10)]
    for client in clients:
        assert client.connect()
    for client in clients:
        blocks(client, 247)
    writes(clients[0], 1)
    stranger = clients[1].read_holding_registers(35000, 1, slave=99)
    assert stranger.isError() and stranger.exception_code == 0x0B, stranger
    for client in clients:
        client.close()


def pipelined(port):
    """Twenty requests in pieces of three bytes, and one connection that talks no Modbus beside it."""
    nonsense = socket.create_connection(("127.0.0.1", port))
    nonsense.sendall(b"GET / HTTP/1.0\r\n\r\n")
    nonsense.settimeout(5)
    assert nonsense.recv(100) == b"", "what is no Modbus is to be closed"
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    requests = b"".join(
        number.to_bytes(2, "big") + bytes([0, 0, 0, 6, 247, 3]) + (35100).to_bytes(2, "big") + bytes([0, 125])
        for number in range(20)
    )
    for at in range(0, len(requests), 3):
        connection.sendall(requests[at : at + 3])
    replies = b""
    while len(replies) < 20 * (9 + 250):
        replies += connection.recv(4096)
    for number in range(20):
        assert replies[number * 259 : number * 259 + 2] == number.to_bytes(2, "big")


def over_udp(port, discovery):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(5)
    request = bytes([247, 3]) + (35000).to_bytes(2, "big") + bytes([0, 33])
    client.sendto(request + crc(request), ("127.0.0.1", port))
    reply = client.recv(2048)
    assert reply[:5] == bytes([0xAA, 0x55, 247, 3, 66]) and len(reply) == 7 + 66
    assert crc(reply[2:-2]) == reply[-2:]
    identity = bytes([0xAA, 0x55, 0xC0, 0x7F, 1, 2, 0])
    client.sendto(identity + sum(identity).to_bytes(2, "big"), ("127.0.0.1", port))
    reply = client.recv(2048)
    assert reply[38:46] == b"9010KETU"
    name = bytes([247, 3]) + (35027).to_bytes(2, "big") + bytes([0, 6])
    client.sendto(name + crc(name), ("127.0.0.1", port))
    assert client.recv(2048)[5:-2] == reply[71:83], "the dongle names another ARM firmware than the inverter"
    client.sendto(b"WIFIKIT-214028-READ", ("127.0.0.1", discovery))
    assert client.recv(2048).startswith(b"127.0.0.1,02")


def over_serial(path, meter):
    """An inverter at the pace of its line, the meter without wire time."""
    client = ModbusSerialClient(port=path, baudrate=9600, parity="N", stopbits=1, timeout=2)
    assert client.connect()
    blocks(client, 1)
    writes(client, 1)
    client.close()
    client = ModbusSerialClient(port=meter, baudrate=9600, parity="N", stopbits=1, timeout=2)
    assert client.connect()
    for _ in range(20):
        reply = client.read_input_registers(0, 6, slave=1)
        assert not reply.isError(), reply
        voltages = struct.unpack(">fff", struct.pack(">6H", *reply.registers))
        assert all(200 < volts < 260 for volts in voltages), voltages
    client.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tcp", type=int, required=True)
    parser.add_argument("--udp", type=int, required=True)
    parser.add_argument("--discovery", type=int, required=True)
    parser.add_argument("--serial", required=True)
    parser.add_argument("--meter", required=True)
    options = parser.parse_args()
    over_tcp(options.tcp)
    pipelined(options.tcp)
    over_udp(options.udp, options.discovery)
    over_serial(options.serial, options.meter)


main()
