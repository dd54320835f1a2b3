"""A decision holds the plan, three modes with their cost, curves through the plan, and every assumption."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatworks import cost, decide, traffic
from seatworks.decide import Found
from seatworks.report import plan_page
from tests.conftest import ROOT
from tests.examples import NAMES
from tests.specs import environment

KEYS = {
    "name", "inputs", "sizing", "hosts", "flows", "availability", "cost", "notes", "assumptions",
}  # fmt: skip
SIZING = {
    "offered_erlangs", "agents", "scheduled_staff", "concurrent_calls", "design_concurrent_calls", "trunk_channels",
    "e1_spans", "menu_ports", "bandwidth_mbps", "recording_gb", "servers",
}  # fmt: skip


@pytest.fixture(scope="module", params=NAMES)
def found(request: pytest.FixtureRequest) -> Found:
    """A shipped example, decided."""
    return decide.decide(decide.Environment.find(request.param, ROOT))


def test_the_document_has_the_keys_that_programs_rely_on(found: Found) -> None:
    document = json.loads(json.dumps(decide.document(found)))
    assert set(document) == KEYS
    assert set(document["sizing"]) >= SIZING
    assert set(document["availability"]) >= {"asked", "contract", "model"}
    for mode in ("cloud", "onprem", "hybrid"):
        for years in ("1", "3", "5"):
            sums = document["cost"][mode]["years"][years]
            assert 0 < sums["low"] <= sums["base"] <= sums["high"]
    assert document["cost"]["currency"] == "CNY"
    for assumption in document["assumptions"]:
        assert set(assumption) == {"what", "value", "unit", "source"}
        assert assumption["source"]


def test_the_document_agrees_with_the_plan(found: Found) -> None:
    document = decide.document(found)
    assert document["sizing"]["trunk_channels"] == found.plan.sized.trunk_channels
    assert [host["name"] for host in document["hosts"]] == [host.name for host in found.plan.hosts]
    bill = found.comparison.bill(found.plan.mode)
    assert document["cost"][found.plan.mode]["years"]["5"]["base"] == float(bill.over(5).total.base)


def test_curves_pass_through_the_plan(found: Found) -> None:
    sized = found.sizing
    service = dict(decide.service_curve(found))
    assert service[sized.agents] == sized.service_level
    assert list(service) == sorted(service)
    assert list(service.values()) == sorted(service.values())
    blocking = dict(decide.blocking_curve(found.plan))
    assert blocking[sized.trunk_channels] == traffic.erlang_b(sized.trunk_channels, sized.trunk_erlangs)
    assert list(blocking.values()) == sorted(blocking.values(), reverse=True)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_the_same_twice_and_shows_every_host_and_assumption(found: Found, lang: str) -> None:
    shown = plan_page(decide.page(found), lang)
    assert shown == plan_page(decide.page(found), lang)
    assert all(host.name in shown for host in found.plan.hosts)
    assert "http://" not in shown.replace("http://www.w3.org/", "")


def test_impatient_callers_have_their_own_curve(tmp_path: Path) -> None:
    found = decide.decide(environment(tmp_path, traffic__patience_s=90))
    assert dict(decide.service_curve(found))[found.sizing.agents] == found.sizing.service_level


def test_outbound_alone_has_no_curve_of_waiting(tmp_path: Path) -> None:
    found = decide.decide(environment(tmp_path, traffic__direction="outbound"))
    assert decide.service_curve(found) == ()
    assert plan_page(decide.page(found), "en")


def test_a_mode_that_cannot_reach_the_asked_availability_is_said_and_not_priced(tmp_path: Path) -> None:
    found = decide.decide(environment(tmp_path, "cloud", availability=99.99))
    document = decide.document(found)
    assert document["cost"]["onprem"] is None
    assert "99.99 % is not reached" in document["cost"]["unplanned"]["onprem"]
    assert any("mode onprem could not be planned" in note for note in found.notes)
    assert plan_page(decide.page(found), "zh")


def test_the_users_own_prices_fill_what_is_missing(tmp_path: Path) -> None:
    where = environment(tmp_path)
    before = decide.decide(where)
    assert "line.sip_channel" in before.comparison.bill("hybrid").missing
    price = "{unit: channel-month, amount: 25, currency: CNY, date: 2026-11-01, source: offer}"
    book = f"prices:\n  line.sip_channel: {price}\n"
    where.specification.with_name("prices.yml").write_text(book)
    after = decide.decide(where)
    assert "line.sip_channel" not in after.comparison.bill("hybrid").missing
    line = next(each for each in after.comparison.bill("hybrid").lines if each.item == "line.sip_channel")
    channels = sum(trunk.channels for trunk in after.plan.trunks)
    assert line.cost is not None
    assert line.cost.base == 25 * channels


def test_dollars_are_yuan_by_the_rate(tmp_path: Path) -> None:
    where = environment(tmp_path)
    yuan, dollars = decide.decide(where), decide.decide(where, cost.Choices(currency="USD"))
    rate = cost.Choices().exchange.cny_per_usd
    in_yuan, in_dollars = (each.comparison.bill("onprem").over(3).total.base for each in (yuan, dollars))
    assert in_yuan / rate == pytest.approx(in_dollars)
