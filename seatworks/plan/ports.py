"""Port numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port number of the plan, in one place."""

    ssh: int = 22
    sip: int = 5060
    sips: int = 5061
    registration_sync: int = 5066
    link: int = 51820
    postgresql: int = 5432
    recording: int = 2022
    relay_rtp_first: int = 30000
    relay_rtp_last: int = 34999
    call_rtp_first: int = 10000
    call_rtp_last: int = 19999
