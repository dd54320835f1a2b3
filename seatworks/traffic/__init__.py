"""Traffic theory: how many calls are lost, how long people wait, and how many agents and channels that needs.

`erlangs` is the offered load A = calls per second x seconds per call, and need not be whole. Every function answers
from 0 erlangs and 0 servers to overload, exact to 1e-12 relative to a million servers and beyond; where a probability
is too small for a float, its logarithm is there. Except for Engset and the sweeps the cost does not grow with the size:
above 256 servers integrals stand for the sums (`integral.py`). Formulas and sources: docs/sizing.md.

Errors: an argument outside its range is a ValueError that names it; what no number of agents or channels can reach is
`Unreachable`, a ValueError too.
"""

from __future__ import annotations

from seatworks.traffic.arguments import Unreachable, scheduled
from seatworks.traffic.loss import channels_for, erlang_b, log_erlang_b, max_erlangs, sweep_blocking
from seatworks.traffic.patience import ImpatientQueue, agents_for_with_patience, erlang_a
from seatworks.traffic.retries import WithRetries, extended_erlang_b
from seatworks.traffic.sources import Congestion, engset
from seatworks.traffic.waiting import (
    agents_for,
    average_speed_of_answer_s,
    erlang_c,
    log_erlang_c,
    occupancy,
    service_level,
    sweep_service_level,
)

__all__ = [
    "Congestion",
    "ImpatientQueue",
    "Unreachable",
    "WithRetries",
    "agents_for",
    "agents_for_with_patience",
    "average_speed_of_answer_s",
    "channels_for",
    "engset",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "extended_erlang_b",
    "log_erlang_b",
    "log_erlang_c",
    "max_erlangs",
    "occupancy",
    "scheduled",
    "service_level",
    "sweep_blocking",
    "sweep_service_level",
]
