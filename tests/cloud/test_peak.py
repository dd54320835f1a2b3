"""Servers of a peak in the cloud: switched off outside its days, on a fixed address within, with narrow rights."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pulumi import automation

from lab.cloud.engine import OWN, StandIn, Standing, standing
from lab.cloud.provider import Provider
from lab.cloud.state import in_order
from lab.kinds import KINDS
from seatworks import plan as planning
from seatworks import secrets as own_secrets
from seatworks.environment import Environment, write
from seatworks.errors import CloudError, PreflightError
from seatworks.plan.model import CloudOutputs, Plan, Target
from seatworks.plan.peak import BUNDLE_KEY, Peak
from stacks import vault
from stacks.components.peak import Moment, moments
from stacks.live import engine as live
from stacks.live import install
from stacks.publish import publish
from tests.aws import autoscaling
from tests.cloud.test_components import SESSION, rights
from tests.cloud.test_guard import statements
from tests.examples import peak_plan_of
from tests.rehearsal.test_engine import ops, quiet
from tests.sites import Deployed, copied, deploy, place

FIRST = Peak("2027-01-24T15:00:00Z", "2027-02-10T16:00:00Z")
NEXT = Peak("2027-04-30T15:00:00Z", "2027-05-05T16:00:00Z")
# The same peak in two entries: the second one's servers are started before the first one's are let go.
TOUCHING = (Peak("2027-01-24T15:00:00Z", "2027-01-31T16:00:00Z"), Peak("2027-01-31T15:00:00Z", "2027-02-10T16:00:00Z"))
WHOLE = [Moment("begin-20270124T1500", FIRST.begins, 1), Moment("end-20270210T1600", FIRST.ends, 0)]
LATER = [Moment("begin-20270430T1500", NEXT.begins, 1), Moment("end-20270505T1600", NEXT.ends, 0)]


@pytest.mark.parametrize(
    ("now", "peaks", "expected"),
    [
        pytest.param("2026-11-27T08:00:00Z", (NEXT, FIRST), [*WHOLE, *LATER], id="all-to-come"),
        pytest.param("2026-11-27T08:00:00Z", TOUCHING, WHOLE, id="two-that-touch-are-one"),
        pytest.param(
            "2027-01-30T08:00:00Z",
            (FIRST, NEXT),
            [Moment("begin-20270124T1500", "2027-01-30T08:15:00Z", 1), WHOLE[1], *LATER],
            id="one-that-has-begun-grows-soon",
        ),
        pytest.param(
            "2027-01-24T14:50:00Z",
            (FIRST,),
            [Moment("begin-20270124T1500", "2027-01-24T15:05:00Z", 1), WHOLE[1]],
            id="one-that-begins-while-it-is-deployed-is-late",
        ),
        pytest.param(
            "2027-03-01T00:00:00Z",
            (FIRST, NEXT),
            [Moment("end-20270210T1600", "2027-03-01T00:15:00Z", 0), *LATER],
            id="one-that-is-over-shrinks-soon",
        ),
        pytest.param(
            "2027-05-01T00:00:00Z",
            (FIRST, NEXT),
            [Moment("begin-20270430T1500", "2027-05-01T00:15:00Z", 1), LATER[1]],
            id="but-not-while-another-lasts",
        ),
        pytest.param("2027-03-01T00:00:00Z", (), [], id="none"),
    ],
)
def test_moments_are_never_past_and_keep_their_names(now: str, peaks: tuple[Peak, ...], expected: list[Moment]) -> None:
    clock = datetime.datetime.fromisoformat(now)
    found = list(moments(peaks, clock))
    assert found == expected
    assert all(datetime.datetime.fromisoformat(each.at) > clock for each in found)
    # AWS takes no two at the same time.
    assert len({each.at for each in found}) == len({each.name for each in found}) == len(found)


def test_each_server_of_a_peak_has_a_group_of_its_own_and_no_machine(peak: Deployed) -> None:
    plan = peak.plan
    assert len(plan.peak_hosts) > 1
    assert {machine["name"] for machine in peak.of("ec2/instance:Instance")} == {
        f"cloud-{host.name}" for host in plan.hosts if not host.peak
    }
    for host in plan.peak_hosts:
        card, template, group = (
            peak.one(type_, f"cloud-{host.name}")["inputs"]
            for type_ in (
                "ec2/networkInterface:NetworkInterface", "ec2/launchTemplate:LaunchTemplate", "autoscaling/group:Group",
            )
        )  # fmt: skip
        assert card["privateIps"] == [str(host.address)]
        assert card["subnetId"] == peak.one("ec2/subnet:Subnet", f"cloud-{host.network}")["id"]
        assert card["securityGroups"] == [peak.one("ec2/securityGroup:SecurityGroup", "cloud-call")["id"]]
        assert (template["name"], group["name"]) == (f"seatworks-cloud-{host.name}",) * 2
        assert template["instanceType"] == host.instance_type
        assert group["availabilityZones"] == [plan.network(host.network).zone]
        assert "vpcZoneIdentifiers" not in group
        assert (group["minSize"], group["maxSize"], group["desiredCapacity"]) == (0, 1, 0)
        tags = {entry["key"]: entry["value"] for entry in group["tags"] if entry["propagateAtLaunch"]}
        assert tags == template["tagsAll"] == card["tagsAll"]
        assert tags["Deployment"] == "cloud"


def test_a_server_of_a_peak_is_told_where_its_bundle_lies_and_no_secret(peak: Deployed) -> None:
    password = vault.secrets(peak.plan, peak.where)[vault.SETTING]
    for host in peak.plan.peak_hosts:
        template = peak.one("ec2/launchTemplate:LaunchTemplate", f"cloud-{host.name}")["inputs"]
        told = base64.b64decode(template["userData"]).decode()
        secret = peak.one("secretsmanager/secret:Secret", "cloud-vault")["id"]
        assert all(word in told for word in (host.name, peak.outputs.bundle_bucket, BUNDLE_KEY, secret, "cn-north-1"))
        assert password not in told


def test_hooks_wait_for_a_server_that_comes_and_one_that_goes(peak: Deployed) -> None:
    found = {
        (entry["inputs"]["autoscalingGroupName"], entry["inputs"]["name"]): (
            entry["inputs"]["lifecycleTransition"].rpartition("_")[2],
            entry["inputs"]["heartbeatTimeout"],
            entry["inputs"]["defaultResult"],
        )
        for entry in peak.of("autoscaling/lifecycleHook:LifecycleHook")
    }
    ways = {"ready": ("LAUNCHING", 1800, "ABANDON"), "drained": ("TERMINATING", 1800, "CONTINUE")}
    groups = [f"seatworks-cloud-{host.name}" for host in peak.plan.peak_hosts]
    assert found == {(group, hook): way for group in groups for hook, way in ways.items()}


def test_the_schedule_is_the_plans(peak: Deployed) -> None:
    for host in peak.plan.peak_hosts:
        group = f"seatworks-cloud-{host.name}"
        actions = [
            entry["inputs"]
            for entry in peak.of("autoscaling/schedule:Schedule")
            if entry["inputs"]["autoscalingGroupName"] == group
        ]
        expected = [(moment, size) for each in peak.plan.peaks for moment, size in ((each.begins, 1), (each.ends, 0))]
        assert sorted((action["startTime"], action["desiredCapacity"]) for action in actions) == sorted(expected)
        assert all((action["minSize"], action["maxSize"]) == (0, 1) for action in actions)


def test_servers_of_a_peak_may_fetch_what_they_need_and_speak_for_their_groups(peak: Deployed) -> None:
    bucket, name = peak.one("s3/bucket:Bucket", "cloud-bundle"), "seatworks-cloud-*"
    groups = f"arn:aws-cn:autoscaling:cn-north-1:{peak.outputs.account}:autoScalingGroup:*:autoScalingGroupName/{name}"
    single = {
        (action if isinstance(action, str) else tuple(action), entry["Resource"])
        for entry in json.loads(peak.one("iam/rolePolicy:RolePolicy", "cloud-peak-duty")["inputs"]["policy"])[
            "Statement"
        ]
        for action in [entry["Action"]]
    }
    assert single == {
        ("secretsmanager:GetSecretValue", peak.one("secretsmanager/secret:Secret", "cloud-vault")["id"]),
        ("kms:Decrypt", peak.one("kms/key:Key", "cloud-secrets")["outputs"]["arn"]),
        ("s3:GetObject", f"{bucket['outputs']['arn']}/{BUNDLE_KEY}"),
        ("kms:Decrypt", peak.one("kms/key:Key", "cloud-bundle")["outputs"]["arn"]),
        (("autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"), groups),
    }
    assert rights(peak, "call") == SESSION


def test_the_bundle_stays_as_long_as_it_is_current(peak: Deployed) -> None:
    assert peak.outputs.bundle_bucket == peak.one("s3/bucket:Bucket", "cloud-bundle")["id"]
    type_ = "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    (rule,) = peak.one(type_, "cloud-bundle-retention")["inputs"]["rules"]
    assert "expiration" not in rule
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}


def test_auto_scaling_may_use_the_key_of_disks_only_where_there_are_groups(peak: Deployed, hybrid: Deployed) -> None:
    found = statements(peak.one("kms/key:Key", "cloud-disks")["inputs"]["policy"])
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    for name in ("AutoScalingUses", "AutoScalingLends"):
        assert found[name]["Principal"] == {"AWS": "*"}
        condition = found[name]["Condition"]
        assert condition["StringEquals"] == {"kms:CallerAccount": peak.outputs.account}
        assert condition["ArnEquals"] == {"aws:PrincipalArn": f"arn:aws-cn:iam::{peak.outputs.account}:{role}"}
    assert found["AutoScalingLends"]["Action"] == "kms:CreateGrant"
    assert found["AutoScalingLends"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
    assert set(statements(hybrid.one("kms/key:Key", "hybrid-disks")["inputs"]["policy"])) == {"Account"}


def test_a_server_that_is_wanted_and_missing_is_told(peak: Deployed) -> None:
    for host in peak.plan.peak_hosts:
        (told,) = [
            entry for entry in peak.of("cloudwatch/metricAlarm:MetricAlarm") if f"-{host.name}-" in entry["name"]
        ]
        asked = told["inputs"]
        assert {query["metric"]["metricName"] for query in asked["metricQueries"] if "metric" in query} == {
            "GroupDesiredCapacity",
            "GroupInServiceInstances",
        }
        assert asked["evaluationPeriods"] * asked["metricQueries"][0]["metric"]["period"] == 30 * 60
        assert asked["alarmActions"]


@pytest.fixture
def centre(peak: Deployed) -> Iterator[Standing]:
    """The example in its account."""
    with standing(peak.where, [autoscaling.extend]) as found:
        yield found


def test_a_server_comes_with_the_plans_address_and_leaves_it_behind(centre: Standing, peak: Deployed) -> None:
    scaling, ec2 = centre.client("autoscaling"), centre.client("ec2")
    host = peak.plan.peak_hosts[0]
    asked = {"AutoScalingGroupName": f"seatworks-cloud-{host.name}"}
    scaling.set_desired_capacity(**asked, DesiredCapacity=1)
    (found,) = scaling.describe_auto_scaling_instances()["AutoScalingInstances"]
    assert found["LifecycleState"] == "Pending:Wait"
    (machine,) = ec2.describe_instances(InstanceIds=[found["InstanceId"]])["Reservations"][0]["Instances"]
    assert (machine["PrivateIpAddress"], machine["InstanceType"]) == (str(host.address), host.instance_type)
    disk = ec2.describe_volumes(VolumeIds=[machine["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]])["Volumes"][0]
    assert (disk["Size"], disk["KmsKeyId"]) == (
        host.disk_gb,
        peak.one("kms/key:Key", "cloud-disks")["outputs"]["arn"],
    )
    gone = [record for record in centre.records if record.name.startswith(f"cloud-{host.name}")]
    provider = Provider(centre.account, KINDS)
    for record in reversed(in_order(gone)):
        provider.delete(record.type, record.name, record.id, record.outputs)
    assert not scaling.describe_auto_scaling_instances()["AutoScalingInstances"]


@pytest.mark.slow
def test_outside_china_names_are_of_the_other_partition(tmp_path: Path) -> None:
    abroad = deploy(peak_plan_of("eu-central-1"), tmp_path)
    key = statements(abroad.one("kms/key:Key", "cloud-disks")["inputs"]["policy"])["AutoScalingUses"]
    assert key["Condition"]["ArnEquals"]["aws:PrincipalArn"].startswith("arn:aws:iam::")
    duty = abroad.one("iam/rolePolicy:RolePolicy", "cloud-peak-duty")["inputs"]["policy"]
    assert "arn:aws:autoscaling:eu-central-1:" in duty
    assert {group["inputs"]["availabilityZones"][0] for group in abroad.of("autoscaling/group:Group")} == {
        "eu-central-1a",
        "eu-central-1b",
    }


def at(moment: str) -> StandIn:
    """An engine that lets the program think that it is another day."""
    return StandIn({**OWN, "now": moment})


def test_a_deploy_in_the_middle_of_a_peak_changes_nothing(peak: Deployed, tmp_path: Path) -> None:
    again = copied(peak, peak.plan, tmp_path)
    assert at("2027-01-30T08:00:00Z").preview(peak.plan, again.where, quiet).changes == []
    over = ops(at("2027-03-01T08:00:00Z").preview(peak.plan, again.where, quiet))
    assert sorted(over) == [("delete", f"cloud-{host.name}-begin-20270124T1500") for host in peak.plan.peak_hosts]


def test_another_day_is_for_previews_only(peak_plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(CloudError, match=r"seats:now.*previews only.*config rm seats:now"):
        at("2027-03-01T08:00:00Z").up(peak_plan, place(peak_plan, tmp_path), quiet)


def test_publishing_says_what_is_not_there(peak_plan: Plan, tmp_path: Path) -> None:
    where = place(peak_plan, tmp_path)
    write(where.outputs_file, planning.dump_outputs(CloudOutputs()))
    with pytest.raises(PreflightError, match=r"no bucket for the bundle yet.*make deploy"):
        publish(None, peak_plan, where)
    without = dataclasses.replace(peak_plan, hosts=peak_plan.standing)
    with pytest.raises(PreflightError, match="no servers of a peak"):
        publish(None, without, where)


@pytest.mark.parametrize("moment", ["yesterday", "2027-01-25", "2027-01-25T08:00:00"])
def test_a_moment_that_is_none_is_refused(peak_plan: Plan, tmp_path: Path, moment: str) -> None:
    with pytest.raises(CloudError, match=r"seats:now.* is no moment.*2027-01-25T08:00:00Z"):
        at(moment).preview(peak_plan, place(peak_plan, tmp_path), quiet)


def test_without_the_vaults_password_there_is_no_such_server(
    peak_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "secrets", lambda *_: {})
    with pytest.raises(CloudError, match=r"seats:vaultPassword.* peak1 opens its bundle.*config set --secret") as wrong:
        StandIn().preview(peak_plan, place(peak_plan, tmp_path), quiet)
    assert len(wrong.value.problems) == 1


def test_a_password_that_this_computer_lacks_is_said(
    peak_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "vault_password.py"
    program.write_text("import sys\nsys.exit('the password is missing')\n")
    monkeypatch.setattr(own_secrets, "PASSWORD_PROGRAM", program)
    with pytest.raises(PreflightError, match="the password is missing"):
        vault.secrets(peak_plan, Environment("cloud", Target.LIVE, tmp_path))
    # A rehearsal has a password of its own.
    assert vault.secrets(peak_plan, Environment("cloud", Target.LAB, tmp_path))


def test_the_password_goes_into_the_state_unread(peak: Deployed) -> None:
    password = vault.secrets(peak.plan, peak.where)[vault.SETTING]
    assert len(password) > 40
    assert all(
        password not in path.read_text(errors="replace") for path in peak.where.build.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("held", ["", "of an earlier day", "right"])
def test_the_live_stack_is_told_what_opens_the_bundle_by_standard_input(
    peak_plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    where = Environment("cloud", Target.LIVE, tmp_path)
    right = vault.secrets(peak_plan, where)[vault.SETTING]
    value = automation.ConfigValue(right if held == "right" else held, secret=True)
    program = tmp_path / "pulumi"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > {tmp_path}/said\n')
    program.chmod(0o700)
    monkeypatch.setattr(install, "find", lambda: program)
    stack = SimpleNamespace(get_all_config=lambda: {"seats:vaultPassword": value} if held else {})
    live._tell(stack, where, vault.secrets(peak_plan, where))  # type: ignore[arg-type]
    assert (tmp_path / "said").is_file() == (held != "right")
    if held != "right":
        assert (tmp_path / "said").read_text() == right
        said = (tmp_path / "arguments").read_text()
        assert said == "--non-interactive config set --secret --stack cloud seats:vaultPassword\n"
