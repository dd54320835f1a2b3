"""Port numbers: decided here and nowhere else. Flows, both firewalls and the roles' variables come from here."""

from __future__ import annotations

from dataclasses import dataclass

# Where an edge's relay takes its orders: from the host itself alone, so no flow names it.
RELAY_CONTROL = 2223


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port that another host may reach. `ssh` is the one that Debian's server has."""

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
