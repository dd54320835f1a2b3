"""The way from one plan to another: what is added, what stops, what it costs."""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest

from seatworks import decide, difference
from seatworks.plan.model import Plan
from seatworks.tables import table as data
from tests.examples import managed_plan_of, peak_plan_of, plan_of, vpn_plan_of
from tests.managed import managed
from tests.specs import environment


def plan(folder: Path, **changes: object) -> Plan:
    """The hybrid example with changes."""
    return environment(folder, **changes).plan()


def said(old: Plan, new: Plan) -> dict[str, list[str]]:
    """Changes by kind."""
    found: dict[str, list[str]] = {}
    for change in difference.difference(old, new):
        found.setdefault(change.kind, []).append(change.what)
    return found


def test_equal_plans_differ_in_nothing() -> None:
    assert difference.difference(plan_of("hybrid"), plan_of("hybrid")) == ()


def test_growing_adds_servers_and_stops_nothing_but_what_is_resized(tmp_path: Path) -> None:
    changes = {"seats__onprem": 1600, "traffic__busy_hour_calls": 26_000, "onprem__seats_network": "10.20.8.0/21"}
    changes["onprem__network"] = "10.20.0.0/23"
    found = said(plan_of("hybrid"), plan(tmp_path, **changes))
    assert any(what.startswith("call3 (onprem") for what in found["host_added"])
    assert found["seats"] == ["seats onprem: 80 to 1,600"]
    assert "host_removed" not in found
    assert "host_moved" not in found, "a group's growth moves no server of another"


def test_an_edition_says_what_it_adds(tmp_path: Path) -> None:
    found = said(plan_of("hybrid"), plan(tmp_path, edition="professional"))
    assert found == {
        "figures": [
            "edition: standard to professional; adds speech recognition and bots, predictive dialling, knowledge base"
        ]
    }


def test_peak_seats_trunks_and_queues_are_told_apart(tmp_path: Path) -> None:
    trunks = [{"name": name, "kind": "sip", "address": f"198.51.100.{n}"} for n, name in enumerate("abc", 1)]
    queues = {name: {"seats": ["onprem", "cloud"]} for name in ("support", "sales", "night")}
    found = said(plan_of("hybrid"), plan(tmp_path, seats__peak_extra=320, trunks=trunks, service__queues=queues))
    assert found["seats"] == ["peak seats cloud: 20 to 320"]
    assert found["trunks"] == ["trunks: added a, b, c; removed unicom, chinanet"]
    assert found["queues"] == ["queues: added night; sales: sites cloud onprem to onprem cloud"]


def test_other_days_of_a_peak_are_told_with_what_must_not_be_done(tmp_path: Path) -> None:
    days = [{"first": "2027-01-22", "last": "2027-02-05"}, {"first": "2027-11-01", "last": "2027-11-14"}]
    new = environment(tmp_path, "cloud", seats__peak_days=days).plan()
    assert said(plan_of("cloud"), new) == {"peaks": ["peaks: added 2027-10-31T15:00:00Z to 2027-11-14T16:00:00Z"]}
    without = environment(tmp_path / "without", "cloud", seats__peak_days=[]).plan()
    assert set(said(plan_of("cloud"), without)) >= {"peaks", "host_removed"}
    assert "set the last day to yesterday" in data("changes")["areas"]["peaks"]["stops"]["en"]


def test_another_link_is_told_with_what_it_joins(tmp_path: Path) -> None:
    new = plan(tmp_path, cloud__link="vpn", cloud__link_network=None)
    found = said(plan_of("hybrid"), new)
    assert "link network: 10.98.0.0/24 to nothing" in found["link"]
    assert "vpn: nothing to vpn of 10.20.0.0/24 and 10.60.0.0/16 by 192.0.2.10" in found["link"]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Each field of a value down to plain ones: its path, and what makes the value again with that field changed.

    Of lists the last entry is taken. An empty one says nothing of what would be in it: another example has it.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            for name, change in leaves(getattr(value, field.name), f"{path}.{field.name}".lstrip(".")):
                yield name, functools.partial(_replaced, field.name, change)
    elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[-1]):
        for name, change in leaves(value[-1], path):
            yield name, functools.partial(_last, change)
        yield path, lambda many: many[:-1]
        if len(value) > 1:
            yield path, lambda many: (many[-1], *many[:-1])
    elif value != ():
        yield path, other


