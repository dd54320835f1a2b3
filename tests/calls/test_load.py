"""The sized number of calls at once, held with media: all answered, heard, recorded and written down."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest

from seatworks import environment
from seatworks.environment import Environment
from seatworks.plan.model import Plan
from tests.calls.crowd import SAMPLES, Crowd
from tests.calls.figures import LoadResult
from tests.calls.office import Office
from tests.calls.trail import Trail

Evidence = Callable[[str, object], None]

pytestmark = pytest.mark.load

DELIVERED = 0.995
# The generators themselves must keep time, else nothing was shown.
SPOKEN = 0.99
SETUP_P95_MS = 300
BUSY = 0.80


@pytest.fixture(scope="session")
def load(pytestconfig: pytest.Config, plan: Plan, office: Office, trail: Trail, where: Environment) -> LoadResult:
    """The sized calls with their headroom, put on once; the figures are kept in load.json."""
    # What servers of a peak would carry is not put on those that stand without them.
    lasting = len(plan.served_by(plan.group("call")[0])) / plan.seat_count()
    sized = math.floor(plan.sized.design_concurrent_calls * lasting)
    calls = pytestconfig.getoption("--calls", default=None) or sized
    hold_s = pytestconfig.getoption("--hold", default=60)
    result = Crowd(office, calls, hold_s).make(trail)
    environment.write(where.build / "load.json", json.dumps(result.document(), indent=2) + "\n")
    return result


def test_every_call_is_answered_at_both_ends(load: LoadResult, evidence: Evidence) -> None:
    evidence("calls", f"{load.calls} placed, {load.failed} failed, {load.together} at once for {load.hold_s} s")
    assert load.failed == 0, load.story
    assert load.answered_callers == load.calls, load.story
    assert load.answered_seats == load.calls, load.story
    assert load.together == load.calls, load.story


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
    assert load.recordings >= math.floor(load.calls * plan.recording.share), load.story
    assert load.recordings_right == load.recordings, load.story
    assert load.recordings_with_both_voices == min(SAMPLES, load.recordings), "a voice is missing in a recording"


def test_every_call_has_its_call_detail_row(load: LoadResult, evidence: Evidence) -> None:
    evidence("rows", load.rows)
    assert load.rows == load.calls, load.story
    assert load.rows_right == load.calls, "a row names a queue or seat that had no part"


def test_calls_are_set_up_quickly(load: LoadResult, evidence: Evidence) -> None:
    evidence("set-up", f"median {load.setup_p50_ms:.0f} ms, 95 % within {load.setup_p95_ms:.0f} ms")
    assert load.setup_p95_ms <= SETUP_P95_MS


def test_computer_keeps_room(load: LoadResult, evidence: Evidence) -> None:
    evidence("processors busy", f"{load.cpu_busy:.0%}")
    assert load.cpu_busy <= BUSY
