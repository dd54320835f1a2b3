"""What is counted when a crowd calls, and how it is read out of SIPp and the kernel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

DELIVERED = 0.995
# The generators themselves must keep time, else nothing was shown.
SPOKEN = 0.99
SETUP_P95_MS = 300
# So many recordings are listened to.
SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Direction:
    """Media of one direction while all calls were up: packets due, sent by one side, arrived at the other."""

    due: int
    sent: int
    arrived: int

    @property
    def delivered(self) -> float:
        """Share of what was sent that arrived."""
        return self.arrived / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a crowd met. Lengths and times in seconds."""

    calls: int
    hold_s: float
    placed: int
    failed: int
    answered_callers: int
    answered_seats: int
    together: int
    to_seats: Direction
    to_callers: Direction
    setup_p50_ms: float
    setup_p95_ms: float
    cpu_busy: float
    rows: int
    rows_right: int
    recordings: int
    recordings_right: int
    recordings_with_both_voices: int
    story: str
    used: Mapping[str, float] = field(default_factory=dict)

    @property
    def kept_time(self) -> bool:
        """Whether the load generators sent what was due."""
        return all(media.sent >= SPOKEN * media.due for media in (self.to_seats, self.to_callers))

    def faults(self, recorded: float) -> tuple[str, ...]:
        """What was not clean, in words; `recorded` is the share of calls that is to be recorded."""
        wanted, heard = math.floor(self.calls * recorded), min(SAMPLES, self.recordings)
        found = {
            f"{self.failed} of {self.calls} calls failed": self.failed == 0,
            f"{self.answered_callers} of {self.calls} callers were answered": self.answered_callers == self.calls,
            f"{self.answered_seats} of {self.calls} seats answered": self.answered_seats == self.calls,
            f"{self.together} of {self.calls} calls were up at once": self.together == self.calls,
            f"{self.recordings} of {wanted} recordings came": self.recordings >= wanted,
            f"{self.recordings - self.recordings_right} of {self.recordings} recordings are not whole": (
                self.recordings_right == self.recordings
            ),
            f"{heard - self.recordings_with_both_voices} of {heard} recordings lack a voice": (
                self.recordings_with_both_voices == heard
            ),
            f"{self.rows} of {self.calls} calls have a call detail row": self.rows == self.calls,
            f"{self.rows - self.rows_right} of {self.rows} rows name a queue or seat that had no part": (
                self.rows_right == self.rows
            ),
            f"95 % of calls were set up within {self.setup_p95_ms:.0f} ms, {SETUP_P95_MS} are allowed": (
                self.setup_p95_ms <= SETUP_P95_MS
            ),
        }
        for towards, media in (("seats", self.to_seats), ("callers", self.to_callers)):
            found[f"the load generator sent {media.sent} of {media.due} packets to {towards}"] = (
                media.sent >= SPOKEN * media.due
            )
            found[f"{media.delivered:.2%} of packets to {towards} arrived, {DELIVERED:.1%} are wanted"] = (
                media.delivered >= DELIVERED
            )
        return tuple(fault for fault, right in found.items() if not right)

    def document(self) -> dict[str, Any]:
        """For load.json."""
        found = asdict(self)
        del found["story"]
        for name in ("to_seats", "to_callers"):
            found[name]["delivered"] = round(getattr(self, name).delivered, 5)
        return found


def processor() -> tuple[int, int]:
    """All and idle time of this computer's processors so far, without what a hypervisor took away (steal)."""
    times = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:8]]
    return sum(times), times[3] + times[4]


def final(table: str) -> dict[str, int]:
    """SIPp's statistics: the last value of the counters, and the most calls at once."""
    head, *lines = [line.split(";") for line in table.splitlines() if line]
    last = dict(zip(head, lines[-1], strict=False))
    counts = {name: int(last[f"{name}(C)"]) for name in ("SuccessfulCall", "FailedCall")}
    at = head.index("CurrentCall")
    return counts | {"placed": int(last["TotalCallCreated"]), "together": max(int(line[at]) for line in lines)}


def percentile(values: list[float], share: float) -> float:
    """Nearest rank; raises ValueError without values."""
    if not values:
        raise ValueError("no call was answered")
    return sorted(values)[math.ceil(share * len(values)) - 1]
