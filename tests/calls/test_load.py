"""The sized number of calls at once, held with media: all answered, heard, recorded and written down.

With `--calls max` the largest number that is held cleanly is looked for first, and judged.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from seatworks import environment
from seatworks import load as loads
from seatworks.environment import Environment
from seatworks.plan.model import Plan
from tests.calls import search
from tests.calls.crowd import Crowd
from tests.calls.figures import DELIVERED, SAMPLES, SETUP_P95_MS, SPOKEN, LoadResult
from tests.calls.office import Office
from tests.calls.phones import PhoneError
from tests.calls.search import Round
from tests.calls.trail import Trail

Evidence = Callable[[str, object], None]

pytestmark = pytest.mark.load

BUSY = 0.80


@dataclass(frozen=True, slots=True)
class Load:
    """What the calls met; `most` says how they were found to be the most that are held, when that was asked."""

    result: LoadResult
    most: tuple[str, ...] = ()


@pytest.fixture(scope="session")
def tried(pytestconfig: pytest.Config, plan: Plan, office: Office, trail: Trail, where: Environment) -> Load:
    """The calls that were asked for, put on once; the figures are kept in load.json."""
    asked = loads.asked(pytestconfig.getoption("--calls", default=None), plan)
    hold_s = pytestconfig.getoption("--hold", default=60)
    if asked != loads.MOST:
        result = Crowd(office, int(asked), hold_s).make(trail)
        environment.write(where.build / "load.json", json.dumps(result.document(), indent=2) + "\n")
        return Load(result)
    terminal = pytestconfig.pluginmanager.get_plugin("terminalreporter")

    def hold(calls: int) -> Round:
        try:
            found = Crowd(office, calls, hold_s).make(trail)
        # ValueError: not one call was answered.
        except (PhoneError, ValueError) as broken:
            tried = Round(calls, (str(broken).partition("\n")[0],), None)
        else:
            tried = Round(calls, found.faults(plan.recording.share), found)
        terminal.write_line(f"{calls} calls: {tried.faults[0] if tried.faults else 'held cleanly'}")
        return tried

    looked = search.look(hold, loads.sized(plan), len(loads.seats(plan)))
    best = looked.best.result
    assert best is not None, "a number without figures was taken for clean"
    found = looked.document(search.ran_out(looked, plan.standing, os.cpu_count() or 1))
    document = best.document() | {"search": found}
    environment.write(where.build / "load.json", json.dumps(document, indent=2) + "\n")
    return Load(best, tuple(loads.said(document)))


@pytest.fixture
def load(tried: Load) -> LoadResult:
    """What the calls met."""
    return tried.result


def test_every_call_is_answered_at_both_ends(tried: Load, evidence: Evidence) -> None:
    load = tried.result
    evidence("calls", f"{load.calls} placed, {load.failed} failed, {load.together} at once for {load.hold_s} s")
    if tried.most:
        evidence("most", "; ".join(tried.most))
    assert load.failed == 0, f"{load.failed} of {load.calls} calls failed\n{load.story}"
    for what, number in (
        ("callers were answered", load.answered_callers),
        ("seats answered", load.answered_seats),
        ("calls were up at once", load.together),
    ):
        assert number == load.calls, f"{number} of {load.calls} {what}\n{load.story}"


@pytest.mark.parametrize("direction", ["to_seats", "to_callers"])
def test_media_arrives(load: LoadResult, direction: str, evidence: Evidence) -> None:
    media = getattr(load, direction)
    evidence("packets", f"due {media.due}, sent {media.sent}, arrived {media.arrived}")
    evidence("delivered", f"{media.delivered:.3%}")
    assert media.sent >= SPOKEN * media.due, (
        f"the load generator sent {media.sent} of {media.due} packets\n{load.story}"
    )
    assert media.delivered >= DELIVERED, f"{media.arrived} of {media.sent} packets arrived\n{load.story}"


def test_every_call_is_recorded_in_its_full_length(load: LoadResult, plan: Plan, evidence: Evidence) -> None:
    evidence("recordings", f"{load.recordings}, {load.recordings_right} of the right length")
    wanted = math.floor(load.calls * plan.recording.share)
    short = load.recordings - load.recordings_right
    assert load.recordings >= wanted, f"{load.recordings} of {wanted} recordings came\n{load.story}"
    assert short == 0, f"{short} of {load.recordings} recordings are not whole\n{load.story}"
    assert load.recordings_with_both_voices == min(SAMPLES, load.recordings), "a voice is missing in a recording"


def test_every_call_has_its_call_detail_row(load: LoadResult, evidence: Evidence) -> None:
    evidence("rows", load.rows)
    assert load.rows == load.calls, f"{load.rows} of {load.calls} calls have a call detail row\n{load.story}"
    assert load.rows_right == load.calls, "a row names a queue or seat that had no part"


def test_calls_are_set_up_quickly(load: LoadResult, evidence: Evidence) -> None:
    evidence("set-up", f"median {load.setup_p50_ms:.0f} ms, 95 % within {load.setup_p95_ms:.0f} ms")
    assert load.setup_p95_ms <= SETUP_P95_MS, f"95 % of calls were set up within {load.setup_p95_ms:.0f} ms only"


def test_computer_keeps_room(tried: Load, evidence: Evidence) -> None:
    """Who looks for the most that is held looks for the end of that room."""
    busy = tried.result.cpu_busy
    evidence("processors busy", f"{busy:.0%}")
    room = 1.0 if tried.most else BUSY
    assert busy <= room, f"this computer's processors were {busy:.0%} busy, {room:.0%} are allowed"
