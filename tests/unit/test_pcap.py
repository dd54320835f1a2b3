"""The media that SIPp plays: packets every 20 ms, G.711 as the standard has it, a key press as RFC 4733 has it."""

import struct

import pytest

from tests.calls import pcap

HEADERS = 14 + 20 + 8


def packets(data: bytes) -> list[tuple[float, bytes]]:
    """Time and RTP packet of each record of a capture file."""
    found = []
    at = 24
    while at < len(data):
        seconds, micros, size, _ = struct.unpack_from("<IIII", data, at)
        found.append((seconds + micros / 1e6, data[at + 16 + HEADERS : at + 16 + size]))
        at += 16 + size
    return found


# Values of ITU-T G.711 table 1a: silence, the smallest and the largest step of both signs.
@pytest.mark.parametrize(
    ("sample", "code"), [(0, 0xD5), (-1, 0x55), (32767, 0xAA), (-32768, 0x2A), (1024, 0xE5), (-8192, 0x0A)]
)
def test_alaw_is_that_of_the_standard(sample: int, code: int) -> None:
    assert pcap.alaw(sample) == code


def test_fifty_packets_a_second_in_order() -> None:
    found = packets(pcap.tone_capture(550, 2.0))
    assert [at for at, _ in found] == pytest.approx([n * 0.02 for n in range(100)])
    numbers = [struct.unpack("!BBHII", rtp[:12]) for _, rtp in found]
    assert [n[2] for n in numbers] == list(range(100))
    assert [n[3] for n in numbers] == [i * 160 for i in range(100)]
    assert {len(rtp) for _, rtp in found} == {172}


def test_a_key_is_one_event_with_three_ends() -> None:
    found = packets(pcap.tone_capture(1050, 1.0, pcap.Key("1", 0.4)))
    press = [rtp for _, rtp in found if rtp[1] & 0x7F == 101]
    assert len(press) == 11
    assert {rtp[12] for rtp in press} == {1}
    assert len({rtp[4:8] for rtp in press}) == 1, "all packets of a press carry its first timestamp"
    assert [rtp[13] & 0x80 for rtp in press] == [0] * 8 + [0x80] * 3
    assert [bool(rtp[1] & 0x80) for rtp in press] == [True] + [False] * 10
