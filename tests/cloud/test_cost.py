"""What a preview says of money: by hand-made sums, for what runs and for what is asked for."""

from __future__ import annotations

import dataclasses
import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lab.cloud import costs
from lab.cloud.engine import StandIn
from lab.cloud.state import StateFile
from seatworks import plan as planning
from seatworks.cost.books import Book
from seatworks.cost.choices import Choices
from seatworks.cost.model import Band, Price
from seatworks.environment import write
from seatworks.plan.model import Plan
from stacks.commands import main
from stacks.cost import states
from stacks.cost.compare import Resource, compare
from stacks.cost.meters import BY_USE, GROUP, METERED, TEMPLATE, is_free
from tests.sites import Deployed, place

DAY = datetime.date(2026, 11, 1)
# Figures that are easy to multiply: an hour of a machine 2 yuan, a gigabyte half a yuan.
PRICES = {
    "ec2.c6i.large": ("instance-hour", "2"),
    "ec2.c6i.xlarge": ("instance-hour", "4"),
    "ebs.gp3": ("GB-month", "0.5"),
    "ebs.gp3.iops": ("IOPS-month", "0.01"),
    "public_address": ("address-hour", "0.1"),
    "kms.key": ("key-month", "7"),
    "nat": ("gateway-hour", "0.3"),
    "nlb": ("hour", "0.2"),
    "vpn": ("connection-hour", "0.4"),
    "secret": ("secret-month", "3"),
    "rds.m6i.large.postgres.two_zones": ("instance-month", "1500"),
    "rds.gp3": ("GB-month", "1"),
}
BOOK = Book(
    {
        f"aws.cn-north-1.{item}": Price(
            f"aws.cn-north-1.{item}", unit, "CNY", Band(Decimal(amount), Decimal(amount), Decimal(amount)), DAY,
            "quotation 17", "prices.yml",
        )
        for item, (unit, amount) in PRICES.items()
    }
)  # fmt: skip


def resource(type_: str, name: str = "one", region: str = "cn-north-1", **inputs: Any) -> Resource:
    """One resource as a program asks for it."""
    return Resource(f"urn:pulumi:x::seats::{type_}::{name}", type_, region, inputs)


def machine(kind: str = "c6i.large", disk_gb: int = 40, **more: Any) -> Resource:
    """A machine with one disk."""
    disk = {"volumeType": "gp3", "volumeSize": disk_gb}
    return resource("aws:ec2/instance:Instance", instanceType=kind, rootBlockDevice=disk, **more)


@pytest.mark.parametrize(
    ("asked", "month"),
    [
        # 2 x 730 h + 40 GB x 0.5
        (machine(), "1480.00"),
        # the same with an address: + 0.1 x 730 h
        (machine(associatePublicIpAddress=True), "1553.00"),
        (resource("aws:ec2/eip:Eip"), "73.00"),
        # 100 GB x 0.5, and 1,000 requests a second beyond the 3,000 that are free
        (resource("aws:ebs/volume:Volume", type="gp3", size=100, iops=4000), "60.00"),
        (resource("aws:kms/key:Key"), "7.00"),
        (resource("aws:ec2/natGateway:NatGateway"), "219.00"),
        (resource("aws:ec2/vpnConnection:VpnConnection", presharedKeyStorage="Standard"), "292.00"),
        (resource("aws:ec2/vpnConnection:VpnConnection", presharedKeyStorage="SecretsManager"), "295.00"),
        # 0.2 x 730 h, and two addresses of its own at 0.1 x 730 h each
        (resource("aws:lb/loadBalancer:LoadBalancer", loadBalancerType="network", subnets=["a", "b"]), "292.00"),
        (
            resource("aws:lb/loadBalancer:LoadBalancer", loadBalancerType="network", subnets=["a"], internal=True),
            "146.00",
        ),
        # the machine's price is for both zones, the disk's for one
        (
            resource(
                "aws:rds/instance:Instance", instanceClass="db.m6i.large", engine="postgres", multiAz=True,
                storageType="gp3", allocatedStorage=100,
            ),
            "1700.00",
        ),
    ],
)  # fmt: skip
def test_a_resource_costs_its_hours_and_its_gigabytes(asked: Resource, month: str) -> None:
    cost = compare([], [asked], BOOK)
    assert cost.currency == "CNY"
    assert f"{cost.after.sum:.2f}" == month
    assert not cost.after.missing
    (line,) = cost.lines
    assert (line.change, line.before) == ("create", None)


def test_the_difference_is_what_is_asked_less_what_runs() -> None:
    gone, kept = resource("aws:kms/key:Key", "gone"), resource("aws:kms/key:Key", "kept")
    cost = compare([machine(), gone, kept], [machine("c6i.xlarge", 60), kept], BOOK)
    assert [(line.name, line.change) for line in cost.lines] == [
        ("one", "change"),
        ("gone", "delete"),
        ("kept", "same"),
    ]
    # before 1480 + 7 + 7; after 4 x 730 + 30 + 7
    assert (cost.before.sum, cost.after.sum, cost.difference.sum) == (1494, 2957, 1463)
    assert cost.table()[-2:] == [
        "difference +1,463.00 CNY a month",
        "prices of prices.yml: quotation 17 (2026-11-01)",
    ]


