"""How many calls a load test puts on: those of the plan, a number of one's own, or the most that are held cleanly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from seatworks.environment import Environment
from seatworks.errors import Problem, SpecError
from seatworks.plan.model import Plan, Queue, Seat, Site

MOST = "max"
"""Asked instead of a number: look for the largest that is held cleanly."""


def queue(plan: Plan) -> Queue:
    """The queue that all calls of a load go to: that of the first key of the number's menu, else the number's own."""
    number = min(plan.numbers, key=lambda number: number.menu is None)
    menu = next((menu for menu in plan.menus if menu.name == number.menu), None)
    name = menu.digits[0][1] if menu and menu.digits else number.queue or plan.queues[0].name
    return next(queue for queue in plan.queues if queue.name == name)


def seats(plan: Plan) -> tuple[Seat, ...]:
    """The seats that can answer them, on site first. What servers of a peak ring is not there without them."""
    lasting = plan.served_by(plan.group("call")[0])
    sites = [site for site in (Site.ONPREM, Site.CLOUD) if site in queue(plan).sites]
    return tuple(seat for site in sites for seat in lasting if seat.site is site)


def sized(plan: Plan) -> int:
    """Calls at once that the plan is sized for, with headroom; no more than there are seats to answer them."""
    # What servers of a peak would carry is not put on those that stand without them.
    lasting = len(plan.served_by(plan.group("call")[0])) / plan.seat_count()
    return max(1, min(math.floor(plan.sized.design_concurrent_calls * lasting), len(seats(plan))))


def asked(calls: str | None, plan: Plan) -> str:
    """What is put on: a number in figures, or `max`. Raises SpecError when nobody could answer so many."""
    if calls is None:
        return str(sized(plan))
    there = len(seats(plan))
    remedy = f"give a number from 1 to {there}, or {MOST}"
    if calls == MOST:
        return calls
    if not (calls.isascii() and calls.isdigit() and int(calls)):
        raise SpecError(Problem("CALLS", f"{calls} is no number of calls", remedy))
    if int(calls) > there:
        raise SpecError(
            Problem("CALLS", f"{calls} calls want {calls} seats, and queue {queue(plan).name} has {there}", remedy)
        )
    return str(int(calls))


def arguments(plan: Plan, calls: str | None) -> tuple[str, ...]:
    """What the load test is started with. Raises SpecError as `asked` does."""
    # Of what a provider carries, no phone of ours is asked; that is said when it is tried.
    return () if plan.connect else (f"--calls={asked(calls, plan)}",)


def told(where: Environment) -> list[str]:
    """What the last load test says of its search, for the screen; nothing when it made none."""
    return said(json.loads((where.build / "load.json").read_text(encoding="utf-8")))


def said(document: Mapping[str, Any]) -> list[str]:
    """What load.json says of a search; nothing when there is none in it."""
    search = document.get("search")
    if not search:
        return []
    lines = [f"held cleanly, twice: {search['calls']} calls at once"]
    if search["broke_at"]:
        lines.append(f"at {search['broke_at']}: {search['broke']}")
    return [*lines, search["ran_out"]]
