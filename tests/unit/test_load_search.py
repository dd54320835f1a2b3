"""The most that is held is found, twice, and what ran out beyond it is named."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.calls import search, usage
from tests.calls.figures import Direction, LoadResult
from tests.calls.phones import PhoneError
from tests.calls.search import Round
from tests.examples import plan_of

HOSTS = plan_of("hybrid").standing


def held(calls: int, **changed: Any) -> LoadResult:
    """So many calls, without a fault."""
    whole = Direction(due=calls * 3000, sent=calls * 3000, arrived=calls * 3000)
    each = dict.fromkeys(
        ("placed", "answered_callers", "answered_seats", "together", "rows", "rows_right", "recordings"), calls
    )
    figures = {"recordings_right": calls, "recordings_with_both_voices": min(3, calls), "failed": 0}
    times = {"hold_s": 60.0, "setup_p50_ms": 40.0, "setup_p95_ms": 90.0, "cpu_busy": 0.5}
    made = LoadResult(calls=calls, to_seats=whole, to_callers=whole, story="", **each, **figures, **times)  # type: ignore[arg-type]
    return replace(made, **changed)


def site(most: int, tried: list[int]) -> Callable[[int], Round]:
    """One that holds so many and no more."""

    def hold(calls: int) -> Round:
        tried.append(calls)
        return Round(calls, () if calls <= most else ("calls failed",), held(calls))

    return hold


@pytest.mark.parametrize("most", [1, 2, 7, 59, 60, 61, 95, 119, 120, 500])
@pytest.mark.parametrize("first", [1, 60, 120])
def test_the_most_is_found_within_five_in_a_hundred(most: int, first: int) -> None:
    tried: list[int] = []
    found = search.look(site(most, tried), first, limit=120)
    most = min(most, 120)
    assert found.best.calls <= most <= max(found.best.calls + 1, found.best.calls * 1.05)
    assert tried.count(found.best.calls) == 2
    assert max(tried) <= 120
    assert len(tried) <= 16
    assert (found.broke is None) == (most == 120)


def test_what_is_held_once_only_is_not_the_answer() -> None:
    tried: list[int] = []

    def lucky(calls: int) -> Round:
        tried.append(calls)
        clean = calls <= 50 or (calls <= 60 and tried.count(calls) == 1)
        return Round(calls, () if clean else ("calls failed",), held(calls))

    found = search.look(lucky, 60, limit=120)
    assert 46 <= found.best.calls <= 50
    assert found.broke is not None
    assert found.broke.calls > found.best.calls


@pytest.mark.parametrize("twice", [True, False])
def test_a_site_that_holds_nothing_is_told(twice: bool) -> None:
    tried: list[int] = []

    def broken(calls: int) -> Round:
        tried.append(calls)
        return Round(calls, ("the edge is silent",) if len(tried) > twice or calls > 1 else (), None)

    with pytest.raises(PhoneError, match=r"not even one call is held.*the edge is silent"):
        search.look(broken, 1 if twice else 60, limit=1 if twice else 120)


def test_clean_figures_have_no_fault() -> None:
    assert held(100).faults(1.0) == ()


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"failed": 1}, "1 of 100 calls failed"),
        ({"answered_callers": 99}, "99 of 100 callers were answered"),
        ({"answered_seats": 99}, "99 of 100 seats answered"),
        ({"together": 99}, "99 of 100 calls were up at once"),
        ({"to_seats": Direction(10_000, 10_000, 9_949)}, "99.49% of packets to seats arrived, 99.5% are wanted"),
        ({"to_callers": Direction(10_000, 9_899, 9_899)}, "the load generator sent 9899 of 10000 packets to callers"),
        ({"recordings_right": 99}, "1 of 100 recordings are not whole"),
        ({"recordings_with_both_voices": 2}, "1 of 3 recordings lack a voice"),
        ({"rows": 99}, "99 of 100 calls have a call detail row"),
        ({"rows_right": 99}, "1 of 100 rows name a queue or seat that had no part"),
        ({"setup_p95_ms": 301.0}, "95 % of calls were set up within 301 ms, 300 are allowed"),
        ({"recordings": 99, "recordings_right": 99}, "99 of 100 recordings came"),
    ],
)
def test_each_figure_that_is_not_clean_is_told(changed: dict[str, Any], fault: str) -> None:
    assert fault in held(100, **changed).faults(1.0)


def test_half_of_the_recordings_is_all_where_half_is_asked_for() -> None:
    result = held(100, recordings=50, recordings_right=50)
    assert result.faults(0.5) == ()
    assert result.faults(0.6) == ("50 of 60 recordings came",)


def ran_out(used: Mapping[str, float], **changed: Any) -> str:
    """What is said when 101 calls fail where hosts used so much."""
    result = held(101, failed=2, used=used, **changed)
    best, broke = Round(96, (), held(96)), Round(101, result.faults(1.0), result)
    return search.ran_out(search.Search((best, broke, best), best, broke), HOSTS, cores=2)


def test_a_host_that_is_full_is_the_site_even_on_a_full_computer() -> None:
    call = next(host for host in HOSTS if host.group == "call")
    told = ran_out({call.name: 0.9 * call.vcpus, HOSTS[0].name: 0.1}, cpu_busy=0.99)
    assert told.startswith("the site ran out: ")
    assert f"{call.name} used" in told
    assert told.endswith("tier call")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"cpu_busy": 0.999}, "its 2 processors were 100% busy"),
        ({"to_seats": Direction(10_000, 9_000, 9_000)}, "the phones did not keep time"),
    ],
)
def test_a_computer_that_is_too_small_says_nothing_of_the_site(changed: dict[str, Any], why: str) -> None:
    told = ran_out({host.name: 0.3 for host in HOSTS}, **changed)
    assert told.startswith("this computer ran out: ")
    assert why in told
    assert f"the plan has {sum(host.vcpus for host in HOSTS)}" in told


def test_with_room_everywhere_the_fault_itself_is_told() -> None:
    told = ran_out({host.name: 0.3 for host in HOSTS})
    assert told.startswith("no processor ran out")
    assert told.endswith("2 of 101 calls failed")


def test_seats_may_be_what_there_is_no_more_of() -> None:
    best = Round(120, (), held(120))
    assert "no more than 120 seats" in search.ran_out(search.Search((best, best), best, None), HOSTS, cores=2)


def test_a_document_has_every_round() -> None:
    found = search.look(site(90, []), 60, limit=120)
    document = found.document("the computer")
    assert [each["calls"] for each in document["rounds"]] == [each.calls for each in found.rounds]
    assert document["calls"] == found.best.calls
    assert document["broke"] == "calls failed"


def test_processors_in_use_are_read_from_this_computers_processes() -> None:
    def look() -> usage.Used:
        return usage.read(
            subprocess.run(["sh", "-c", usage.COMMAND], capture_output=True, text=True, timeout=60).stdout
        )

    before = look()
    spent = time.process_time()
    while time.process_time() - spent < 0.3:
        pass
    after = look()
    mine = {
        name: after.processes[name] - before.processes[name] for name in after.processes if name in before.processes
    }
    assert max(mine.values()) >= 0.25
    assert after.since(before) > 0


def test_a_process_with_brackets_and_spaces_in_its_name_is_read() -> None:
    line = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 250 150 0 0 20 0 1 0 1 1 1"
    before, after = usage.read("10.00 5.00\n"), usage.read(f"12.00 5.00\n{line}\n")
    assert list(after.processes) == [(7, "a (b) c")]
    assert after.since(before) == after.processes[7, "a (b) c"] / 2


def test_what_is_no_answer_of_a_host_is_an_error() -> None:
    with pytest.raises((ValueError, IndexError)):
        usage.read("")