def test_what_no_book_has_is_said_and_never_nothing() -> None:
    door = resource("aws:ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=["a"])
    cost = compare([], [door, machine("c6i.metal")], BOOK)
    said = "\n".join(cost.table())
    assert "ec2/vpcEndpoint one  create" in said
    assert cost.after.missing == ("aws.cn-north-1.ec2.c6i.metal", "aws.cn-north-1.endpoint")
    assert "no price book has aws.cn-north-1.ec2.c6i.metal, aws.cn-north-1.endpoint" in said
    assert "no price" in next(line for line in cost.table() if line.startswith("ec2/vpcEndpoint"))
    assert "at least 20.00" in next(line for line in cost.table() if line.startswith("total"))


def test_a_type_that_nobody_has_looked_at_is_of_unknown_cost() -> None:
    cost = compare([], [resource("aws:redshift/cluster:Cluster")], BOOK)
    assert "of unknown cost: aws:redshift/cluster:Cluster" in cost.table()


def test_a_group_costs_the_machines_that_it_holds() -> None:
    disk = {"ebs": {"volumeType": "gp3", "volumeSize": 20}}
    start = resource(TEMPLATE, "start", instanceType="c6i.large", blockDeviceMappings=[disk])
    other = resource(TEMPLATE, "other", instanceType="c6i.xlarge")
    idle, busy = ({"minSize": 0}, {"minSize": 0, "desiredCapacity": 3})
    group = dataclasses.replace(resource(GROUP, "peak", **idle), needs=frozenset({start.urn}))
    assert compare([], [start, other, group], BOOK).after.sum == 0
    full = dataclasses.replace(group, inputs=busy)
    # 3 x (2 x 730 + 20 x 0.5)
    assert compare([], [start, other, full], BOOK).after.sum == 4410
    lost = dataclasses.replace(full, needs=frozenset())
    assert compare([], [start, other, lost], BOOK).after.missing == ("the launch template of peak",)


def test_a_price_in_dollars_is_changed_at_the_dated_rate() -> None:
    price = dataclasses.replace(BOOK.prices["aws.cn-north-1.kms.key"], currency="USD")
    cost = compare([], [resource("aws:kms/key:Key")], Book({price.item: price}))
    assert cost.after.sum == 7 * Choices().exchange.cny_per_usd
    assert "CNY per USD" in cost.table()[-1]


def test_each_region_has_its_own_prices() -> None:
    cost = compare([], [resource("aws:kms/key:Key", region="eu-central-1")], BOOK)
    assert cost.after.missing == ("aws.eu-central-1.kms.key",)


def test_every_type_of_the_stack_is_metered_by_use_or_free(deployed: Deployed) -> None:
    types = {entry["type"] for entry in deployed.resources if entry["custom"]}
    strange = {type_ for type_ in types if not (type_ in METERED or type_ in BY_USE or type_ == GROUP)}
    assert not {type_ for type_ in strange if not is_free(type_)}


def test_both_engines_count_the_same(deployed: Deployed) -> None:
    records = StateFile(deployed.where.build).load().records.values()
    said = costs.of_records([], records, deployed.where)
    assert states.of_states([], deployed.resources, deployed.where) == said
    machines = {line.name for line in said.lines if line.type == "aws:ec2/instance:Instance"}
    assert machines == {entry["name"] for entry in deployed.of("ec2/instance:Instance")}


def test_preview_ends_with_the_cost_of_what_changes(
    tmp_path: Path, hybrid_plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(hybrid_plan, tmp_path)
    monkeypatch.chdir(tmp_path)
    line = "{unit: GB-month, currency: CNY, date: 2026-11-01, source: quotation 17, amount: 0.5}"
    write(where.specification.parent / "prices.yml", f"prices:\n  aws.cn-north-1.ebs.gp3: {line}\n")
    assert main(StandIn(), ["up", "hybrid"]) == 0
    grown = [
        dataclasses.replace(host, disk_gb=host.disk_gb + 10) if host.name == "cloud-edge1" else host
        for host in hybrid_plan.hosts
    ]
    write(where.preview_file, planning.dump(dataclasses.replace(hybrid_plan, hosts=tuple(grown))))
    capsys.readouterr()
    assert main(StandIn(), ["preview", "hybrid", "--json"]) == 0
    printed = capsys.readouterr()
    assert "difference +5.00 CNY a month" in printed.err
    cost = json.loads(printed.out)["cost"]
    assert cost["difference"]["sum"] == "5.00"
    (changed,) = [entry for entry in cost["lines"] if entry["change"] != "same"]
    assert (changed["name"], changed["change"]) == ("hybrid-cloud-edge1", "change")
