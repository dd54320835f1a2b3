"""Spare servers, the verdict on a topology, and what is missing: named, smallest first, with the remedy."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatworks import availability
from seatworks.availability import Reach, Topology
from tests.conftest import ROOT
from tests.topologies import PAIR, changed, element, model, topology


def test_one_spare_covers_eight_servers_at_three_nines_and_two_are_needed_beyond() -> None:
    for site in ("cloud", "onprem"):
        assert [availability.spares(needed, 99.9, site) for needed in range(1, 9)] == [1] * 8
        assert availability.spares(9, 99.9, site) == 2
    # By hand: 8 of 9 is enough, 9 of 10 is not.
    assert 0.995**9 + 9 * 0.005 * 0.995**8 > 0.999 > 0.995**10 + 10 * 0.005 * 0.995**9


@given(st.integers(1, 10_000), st.sampled_from([99.0, 99.9, 99.95]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_spares_are_enough_and_not_one_too_many(needed: int, asked: float) -> None:
    spare = availability.spares(needed, asked, "onprem")
    assert availability.k_of_n(needed, needed + spare, 0.995) >= asked / 100 - 1e-14
    assert spare == 1 or availability.k_of_n(needed, needed + spare - 1, 0.995) < asked / 100


def test_four_nines_in_the_cloud_put_the_whole_load_in_each_zone() -> None:
    assert [availability.spares(needed, 99.99, "cloud") for needed in (1, 3, 40)] == [1, 3, 40]
    assert availability.spares(40, 99.99, "onprem") < 10


# A topology as a whole


def test_a_server_is_as_available_as_its_failures_and_repairs_say() -> None:
    # 0.05 broken machines of 72, 8 or 1 h a year of work, and 4 crashes of 4 h.
    crashes = (8760 / 4) / (8760 / 4 + 4)
    for site, parts, repair_h in (("onprem", False, 72), ("onprem", True, 8), ("cloud", False, 1)):
        by_hand = crashes * (8760 / 0.05) / (8760 / 0.05 + repair_h)
        assert availability.server(site, spare_parts=parts) == pytest.approx(by_hand, rel=1e-14)


def test_a_pair_in_two_zones_is_modelled_with_common_cause_and_failover() -> None:
    found = availability.assess(99.9, topology())
    out = 1 - availability.server("cloud")
    common = 0.01 * out + (0.99 * out) ** 2
    assert element(found, "call").model == pytest.approx(1 - common - 4.05 * 6.8 / 31_536_000, rel=1e-13)
    assert element(found, "edge").model == pytest.approx(1 - common - 4.05 * 32 / 31_536_000, rel=1e-13)
    assert element(found, "trunks").model == pytest.approx(
        1 - (0.02 * 0.001 + (0.98 * 0.001) ** 2) - 4 * 60 / 31_536_000, rel=1e-13
    )
    assert element(found, "region").model == pytest.approx(1 - (0.01 * 0.00018 + (0.99 * 0.00018) ** 2), rel=1e-13)


def test_a_vpn_stands_behind_the_line_with_what_is_promised_of_it() -> None:
    lines = availability.assess(99.9, topology("hybrid"))
    joined = availability.assess(99.9, topology("hybrid", vpn=True))
    assert element(joined, "link").model == pytest.approx(element(lines, "link").model * 0.9995, rel=1e-13)
    assert "VPN gateway of 99.95" in element(joined, "link").why
    assert joined.model == lines.model, "only seats in the cloud wait for it"
    outside = {"seats_on_site": 0, "links": 2}
    assert availability.assess(99.9, topology("hybrid", vpn=True, **outside)).model < (
        availability.assess(99.9, topology("hybrid", **outside)).model
    )


def test_the_contract_in_the_cloud_is_the_product_of_what_is_promised() -> None:
    found = availability.assess(99.9, topology())
    assert found.contract == pytest.approx(100 * (1 - 0.001**2) * PAIR**2 * 0.9999, rel=1e-12)


def test_totals_are_the_product_of_the_elements_that_count() -> None:
    for mode in ("cloud", "onprem", "hybrid"):
        found = availability.assess(99.9, topology(mode))
        counted = [element for element in found.elements if element.counts]
        assert found.model == pytest.approx(100 * math.prod(element.model for element in counted), rel=1e-12)
        assert found.contract == pytest.approx(100 * math.prod(element.contract for element in counted), rel=1e-12)
        assert all(0 <= element.model <= 1 and 0 <= element.contract <= 1 and element.why for element in found.elements)


def test_stores_are_shown_but_do_not_count_unless_calls_wait_for_them() -> None:
    parts = topology()
    found = availability.assess(99.9, parts)
    for name, word in (("db", "spooled"), ("record", "wait on the call servers")):
        assert not element(found, name).counts
        assert word in element(found, name).why
    waiting = availability.assess(99.9, dataclasses.replace(parts, database_in_path=True, recording_in_path=True))
    assert element(waiting, "db").counts
    # The single record server alone takes the service below three nines.
    assert waiting.model < 99.9 < found.model


def test_on_site_nothing_is_promised_and_the_model_stands_for_it() -> None:
    found = availability.assess(99.9, topology("onprem"))
    for name in ("edge", "call", "site"):
        assert element(found, name).contract == element(found, name).model
    assert element(found, "site").model == pytest.approx(0.99982)
    assert any("99.67 %" in note for note in found.notes)


def test_losing_the_cloud_half_loses_only_its_seats() -> None:
    onprem, hybrid = (availability.assess(99.9, topology(mode)) for mode in ("onprem", "hybrid"))
    assert hybrid.model == onprem.model
    outside = [element for element in hybrid.elements if element.name in ("link", "cloud-edge", "cloud region")]
    assert len(outside) == 3
    assert not any(element.counts for element in outside)
    seen = hybrid.model * math.prod(element.model for element in outside)
    (note,) = [note for note in hybrid.notes if "40 seats" in note]
    assert f"{math.floor(seen * 100) / 100:.2f} %" in note
    assert "33%" in note


def test_without_a_seat_on_site_the_cloud_half_counts() -> None:
    alone = availability.assess(99.9, topology("hybrid", seats_on_site=0))
    assert all(element(alone, name).counts for name in ("link", "cloud-edge", "cloud region"))
    assert alone.model < 99.9


def test_what_the_team_agreed_holds_for_every_mode() -> None:
    """99.9 needs pairs and two carriers, and they suffice."""
    for mode in ("cloud", "onprem", "hybrid"):
        assert model(topology(mode)) >= 99.9
        assert model(topology(mode, carriers=1)) < 99.9
        assert model(topology(mode, edge=(1, 1))) < 99.9
        assert model(topology(mode, call=(1, 1))) < 99.9


def test_four_nines_fail_in_one_rack_in_one_room_in_one_zone_and_behind_one_balancer() -> None:
    assert model(topology()) >= 99.99
    assert model(topology("onprem")) < 99.99
    assert model(topology(zones=1)) < 99.99
    assert model(topology(reach=Reach.BALANCER)) < 99.99
    # What contracts promise of one region ends at the region's own promise: every further element takes it below.
    assert availability.assess(99.99, topology(edge=(1, 3), call=(1, 3), carriers=3)).contract < 99.99


def test_two_zones_help_only_when_one_of_them_carries_the_load() -> None:
    tight, loose = (element(availability.assess(99.9, topology(call=(10, placed))), "region") for placed in (12, 20))
    assert tight.model == pytest.approx(1 - (0.01 * 0.00018 + 1 - (1 - 0.99 * 0.00018) ** 2), rel=1e-13)
    assert (tight.needed, loose.needed) == (2, 1)
    assert "call" in tight.why
    assert loose.model > 0.99999


def test_headroom_counts_as_spare_only_when_it_is_stated() -> None:
    plain = topology("onprem", call=(8, 9))
    stated = changed(plain, "call", needed_at_peak=7)
    assert element(availability.assess(99.9, stated), "call").needed == 7
    assert model(stated) > model(plain)
    assert any("headroom counts as spare" in note for note in availability.assess(99.9, stated).notes)
    assert not any("headroom" in note for note in availability.assess(99.9, plain).notes)


def test_a_way_in_over_a_gateway_needs_the_gateway_too() -> None:
    direct = element(availability.assess(99.9, topology("onprem", carriers=1)), "trunks")
    over = element(availability.assess(99.9, topology("onprem", carriers=1, gateways=1)), "trunks")
    assert over.model == pytest.approx(direct.model * availability.server("onprem"), rel=1e-13)
    mixed = element(availability.assess(99.9, topology("onprem", carriers=2, gateways=1)), "trunks")
    both = 0.02 * 0.001 + 0.98 * 0.001 * 0.98 * (1 - over.model)
    assert mixed.model == pytest.approx(1 - both - 4 * 60 / 31_536_000, rel=1e-13)


def test_the_notes_name_what_dominates() -> None:
    notes = availability.assess(99.9, topology(carriers=1)).notes
    assert notes[0].startswith("trunks dominates: 526 of ")


def test_the_notes_say_how_far_the_defaults_carry() -> None:
    found = availability.assess(99.9, topology("onprem"))
    doubled = 100 * math.prod(1 - 2 * (1 - element.model) for element in found.elements if element.counts)
    (note,) = [note for note in found.notes if "twice as long" in note]
    assert f"{math.floor(doubled * 100) / 100:.2f} %" in note


# What is missing


def _places(asked: float, parts: Topology) -> list[str]:
    return [problem.place for problem in availability.missing(asked, parts)]


def test_nothing_is_missing_where_the_model_reaches_what_is_asked() -> None:
    assert availability.missing(99.9, topology("onprem")) == ()
    assert availability.missing(99.99, topology()) == ()


def test_one_carrier_is_named_with_the_remedy() -> None:
    (problem,) = availability.missing(99.9, topology("hybrid", carriers=1))
    assert str(problem) == "trunks: one carrier gives at most 99.90 % -> add a second trunk of another carrier"


def test_a_single_server_is_named() -> None:
    (problem,) = availability.missing(99.9, topology("onprem", call=(1, 1)))
    assert problem.place == "call"
    assert problem.remedy == "stand 2 call servers"
    assert "99.77 %" in problem.message


def test_the_easier_change_is_named_where_two_would_do() -> None:
    # Two racks reach 99.95, so nobody is sent to build a second room.
    assert _places(99.95, topology("onprem")) == ["onprem.hosts"]


def test_one_site_is_named_at_four_nines() -> None:
    (problem,) = availability.missing(99.99, topology("onprem"))
    assert problem.place == "mode"
    assert "common cause" in problem.message
    assert "mode: cloud" in problem.remedy


def test_balancer_and_database_are_named_at_four_nines() -> None:
    parts = topology(reach=Reach.BALANCER, database_in_path=True)
    assert _places(99.99, parts) == ["load balancer", "db"]


def test_a_second_zone_that_is_too_small_is_named_with_the_count() -> None:
    (problem,) = availability.missing(99.99, topology(call=(10, 12)))
    assert problem.place == "cloud.zones"
    assert "stand 20 call servers" in problem.remedy


def test_what_no_change_reaches_is_refused_with_how_far_it_leads() -> None:
    problems = availability.missing(99.999, topology("onprem", carriers=1))
    assert problems[-1].place == "availability"
    assert "trunks" in [problem.place for problem in problems]
    assert problems[-1].remedy.startswith("ask for at most 99.99")


topologies = st.builds(
    lambda mode, edge, call, zones, carriers, links, reach, stores, parts, seats: topology(
        mode,
        edge=(edge[0], sum(edge)),
        call=(call[0], sum(call)),
        zones=zones,
        carriers=carriers,
        reach=reach,
        database_in_path=stores[0],
        recording_in_path=stores[1],
        spare_parts=parts,
        **({"links": links, "seats_on_site": seats} if mode == "hybrid" else {}),
    ),
    st.sampled_from(["cloud", "onprem", "hybrid"]),
    st.tuples(st.integers(1, 12), st.integers(0, 3)),
    st.tuples(st.integers(1, 60), st.integers(0, 4)),
    st.sampled_from([1, 2]),
    st.integers(0, 3),
    st.integers(0, 2),
    st.sampled_from(Reach),
    st.tuples(st.booleans(), st.booleans()),
    st.booleans(),
    st.sampled_from([0, 80]),
)


@given(topologies, st.sampled_from([99.9, 99.95, 99.99]))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_something_is_missing_exactly_when_the_model_falls_short(parts: Topology, asked: float) -> None:
    found = availability.assess(asked, parts)
    problems = availability.missing(asked, parts)
    assert bool(problems) == (found.model < asked - 1e-12)
    assert all(problem.place and problem.message and problem.remedy for problem in problems)
    assert len({problem.place + problem.message for problem in problems}) == len(problems)
    assert availability.missing(asked, parts) == problems


@given(
    st.integers(1, 20),
    st.integers(1, 400),
    st.floats(99.9, 99.99),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_what_spares_asks_for_reaches_what_is_asked_in_the_cloud(edge: int, call: int, asked: float) -> None:
    parts = topology(
        edge=(edge, edge + availability.spares(edge, asked, "cloud")),
        call=(call, call + availability.spares(call, asked, "cloud")),
    )
    assert model(parts) >= asked


@given(st.integers(1, 20), st.integers(1, 400))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_what_spares_asks_for_reaches_three_nines_on_site(edge: int, call: int) -> None:
    parts = topology(
        "onprem",
        edge=(edge, edge + availability.spares(edge, 99.9, "onprem")),
        call=(call, call + availability.spares(call, 99.9, "onprem")),
    )
    assert model(parts) >= 99.9


# The figures


def test_the_page_prints_what_the_model_gives() -> None:
    page = (ROOT / "docs/sizing.md").read_text(encoding="utf-8")
    rows = {
        "cloud, two zones": topology(),
        "cloud, one carrier": topology(carriers=1),
        "cloud, one zone": topology(zones=1),
        "cloud, load balancer": topology(reach=Reach.BALANCER),
        "on site, one rack": topology("onprem"),
        "on site, two racks": _racked(topology("onprem")),
        "on site, single servers": topology("onprem", edge=(1, 1), call=(1, 1)),
    }
    for name, parts in rows.items():
        found = availability.assess(99.9, parts)
        contract, model = (f"{math.floor(value * 1000) / 1000:.3f}" for value in (found.contract, found.model))
        assert f"| {name} | {contract} | {model} |" in page


@pytest.mark.parametrize(
    ("row", "name", "value"),
    [
        ("nothing", "room", 99.982),
        ("servers crash 8 times a year, not 4", "server_crashes_per_year", 8),
        ("20 % of failures in one rack are common, not 10 %", "beta_one_rack", 20),
        ("carriers give 99.5 %, not 99.9 %", "carrier", 99.5),
        ("rooms give 99.671 %, not 99.982 %", "room", 99.671),
    ],
)
def test_the_page_prints_what_a_figure_decides(
    row: str, name: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = dataclasses.replace(availability.figures()[name], value=float(value))
    monkeypatch.setitem(availability.figures(), name, changed)
    cloud, site = (math.floor(model(topology(mode)) * 1000) / 1000 for mode in ("cloud", "onprem"))
    assert f"| {row} | {cloud:.3f} | {site:.3f} |" in (ROOT / "docs/sizing.md").read_text(encoding="utf-8")


def _racked(parts: Topology) -> Topology:
    return changed(changed(parts, "edge", racks=2), "call", racks=2)


def test_every_figure_has_unit_source_and_date() -> None:
    for found in availability.figures().values():
        assert found.unit
        assert len(found.source) > 10
        assert found.date[:4].isdigit()
        if found.unit == "%":
            assert 0 < found.value <= 100
