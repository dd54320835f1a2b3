"""Drift of the account: what somebody changed by hand, took away or added is said, and nothing else is."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from lab.aws.account import Account
from lab.cloud.drift import of_lab
from lab.cloud.engine import StandIn
from seatworks import plan as planning
from seatworks.drift import Finding
from seatworks.environment import write
from seatworks.plan.model import Plan
from stacks import drift
from stacks.commands import main
from tests.examples import plan_of
from tests.sites import Deployed, place


def found(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Place, wanted and found of each finding."""
    return [(each.place, each.wanted, each.found) for each in findings]


def id_of(deployed: Deployed, name: str, type_: str) -> str:
    """The identifier of a resource."""
    return str(deployed.one(type_, name)["id"])


def test_an_account_that_nobody_touched_does_not_differ(deployed: Deployed) -> None:
    assert of_lab(deployed.plan, deployed.where) == []


def test_a_change_by_hand_is_told_with_both_values(hybrid: Deployed) -> None:
    machine = id_of(hybrid, "hybrid-cloud-edge1", "ec2/instance:Instance")

    def smaller(account: Account) -> None:
        account.client("ec2").modify_instance_attribute(InstanceId=machine, InstanceType={"Value": "t3.nano"})

    (told,) = of_lab(hybrid.plan, hybrid.where, smaller)
    wanted = hybrid.plan.host("cloud-edge1").instance_type
    assert (told.place, told.wanted, told.found) == (
        "Instance hybrid-cloud-edge1",
        f"instanceType: {wanted}",
        "t3.nano",
    )


def test_of_tags_only_those_that_differ_are_told(hybrid: Deployed) -> None:
    vpc = hybrid.outputs.vpc_id

    def renamed(account: Account) -> None:
        account.client("ec2").create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "mine"}])

    assert ("Vpc hybrid-vpc", 'tagsAll: {"Name": "hybrid"}', '{"Name": "mine"}') in found(
        of_lab(hybrid.plan, hybrid.where, renamed)
    )


def test_what_is_gone_is_missing(hybrid: Deployed) -> None:
    def gone(account: Account) -> None:
        account.client("cloudtrail").delete_trail(Name="seatworks-hybrid")

    assert found(of_lab(hybrid.plan, hybrid.where, gone)) == [("Trail hybrid-trail", "it exists", "it is not there")]


def test_a_port_that_somebody_opened_is_named(hybrid: Deployed) -> None:
    group = id_of(hybrid, "hybrid-cloud-edge", "ec2/securityGroup:SecurityGroup")

    def opened(account: Account) -> None:
        account.client("ec2").authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
        )

    assert found(of_lab(hybrid.plan, hybrid.where, opened)) == [
        ("SecurityGroup hybrid-cloud-edge", "only what the plan's flows open", "tcp 22 from 0.0.0.0/0 is open")
    ]


def test_a_port_that_somebody_closed_is_a_rule_that_is_missing(hybrid: Deployed) -> None:
    rule = hybrid.of("vpc/securityGroupIngressRule:SecurityGroupIngressRule")[0]

    def closed(account: Account) -> None:
        account.client("ec2").revoke_security_group_ingress(
            GroupId=rule["inputs"]["securityGroupId"],
            IpPermissions=[
                {
                    "IpProtocol": rule["inputs"]["ipProtocol"],
                    "FromPort": rule["inputs"]["fromPort"],
                    "ToPort": rule["inputs"]["toPort"],
                    "IpRanges": [{"CidrIp": rule["inputs"]["cidrIpv4"]}],
                }
            ],
        )

    assert found(of_lab(hybrid.plan, hybrid.where, closed)) == [
        (f"SecurityGroupIngressRule {rule['name']}", "it exists", "it is not there")
    ]


def test_what_bears_our_tags_and_is_not_ours_is_a_stranger(hybrid: Deployed) -> None:
    tags = [{"Key": "Deployment", "Value": "hybrid"}]

    def added(account: Account) -> None:
        ec2 = account.client("ec2")
        ec2.create_vpc(CidrBlock="10.99.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
        # Somebody else's, and one that AWS made for a resource of ours.
        ec2.create_vpc(CidrBlock="10.98.0.0/16")
        ec2.create_vpc(
            CidrBlock="10.97.0.0/16",
            TagSpecifications=[
                {"ResourceType": "vpc", "Tags": [*tags, {"Key": "aws:autoscaling:groupName", "Value": "peak"}]}
            ],
        )

    (told,) = of_lab(hybrid.plan, hybrid.where, added)
    assert told.place.startswith("vpc-")
    assert told.wanted == "nothing"
    assert "bears the tags of hybrid" in told.found


def test_what_a_peak_does_by_itself_is_no_drift(peak: Deployed) -> None:
    group = f"seatworks-cloud-{peak.plan.peak_hosts[0].name}"
    made = list[str]()

    def begun(account: Account) -> None:
        scaling, asked = account.client("autoscaling"), {"AutoScalingGroupName": group}
        scaling.set_desired_capacity(**asked, DesiredCapacity=1)
        made.extend(each["InstanceId"] for each in scaling.describe_auto_scaling_instances()["AutoScalingInstances"])

    assert of_lab(peak.plan, peak.where, begun) == []
    assert len(made) == 1

    def larger(account: Account) -> None:
        account.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=group, MaxSize=2)

    assert found(of_lab(peak.plan, peak.where, larger)) == [("Group cloud-peak1", "maxSize: 1", "2")]


