"""Specifications that nobody wrote: those that are valid plan, the others are explained; none ends in a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatworks import decide
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import Problem, SpecError
from tests.specs import values, written

# SEATWORKS_EXAMPLES=10000 tries more, for some minutes.
EXAMPLES = int(os.environ.get("SEATWORKS_EXAMPLES", "150"))
_COUNT = st.one_of(st.integers(-1, 3), st.integers(1, 500), st.integers(1_000, 100_000))
_CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "seats__onprem": _COUNT,
    "seats__cloud": _COUNT,
    "seats__peak_extra": _COUNT,
    "traffic__direction": st.sampled_from(["inbound", "outbound", "mixed", "sideways"]),
    "traffic__busy_hour_calls": st.one_of(st.integers(0, 5_000), st.integers(0, 10_000_001)),
    "traffic__talk_s": st.integers(0, 7201),
    "traffic__wrap_up_s": st.integers(0, 7200),
    "traffic__ivr_s": st.integers(0, 3600),
    "traffic__patience_s": st.integers(1, 7200),
    "traffic__blocking": st.floats(0, 0.3),
    "traffic__shrinkage": st.floats(0, 1),
    "traffic__peak_factor": st.floats(0.5, 11),
    "traffic__service_level": st.fixed_dictionaries({"share": st.floats(0.01, 1), "within_s": st.integers(0, 600)}),
    "traffic__outbound": st.fixed_dictionaries(
        {"share": st.floats(0, 1), "answer_rate": st.floats(0, 1), "lines_per_agent": st.floats(0.5, 6)}
    ),
    "traffic__media": st.fixed_dictionaries(
        {"seats": st.sampled_from(["g711", "g722"]), "encrypted": st.booleans()}
    ),
    "recording": st.fixed_dictionaries({"share": st.floats(0, 1), "retention_days": st.integers(1, 40_000)}),
    "trunks": st.lists(
        st.builds(
            lambda n, channels: {
                "name": f"c{n}", "kind": "sip", "address": f"198.51.100.{n}", "channels": channels,
            },
            st.integers(1, 9),
            st.integers(0, 100_001),
        ),
        max_size=4,
    ),
    "edition": st.sampled_from(["basic", "standard", "professional", "golden"]),
    "protection_level": st.integers(1, 4),
    "availability": st.sampled_from([99.0, 99.9, 99.95, 99.98, 99.99, 100.0]),
    "industry": st.sampled_from(["general", "finance", "ecommerce", "government", "healthcare"]),
    "onprem__network": st.sampled_from(["10.20.0.0/24", "10.20.0.0/22", "10.0.0.0/12", "8.8.8.0/24"]),
    "onprem__seats_network": st.sampled_from(["10.40.0.0/24", "10.32.0.0/12"]),
    "onprem__racks": st.integers(0, 3),
    "onprem__rooms": st.integers(1, 2),
    "onprem__repair_contract": st.booleans(),
    "cloud__network": st.sampled_from(["10.60.0.0/16", "10.60.0.0/22", "10.60.0.0/23"]),
}  # fmt: skip
_MODES = {"hybrid": (), "onprem": ("cloud__", "seats__cloud"), "cloud": ("onprem__", "seats__onprem")}


@st.composite
def specifications(draw: st.DrawFn) -> dict[str, Any]:
    """A shipped example with up to six changes, most of them possible, some not."""
    name = draw(st.sampled_from(sorted(_MODES)))
    possible = [key for key in sorted(_CHANGES) if not key.startswith(_MODES[name] or ("-",))]
    chosen = draw(st.lists(st.sampled_from(possible), max_size=6, unique=True))
    return values(name, **{key: draw(_CHANGES[key]) for key in chosen})


def tried(where: Environment) -> tuple[decide.Found | None, Sequence[Problem]]:
    """The decision, or why there is none. Any other exception is a failure."""
    try:
        return decide.decide(where), ()
    except SpecError as refused:
        return None, refused.problems


@pytest.mark.lengthy
@settings(
    deadline=None,
    max_examples=EXAMPLES,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(given_values=specifications())
def test_what_is_valid_plans_and_what_is_not_is_explained(tmp_path_factory: Any, given_values: dict[str, Any]) -> None:
    where = written(tmp_path_factory.getbasetemp() / "generated", given_values)
    found, problems = tried(where)
    if found is None:
        assert problems
        assert all("seatworks.yml" in problem.place and problem.message for problem in problems)
        return
    plan = found.plan
    addresses = [host.address for host in plan.hosts]
    assert len(set(addresses)) == len(addresses)
    assert all(host.address in plan.network(host.network).cidr for host in plan.hosts)
    assert plan.availability.model >= plan.availability.asked
    assert plan.sized.agents >= 1
    json.dumps(decide.document(found), allow_nan=False)
    assert planning.dump(plan) == planning.dump(where.plan())
