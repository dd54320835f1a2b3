"""The largest number of calls that is held cleanly, and what ran out beyond it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatworks.plan.model import Host
from tests.calls.figures import LoadResult
from tests.calls.phones import PhoneError

# As near as the answer is looked for, and by how much it goes down when it is not held a second time.
NEAR = 0.05
GROW = 2
# A host that uses so much of what its plan gives it has nothing left for the next call.
FULL = 0.85
COMPUTER_FULL = 0.95


@dataclass(frozen=True, slots=True)
class Round:
    """One number tried. `faults` is empty when it was held cleanly; without a `result` it did not even begin."""

    calls: int
    faults: tuple[str, ...]
    result: LoadResult | None

    @property
    def used(self) -> Mapping[str, float]:
        """Processors in use while the calls were held, by host."""
        return self.result.used if self.result else {}

    @property
    def clean(self) -> bool:
        """Whether it was held."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Search:
    """All rounds. `best` was held twice; `broke` is the smallest that was not held above it, if any was tried."""

    rounds: tuple[Round, ...]
    best: Round
    broke: Round | None

    def document(self, ran_out: str) -> dict[str, Any]:
        """For load.json."""
        return {
            "calls": self.best.calls,
            "broke_at": self.broke.calls if self.broke else None,
            "broke": self.broke.faults[0] if self.broke else "",
            "ran_out": ran_out,
            "rounds": [
                {"calls": each.calls, "clean": each.clean, "faults": each.faults, "used": dict(each.used)}
                for each in self.rounds
            ],
        }


def look(hold: Callable[[int], Round], first: int, limit: int) -> Search:
    """Try numbers from `first` up or down, then between, until within 5 %; the best must be held twice.

    `limit` is the number of seats. Raises PhoneError when not even one call is held.
    """
    rounds: list[Round] = []

    def held(calls: int) -> bool:
        rounds.append(hold(calls))
        return rounds[-1].clean

    low, high, calls = 0, limit + 1, min(first, limit)
    while high - low > max(1, low * NEAR):
        if held(calls):
            low = calls
            calls = min(limit, calls * GROW) if high > limit else (low + high) // 2
        else:
            high = calls
            calls = (low + high) // 2
        if low == limit:
            break
        if high == 1:
            raise PhoneError(f"not even one call is held: {rounds[-1].faults[0]}")
    while sum(each.clean for each in rounds if each.calls == low) < 2:
        if not held(low):
            low = int(low * (1 - NEAR))
        if not low:
            raise PhoneError(f"not even one call is held twice: {rounds[-1].faults[0]}")
    broken = [each for each in rounds if not each.clean and each.calls > low]
    return Search(tuple(rounds), rounds[-1], min(broken, key=lambda each: each.calls, default=None))


def ran_out(search: Search, hosts: Sequence[Host], cores: int) -> str:
    """What did not suffice for more calls: a tier of the site, this computer, or neither's processors.

    A host that is full by what its plan gives it would be so on a site as well. When none is, and the processors that
    all of them and the phones share are, the computer is too small for this rehearsal and nothing is said of the site.
    """
    broke = search.broke
    if broke is None:
        return f"nothing ran out: there are no more than {search.best.calls} seats"
    share = {host.name: broke.used.get(host.name, 0.0) / host.vcpus for host in hosts}
    fullest = max(hosts, key=lambda host: share[host.name])
    use = f"{fullest.name} used {broke.used.get(fullest.name, 0.0):.1f} of its {fullest.vcpus} processors"
    if share[fullest.name] >= FULL:
        return f"the site ran out: {use}, tier {fullest.group}"
    late = broke.result is not None and not broke.result.kept_time
    busy = broke.result.cpu_busy if broke.result else 0.0
    if busy >= COMPUTER_FULL or late:
        planned = sum(host.vcpus for host in hosts)
        why = "the phones did not keep time" if late else f"its {cores} processors were {busy:.0%} busy"
        return (
            f"this computer ran out: {why}, where the plan has {planned}; of the hosts, {use} at most. "
            "Whether the site holds more is not shown: rehearse on a larger computer"
        )
    return f"no processor ran out ({use} at most): {broke.faults[0]}"
