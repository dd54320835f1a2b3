"""What the lab's engine does from run to run: nothing twice, exactly what changed, and on after being cut off."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from botocore.exceptions import ProxyConnectionError
from moto.core.models import botocore_stubber

from lab.aws.account import Account
from lab.cloud import engine
from lab.cloud.engine import StandIn
from lab.cloud.state import State, StateFile, in_order
from lab.kinds import KINDS
from seatworks.errors import CloudError
from seatworks.plan.model import Host, Plan
from stacks.drift import Stack, strangers
from stacks.engine import Summary
from stacks.program import report
from tests.sites import Deployed, Trial, copied, place

ROOT = Path(__file__).resolve().parents[2]


def quiet(_line: str) -> None:
    """Say nothing."""


def ops(summary: Summary) -> list[tuple[str, str]]:
    """What changed, as (operation, name), in order of name."""
    return sorted((change["op"], change["name"]) for change in summary.changes)


def changed(plan: Plan, name: str, change: Callable[[Host], Host]) -> Plan:
    """The plan with one host changed."""
    return dataclasses.replace(plan, hosts=tuple(change(host) if host.name == name else host for host in plan.hosts))


def test_the_first_run_creates_everything(deployed: Deployed) -> None:
    assert deployed.summary.counts["create"] == len(deployed.resources) - 1
    assert set(deployed.summary.counts) == {"create"}


def test_the_second_run_finds_everything_the_same(deployed: Deployed, tmp_path: Path) -> None:
    again = copied(deployed, deployed.plan, tmp_path)
    summary, outputs = StandIn().up(again.plan, again.where, quiet)
    assert dict(summary.counts) == {"same": deployed.summary.counts["create"]}
    assert outputs == deployed.outputs


def test_public_addresses_are_on_the_internet_of_the_lab(deployed: Deployed) -> None:
    assert all(address.startswith("203.0.113.") for address in deployed.outputs.public_addresses.values())


def test_the_same_plan_gives_the_same_names_and_addresses_elsewhere(hybrid: Deployed, tmp_path: Path) -> None:
    where = place(hybrid.plan, tmp_path)
    _, outputs = StandIn().up(hybrid.plan, where, quiet)
    assert outputs == hybrid.outputs


def test_a_larger_disk_is_one_update_and_keeps_the_machine(hybrid: Deployed, tmp_path: Path) -> None:
    plan = changed(hybrid.plan, "cloud-edge1", lambda host: dataclasses.replace(host, disk_gb=host.disk_gb + 10))
    other = copied(hybrid, plan, tmp_path)
    summary, outputs = StandIn().up(plan, other.where, quiet)
    assert ops(summary) == [("update", "hybrid-cloud-edge1")]
    assert outputs == hybrid.outputs


def test_another_address_is_another_machine_with_the_same_public_address(hybrid: Deployed, tmp_path: Path) -> None:
    plan = changed(hybrid.plan, "cloud-edge1", lambda host: dataclasses.replace(host, address=host.address + 50))
    other = copied(hybrid, plan, tmp_path)
    said = StandIn().preview(plan, other.where, quiet)
    summary, outputs = StandIn().up(plan, other.where, quiet)
    assert ops(summary) == [
        ("replace", "hybrid-cloud-edge1"),
        ("replace", "hybrid-cloud-edge1-address"),
        ("update", "hybrid-cloud-edge1-a"),
        *(("update", f"hybrid-cloud-edge1-{alarm}") for alarm in ("hardware", "load", "silent")),
    ]
    assert ops(said) == ops(summary)
    assert outputs.public_addresses == hybrid.outputs.public_addresses
    assert outputs.instance_ids["cloud-edge1"] != hybrid.outputs.instance_ids["cloud-edge1"]
    assert StandIn().up(plan, other.where, quiet)[0].changes == []


def test_a_flow_taken_out_of_the_plan_is_one_rule_less(hybrid: Deployed, tmp_path: Path) -> None:
    flows = tuple(flow for flow in hybrid.plan.flows if flow.name != "cloud-seats-signalling")
    other = copied(hybrid, dataclasses.replace(hybrid.plan, flows=flows), tmp_path)
    summary, _ = StandIn().up(other.plan, other.where, quiet)
    assert sorted(ops(summary)) == [
        ("delete", "hybrid-cloud-edge-in-tcp-5061-5061-0.0.0.0-0"),
        ("delete", "hybrid-sips-tcp-srv"),
    ]


def test_preview_says_the_same_and_changes_no_file(hybrid: Deployed, tmp_path: Path) -> None:
    recording = dataclasses.replace(hybrid.plan.recording, retention_days=400)
    other = copied(hybrid, dataclasses.replace(hybrid.plan, recording=recording), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    summary = StandIn().preview(other.plan, other.where, quiet)
    assert ops(summary) == [("update", "hybrid-recordings-lock"), ("update", "hybrid-recordings-retention")]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_preview_of_an_empty_account_creates_everything(hybrid: Deployed, tmp_path: Path) -> None:
    where = place(hybrid.plan, tmp_path)
    summary = StandIn().preview(hybrid.plan, where, quiet)
    assert dict(summary.counts) == dict(hybrid.summary.counts)
    assert not (where.build / "cloud-state.json").exists()


def test_another_region_is_everything_anew(hybrid: Deployed, tmp_path: Path) -> None:
    region = "cn-northwest-1"
    networks = tuple(
        dataclasses.replace(network, zone=network.zone.replace("cn-north-1", region)) if network.zone else network
        for network in hybrid.plan.networks
    )
    other = copied(hybrid, dataclasses.replace(hybrid.plan, region=region, networks=networks), tmp_path)
    summary, outputs = StandIn().up(other.plan, other.where, quiet)
    count = hybrid.summary.counts["create"]
    assert dict(summary.counts) == {"delete": count, "create": count}
    assert outputs.region == region


def test_a_run_killed_in_the_middle_is_continued(hybrid: Deployed, tmp_path: Path) -> None:
    where = place(hybrid.plan, tmp_path)
    key = where.build / "ssh" / "id_ed25519.pub"
    key.write_bytes((hybrid.where.build / "ssh" / "id_ed25519.pub").read_bytes())
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "lab.cloud", "up", "hybrid"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for _ in range(25):
            assert process.stderr.readline().startswith("  create")
        process.send_signal(signal.SIGKILL)
        process.stderr.read()
    made = StateFile(where.build).load().records
    assert 15 < len(made) < hybrid.summary.counts["create"]
    summary, outputs = StandIn().up(hybrid.plan, where, quiet)
    assert summary.counts["same"] + summary.counts["create"] == hybrid.summary.counts["create"]
    assert summary.counts["same"] == len(made)
    assert outputs == hybrid.outputs


def test_destroy_leaves_the_account_empty(cloud: Deployed, tmp_path: Path) -> None:
    other = copied(cloud, cloud.plan, tmp_path)
    state = StateFile(other.where.build).load()
    born = {record.id for record in state.records.values() if record.name == "cloud-born"}
    with engine.opened(state, lambda _state: None) as (account, steps):
        assert len({stranger.found for stranger in strangers(account.client, Stack(cloud.plan))}) > 70
        steps.finish(set())
        # What belongs to the account stays: the network that AWS put there. A key goes when its days are over.
        left = {stranger.place for stranger in strangers(account.client, Stack(cloud.plan))}
        kms = account.client("kms")
        keys = {key["KeyId"] for key in kms.list_keys()["Keys"]}
        assert {kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in keys} == {"PendingDeletion"}
        assert left - keys <= born
        assert not account.client("cloudwatch").describe_alarms()["MetricAlarms"]
        assert not account.client("logs").describe_log_groups()["logGroups"]
        ec2 = account.client("ec2")
        assert all(vpc["IsDefault"] for vpc in ec2.describe_vpcs()["Vpcs"])
        assert not ec2.describe_addresses()["Addresses"]
        assert not account.client("s3").list_buckets()["Buckets"]
        assert not account.client("iam").list_roles()["Roles"]
        assert not account.client("route53").list_hosted_zones()["HostedZones"]
    assert not state.records


def test_destroy_forgets_the_environment(hybrid: Deployed, tmp_path: Path) -> None:
    other = copied(hybrid, hybrid.plan, tmp_path)
    summary = StandIn().destroy(other.where, quiet, data=True)
    assert dict(summary.counts) == {"delete": hybrid.summary.counts["create"]}
    assert not StateFile(other.where.build).path.exists()
    assert dict(StandIn().destroy(other.where, quiet, data=True).counts) == {}


def vpc(cidr: str = "10.1.0.0/16") -> aws.ec2.Vpc:
    """One VPC."""
    return aws.ec2.Vpc("net", cidr_block=cidr)


def test_what_must_be_made_anew_takes_its_dependents_along(trial: Trial) -> None:
    def program(cidr: str) -> Callable[[], None]:
        def body() -> None:
            aws.ec2.Subnet("sub", vpc_id=vpc(cidr).id, cidr_block=cidr, availability_zone="cn-north-1a")

        return body

    _, first = trial.run(program("10.1.0.0/16"))
    old = {record.name: record.id for record in first.records.values()}
    summary, second = trial.run(program("10.2.0.0/16"))
    assert ops(summary) == [("replace", "net"), ("replace", "sub")]
    assert {record.name for record in second.records.values() if old[record.name] == record.id} == set()
    assert not second.condemned
    assert trial.run(program("10.2.0.0/16"))[0].changes == []


def test_what_let_go_of_something_in_place_lets_it_be_deleted(trial: Trial) -> None:
    def program(*names: str) -> Callable[[], None]:
        def body() -> None:
            calls = {"inbound_calls_enabled": True, "outbound_calls_enabled": False}
            centre = aws.connect.Instance(
                "centre", identity_management_type="CONNECT_MANAGED", instance_alias="centre", **calls
            )
            day = {"day": "MONDAY", "start_time": {"hours": 8, "minutes": 0}, "end_time": {"hours": 18, "minutes": 0}}
            hours = aws.connect.HoursOfOperation("hours", instance_id=centre.id, time_zone="Asia/Tokyo", configs=[day])
            queues = [
                aws.connect.Queue(name, instance_id=centre.id, hours_of_operation_id=hours.hours_of_operation_id)
                for name in names
            ]
            aws.connect.RoutingProfile(
                "agents",
                instance_id=centre.id,
                description="x",
                default_outbound_queue_id=queues[0].queue_id,
                media_concurrencies=[{"channel": "VOICE", "concurrency": 1}],
                queue_configs=[
                    {"queue_id": queue.queue_id, "channel": "VOICE", "priority": 1, "delay": 0} for queue in queues
                ],
            )

        return body

    # Where the service is.
    trial.plan = dataclasses.replace(trial.plan, region="eu-central-1")
    trial.run(program("kept", "gone"))
    # The service refuses to delete a queue that a profile names.
    summary, _ = trial.run(program("kept"))
    assert ops(summary) == [("delete", "gone"), ("update", "agents")]


def test_garbage_is_looked_for_again_when_a_run_has_ended_and_while_an_account_is_served(trial: Trial) -> None:
    looked: list[bool] = []

    def program() -> None:
        looked.append(gc.isenabled())
        vpc()

    trial.run(program)
    with engine.standing(trial.where):
        looked.append(gc.isenabled())
    assert [*looked, gc.isenabled()] == [False, True, True]


def test_a_state_of_a_release_that_kept_more_is_read(trial: Trial) -> None:
    trial.run(vpc)
    path = trial.where.build / "cloud-state.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "standing": document["records"]}), encoding="utf-8")
    assert trial.run(vpc)[0].changes == []
    assert "standing" not in json.loads(path.read_text(encoding="utf-8"))


def test_a_failure_keeps_what_was_made_and_the_next_run_goes_on(trial: Trial) -> None:
    def broken() -> None:
        net = vpc()
        aws.ec2.Subnet("sub", vpc_id=net.id, cidr_block="192.168.0.0/24", availability_zone="cn-north-1a")

    with pytest.raises(CloudError, match=r"subnet:Subnet sub.*InvalidSubnet"):
        trial.run(broken)
    assert [record.name for record in trial.state().records.values()] == ["net"]
    summary, _ = trial.run(vpc)
    assert dict(summary.counts) == {"same": 1}


def test_a_name_used_twice_is_refused(trial: Trial) -> None:
    def twice() -> None:
        vpc()
        vpc("10.2.0.0/16")

    with pytest.raises(CloudError, match="registered twice"):
        trial.run(twice)


def test_a_mistake_in_the_program_is_one_error_with_its_cause(trial: Trial) -> None:
    def mistaken() -> None:
        raise ZeroDivisionError("by hand")

    with pytest.raises(CloudError, match="ZeroDivisionError: by hand") as caught:
        trial.run(mistaken)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_mistake_in_what_becomes_of_an_output_is_one_error_with_its_cause(trial: Trial) -> None:
    def mistaken() -> None:
        net = aws.ec2.Vpc("net", cidr_block="10.1.0.0/16")
        net.id.apply(lambda _id: 1 / 0)
        aws.ec2.Vpc("other", cidr_block="10.2.0.0/16")

    with pytest.raises(CloudError, match="ZeroDivisionError") as caught:
        trial.run(mistaken)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert sorted(record.name for record in trial.state().records.values()) == ["net", "other"]


def test_an_error_that_the_program_logs_fails_the_run(trial: Trial) -> None:
    with pytest.raises(CloudError, match="not like this"):
        trial.run(lambda: pulumi.log.error("not like this"))


def test_a_type_that_the_lab_cannot_make_is_named(trial: Trial) -> None:
    with pytest.raises(CloudError, match=r"aws:sqs/queue:Queue: the lab cannot make"):
        trial.run(lambda: aws.sqs.Queue("q") and None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ipProtocol": "sip"}, "no protocol and port range"),
        ({"fromPort": 9, "toPort": 8}, "no protocol and port range"),
        ({"toPort": 70000}, "no protocol and port range"),
        ({"cidrIpv4": "10.0.0.1/8"}, "host bits"),
    ],
)
def test_openings_that_ec2_would_refuse_are_refused(change: dict[str, object], message: str) -> None:
    good = {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 1, "toPort": 2, "cidrIpv4": "10.0.0.0/8"}
    kind = KINDS["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"]
    with Account("cn-north-1") as account, pytest.raises((CloudError, ValueError), match=message):
        kind.create(account, {**good, **change})


def test_what_is_protected_is_neither_deleted_nor_replaced(trial: Trial) -> None:
    def program(cidr: str) -> Callable[[], None]:
        return lambda: aws.ec2.Vpc("net", cidr_block=cidr, opts=pulumi.ResourceOptions(protect=True)) and None

    trial.run(program("10.1.0.0/16"))
    with pytest.raises(CloudError, match="is protected"):
        trial.run(program("10.2.0.0/16"))
    with pytest.raises(CloudError, match="is protected"):
        trial.run(lambda: None)
    assert len(trial.state().records) == 1


def test_secrets_are_in_no_file_in_clear(trial: Trial) -> None:
    def program() -> None:
        aws.ec2.Vpc("net", cidr_block="10.1.0.0/16", tags=pulumi.Output.secret({"Name": "hush-hush"}))
        pulumi.export("word", pulumi.Output.secret("hush-hush"))

    _, state = trial.run(program)
    (record,) = state.records.values()
    assert record.outputs["tags"] == {"Name": "hush-hush"}
    assert "hush-hush" not in report(engine.resources(state))
    for path in trial.where.build.iterdir():
        if path.is_file():
            assert b"hush-hush" not in path.read_bytes(), path
    assert trial.run(program)[0].changes == []
    assert (trial.where.build / "cloud-state.json").stat().st_mode & 0o777 == 0o600
    assert (trial.where.build / "cloud-state.key").stat().st_mode & 0o777 == 0o600


def test_a_state_that_cannot_be_read_is_told_with_a_remedy(trial: Trial) -> None:
    (trial.where.build / "cloud-state.json").write_text("{", encoding="utf-8")
    with pytest.raises(CloudError, match="delete it"):
        trial.state()


def test_nothing_leaves_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-somebody")
    with Account("cn-north-1") as account:
        assert "AWS_PROFILE" not in os.environ
        account.client("ec2").meta.events.unregister("before-send", botocore_stubber)
        # The emulator no longer takes the request: it meets a closed port of this computer.
        with pytest.raises(ProxyConnectionError, match=r"127\.0\.0\.1:9"):
            account.client("ec2").describe_vpcs()
    assert os.environ["AWS_PROFILE"] == "of-somebody"


def test_every_record_stands_after_what_it_needs(cloud: Deployed) -> None:
    state: State = StateFile(cloud.where.build).load()
    seen: set[str] = {state.stack_urn}
    for record in in_order(state.records.values()):
        assert record.needs() <= seen, record.urn
        seen.add(record.urn)
