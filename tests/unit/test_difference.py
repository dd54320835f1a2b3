"""The way from one plan to another: what is added, what stops, what it costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatworks import decide, difference
from seatworks.plan.model import Plan
from seatworks.tables import table as data
from tests.examples import plan_of
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
    assert found["seats_changed"] == ["seats onprem: 80 to 1,600"]
    assert "host_removed" not in found
    assert "host_moved" not in found, "a group's growth moves no server of another"


def test_an_edition_says_what_it_adds(tmp_path: Path) -> None:
    found = said(plan_of("hybrid"), plan(tmp_path, edition="professional"))
    assert found == {
        "edition_changed": [
            "edition: standard to professional; adds speech recognition and bots, predictive dialling, knowledge base"
        ]
    }


def test_peak_seats_trunks_and_queues_are_told_apart(tmp_path: Path) -> None:
    trunks = [{"name": name, "kind": "sip", "address": f"198.51.100.{n}"} for n, name in enumerate("abc", 1)]
    queues = {name: {"seats": ["onprem", "cloud"]} for name in ("support", "sales", "night")}
    found = said(plan_of("hybrid"), plan(tmp_path, seats__peak_extra=320, trunks=trunks, service__queues=queues))
    assert found["seats_changed"] == ["peak seats cloud: 20 to 320"]
    assert found["trunks_changed"] == ["trunks: added a, b, c; removed chinanet, unicom"]
    assert found["service_changed"] == ["queues: added night"]


def test_other_days_of_a_peak_are_told_with_what_must_not_be_done(tmp_path: Path) -> None:
    days = [{"first": "2027-01-22", "last": "2027-02-05"}, {"first": "2027-11-01", "last": "2027-11-14"}]
    new = environment(tmp_path, "cloud", seats__peak_days=days).plan()
    assert said(plan_of("cloud"), new) == {
        "peaks_changed": ["peaks: added 2027-10-31T15:00:00Z to 2027-11-14T16:00:00Z"]
    }
    without = environment(tmp_path / "without", "cloud", seats__peak_days=[]).plan()
    assert set(said(plan_of("cloud"), without)) >= {"peaks_changed", "host_removed"}
    assert "set the last day to yesterday" in data("changes")["peaks_changed"]["stops"]


def test_another_link_is_told_with_what_it_joins(tmp_path: Path) -> None:
    new = plan(tmp_path, cloud__link="vpn", cloud__link_network=None)
    assert said(plan_of("hybrid"), new)["link_changed"] == [
        "link: wireguard in 10.98.0.0/24 to vpn of 10.20.0.0/24 and 10.60.0.0/16 by 192.0.2.10"
    ]


def test_every_kind_of_change_says_what_stops() -> None:
    for entry in data("changes").values():
        assert entry["stops"]
        assert entry["seconds"] >= 0
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
