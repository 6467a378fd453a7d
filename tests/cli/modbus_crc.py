"""What clients in plain Python need of Modbus RTU."""


def crc(frame):
    """CRC-16 of the bytes of a frame, low byte first (goodwe-et-modbus 1.1)."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return bytes([value & 0xFF, value >> 8])
