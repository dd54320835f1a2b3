"""Servers of a peak: asked for by days, sized by its seats, in the plan as hosts that are switched off meanwhile."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from seatworks import inputs, inventory
from seatworks.cost import Choices, bill, books
from seatworks.environment import Environment
from seatworks.errors import SpecError
from seatworks.plan.model import CloudOutputs, Plan, Site
from seatworks.plan.peak import Peak
from tests.specs import environment

DAYS = [{"first": "2027-01-25", "last": "2027-02-10"}]


def cloud(folder: Path, **changes: Any) -> Environment:
    return environment(folder, "cloud", **{"seats__peak_days": DAYS, **changes})


def refusals(where: Environment) -> list[str]:
    with pytest.raises(SpecError) as refused:
        where.spec()
    return [str(problem) for problem in refused.value.problems]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return cloud(tmp_path).plan()


def test_a_peak_has_a_server_of_its_own_and_the_others_carry_the_rest(plan: Plan, tmp_path: Path) -> None:
    without = environment(tmp_path / "without", "cloud", seats__peak_days=[]).plan()
    (extra,) = plan.peak_hosts
    assert (extra.name, extra.group, extra.site, extra.network) == ("peak1", "call", Site.CLOUD, "cloud-a-private")
    assert extra.address == plan.network(extra.network).cidr[51]
    assert extra.roles[-1] == "peak"
    assert [host.name for host in plan.standing] == [host.name for host in without.hosts]
    assert without.peak_hosts == without.peaks == ()


def test_a_large_peak_has_several_servers_spread_over_the_zones(tmp_path: Path) -> None:
    where = cloud(tmp_path, seats__cloud=1000, seats__peak_extra=1000, traffic__busy_hour_calls=24000)
    plan = where.plan()
    assert len(plan.peak_hosts) > 2
    assert {plan.network(host.network).zone for host in plan.peak_hosts} == {"cn-north-1a", "cn-north-1b"}
    shares = inputs._shares(plan)
    assert sum(share["per_mille"] for share in shares) == pytest.approx(500, abs=len(shares))


def test_days_become_moments_an_hour_before_the_first_and_after_the_last(tmp_path: Path) -> None:
    assert cloud(tmp_path).plan().peaks == (Peak("2027-01-24T15:00:00Z", "2027-02-10T16:00:00Z"),)
    berlin = cloud(tmp_path, seats__peak_time_zone="Europe/Berlin").plan()
    assert berlin.peaks == (Peak("2027-01-24T22:00:00Z", "2027-02-10T23:00:00Z"),)


def test_every_overlap_is_said_also_past_a_shorter_entry(tmp_path: Path) -> None:
    days = [("2027-01-01", "2027-02-05"), ("2027-01-10", "2027-01-11"), ("2027-01-20", "2027-01-21")]
    found = refusals(cloud(tmp_path, seats__peak_days=[{"first": first, "last": last} for first, last in days]))
    assert len(found) == 2


def test_days_may_be_those_of_utc(tmp_path: Path) -> None:
    plan = cloud(tmp_path, seats__peak_time_zone="UTC").plan()
    assert plan.peaks == (Peak("2027-01-24T23:00:00Z", "2027-02-11T00:00:00Z"),)


def test_each_seat_is_rung_by_one_kind_of_server(plan: Plan) -> None:
    (extra,) = plan.peak_hosts
    lasting = plan.host("call1")
    assert Counter(seat.peak for seat in plan.served_by(extra)) == {True: 20}
    assert Counter(seat.peak for seat in plan.served_by(lasting)) == {False: 100}
    assert set(plan.members(plan.queues[0], extra)).isdisjoint(plan.members(plan.queues[0], lasting))


def test_servers_of_a_peak_share_its_seats(tmp_path: Path) -> None:
    plan = cloud(tmp_path, seats__cloud=1000, seats__peak_extra=1000, traffic__busy_hour_calls=24000).plan()
    rung = [seat.user for host in plan.peak_hosts for seat in plan.served_by(host)]
    assert sorted(rung) == sorted(seat.user for seat in plan.seats if seat.peak)


def test_edges_give_a_server_of_a_peak_its_share_and_others_take_over(plan: Plan) -> None:
    built = inventory.build(plan, CloudOutputs(), Path("/x/build/cloud/lab/ssh/config"))
    edge = built.hosts["edge1"]
    address = {host.name: str(host.address) for host in plan.hosts}
    assert edge["kamailio_shares"] == [{"set": 3, "per_mille": 167}]
    assert {"set": 3, "servers": [address["peak1"], address["call1"], address["call2"]]} in edge[
        "kamailio_call_servers"
    ]
    assert {"set": 1, "servers": [address["call1"], address["call2"]]} in edge["kamailio_call_servers"]
    assert {number["set"] for number in edge["kamailio_numbers"]} == {1}


def test_a_server_of_a_peak_is_in_the_inventory_with_which_it_configures_itself(plan: Plan) -> None:
    assert "peak1" not in inventory.build(plan, CloudOutputs(), Path("/x/build/cloud/lab/ssh/config")).hosts
    every = inventory.local(plan, CloudOutputs(), plan.servers)
    assert every.groups["peak"] == ["peak1"]
    assert every.hosts["peak1"]["asterisk_admission"] == "/run/peak/open"
    assert every.hosts["call1"]["asterisk_admission"] == ""


def test_firewalls_know_a_server_of_a_peak(plan: Plan) -> None:
    names = {flow.name for flow in plan.flows_to("peak1")}
    assert names == {flow.name for flow in plan.flows_to("call1")}
    (extra,) = plan.peak_hosts
    assert any(f"{extra.address}/32" in map(str, plan.source_cidrs(flow)) for flow in plan.flows_to("db1"))


def test_the_bill_counts_it_for_its_days(plan: Plan) -> None:
    (extra,) = plan.peak_hosts
    lines = [line for line in bill(plan, books.load(), Choices()).lines if "days of a year" in line.why]
    assert {line.item for line in lines} == {f"aws.cn-north-1.ec2.{extra.instance_type}", "aws.cn-north-1.ebs.gp3"}
    machine = next(line for line in lines if ".ec2." in line.item)
    assert float(machine.quantity) == pytest.approx(730 * 14 / 365)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seats__peak_extra": 0}, "peak_extra is 0"),
        ({"seats__peak_days": [{"first": "2027-01-25"}]}, "last: is missing"),
        ({"seats__peak_days": [{"first": "2027-02-30", "last": "2027-03-01"}]}, "no day of the calendar"),
        ({"seats__peak_days": [{"first": "2027-02-10", "last": "2027-02-01"}]}, "before 2027-02-10"),
        (
            {"seats__peak_days": [*DAYS, {"first": "2027-02-10", "last": "2027-02-12"}]},
            "inside the entry that ends on 2027-02-10",
        ),
        ({"traffic__direction": "outbound"}, "is for calls that come in"),
        (
            {
                "seats__peak_days": [
                    {"first": "2027-01-01", "last": "2027-02-05"},
                    {"first": "2027-01-10", "last": "2027-01-11"},
                ]
            },
            "inside the entry that ends on 2027-02-05",
        ),
        ({"seats__peak_time_zone": "Beijing"}, "a time zone such as Asia/Shanghai"),
        ({"seats__peak_time_zone": "Asia/Peking"}, "is in no tz database"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_refused_with_place_and_remedy(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    found = refusals(cloud(tmp_path, **changes))
    assert len(found) == 1
    assert "seats" in found[0]
    assert said in found[0]


@pytest.mark.parametrize("name", ["hybrid", "onprem"])
def test_other_modes_have_no_servers_that_come_and_go(tmp_path: Path, name: str) -> None:
    (found,) = refusals(environment(tmp_path, name, seats__peak_days=DAYS))
    assert f"in mode {name} call servers stand on the site" in found


def test_amazon_connect_needs_no_days(tmp_path: Path) -> None:
    found = refusals(cloud(tmp_path, cloud__platform="connect", cloud__region="eu-central-1"))
    assert any("grows and shrinks by itself" in each for each in found)
