"""What a server has room for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """What the programs of a host are set to, beside its vCPUs, memory and disk; 0 where it does nothing of that kind.

    TLS `connections` that an edge holds at once, shared memory of its SIP proxy (`signalling_mib`), memory of a call
    server for conversations until they are encrypted (`conversations_mib`), disk for the journal (`journal_gib`).
    """

    connections: int = 0
    signalling_mib: int = 0
    conversations_mib: int = 0
    journal_gib: int = 0


NOTHING = Room()
