"""Drift of the account: what somebody changed by hand, took away or added is said, and nothing else is.

What the CLI's refresh tells is proved with the real CLI in tests/pulumi; here are its words, event by event.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from lab.cloud.engine import StandIn, standing
from seatworks import plan as planning
from seatworks.drift import Finding
from seatworks.environment import write
from seatworks.plan.model import Plan
from stacks import drift
from stacks.commands import main
from tests.examples import plan_of
from tests.sites import Deployed, copied, place

VPC, GROUP = "aws:ec2/vpc:Vpc", "aws:autoscaling/group:Group"
SCHEDULE = "aws:autoscaling/schedule:Schedule"


def found(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Place, wanted and found of each finding."""
    return [(each.place, each.wanted, each.found) for each in findings]


def event(type_: str, name: str, op: str, old: dict[str, Any], new: dict[str, Any] | None = None) -> EngineEvent:
    """An event as the CLI writes it when it previews a refresh."""
    urn = f"urn:pulumi:hybrid::seats::seatworks:aws:Network${type_}::{name}"
    state = {"type": type_, "urn": urn, "id": "1", "parent": "", "provider": "", "inputs": {}}
    metadata = {"op": op, "urn": urn, "type": type_, "provider": "", "old": {**state, "outputs": old}}
    if new is not None:
        metadata["new"] = {**state, "outputs": new}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "resOutputsEvent": {"metadata": metadata}})


def told(plan: Plan, *event_: Any, **states: Any) -> list[tuple[str, str, str]]:
    """What is said of one event."""
    return found(drift.refreshed(drift.Stack(plan), event(*event_, **states)))


def test_a_refresh_of_the_cli_is_told_with_both_values(hybrid_plan: Plan) -> None:
    old, new = {"enableDnsSupport": True, "id": "x"}, {"enableDnsSupport": False, "id": "x"}
    assert told(hybrid_plan, VPC, "hybrid-vpc", "update", old, new) == [
        ("Vpc hybrid-vpc", "enableDnsSupport: true", "false")
    ]
    assert told(hybrid_plan, VPC, "hybrid-vpc", "delete", {"a": 1}) == [
        ("Vpc hybrid-vpc", "it exists", "it is not there")
    ]
    assert told(hybrid_plan, VPC, "hybrid-vpc", "same", {"a": 1}, {"a": 1}) == []


def test_of_a_block_only_what_differs_is_told(hybrid_plan: Plan) -> None:
    old, new = {"tags": {"Name": "hybrid", "Deployment": "x"}}, {"tags": {"Name": "mine", "Deployment": "x"}}
    assert told(hybrid_plan, VPC, "hybrid-vpc", "update", old, new) == [
        ("Vpc hybrid-vpc", 'tags: {"Name": "hybrid"}', '{"Name": "mine"}')
    ]


def test_a_policy_in_another_spelling_is_the_same_policy(hybrid_plan: Plan) -> None:
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": ["b", "a"]}
    again = {"Statement": [{**statement, "Action": ["s3:*"], "Resource": ["a", "b"]}], "Version": "2012-10-17"}
    old = {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    policy = ("aws:s3/bucketPolicy:BucketPolicy", "hybrid-audit-policy", "update", old)
    assert told(hybrid_plan, *policy, {"policy": json.dumps(again, indent=4)}) == []
    other = {"Version": "2012-10-17", "Statement": [{**statement, "Effect": "Allow"}]}
    assert len(told(hybrid_plan, *policy, {"policy": json.dumps(other)})) == 1


def test_secrets_are_masked_by_the_cli_and_never_shown(hybrid_plan: Plan) -> None:
    old, new = {"secretString": "[secret]", "versionId": "1"}, {"secretString": "[secret]", "versionId": "2"}
    version = "aws:secretsmanager/secretVersion:SecretVersion"
    assert told(hybrid_plan, version, "s", "update", old, new) == [("SecretVersion s", "versionId: 1", "2")]


def test_what_a_peak_does_by_itself_is_no_drift(peak_plan: Plan) -> None:
    began, card = {"desiredCapacity": 1, "maxSize": 1}, "aws:ec2/networkInterface:NetworkInterface"
    assert told(peak_plan, GROUP, "cloud-peak1", "update", {"desiredCapacity": 0, "maxSize": 1}, began) == []
    assert told(peak_plan, card, "cloud-peak1", "update", {"attachments": []}, {"attachments": [{"id": "i-1"}]}) == []
    assert told(peak_plan, GROUP, "cloud-peak1", "update", began, {**began, "maxSize": 2}) == [
        ("Group cloud-peak1", "maxSize: 1", "2")
    ]


def test_a_scheduled_action_is_missed_until_its_moment_has_passed(peak_plan: Plan) -> None:
    action = (SCHEDULE, "cloud-peak1-begin", "delete")
    assert told(peak_plan, *action, {"startTime": "2999-01-24T15:00:00Z"}) == [
        ("Schedule cloud-peak1-begin", "it exists", "it is not there")
    ]
    assert told(peak_plan, *action, {"startTime": "2020-01-24T15:00:00Z"}) == []


def noted(deployed: Deployed, records: Any) -> drift.Stack:
    """What is recorded of a deployment."""
    stack = drift.Stack(deployed.plan)
    for record in records:
        stack.note(record.type, record.name, record.id, record.outputs)
    return stack


def test_what_others_put_into_the_account_is_a_stranger(hybrid: Deployed) -> None:
    tags = [{"Key": "Deployment", "Value": "hybrid"}]
    group = str(hybrid.one("ec2/securityGroup:SecurityGroup", "hybrid-cloud-edge")["id"])
    with standing(hybrid.where) as there:
        stack, ec2 = noted(hybrid, there.records), there.client("ec2")
        assert list(drift.strangers(there.client, stack)) == []
        made = ec2.create_vpc(CidrBlock="10.99.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
        # Somebody else's, and one that AWS made for a resource of ours.
        ec2.create_vpc(CidrBlock="10.98.0.0/16")
        own = [*tags, {"Key": "aws:autoscaling:groupName", "Value": "peak"}]
        ec2.create_vpc(CidrBlock="10.97.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": own}])
        ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
        )
        vpc, rule = drift.strangers(there.client, stack)
    assert (vpc.place, vpc.wanted) == (made["Vpc"]["VpcId"], "nothing")
    assert "bears the tags of hybrid" in vpc.found
    assert found([rule]) == [
        ("SecurityGroup hybrid-cloud-edge", "only what the plan's flows open", "tcp 22 from 0.0.0.0/0 is open")
    ]


def test_a_cloud_site_that_was_never_made_is_one_finding(hybrid_plan: Plan, tmp_path: Path) -> None:
    where = place(hybrid_plan, tmp_path)
    assert found(StandIn().drift(hybrid_plan, where)) == [
        ("cn-north-1", "a cloud site with cloud-edge1, cloud-edge2", "nothing")
    ]
    onprem = plan_of("onprem")
    assert StandIn().drift(onprem, place(onprem, tmp_path)) == []


def test_the_command_prints_one_document_and_ends_with_six_when_something_differs(
    hybrid: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place(hybrid.plan, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(StandIn(), ["drift", "hybrid", "--json"]) == 6
    assert json.loads(capsys.readouterr().out)["differs"] is True
    copied(hybrid, hybrid.plan, tmp_path)
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
