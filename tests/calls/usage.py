"""Processors that a host uses, by its processes: machines of a rehearsal share their computer's own counters."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

# Seconds since boot, then `PID (NAME) STATE …` of every process. One that ends meanwhile is no error.
COMMAND = "cat /proc/uptime /proc/[0-9]*/stat 2>/dev/null"


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds since the computer's start, and the processor seconds of each process (number and name) so far."""

    at: float
    processes: Mapping[tuple[int, str], float]

    def since(self, before: Used) -> float:
        """Processors in use between two looks, on average. What began since counts whole, what ended not at all."""
        spent = sum(seconds - before.processes.get(process, 0.0) for process, seconds in self.processes.items())
        return round(spent / (self.at - before.at), 2)


def read(printed: str) -> Used:
    """What `COMMAND` printed. Raises ValueError when that is not it."""
    head, *lines = printed.splitlines() or [""]
    second = os.sysconf("SC_CLK_TCK")
    processes = {}
    for line in lines:
        number, _, rest = line.partition(" (")
        name, _, fields = rest.rpartition(") ")
        # Of proc(5)'s fields the 14th and 15th, user and system time; the first here is the third.
        words = fields.split()
        processes[int(number), name] = (int(words[11]) + int(words[12])) / second
    return Used(float(head.split()[0]), processes)
