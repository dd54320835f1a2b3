"""What happens in the phases of a command: shown as it comes, timed, and kept for the report."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from seatworks.errors import SeatworksError
from seatworks.results import Check, Outcome, Phase, Results

Say = Callable[[str], None]


@dataclass(slots=True)
class Journal:
    """What happened so far, for the report, whatever the end."""

    env: str
    say: Say
    started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    phases: list[Phase] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[list[str]]:
        """Time one phase. What the block appends to the list becomes its detail."""
        self.say(f"== {name}")
        detail: list[str] = []
        began = time.monotonic()
        outcome = Outcome.FAILED
        try:
            yield detail
            outcome = Outcome.PASSED
        except SeatworksError as wrong:
            detail.extend(str(problem) for problem in wrong.problems)
            raise
        finally:
            seconds = time.monotonic() - began
            self.phases.append(Phase(name, round(seconds, 1), outcome, "\n".join(detail)))
            self.say(f"== {name}: {outcome}, {seconds:.1f} s")

    def tell(self, lines: Sequence[str]) -> None:
        """Show what a phase has found, on the screen too."""
        for line in lines:
            self.say(f"  {line}")

    def results(self) -> Results:
        """The journal as results."""
        finished = datetime.datetime.now(datetime.UTC)
        return Results(self.env, self.started, finished, tuple(self.phases), tuple(self.checks))