def test_a_scheduled_action_is_missed_until_its_moment_has_passed(peak: Deployed) -> None:
    stack, type_ = drift.Stack(peak.plan), "aws:autoscaling/schedule:Schedule"
    coming = found(list(stack.changed(type_, "cloud-peak1-begin", {"startTime": "2999-01-24T15:00:00Z"}, None)))
    assert coming == [("Schedule cloud-peak1-begin", "it exists", "it is not there")]
    assert not list(stack.changed(type_, "cloud-peak1-begin", {"startTime": "2020-01-24T15:00:00Z"}, None))


def test_asking_changes_neither_file_nor_record(hybrid: Deployed, tmp_path: Path) -> None:
    where = place(hybrid.plan, tmp_path)
    for name in ("cloud-state.json", "ssh/id_ed25519.pub"):
        (where.build / name).write_bytes((hybrid.where.build / name).read_bytes())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert of_lab(hybrid.plan, where) == []
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_cloud_site_that_was_never_made_is_one_finding(hybrid_plan: Plan, tmp_path: Path) -> None:
    where = place(hybrid_plan, tmp_path)
    assert found(of_lab(hybrid_plan, where)) == [
        ("cn-north-1", "a cloud site with cloud-edge1, cloud-edge2", "nothing")
    ]
    onprem = plan_of("onprem")
    assert of_lab(onprem, place(onprem, tmp_path)) == []


def test_the_command_prints_one_document_and_ends_with_six_when_something_differs(
    hybrid: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(hybrid.plan, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(StandIn(), ["drift", "hybrid", "--json"]) == 6
    assert json.loads(capsys.readouterr().out)["differs"] is True
    for name in ("cloud-state.json", "ssh/id_ed25519.pub"):
        (where.build / name).write_bytes((hybrid.where.build / name).read_bytes())
    assert main(StandIn(), ["drift", "hybrid", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"differs": False, "findings": []}


def test_the_account_is_held_against_the_plan_that_was_deployed(
    hybrid: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = place(dataclasses.replace(hybrid.plan, region="eu-central-1"), tmp_path)
    write(where.deployed_file, planning.dump(hybrid.plan))
    monkeypatch.chdir(tmp_path)
    assert main(StandIn(), ["drift", "hybrid"]) == 6
    assert json.loads(capsys.readouterr().out)["findings"][0]["place"] == "cn-north-1"


def event(op: str, old: dict[str, Any], new: dict[str, Any] | None) -> EngineEvent:
    """An event as the CLI writes it when it previews a refresh."""
    urn = "urn:pulumi:hybrid::seats::seatworks:aws:Network$aws:ec2/vpc:Vpc::hybrid-vpc"
    state = {"type": "aws:ec2/vpc:Vpc", "urn": urn, "id": "vpc-1", "parent": "", "provider": "", "inputs": {}}
    metadata = {"op": op, "urn": urn, "type": "aws:ec2/vpc:Vpc", "provider": "", "old": {**state, "outputs": old}}
    if new is not None:
        metadata["new"] = {**state, "outputs": new}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "resOutputsEvent": {"metadata": metadata}})


def test_a_refresh_of_the_cli_is_read_in_the_same_words(hybrid_plan: Plan) -> None:
    stack = drift.Stack(hybrid_plan)
    changed = event("update", {"enableDnsSupport": True, "id": "x"}, {"enableDnsSupport": False, "id": "x"})
    assert found(drift.refreshed(stack, changed)) == [("Vpc hybrid-vpc", "enableDnsSupport: true", "false")]
    assert found(drift.refreshed(stack, event("delete", {"a": 1}, None))) == [
        ("Vpc hybrid-vpc", "it exists", "it is not there")
    ]
    assert drift.refreshed(stack, event("same", {"a": 1}, {"a": 1})) == []


def test_secrets_that_differ_are_named_and_not_shown(hybrid_plan: Plan) -> None:
    stack = drift.Stack(hybrid_plan)
    (told,) = stack.changed("aws:x/y:Secret", "s", {"word": "hush-1"}, {"word": "hush-2"}, ["word"])
    assert "hush" not in f"{told}"
