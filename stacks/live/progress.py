"""What the CLI tells while it works, resource by resource, in the words of the lab's engine."""

from __future__ import annotations

import re
from typing import Any

from seatworks.errors import Problem
from stacks.engine import Say, Summary

_COLOURS = re.compile(r"<\{%.*?%\}>")
# What is counted for each of the CLI's operations; a replacement is one, not the three steps that it takes.
_OPS = {
    "same": "same",
    "create": "create",
    "update": "update",
    "replace": "replace",
    "import": "import",
    "delete": "delete",
    "discard": "delete",
}
# What the CLI says of itself whenever plugins lie on PATH, and of policy packs that it reports by other events.
_NOISE = ("using pulumi-",)


class Progress:
    """Listens to one command: says each change, counts, and keeps what went wrong."""

    def __init__(self, say: Say, *, quiet: bool = False, refresh: bool = False) -> None:
        self._say, self._quiet, self._refreshing = say, quiet, refresh
        self.summary = Summary()
        self.errors: list[Problem] = []
        self.violations: list[Problem] = []

    def __call__(self, event: Any) -> None:
        """Take one event."""
        if event.resource_pre_event:
            self._step(event.resource_pre_event.metadata)
        elif event.res_outputs_event:
            self._refreshed(event.res_outputs_event.metadata)
        elif event.diagnostic_event:
            self._message(event.diagnostic_event)
        elif event.policy_event:
            self._violation(event.policy_event)

    def problems(self) -> list[Problem]:
        """What went wrong, each thing once: rules that are broken, or else errors of resources."""
        return list(dict.fromkeys(self.violations or self.errors))

    def _step(self, told: Any) -> None:
        op = _OPS.get(_word(told.op), "")
        if op and not self._refreshing:
            self._count(op, told)

    def _refreshed(self, told: Any) -> None:
        """A refresh says only afterwards what it found."""
        op = _OPS.get(_word(told.op), "")
        if op and self._refreshing:
            self._count(op, told)

    def _count(self, op: str, told: Any) -> None:
        name, changed = told.urn.rpartition("::")[2], tuple(told.diffs or ())
        self.summary.counts[op] += 1
        if op == "same":
            return
        self.summary.changes.append({"op": op, "type": told.type, "name": name})
        if not self._quiet:
            why = f" ({', '.join(changed)})" if changed else ""
            self._say(f"  {op:<7} {told.type} {name}{why}")

    def _message(self, event: Any) -> None:
        words = _plain(event.message)
        if event.severity == "error":
            self.errors.append(Problem(_place(event.urn), words.removeprefix("error: ")))
        elif event.severity == "warning" and not self._quiet and not any(noise in words for noise in _NOISE):
            self._say(f"  warning: {words}")

    def _violation(self, event: Any) -> None:
        words = _plain(event.message)
        if event.enforcement_level == "mandatory":
            self.violations.append(Problem("", f"{words} (policy {event.policy_name})"))
        elif not self._quiet:
            self._say(f"  advice: {words} (policy {event.policy_name})")


def _word(op: Any) -> str:
    return str(getattr(op, "value", op))


def _plain(message: str) -> str:
    """In one line, without colours, and without the trace of a program that failed: the message stands before it."""
    return " ".join(_COLOURS.sub("", message).partition("Traceback (most recent call last)")[0].split())


def _place(urn: str | None) -> str:
    """Type and name of a resource, as the lab's engine names it."""
    if not urn:
        return "pulumi"
    _, _, types, name = urn.split("::", 3)
    return f"{types.rpartition('$')[2]} {name}"
