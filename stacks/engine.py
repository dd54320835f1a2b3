"""The seam between the cloud half and whoever carries it out: a real account, or a rehearsal of one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from seatworks.drift import Finding
from seatworks.environment import Environment
from seatworks.plan.model import CloudOutputs, Plan, Target
from stacks.cost.compare import Cost

Say = Callable[[str], None]
# The client of one service of the account, by its name in boto3.
Client = Callable[[str], Any]


@dataclass(slots=True)
class Summary:
    """How many resources of each fate, and every change in the order in which it was made."""

    counts: Counter[str] = field(default_factory=Counter)
    changes: list[dict[str, str]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    # Of a preview only.
    cost: Cost | None = None

    def add(self, op: str, type_: str, name: str) -> None:
        """Count one resource."""
        self.counts[op] += 1
        if op != "same":
            self.changes.append({"op": op, "type": type_, "name": name})

    def document(self) -> dict[str, Any]:
        """The summary as `--json` prints it."""
        counts = {op: self.counts[op] for op in ("same", "create", "import", "update", "replace", "delete")}
        cost = {"cost": self.cost.document()} if self.cost else {}
        return {**counts, "seconds": round(time.monotonic() - self.began, 1), "changes": self.changes, **cost}

    def __str__(self) -> str:
        parts = (f"{count} {op}" for op, count in self.document().items() if isinstance(count, int) and count)
        return ", ".join(parts) or "nothing to do"


class Engine(Protocol):
    """Brings an account to what a plan asks. Raises CloudError, or PreflightError when nothing was touched."""

    # Plans of another target are refused before anything else (stacks/commands.py).
    target: Target
    # Whether a provider stands behind it: then requests are limited, take time, and people can dial in.
    real: bool

    def preview(self, plan: Plan, where: Environment, say: Say) -> Summary:
        """Say what `up` would do, and what it would cost. Changes nothing."""

    def up(self, plan: Plan, where: Environment, say: Say) -> tuple[Summary, CloudOutputs]:
        """Make the account what the plan asks. A run that was cut off is continued."""

    def refresh(self, plan: Plan, where: Environment, say: Say) -> Summary:
        """Take into the record what the account holds now, also what others changed there."""

    def destroy(self, where: Environment, say: Say, *, data: bool) -> Summary:
        """Take away what is recorded in `where`. Recordings, logs and their keys stay unless `data` is given."""

    def drift(self, plan: Plan, where: Environment) -> list[Finding]:
        """How the account differs from what was made in it."""

    def account(self, plan: Plan, where: Environment) -> AbstractContextManager[Client]:
        """The account of the deployment, open for questions and for the bundle."""
