"""Auto Scaling in the emulator: machines on a fixed interface, hooks that wait, and what AWS refuses."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.aws.account import Account
from lab.cloud.server import served
from tests.aws import autoscaling
from tests.rehearsal.test_serve import client

ADDRESS, GROUP, SCRIPT = "10.9.0.51", "one", "#cloud-config\n"
IMAGE = "ami-0d13000000000000b"


class Stand:
    """A group of no machine or one, on an interface with a fixed address, asked as any program would ask."""

    def __init__(self, account: Any) -> None:
        self.ec2, self.scaling, self._iam = account("ec2"), account("autoscaling"), account("iam")
        vpc = self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(
            VpcId=vpc, CidrBlock="10.9.0.0/24", AvailabilityZone="cn-north-1b"
        )["Subnet"]["SubnetId"]  # fmt: skip
        self.card = self.interface()
        self.data = {
            "ImageId": IMAGE,
            "InstanceType": "c6i.xlarge",
            "KeyName": "admin",
            "UserData": base64.b64encode(SCRIPT.encode()).decode(),
            "IamInstanceProfile": {"Name": "peak"},
            "NetworkInterfaces": [{"DeviceIndex": 0, "NetworkInterfaceId": self.card}],
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled"},
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3", "Encrypted": True}}
            ],
            "TagSpecifications": [
                {"ResourceType": kind, "Tags": [{"Key": "Deployment", "Value": "x"}]} for kind in ("instance", "volume")
            ],
        }
        self._iam.create_instance_profile(InstanceProfileName="peak")
        made = self.ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData=self.data)
        self.template = made["LaunchTemplate"]["LaunchTemplateId"]
        self.group(GROUP, "cn-north-1b")

    def interface(self) -> str:
        """A network interface with the fixed address."""
        made = self.ec2.create_network_interface(SubnetId=self.subnet, PrivateIpAddress=ADDRESS)
        return str(made["NetworkInterface"]["NetworkInterfaceId"])

    def group(self, name: str, zone: str) -> None:
        """A group of no machine, without subnets."""
        self.scaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, DesiredCapacity=0, AvailabilityZones=[zone],
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": "$Latest"},
            Tags=[{"Key": "Name", "Value": "peak1", "PropagateAtLaunch": True}, {"Key": "Own", "Value": "1"}],
        )  # fmt: skip

    def hooks(self) -> None:
        """Let it wait on both ways."""
        for hook, way in (("ready", "LAUNCHING"), ("drained", "TERMINATING")):
            self.scaling.put_lifecycle_hook(
                LifecycleHookName=hook, AutoScalingGroupName=GROUP,
                LifecycleTransition=f"autoscaling:EC2_INSTANCE_{way}", HeartbeatTimeout=300,
            )  # fmt: skip

    def want(self, count: int, group: str = GROUP) -> None:
        """Another size."""
        self.scaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=count)

    def done(self, hook: str, machine: str, result: str = "CONTINUE") -> None:
        """What a machine says at a hook."""
        self.scaling.complete_lifecycle_action(
            AutoScalingGroupName=GROUP, LifecycleHookName=hook, InstanceId=machine, LifecycleActionResult=result
        )

    def states(self) -> dict[str, str]:
        """Machines of all groups, and where each is in its life."""
        found = self.scaling.describe_auto_scaling_instances()["AutoScalingInstances"]
        return {entry["InstanceId"]: entry["LifecycleState"] for entry in found}

    def machine(self, id_: str) -> dict[str, Any]:
        """A machine as EC2 tells it."""
        found: dict[str, Any] = self.ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"][0]
        return found

    def holder(self) -> str | None:
        """The machine that has the interface."""
        (card,) = self.ec2.describe_network_interfaces(NetworkInterfaceIds=[self.card])["NetworkInterfaces"]
        assert (card["Status"] == "in-use") == ("Attachment" in card)
        return card["Attachment"]["InstanceId"] if "Attachment" in card else None


@pytest.fixture
def stand() -> Iterator[Stand]:
    """A group in an account that is otherwise empty."""
    with Account("cn-north-1", [autoscaling.extend]) as account:
        yield Stand(account.client)


def refused(code: str, request: Any, **asked: Any) -> str:
    """The message with which a request is refused."""
    with pytest.raises(ClientError) as wrong:
        request(**asked)
    assert wrong.value.response["Error"]["Code"] == code
    return str(wrong.value)


def test_a_machine_lives_on_the_interface_and_waits_where_the_hooks_say(stand: Stand) -> None:
    stand.hooks()
    assert (stand.states(), stand.holder()) == ({}, None)
    stand.want(1)
    ((machine, state),) = stand.states().items()
    assert (state, stand.holder()) == ("Pending:Wait", machine)
    stand.done("ready", machine)
    assert stand.states() == {machine: "InService"}
    stand.want(0)
    assert stand.states() == {machine: "Terminating:Wait"}
    assert (stand.machine(machine)["State"]["Name"], stand.holder()) == ("running", machine)
    stand.done("drained", machine)
    assert (stand.states(), stand.holder()) == ({}, None)
    assert stand.machine(machine)["State"]["Name"] == "terminated"
    stand.want(1)
    ((next_one, _),) = stand.states().items()
    assert (next_one != machine, stand.holder()) == (True, next_one)


def test_the_same_over_http(stand: Stand) -> None:
    stand.hooks()
    with served() as url:
        other = client("autoscaling", url)
        other.set_desired_capacity(AutoScalingGroupName=GROUP, DesiredCapacity=1)
        (found,) = other.describe_auto_scaling_instances()["AutoScalingInstances"]
        assert found["LifecycleState"] == "Pending:Wait"
        action = {"AutoScalingGroupName": GROUP, "InstanceId": found["InstanceId"]}
        other.record_lifecycle_action_heartbeat(**action, LifecycleHookName="ready")
        other.complete_lifecycle_action(**action, LifecycleHookName="ready", LifecycleActionResult="CONTINUE")
        (group,) = other.describe_auto_scaling_groups()["AutoScalingGroups"]
        assert [entry["LifecycleState"] for entry in group["Instances"]] == ["InService"]


def test_a_machine_is_what_the_newest_template_says(stand: Stand) -> None:
    larger = {**stand.data, "InstanceType": "c6i.2xlarge"}
    stand.ec2.create_launch_template_version(LaunchTemplateId=stand.template, LaunchTemplateData=larger)
    stand.want(1)
    ((id_, state),) = stand.states().items()
    assert state == "InService"
    machine = stand.machine(id_)
    assert (machine["InstanceType"], machine["PrivateIpAddress"], machine["ImageId"]) == ("c6i.2xlarge", ADDRESS, IMAGE)
    assert machine["Placement"]["AvailabilityZone"] == "cn-north-1b"
    assert (machine["SubnetId"], machine["KeyName"]) == (stand.subnet, "admin")
    assert machine["IamInstanceProfile"]["Arn"].endswith("/peak")
    assert machine["MetadataOptions"]["HttpTokens"] == "required"
    assert "PublicIpAddress" not in machine
    tags = {tag["Key"]: tag["Value"] for tag in machine["Tags"]}
    assert tags | {"Deployment": "x", "Name": "peak1", "aws:autoscaling:groupName": GROUP} == tags
    assert "Own" not in tags
    (disk,) = machine["BlockDeviceMappings"]
    (volume,) = stand.ec2.describe_volumes(VolumeIds=[disk["Ebs"]["VolumeId"]])["Volumes"]
    assert (volume["Size"], volume["Encrypted"]) == (50, True)
    assert volume["Tags"] == [{"Key": "Deployment", "Value": "x"}]
    script = stand.ec2.describe_instance_attribute(InstanceId=id_, Attribute="userData")["UserData"]["Value"]
    assert base64.b64decode(script).decode() == SCRIPT


def test_what_is_abandoned_at_its_start_is_replaced(stand: Stand) -> None:
    stand.hooks()
    stand.want(1)
    ((first, _),) = stand.states().items()
    stand.done("ready", first, "ABANDON")
    ((second, state),) = stand.states().items()
    assert (second != first, state, stand.holder()) == (True, "Pending:Wait", second)
    assert stand.machine(first)["State"]["Name"] == "terminated"


@pytest.mark.parametrize("deed", ["unhealthy", "taken"])
def test_a_broken_machine_is_replaced_when_its_interface_is_free(stand: Stand, deed: str) -> None:
    stand.hooks()
    stand.want(1)
    ((first, _),) = stand.states().items()
    stand.done("ready", first)
    if deed == "unhealthy":
        stand.scaling.set_instance_health(InstanceId=first, HealthStatus="Unhealthy")
    else:
        stand.scaling.terminate_instance_in_auto_scaling_group(InstanceId=first, ShouldDecrementDesiredCapacity=False)
    assert stand.states() == {first: "Terminating:Wait"}
    stand.done("drained", first)
    ((second, state),) = stand.states().items()
    assert (second != first, state, stand.holder()) == (True, "Pending:Wait", second)


def test_a_machine_that_somebody_ends_in_ec2_is_replaced(stand: Stand) -> None:
    stand.want(1)
    ((first, _),) = stand.states().items()
    stand.ec2.terminate_instances(InstanceIds=[first])
    ((second, _),) = stand.states().items()
    assert (second != first, stand.holder()) == (True, second)


def test_a_machine_that_is_taken_away_for_good_leaves_nothing(stand: Stand) -> None:
    stand.want(1)
    ((first, _),) = stand.states().items()
    stand.scaling.terminate_instance_in_auto_scaling_group(InstanceId=first, ShouldDecrementDesiredCapacity=True)
    (group,) = stand.scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (stand.states(), group["DesiredCapacity"]) == ({}, 0)


def test_actions_and_sizes_that_aws_refuses_are_refused(stand: Stand) -> None:
    stand.hooks()
    stand.want(1)
    ((machine, _),) = stand.states().items()
    action = {"AutoScalingGroupName": GROUP, "InstanceId": machine}
    complete, beat = stand.scaling.complete_lifecycle_action, stand.scaling.record_lifecycle_action_heartbeat
    nothing = f"No active Lifecycle Action found with instance ID {machine}"
    assert nothing in refused("ValidationError", beat, **action, LifecycleHookName="drained")
    done = {"LifecycleHookName": "ready", "LifecycleActionResult": "CONTINUE"}
    complete(**action, **done)
    assert nothing in refused("ValidationError", complete, **action, **done)
    wrong = {**done, "LifecycleActionResult": "MAYBE"}
    assert "MAYBE" in refused("ValidationError", complete, **action, **wrong)
    size = {"AutoScalingGroupName": GROUP, "DesiredCapacity": 2}
    assert "above max value 1" in refused("ValidationError", stand.scaling.set_desired_capacity, **size)
    stand.scaling.update_auto_scaling_group(AutoScalingGroupName=GROUP, MinSize=1)
    size = {"AutoScalingGroupName": GROUP, "DesiredCapacity": 0}
    assert "below min value 1" in refused("ValidationError", stand.scaling.set_desired_capacity, **size)
    size = {"AutoScalingGroupName": "other", "DesiredCapacity": 0}
    assert "name not found" in refused("ValidationError", stand.scaling.set_desired_capacity, **size)


def test_an_interface_is_one_machines_and_of_the_groups_zone(stand: Stand) -> None:
    stand.group("elsewhere", "cn-north-1a")
    size = {"AutoScalingGroupName": "elsewhere", "DesiredCapacity": 1}
    assert "no Availability Zone" in refused("ValidationError", stand.scaling.set_desired_capacity, **size)
    stand.want(1)
    card = {"NetworkInterfaceId": stand.card}
    asked = {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, "NetworkInterfaces": [{"DeviceIndex": 0, **card}]}
    refused("InvalidNetworkInterface.InUse", stand.ec2.run_instances, **asked)
    refused("InvalidNetworkInterface.InUse", stand.ec2.delete_network_interface, **card)
    address = {"SubnetId": stand.subnet, "PrivateIpAddress": ADDRESS}
    refused("InvalidIPAddress.InUse", stand.ec2.create_network_interface, **address)
    stand.want(0)
    stand.ec2.delete_network_interface(**card)
    assert stand.interface() != stand.card


def test_a_group_with_a_machine_goes_by_force_only_and_waits_for_nobody(stand: Stand) -> None:
    stand.hooks()
    stand.want(1)
    stand.scaling.put_scheduled_update_group_action(
        AutoScalingGroupName=GROUP, ScheduledActionName="end", StartTime="2027-02-10T16:00:00Z", DesiredCapacity=0
    )
    refused("ResourceInUse", stand.scaling.delete_auto_scaling_group, AutoScalingGroupName=GROUP)
    stand.scaling.delete_auto_scaling_group(AutoScalingGroupName=GROUP, ForceDelete=True)
    assert (stand.states(), stand.holder()) == ({}, None)
    assert not stand.scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert not stand.scaling.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert not stand.scaling.describe_lifecycle_hooks(AutoScalingGroupName=GROUP)["LifecycleHooks"]


def test_groups_have_scheduled_actions_of_the_same_name(stand: Stand) -> None:
    stand.group("two", "cn-north-1b")
    for group, size in ((GROUP, 1), ("two", 0)):
        stand.scaling.put_scheduled_update_group_action(
            AutoScalingGroupName=group, ScheduledActionName="begin", StartTime="2027-01-24T15:00:00Z",
            DesiredCapacity=size,
        )  # fmt: skip
    found = stand.scaling.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert {entry["AutoScalingGroupName"]: entry["DesiredCapacity"] for entry in found} == {GROUP: 1, "two": 0}
    stand.scaling.delete_scheduled_action(AutoScalingGroupName="two", ScheduledActionName="begin")
    gone = {"AutoScalingGroupName": "two", "ScheduledActionName": "begin"}
    assert "not found" in refused("ValidationError", stand.scaling.delete_scheduled_action, **gone)
    (left,) = stand.scaling.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert left["AutoScalingGroupName"] == GROUP
