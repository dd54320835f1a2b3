"""A centre that Amazon Connect answers: what its specification may ask, and what the plan makes of it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from seatworks import alternatives, decide, difference, report, show
from seatworks.errors import SpecError
from seatworks.plan import dump, load
from seatworks.report.page import load_words
from seatworks.tables import table
from tests.managed import managed
from tests.specs import environment

WORDS = load_words("zh")


def refused(folder: Path, **changes: Any) -> str:
    """What a changed specification is refused with."""
    with pytest.raises(SpecError) as wrong:
        managed(folder, **changes).plan()
    return str(wrong.value)


@pytest.mark.parametrize("region", ["cn-north-1", "cn-northwest-1"])
def test_a_region_in_china_is_refused_with_the_reason_and_the_remedy(tmp_path: Path, region: str) -> None:
    said = refused(tmp_path, cloud={"region": region, "platform": "connect"})
    assert f"Amazon Connect cannot be had in {region}; in China it is not offered at all" in said
    assert "-> choose cloud.platform: instances, or one of af-south-1" in said


def test_another_region_without_it_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, cloud={"region": "eu-north-1", "platform": "connect"})
    assert "cannot be had in eu-north-1 ->" in said


@pytest.mark.parametrize("region", table("connect")["regions"]["value"])
def test_every_region_that_has_it_is_accepted(tmp_path: Path, region: str) -> None:
    plan = managed(tmp_path, cloud={"region": region, "platform": "connect"}).plan()
    assert plan.connect is not None
    assert plan.region == region


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trunks": [{"name": "a", "kind": "sip", "address": "198.51.100.1"}]}, "takes no SIP trunk"),
        ({"service__menus__main__prompts": ["hello"]}, "are sounds of our servers"),
        ({"service__menus__main__text": None}, "has no text"),
        ({"service__queues__sales__strategy": "ringall"}, "to who has been idle longest"),
        ({"service__numbers": [{"number": "01012345678", "country": "CN", "menu": "main"}]}, "from its country on"),
        ({"service__numbers": [{"number": "+4930", "menu": "main"}]}, "has no country"),
        ({"service__language": "nl-NL"}, "there is no voice for it"),
        ({"service__hours__closes": "07:00"}, "is 07:00, not after 08:00"),
        ({"service__hours__days": ["monday", "monday"]}, "is monday a second time"),
        ({"service__hours__time_zone": "Berlin"}, "a time zone such as"),
        ({"service__hours__opens": "8:00"}, "a time in quotes"),
        ({"recording__share": 0.5}, "all calls are recorded or none"),
        ({"traffic__media__encrypted": False, "protection_level": 2}, "encrypted only"),
        ({"traffic__direction": "outbound", "traffic__outbound": {"lines_per_agent": 2.0}}, "no dialling campaign"),
        ({"cloud": {"region": "eu-central-1", "platform": "conect"}}, "did you mean `connect`?"),
    ],
)
def test_what_it_cannot_have_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    assert said in refused(tmp_path, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"service__hours": {"time_zone": "Asia/Shanghai", "opens": "08:00", "closes": "20:00"}}, "do not use it yet"),
        ({"service__language": "zh-CN"}, "do not use it yet"),
        ({"service__menus__main__text": "Hello"}, "our servers play sounds"),
        ({"service__numbers": [{"number": "01012345678", "menu": "main", "country": "CN"}]}, "brings its own numbers"),
        ({"trunks": None}, "trunks: is missing"),
        ({"trunks": []}, "trunks: has no entry, must have at least 1"),
    ],
)
def test_what_servers_cannot_have_is_refused_and_not_left_out(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(SpecError) as wrong:
        environment(tmp_path, "cloud", **changes).plan()
    assert said in str(wrong.value)


def test_a_hybrid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as wrong:
        environment(tmp_path, "hybrid", cloud__platform="connect", cloud__region="eu-central-1").plan()
    assert "has no link to servers of a site -> choose mode cloud, or choose cloud.platform: instances" in str(
        wrong.value
    )


def test_the_plan_has_no_servers_and_everything_that_is_asked_of_the_provider(tmp_path: Path) -> None:
    plan = managed(tmp_path).plan()
    asked = plan.connect
    assert asked is not None
    assert (plan.hosts, plan.networks, plan.flows, plan.trunks, plan.peers) == ((), (), (), (), ())
    assert [(number.number, number.country, number.kind, number.flow) for number in asked.numbers] == [
        ("+4930", "DE", "DID", "menu-main"),
        ("+49800", "DE", "TOLL_FREE", "queue-sales"),
    ]
    main = asked.flow("menu-main")
    assert (main.digits, main.default, main.wait_s) == ((("1", "support"), ("2", "sales")), "support", 7)
    assert main.queues == ("sales", "support")
    assert (main.recorded, main.checks_hours, main.voice) == (True, True, "Joanna")
    assert (asked.hours.opens_min, asked.hours.closes_min) == (480, 1230)
    assert asked.hours.days == ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
    assert asked.routing_profiles[0].queues == ("sales", "support")
    assert asked.request_rate == 2
    assert plan.seat_count() == 24
    assert load(dump(plan)) == plan


def test_without_hours_the_centre_is_always_open(tmp_path: Path) -> None:
    asked = managed(tmp_path, service__hours=None).plan().connect
    assert asked is not None
    assert not any(flow.checks_hours for flow in asked.flows)
    assert (len(asked.hours.days), asked.hours.opens_min, asked.hours.closes_min) == (7, 0, 0)


def test_agents_may_less_than_supervisors_and_nobody_may_change_the_centre(tmp_path: Path) -> None:
    asked = managed(tmp_path).plan().connect
    assert asked is not None
    rights = {profile.name: set(profile.permissions) for profile in asked.security_profiles}
    assert "ListenCallRecordings" in rights["supervisors"] - rights["agents"]
    assert not [each for some in rights.values() for each in some if each.endswith((".Edit", ".Create", ".Delete"))]


def test_the_availability_is_what_the_provider_promises(tmp_path: Path) -> None:
    availability = managed(tmp_path, availability=99.99).plan().availability
    assert (availability.contract, availability.model) == (99.99, 99.99)
    assert [element.name for element in availability.elements] == ["Amazon Connect"]


def test_what_the_account_must_be_given_first_is_said(tmp_path: Path) -> None:
    found = decide.decide(managed(tmp_path))
    assert any("gives an instance 10 calls at once and 26 are needed" in note for note in found.notes)
    assert not any("users and" in note for note in found.notes)
    many = decide.decide(managed(tmp_path / "many", seats={"cloud": 600}, traffic__busy_hour_calls=6000))
    assert any("gives an instance 500 users and 600 are needed" in note for note in many.notes)


def test_the_bill_is_by_the_minute_and_what_has_no_price_is_missing(tmp_path: Path) -> None:
    found = decide.decide(managed(tmp_path))
    bill = found.comparison.bill("cloud")
    lines = {line.item: line for line in bill.lines}
    sized = found.plan.sized
    assert float(lines["connect.voice"].quantity) == pytest.approx(sized.inbound_minutes_per_month)
    assert lines["connect.voice"].cost is not None
    assert lines["connect.inbound.de.did"].quantity == lines["connect.inbound.de.toll_free"].quantity
    assert {"connect.inbound.de.did", "connect.number.de.toll_free"} <= set(bill.missing)
    assert not [item for item in lines if item.startswith(("line.", "number.", "minutes.", "licence.", "server."))]


def test_the_other_modes_stand_beside_it_with_carriers_of_their_own(tmp_path: Path) -> None:
    where = managed(tmp_path)
    found = decide.decide(where)
    assert [bill.mode for bill in found.comparison.bills] == ["cloud", "onprem", "hybrid"]
    others = alternatives.alternatives(where.spec())
    assert [len(others[mode].trunks) for mode in ("cloud", "onprem", "hybrid")] == [0, 2, 2]
    assert not others["hybrid"].managed


def test_the_terminal_shows_numbers_and_flows_in_the_place_of_hosts(tmp_path: Path) -> None:
    console = Console(width=200, file=io.StringIO())
    console.print(show.plan_table(managed(tmp_path).plan()))
    text = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    for said in ("+4930", "TOLL_FREE", "menu-main", "1 support, 2 sales", "2 requests a second"):
        assert said in text
    assert "Hosts" not in text


def test_a_first_deploy_takes_as_long_as_the_interface_asks(tmp_path: Path) -> None:
    plan = managed(tmp_path, seats={"cloud": 480}).plan()
    assert plan.connect is not None
    minutes = plan.connect.minutes(plan.seat_count(), len(plan.queues))
    # 480 users, each made and read back, at two requests a second: eight minutes, and something for all else.
    assert 8 < minutes < 9


def test_the_page_of_the_plan_is_made_in_both_languages(tmp_path: Path) -> None:
    shown = decide.page(decide.decide(managed(tmp_path, traffic__direction="mixed")))
    english, chinese = report.plan_page(shown, "en"), report.plan_page(shown, "zh")
    assert "+4930" in english
    assert "Amazon Connect" in chinese
    assert 'id="hosts"' not in english


@pytest.mark.parametrize("changes", [{}, {"traffic__direction": "mixed"}, {"seats": {"cloud": 600}}])
def test_what_is_said_of_it_is_said_in_chinese(tmp_path: Path, changes: dict[str, Any]) -> None:
    found = decide.decide(managed(tmp_path, **changes))
    lines = [line.why for bill in found.comparison.bills for line in bill.lines if bill.mode == "cloud"]
    elements = [element.why for element in found.plan.availability.elements]
    for text in (*found.notes, *found.plan.availability.notes, *elements, *lines):
        assert re.search("[\u4e00-\u9fff]", WORDS.said(text)), text


def test_another_platform_is_a_change_that_stops_all_calls(tmp_path: Path) -> None:
    changes = difference.difference(environment(tmp_path, "cloud").plan(), managed(tmp_path).plan())
    (found,) = [change for change in changes if change.kind == "platform"]
    assert (found.what, found.stops[:9]) == ("platform: instances to connect", "all calls")


def test_a_live_centre_needs_no_administrators_of_servers(tmp_path: Path) -> None:
    assert managed(tmp_path, target="live").plan().connect is not None