def _replaced(name: str, change: Callable[[Any], Any], whole: Any) -> Any:
    return dataclasses.replace(whole, **{name: change(getattr(whole, name))})


def _last(change: Callable[[Any], Any], many: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*many[:-1], change(many[-1]))


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, StrEnum):
        return next(each for each in type(value) if each is not value)
    if isinstance(value, IPv4Network):
        return IPv4Network((int(value.network_address) ^ (1 << 31), value.prefixlen))
    match value:
        case bool():
            return not value
        case int() | float() | IPv4Address():
            return value + 1
        case str():
            editions = data("editions")
            return next(each for each in editions if each != value) if value in editions else f"{value}x"
        case tuple():
            return (*value, *(value[:1] or ("one",)))
    return "one"


PLANS = {
    "hybrid": lambda: plan_of("hybrid"),
    "a managed database": managed_plan_of,
    "a peak": peak_plan_of,
    "a VPN": vpn_plan_of,
    "connect": lambda: connect_plan(),
}


@functools.cache
def connect_plan() -> Plan:
    """The plan of a centre that Amazon Connect answers."""
    with tempfile.TemporaryDirectory() as folder:
        return managed(Path(folder)).plan()


@pytest.mark.parametrize("example", PLANS)
def test_every_field_of_the_plan_is_told_when_it_differs(example: str) -> None:
    old = PLANS[example]()
    for path, change in leaves(old):
        new = change(old)
        assert new != old, path
        found = difference.difference(old, new)
        assert found, f"{path} differs and nobody says so"
        assert all(each.what and each.stops for each in found), path
        assert all(each.kind != "also" or path.startswith("ports") for each in found), path


def test_every_field_of_the_plan_is_met_in_one_of_the_examples() -> None:
    met = {path.partition(".")[0] for make in PLANS.values() for path, _ in leaves(make())}
    assert met == {field.name for field in dataclasses.fields(Plan)}
    assert {"hosts.roles", "menus.digits", "queues.strategy", "trunks.address", "recording.share"} <= {
        path for path, _ in leaves(plan_of("hybrid"))
    }


def test_what_the_table_does_not_name_is_told_as_one_that_also_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    old = plan_of("hybrid")
    new = dataclasses.replace(old, time_servers=("ntp.example.org",), ports=dataclasses.replace(old.ports, sip=5070))
    found = difference.difference(old, new)
    assert [(each.kind, each.way) for each in found] == [("also", ""), ("time", "reload: baseline cloud")]
    assert found[0].what == "also differs: ports: sip 5060 to 5070"
    monkeypatch.delitem(data("changes")["plan"], "time_servers")
    assert {each.kind for each in difference.difference(old, new)} == {"also"}


def test_a_menu_is_told_with_what_of_it_differs(tmp_path: Path) -> None:
    menu = {"prompts": ["vm-press"], "digits": {"1": "sales"}, "default": "sales", "wait_s": 9}
    (found,) = difference.difference(plan_of("hybrid"), plan(tmp_path, service__menus__main=menu))
    assert (found.kind, found.way, found.stops[:7]) == ("menus", "reload: asterisk", "nothing")
    assert all(word in found.what for word in ("menus: main:", "digits", "to 1 sales", "wait s", "to 9"))


def test_every_edition_has_features() -> None:
    assert set(data("features")) == {each for edition in data("editions").values() for each in edition["features"]}


@pytest.mark.parametrize("edition", ["basic", "standard"])
def test_an_edition_holds_what_the_smaller_one_holds(edition: str) -> None:
    larger = {"basic": "standard", "standard": "professional"}[edition]
    assert set(data("editions")[edition]["features"]) < set(data("editions")[larger]["features"])


def test_the_document_has_both_sums(tmp_path: Path) -> None:
    before = decide.decide(environment(tmp_path / "a"))
    after = decide.decide(environment(tmp_path / "b", seats__onprem=160, traffic__busy_hour_calls=2600))
    changes = difference.difference(before.plan, after.plan)
    document = difference.document(changes, before.comparison.bill("hybrid"), after.comparison.bill("hybrid"))
    assert document["cost"]["3"]["new"] > document["cost"]["3"]["old"] > 0
    assert document["changes"]
