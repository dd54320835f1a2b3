"""Voice on the wire and on disk: what a call of a codec needs, plain or encrypted, inside a tunnel or not."""

from __future__ import annotations

import math
from enum import StrEnum

from seatworks.sizing.figures import Figures
from seatworks.tables import table


class Tunnel(StrEnum):
    """What carries voice between site and cloud."""

    NONE = "none"
    WIREGUARD = "wireguard"
    IPSEC = "ipsec"


def stream_kbps(
    figures: Figures, codec: str = "g711", *, encrypted: bool = False, tunnel: Tunnel = Tunnel.NONE
) -> float:
    """kbit/s on Ethernet of one direction of one call, without RTCP.

    (payload + IP/UDP/RTP + SRTP + tunnel + Ethernet) x 8 / packet time. A tunnel pads the inner packet: WireGuard to
    16 B and adds 60, ESP with AES-GCM to 4 B with its trailer of 2 B and adds 54. Raises KeyError for an unknown codec.
    Sources: data/codecs.yml, data/capacity.yml.
    """
    entry = table("codecs")[codec]
    inner = entry["payload_bytes"] + figures("ip_udp_rtp_bytes") + (figures("srtp_bytes") if encrypted else 0)
    if tunnel is not Tunnel.NONE:
        block, trailer = figures(f"{tunnel}_padding_bytes"), figures(f"{tunnel}_trailer_bytes")
        inner = math.ceil((inner + trailer) / block) * block - trailer + figures(f"{tunnel}_bytes")
    return packet_kbps(inner + figures("ethernet_bytes"), entry["packet_ms"])


def packet_kbps(packet_bytes: float, packet_ms: float) -> float:
    """kbit/s of a stream of one packet every `packet_ms`: bytes x 8 / ms."""
    return packet_bytes * 8 / packet_ms


def recording_mb_per_hour(recording_format: str) -> float:
    """Megabytes (10^6 bytes) of an hour of conversation. Raises KeyError. Source: data/codecs.yml."""
    return float(table("codecs")["recording_formats"][recording_format]["mb_per_hour"])


def e1_spans(figures: Figures, channels: int) -> int:
    """E1 spans for that many channels: 30 bearer channels each (30B+D)."""
    return math.ceil(channels / figures("e1_channels"))
