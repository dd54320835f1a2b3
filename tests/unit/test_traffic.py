"""The traffic formulas agree with published and independently computed values, and never fall over."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatworks import traffic

Values = dict[str, Any]
HERE = Path(__file__).parent / "cases"
PUBLISHED: list[Values] = json.loads((HERE / "sizing_cases.json").read_text(encoding="utf-8"))
FIFTY_DIGITS: list[Values] = json.loads((HERE / "traffic_reference.json").read_text(encoding="utf-8"))
# Answered by test_sizing_cases.py.
NOT_TRAFFIC = {"bandwidth_kbps", "e1_count", "storage_mb_per_hour"}


def _offered(given: Values) -> float:
    return float(given["erlangs"] if "erlangs" in given else given["calls"] * given["aht_s"] / given["interval_s"])


def _required_agents(given: Values) -> Values:
    agents = traffic.agents_for(
        _offered(given), given["aht_s"], given["service_level"], given["target_s"], given.get("max_occupancy")
    )
    return {"agents": agents, "scheduled": traffic.scheduled(agents, given.get("shrinkage", 0))}


def _erlang_a(given: Values) -> Values:
    met = traffic.erlang_a(
        given["calls_per_min"] / 60,
        given["aht_min"] * 60,
        given["agents"],
        given["patience_min"] * 60,
        given.get("target_min", 0) * 60,
    )
    return {
        "p_wait": met.waiting,
        "p_abandon": met.abandoned,
        "mean_wait_all_min": met.mean_wait_s / 60,
        "mean_virtual_wait_min": met.mean_virtual_wait_s / 60,
        "occupancy": met.occupancy,
        "sl_virtual": met.virtual_wait_within,
        "sl_served_within_T_over_offered": met.served_within_of_offered,
        "sl_served_within_T_over_answered": met.served_within_of_answered,
    }


def _agents_for_delay(given: Values) -> int:
    load = given["erlangs"]
    return next(n for n in range(1, 1000) if n > load and traffic.erlang_c(n, load) <= given["max_p_wait"])


def _engset(given: Values) -> Values:
    met = traffic.engset(given["channels"], given["sources"], given["erlangs_per_idle_source"])
    return {"call_congestion": met.call_congestion, "time_congestion": met.time_congestion}


def _with_retries(given: Values) -> Values:
    met = traffic.extended_erlang_b(given["servers"], given["erlangs"], given["recall"])
    return {"blocking": met.blocking, "offered_incl_retries": met.offered_incl_retries_erlangs}


def _exact_erlang_a(given: Values) -> Values:
    met = traffic.erlang_a(**given)
    return {name: getattr(met, name) for name in met.__slots__}


ENGINE: dict[str, Callable[[Values], Any]] = {
    "engset": _engset,
    "erlang_a": _erlang_a,
    # Lines that are all taken: at most what the same lines lose as servers, for patience is shorter than a call.
    "erlang_a_blocking": lambda x: traffic.erlang_b(x["lines"], x["calls_per_min"] * x["aht_min"]),
    "erlang_a_exact": _exact_erlang_a,
    "erlang_a_virtual_wait_min": lambda x: _erlang_a(x)["mean_virtual_wait_min"],
    "erlang_b": lambda x: traffic.erlang_b(x["servers"], x["erlangs"]),
    "erlang_b_carried": lambda x: x["erlangs"] * (1 - traffic.erlang_b(x["servers"], x["erlangs"])),
    "erlang_b_channels": lambda x: traffic.channels_for(x["erlangs"], x["blocking"]),
    "erlang_b_max_load": lambda x: traffic.max_erlangs(x["channels"], x["blocking"]),
    "erlang_c": lambda x: traffic.erlang_c(x["servers"], x["erlangs"]),
    "erlang_c_agents_for_delay": _agents_for_delay,
    "extended_erlang_b": _with_retries,
    "log_erlang_b": lambda x: traffic.log_erlang_b(x["servers"], x["erlangs"]),
    "log_erlang_c": lambda x: traffic.log_erlang_c(x["servers"], x["erlangs"]),
    "occupancy": lambda x: traffic.occupancy(x["erlangs"], x["agents"]),
    "required_agents": _required_agents,
    "service_level": lambda x: traffic.service_level(x["erlangs"], x["agents"], x["aht_s"], x["target_s"]),
    "shrinkage": lambda x: traffic.scheduled(x["agents"], x["shrinkage"]),
}
"""Which of our functions answers a kind of case."""


def _kind(case: Values) -> str:
    """A misprint names the function whose printed value is wrong; the classic table prints loads."""
    return str(case["inputs"].get("fn", "erlang_b_max_load") if case["kind"] == "known_misprint" else case["kind"])


ASSERTIONS = [case for case in (*PUBLISHED, *FIFTY_DIGITS) if case["tolerance"] and _kind(case) in ENGINE]


@pytest.mark.parametrize("number", range(len(ASSERTIONS)))
def test_the_known_value_is_found(number: int) -> None:
    case = ASSERTIONS[number]
    ours, allowed = ENGINE[_kind(case)](case["inputs"]), case["tolerance"]
    expected = case["expected"] if isinstance(case["expected"], dict) else {"": case["expected"]}
    for name, value in expected.items():
        got = ours[name] if isinstance(ours, dict) else ours
        assert abs(got - value) <= allowed.get("abs", 0) + allowed.get("rel", 0) * abs(value), (name, got, case)


def test_every_kind_of_case_is_answered() -> None:
    unanswered = {_kind(case) for case in (*PUBLISHED, *FIFTY_DIGITS)} - set(ENGINE) - NOT_TRAFFIC
    assert unanswered == {"required_agents_erlang_a_bound"}
    assert len(ASSERTIONS) > 400
    assert max(case["inputs"].get("servers", 0) for case in FIFTY_DIGITS) == 1_000_000
    assert all(case["tolerance"] == {"rel": 1e-12} for case in FIFTY_DIGITS)


def test_impatient_callers_need_fewer_agents_than_the_load() -> None:
    case = next(case for case in PUBLISHED if case["kind"] == "required_agents_erlang_a_bound")
    given = case["inputs"]
    agents = traffic.agents_for_with_patience(
        _offered(given), given["aht_s"], given["service_level"], given["target_s"], given["patience_s"]
    )
    assert agents < case["expected"]["agents_lt"]


# --- what is defined at the edges


@pytest.mark.parametrize(
    ("servers", "erlangs", "lost", "waits"),
    [
        (0, 0, 1.0, 0.0),
        (0, 5, 1.0, 1.0),
        (5, 0, 0.0, 0.0),
        (1, 1, 0.5, 1.0),
        (300, 0.0, 0.0, 0.0),
        (10, 1e15, 1 - 1e-14, 1.0),
        (1, 5e-324, 5e-324, 5e-324),
        (2, 1e-300, 0.0, 0.0),
    ],
)
def test_loss_and_waiting_at_the_edges(servers: int, erlangs: float, lost: float, waits: float) -> None:
    assert traffic.erlang_b(servers, erlangs) == lost
    assert traffic.erlang_c(servers, erlangs) == waits


def test_a_logarithm_remains_where_the_probability_is_too_small() -> None:
    assert traffic.erlang_b(2, 1e-300) == 0
    # B = A^2/2 and C = A^2 where A is next to nothing.
    assert traffic.log_erlang_b(2, 1e-300) == pytest.approx(2 * math.log(1e-300) - math.log(2), rel=1e-14)
    assert traffic.log_erlang_c(2, 1e-300) == pytest.approx(2 * math.log(1e-300) - math.log(2), rel=1e-14)
    assert traffic.log_erlang_b(5, 0) == traffic.log_erlang_c(5, 0) == -math.inf
    assert traffic.log_erlang_b(0, 5) == traffic.log_erlang_c(5, 5) == 0


@pytest.mark.parametrize("agents", [0, 9, 10])
def test_overload_has_answers(agents: int) -> None:
    assert traffic.erlang_c(agents, 10) == 1
    assert traffic.service_level(10, agents, 180, 20) == 0
    assert traffic.average_speed_of_answer_s(10, agents, 180) == math.inf
    assert traffic.occupancy(10, agents) == 1


@pytest.mark.parametrize("agents", [0, 10, 1000])
def test_no_load_is_served_at_once(agents: int) -> None:
    assert traffic.erlang_c(agents, 0) == 0
    assert traffic.service_level(0, agents, 180, 20) == 1
    assert traffic.average_speed_of_answer_s(0, agents, 180) == 0
    assert traffic.occupancy(0, agents) == 0
    met = traffic.erlang_a(0, 180, agents, 60, 20)
    assert (met.served_within_of_offered, met.abandoned, met.mean_wait_s, met.occupancy) == (1, 0, 0, 0)


def test_no_load_needs_nobody() -> None:
    assert traffic.agents_for(0, 180, 0.8, 20) == 0
    assert traffic.agents_for_with_patience(0, 180, 0.8, 20, 60) == 0
    assert traffic.channels_for(0, 0.01) == traffic.channels_for(0, 0) == 0


def test_nobody_to_answer_loses_everyone() -> None:
    met = traffic.erlang_a(3 / 180, 180, 0, 60, 20)
    assert (met.abandoned, met.mean_wait_s, met.mean_queue, met.served_within_of_answered) == (1, 60, 1, 0)
    assert met.mean_virtual_wait_s == met.mean_wait_answered_s == math.inf
    assert traffic.max_erlangs(0, 0.01) == 0
    assert traffic.channels_for(5, 1) == 0


def test_full_occupancy_may_be_allowed() -> None:
    # A package crashes here: a whole number of erlangs with an occupancy of 1.
    assert traffic.agents_for(10, 180, 0.8, 20, max_occupancy=1) == 14
    assert traffic.agents_for(8.5, 180, 0.8, 20, max_occupancy=0.85) == 12
    assert traffic.agents_for(170, 180, 0.1, 20, max_occupancy=0.85) == 200


def test_people_are_never_rounded_down() -> None:
    assert [traffic.scheduled(*asked) for asked in ((50, 0.2), (7, 0.3), (0, 0.3), (9, 0))] == [63, 10, 0, 9]
    assert traffic.scheduled(700_000, 0.3) == 1_000_000


def test_few_callers_meet_less_congestion_than_many() -> None:
    assert traffic.engset(5, 5, 0.5).time_congestion == pytest.approx((0.5 / 1.5) ** 5, rel=1e-14)
    assert traffic.engset(6, 5, 0.5) == traffic.Congestion(0, 0)
    assert traffic.engset(0, 5, 0.5) == traffic.Congestion(1, 1)
    assert traffic.engset(3, 5, 0) == traffic.Congestion(0, 0)
    # With endless sources it is Erlang B.
    assert traffic.engset(10, 10**9, 8e-9).call_congestion == pytest.approx(traffic.erlang_b(10, 8), rel=1e-7)


def test_everyone_retrying_may_have_no_end() -> None:
    assert traffic.extended_erlang_b(10, 10, 1) == traffic.WithRetries(1, math.inf)
    assert traffic.extended_erlang_b(0, 10, 0.75) == traffic.WithRetries(1, 40)
    assert traffic.extended_erlang_b(10, 0, 1) == traffic.WithRetries(0, 0)
    assert traffic.extended_erlang_b(1, 1e14, 0.5) == traffic.WithRetries(pytest.approx(1), pytest.approx(2e14))
    nearly = traffic.extended_erlang_b(10, 9.99, 1)
    # All are carried in the end.
    assert nearly.offered_incl_retries_erlangs * (1 - nearly.blocking) == pytest.approx(9.99, rel=1e-12)


def test_size_costs_no_time() -> None:
    # A sum over the servers would never end. At N = A, B tends to sqrt(2 / (pi N)).
    assert traffic.erlang_b(10**15, 1e15) == pytest.approx(math.sqrt(2 / (math.pi * 1e15)), rel=1e-7)
    assert traffic.channels_for(1e12, 0.01) == 990_000_000_099
    assert traffic.channels_for(1_000_000, 0.01) == 990_099
    assert traffic.agents_for(100_000, 180, 0.8, 20) == 100_014
    assert traffic.erlang_a(1e9, 180, 180_000_000_000, 60, 20).waiting == pytest.approx(0.366, abs=0.001)


# --- what is refused


@pytest.mark.parametrize("share_of", ["a service level of 1", "an occupancy of 0", "no call ever lost"])
def test_the_impossible_is_said(share_of: str) -> None:
    asks: dict[str, list[Callable[[], int]]] = {
        "a service level of 1": [
            lambda: traffic.agents_for(10, 180, 1, 20),
            lambda: traffic.agents_for_with_patience(10, 180, 1.0, 20, 60),
        ],
        "an occupancy of 0": [
            lambda: traffic.agents_for(10, 180, 0.8, 20, 0),
            lambda: traffic.agents_for_with_patience(10, 180, 0.8, 20, 60, 0),
        ],
        "no call ever lost": [lambda: traffic.channels_for(10, 0)],
    }
    for ask in asks[share_of]:
        with pytest.raises(traffic.Unreachable, match=f"{share_of}.* endless"):
            ask()


GOOD: dict[str, Values] = {
    "erlang_b": {"servers": 5, "erlangs": 3.0},
    "log_erlang_b": {"servers": 5, "erlangs": 3.0},
    "erlang_c": {"servers": 5, "erlangs": 3.0},
    "log_erlang_c": {"servers": 5, "erlangs": 3.0},
    "service_level": {"erlangs": 3.0, "agents": 5, "handle_time_s": 180.0, "within_s": 20.0},
    "average_speed_of_answer_s": {"erlangs": 3.0, "agents": 5, "handle_time_s": 180.0},
    "occupancy": {"erlangs": 3.0, "agents": 5},
    "erlang_a": {"calls_per_s": 0.1, "handle_time_s": 180.0, "agents": 5, "patience_s": 60.0, "within_s": 20.0},
    "engset": {"servers": 3, "sources": 5, "erlangs_per_idle_source": 0.2},
    "extended_erlang_b": {"servers": 5, "erlangs": 3.0, "recall": 0.5},
    "channels_for": {"erlangs": 3.0, "blocking": 0.01},
    "max_erlangs": {"servers": 5, "blocking": 0.01},
    "agents_for": {"erlangs": 3.0, "handle_time_s": 180.0, "share": 0.8, "within_s": 20.0, "max_occupancy": 0.9},
    "agents_for_with_patience": {
        **{"erlangs": 3.0, "handle_time_s": 180.0, "share": 0.8, "within_s": 20.0},
        **{"patience_s": 60.0, "max_occupancy": 0.9},
    },
    "scheduled": {"agents": 5, "shrinkage": 0.3},
    "sweep_blocking": {"erlangs": 3.0, "up_to": 5},
    "sweep_service_level": {"erlangs": 3.0, "agents_range": (5,), "handle_time_s": 180.0, "within_s": 20.0},
}


@pytest.mark.parametrize(("function", "name"), [(function, name) for function in GOOD for name in GOOD[function]])
def test_what_is_no_number_is_refused_by_name(function: str, name: str) -> None:
    getattr(traffic, function)(**GOOD[function])
    bad = [math.nan, math.inf, -1, -math.inf]
    whole = isinstance(GOOD[function][name], int | tuple)
    bad += [10**400]
    bad += [2.5] if whole else []
    bad += [0.0] if name in ("handle_time_s", "patience_s") else []
    bad += [1.5] if name in ("share", "blocking", "recall", "shrinkage", "max_occupancy") else []
    for value in bad:
        with pytest.raises(ValueError, match=f"^{name} must .*{value}$"):
            getattr(traffic, function)(**(GOOD[function] | {name: (value,) if name == "agents_range" else value}))


def test_all_that_is_public_is_checked() -> None:
    results = {"Congestion", "ImpatientQueue", "Unreachable", "WithRetries"}
    assert set(traffic.__all__) == set(GOOD) | results
