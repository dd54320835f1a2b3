"""What is counted when a crowd calls, and how it is read out of SIPp and the kernel."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


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
