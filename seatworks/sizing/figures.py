"""The figures that sizing multiplies with, each with its unit, source and date (data/capacity.yml)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that the result rests on and the specification does not give."""

    name: str
    value: float
    unit: str
    source: str


@cache
def data(name: str) -> dict[str, Any]:
    text = resources.files("seatworks").joinpath(f"data/{name}.yml").read_text(encoding="utf-8")
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return data


def figure(name: str) -> float:
    return float(data("capacity")[name]["value"])


def assumptions() -> tuple[Assumption, ...]:
    """Every figure of data/capacity.yml but the server sizes."""
    return tuple(
        Assumption(name, float(figure["value"]), figure["unit"], f"{figure['source']} ({figure['date']})")
        for name, figure in sorted(data("capacity").items())
        if name != "sizes"
    )


def up(value: float) -> int:
    """Rounded up, but 120.00000000000001 is 120."""
    return math.ceil(round(value, 6))


def stream_kbps(
    *, extra_bytes: float = 0, payload_bytes: float = 160, layer2_bytes: float = 18, packet_ms: float = 20
) -> float:
    """One direction of one call: (payload + IP/UDP/RTP + layer 2 + extra) x 8 / packet time."""
    return (payload_bytes + figure("ip_udp_rtp_bytes") + layer2_bytes + extra_bytes) * 8 / packet_ms


def link_extra_bytes() -> int:
    """What SRTP and the link add to a packet: the inner packet is padded to 16 bytes, then 60 are added."""
    inner = figure("voice_payload_bytes") + figure("ip_udp_rtp_bytes") + figure("srtp_bytes")
    padding = -inner % 16
    return int(figure("srtp_bytes") + padding + figure("link_bytes"))


def e1_spans(channels: int) -> int:
    """E1 spans for that many channels: 30 bearer channels each."""
    return math.ceil(channels / figure("e1_channels"))
