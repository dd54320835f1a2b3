"""How many calls a load puts on: what nobody could answer is refused before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatworks import load
from seatworks.errors import SpecError
from seatworks.plan.model import CloudOutputs
from tests.calls.office import Keys, Office
from tests.examples import NAMES, peak_plan_of, plan_of
from tests.managed import managed

PLANS = {**{name: plan_of(name) for name in NAMES}, "peak": peak_plan_of()}


@pytest.mark.parametrize("name", PLANS)
def test_the_calls_go_where_the_first_key_leads(name: str) -> None:
    plan = PLANS[name]
    passwords = {seat.user: "" for seat in plan.seats}
    office = Office(plan, CloudOutputs(), Keys(passwords, "", ""), machine=lambda _: None)  # type: ignore[arg-type,return-value]
    assert load.queue(plan) == office.scenarios()[0].queue


@pytest.mark.parametrize("name", PLANS)
def test_without_a_number_the_sized_calls_are_put_on_and_can_be_answered(name: str) -> None:
    plan = PLANS[name]
    assert 1 <= load.sized(plan) <= len(load.seats(plan))
    assert load.asked(None, plan) == str(load.sized(plan))


def test_seats_of_a_peak_are_not_there_without_it() -> None:
    assert not any(seat.peak for seat in load.seats(PLANS["peak"]))


@pytest.mark.parametrize("more", [1, 30])
def test_more_calls_than_seats_are_refused_with_the_number_that_fits(more: int) -> None:
    plan = PLANS["hybrid"]
    there = len(load.seats(plan))
    with pytest.raises(SpecError) as refused:
        load.asked(str(there + more), plan)
    (problem,) = refused.value.problems
    assert f"queue {load.queue(plan).name} has {there}" in problem.message
    assert problem.remedy == f"give a number from 1 to {there}, or max"
    assert load.asked(str(there), plan) == str(there)


@pytest.mark.parametrize("calls", ["0", "-3", "many", "1.5", "", "\N{FULLWIDTH DIGIT THREE}"])
def test_what_is_no_number_is_refused(calls: str) -> None:
    with pytest.raises(SpecError, match="is no number of calls"):
        load.asked(calls, PLANS["hybrid"])


def test_max_and_numbers_are_taken_as_they_are() -> None:
    assert [load.asked(calls, PLANS["hybrid"]) for calls in ("max", "007")] == ["max", "7"]


def test_the_screen_says_what_a_search_found() -> None:
    found: dict[str, Any] = {"calls": 96, "broke_at": 101, "broke": "2 of 101 calls failed", "ran_out": "the computer"}
    assert load.said({"search": found}) == [
        "held cleanly, twice: 96 calls at once",
        "at 101: 2 of 101 calls failed",
        "the computer",
    ]
    assert load.said({"search": found | {"broke_at": None}})[1:] == ["the computer"]
    assert load.said({}) == []


def test_where_the_provider_answers_no_number_is_asked(tmp_path: Path) -> None:
    assert load.arguments(managed(tmp_path).plan(), "5000") == ()
    assert load.arguments(PLANS["hybrid"], "5") == ("--calls=5",)
