"""What stands in the account already can be read by the program, and taken over by it."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pytest

from lab.cloud import engine
from seatworks.errors import CloudError
from stacks.values import Properties
from tests.sites import Trial

VPC = "aws:ec2/vpc:Vpc"


def standing(trial: Trial, **more: object) -> str:
    """A VPC that somebody made before."""
    inputs: Properties = {"cidrBlock": "10.1.0.0/16", "tags": {"Name": "theirs"}, **more}
    return engine.place(trial.plan, trial.where, VPC, "theirs", inputs)


def taking(id_: str, cidr: str = "10.1.0.0/16") -> Callable[[], None]:
    """A program that takes a VPC over, with a subnet of its own in it."""

    def program() -> None:
        options = pulumi.ResourceOptions(import_=id_)
        net = aws.ec2.Vpc("net", cidr_block=cidr, tags={"Name": "theirs"}, opts=options)
        aws.ec2.Subnet("sub", vpc_id=net.id, cidr_block="10.1.1.0/24", availability_zone="cn-north-1a")

    return program


def test_what_stands_is_taken_over_under_its_identifier_and_is_the_same_afterwards(trial: Trial) -> None:
    id_ = standing(trial)
    said, _ = trial.run(taking(id_), preview=True)
    summary, state = trial.run(taking(id_))
    assert [(change["op"], change["name"]) for change in summary.changes] == [("import", "net"), ("create", "sub")]
    assert said.changes == summary.changes
    records = {record.name: record for record in state.records.values()}
    assert records["net"].id == id_
    assert records["net"].outputs["arn"].endswith(id_)
    assert records["sub"].inputs["vpcId"] == id_
    assert trial.run(taking(id_))[0].changes == []
    assert not trial.state().standing


def test_what_was_taken_over_belongs_to_the_program(trial: Trial) -> None:
    id_ = standing(trial)
    trial.run(taking(id_))
    summary, _ = trial.run(lambda: None)
    assert summary.counts["delete"] == 2
    assert trial.state().records == {}


def test_what_is_otherwise_than_the_program_asks_is_refused_with_what_it_is(trial: Trial) -> None:
    id_ = standing(trial, enableDnsHostnames=True)
    with pytest.raises(CloudError, match=r"not as the program asks: enableDnsHostnames is True -> ask for what it is"):
        trial.run(taking(id_))
    assert [record.id for record in trial.state().standing] == [id_]


def test_what_does_not_stand_cannot_be_taken_over(trial: Trial) -> None:
    with pytest.raises(CloudError, match="the account has no vpc-00000000000000000 to import"):
        trial.run(taking("vpc-00000000000000000"))


def test_tags_of_the_deployment_are_put_on_what_is_taken_over(trial: Trial) -> None:
    id_ = standing(trial)

    def program() -> None:
        ours = aws.Provider("ours", region="cn-north-1", default_tags={"tags": {"Deployment": "hybrid"}})
        options = pulumi.ResourceOptions(import_=id_, provider=ours)
        aws.ec2.Vpc("net", cidr_block="10.1.0.0/16", tags={"Name": "theirs"}, opts=options)

    _, state = trial.run(program)
    (net,) = [record for record in state.records.values() if record.type == VPC]
    assert net.outputs["tagsAll"] == {"Deployment": "hybrid", "Name": "theirs"}
    assert trial.run(program)[0].changes == []


def reading(id_: str) -> Callable[[], None]:
    """A program that only looks at a VPC and puts a subnet into it."""

    def program() -> None:
        net = aws.ec2.Vpc.get("net", id_)
        aws.ec2.Subnet("sub", vpc_id=net.id, cidr_block="10.1.1.0/24", availability_zone="cn-north-1a")
        pulumi.export("cidr", net.cidr_block)

    return program


def test_what_is_only_read_is_known_to_the_program_and_stays_what_it_was(trial: Trial) -> None:
    id_ = standing(trial)
    summary, state = trial.run(reading(id_))
    assert state.outputs["cidr"] == "10.1.0.0/16"
    assert [record.name for record in state.records.values()] == ["sub"]
    assert dict(summary.counts) == {"create": 1}
    assert trial.run(reading(id_))[0].changes == []
    trial.run(lambda: None)
    assert [record.id for record in trial.state().standing] == [id_]


def test_reading_what_is_not_there_is_an_error(trial: Trial) -> None:
    with pytest.raises(CloudError, match="the account has no vpc-00000000000000000"):
        trial.run(reading("vpc-00000000000000000"))
