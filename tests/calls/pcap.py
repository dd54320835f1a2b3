"""G.711 media for SIPp: a capture file with a tone and, in it, one key pressed as RFC 4733 tells it."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

PACKET_S = 0.02
SAMPLES = 160
ALAW = 8
# Payload type of key presses; the same number is in the SIPp scenarios.
KEYS = 101
KEY_PACKETS = 8
END_PACKETS = 3
KEY_VOLUME = 10


def alaw(sample: int) -> int:
    """One 16-bit sample as G.711 A-law."""
    sign = 0x80 if sample >= 0 else 0
    size = min(32767, sample if sample >= 0 else -sample - 1) >> 3
    if size < 32:
        code = size >> 1
    else:
        exponent = size.bit_length() - 5
        code = exponent << 4 | size >> exponent & 0x0F
    return (sign | code) ^ 0x55


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is pressed `at_s` seconds after the beginning."""

    digit: str
    at_s: float


def tone_capture(frequency_hz: int, duration_s: float, key: Key | None = None, level: float = 0.25) -> bytes:
    """A capture file of one RTP stream, 50 packets a second."""
    step = 2 * math.pi * frequency_hz / 8000
    # Frequencies are whole: the tone repeats after a second, which has 50 packets.
    second = bytes(alaw(round(32767 * level * math.sin(step * i))) for i in range(8000))
    pressed = range(0)
    if key:
        first = round(key.at_s / PACKET_S)
        pressed = range(first, first + KEY_PACKETS + END_PACKETS)
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for number in range(round(duration_s / PACKET_S)):
        if key and number in pressed:
            packet = _key_packet(key.digit, number, number - pressed.start)
        else:
            start = number % 50 * SAMPLES
            marker = 0x80 if number in (0, pressed.stop) else 0
            packet = _rtp(ALAW | marker, number, number * SAMPLES) + second[start : start + SAMPLES]
        parts.append(_captured(packet, number))
    return b"".join(parts)


def _rtp(payload_type: int, sequence: int, timestamp: int) -> bytes:
    return struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, timestamp, 0x5EA75EA7)


def _key_packet(digit: str, number: int, index: int) -> bytes:
    """The `index`-th packet of a press: all carry the press's first timestamp, the last three its end."""
    end = 0x80 if index >= KEY_PACKETS else 0
    duration = min(index + 1, KEY_PACKETS) * SAMPLES
    body = struct.pack("!BBH", "0123456789*#".index(digit), end | KEY_VOLUME, duration)
    return _rtp(KEYS | (0x80 if index == 0 else 0), number, (number - index) * SAMPLES) + body


def _captured(payload: bytes, number: int) -> bytes:
    """A packet of the file: time, Ethernet, IPv4 and UDP headers. SIPp uses the time and the payload."""
    udp = struct.pack("!HHHH", 6000, 6000, 8 + len(payload), 0)
    ip = struct.pack("!BBHHHBBHII", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, 0x7F000001, 0x7F000001)
    frame = bytes(12) + b"\x08\x00" + ip + udp + payload
    milliseconds = number * 20
    head = struct.pack("<IIII", milliseconds // 1000, milliseconds % 1000 * 1000, len(frame), len(frame))
    return head + frame
