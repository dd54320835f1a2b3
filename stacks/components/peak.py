"""Servers of a peak: planned like every other, and switched off outside its days.

One Auto Scaling group per server, of no instance or one. The group starts the instance on the server's own network
interface, so that the plan's address, firewall and names hold, and puts another in the place of one that breaks.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Host, Plan
from seatworks.plan.peak import BUNDLE_KEY, DRAINED, READY, Peak, group_name
from stacks.components.alarms import Metric, alarm
from stacks.components.bundle import Bundle
from stacks.components.ec2 import METADATA, Image
from stacks.components.firstboot import FirstBoot, user_data
from stacks.components.iam_roles import Duty, profile
from stacks.components.network import Network
from stacks.components.place import Place
from stacks.components.secrets import Secrets

# The secret that a server of a peak opens the bundle's vault with.
VAULT = "vault"
# How long Auto Scaling waits for a server to say that it can take calls, or that it has let the last one go. A server
# that drains asks for more time every ten minutes; one that is dead holds its interface, and its successor, so long.
_WAIT_S = 1800
# A server that has come into service is not judged by its status checks before this.
_GRACE_S = 300
# A peak that has begun already starts this much after a deploy: by then the groups have their hooks and, mostly, the
# deploy has put the bundle in place. AWS takes no moment that has passed.
_SOON = datetime.timedelta(minutes=15)
_STAMP = "%Y%m%dT%H%M"
_METRICS = [
    aws.autoscaling.Metric.GROUP_DESIRED_CAPACITY,
    aws.autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES,
    aws.autoscaling.Metric.GROUP_PENDING_INSTANCES,
    aws.autoscaling.Metric.GROUP_TERMINATING_INSTANCES,
]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a group gets another size. `name` is the same in every deploy, `at` (ISO 8601, UTC) is not always."""

    name: str
    at: str
    size: int


@dataclass(frozen=True, slots=True)
class PeaksArgs:
    """What servers of a peak stand on and start from. `tags` are those of everything in the deployment.

    `now` decides which moments are still to come.
    """

    place: Place
    plan: Plan
    network: Network
    image: Image
    bundle: Bundle
    secrets: Secrets
    topic_arn: pulumi.Output[str]
    tags: Mapping[str, str]
    now: datetime.datetime


class Peaks(pulumi.ComponentResource):
    """For each server of a peak: network interface, launch template, group, hooks, schedule and an alarm."""

    def __init__(self, name: str, args: PeaksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Peaks", name, None, opts)
        self._name, self._args, self._here = name, args, pulumi.ResourceOptions(parent=self)
        self._profile = profile(self, name, args.place, _duty(args))
        coming = tuple(moments(args.plan.peaks, args.now))
        for host in args.plan.peak_hosts:
            group = self._group(host, self._template(host, self._card(host)))
            self._schedule(host, group, self._hooks(host, group), coming)
            self._watch(host, group)
        self.register_outputs({})

    def _tags(self, host: Host) -> dict[str, str]:
        return {"Name": f"{self._name}-{host.name}", "Group": host.group}

    def _card(self, host: Host) -> aws.ec2.NetworkInterface:
        network = self._args.network
        return aws.ec2.NetworkInterface(
            f"{self._name}-{host.name}",
            description=f"Address of {host.name} of deployment {self._name}",
            subnet_id=network.subnet_ids[host.network],
            private_ips=[str(host.address)],
            security_groups=[network.security_group_ids[host.group]],
            tags=self._tags(host),
            # The address is fixed: the old interface must be gone before the new one can have it.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _template(self, host: Host, card: aws.ec2.NetworkInterface) -> aws.ec2.LaunchTemplate:
        image, tags = self._args.image, {**self._args.tags, **self._tags(host)}
        return aws.ec2.LaunchTemplate(
            f"{self._name}-{host.name}",
            name=group_name(self._name, host.name),
            description=f"Starts {host.name} of deployment {self._name}",
            image_id=image.id,
            instance_type=host.instance_type,
            key_name=image.key_name,
            iam_instance_profile={"name": self._profile},
            network_interfaces=[{"device_index": 0, "network_interface_id": card.id}],
            metadata_options={**METADATA},
            block_device_mappings=[
                {
                    "device_name": image.root_device,
                    "ebs": {
                        "volume_type": "gp3",
                        "volume_size": host.disk_gb,
                        "encrypted": "true",
                        "kms_key_id": image.disk_key_arn,
                        "delete_on_termination": "true",
                    },
                }
            ],
            user_data=self._user_data(host),
            tag_specifications=[{"resource_type": kind, "tags": tags} for kind in ("instance", "volume")],
            update_default_version=True,
            tags=self._tags(host),
            opts=self._here,
        )

    def _user_data(self, host: Host) -> pulumi.Output[str]:
        args = self._args

        def told(found: Sequence[str]) -> str:
            bucket, secret = found
            boot = FirstBoot(args.place.region, bucket, BUNDLE_KEY, secret, host.name)
            return base64.b64encode(user_data(boot).encode()).decode()

        return pulumi.Output.all(args.bundle.bucket, args.secrets.arns[VAULT]).apply(told)

    def _group(self, host: Host, template: aws.ec2.LaunchTemplate) -> aws.autoscaling.Group:
        """The group of one server: in the zone of its interface, and without subnets.

        "A list of Availability Zones where instances in the Auto Scaling group can be created. Used [...] for
        attaching a network interface when an existing network interface ID is specified in a launch template."
        (API of EC2 Auto Scaling, CreateAutoScalingGroup, AvailabilityZones.)

        A changed template is for the next start. No instance refresh is asked for: a server that takes calls stays.
        """
        return aws.autoscaling.Group(
            f"{self._name}-{host.name}",
            name=group_name(self._name, host.name),
            min_size=0,
            max_size=1,
            desired_capacity=0,
            availability_zones=[str(self._args.plan.network(host.network).zone)],
            launch_template={"id": template.id, "version": "$Latest"},
            health_check_type="EC2",
            health_check_grace_period=_GRACE_S,
            enabled_metrics=_METRICS,
            # A stack that goes takes its servers along at once, and none waits for servers that configure themselves.
            force_delete=True,
            wait_for_capacity_timeout="0",
            tags=[
                {"key": key, "value": value, "propagate_at_launch": True}
                for key, value in sorted({**self._args.tags, **self._tags(host)}.items())
            ],
            # The size is the schedule's.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["desiredCapacity"]),
        )

    def _hooks(self, host: Host, group: aws.autoscaling.Group) -> list[pulumi.Resource]:
        """Where Auto Scaling waits for the server: before it counts, and before it goes."""
        return [
            aws.autoscaling.LifecycleHook(
                f"{self._name}-{host.name}-{hook}",
                name=hook,
                autoscaling_group_name=group.name,
                lifecycle_transition=f"autoscaling:EC2_INSTANCE_{transition}",
                heartbeat_timeout=_WAIT_S,
                default_result=otherwise,
                opts=self._here,
            )
            for hook, transition, otherwise in ((READY, "LAUNCHING", "ABANDON"), (DRAINED, "TERMINATING", "CONTINUE"))
        ]

    def _schedule(
        self, host: Host, group: aws.autoscaling.Group, hooks: list[pulumi.Resource], coming: Sequence[Moment]
    ) -> None:
        for moment in coming:
            aws.autoscaling.Schedule(
                f"{self._name}-{host.name}-{moment.name}",
                scheduled_action_name=moment.name,
                autoscaling_group_name=group.name,
                # None is always allowed, so that a person can end a peak early.
                min_size=0,
                max_size=1,
                desired_capacity=moment.size,
                start_time=moment.at,
                # No server starts before it can be waited for. A moment that has been set is not put off by a deploy.
                opts=pulumi.ResourceOptions(parent=self, depends_on=hooks, ignore_changes=["startTime"]),
            )

    def _watch(self, host: Host, group: aws.autoscaling.Group) -> None:
        alarm(
            f"{self._name}-{host.name}-missing",
            self._args.topic_arn,
            f"{host.name} is wanted and has not been in service for 30 minutes: see the activities of its group.",
            Metric(
                "AWS/AutoScaling",
                "GroupDesiredCapacity",
                1,
                {"AutoScalingGroupName": group.name},
                less="GroupInServiceInstances",
                period_s=300,
                periods=6,
            ),
            self._here,
        )


def moments(peaks: Iterable[Peak], now: datetime.datetime) -> Iterator[Moment]:
    """When groups grow and shrink from `now` on. Pure.

    Peaks that touch or overlap are one. One that has begun grows soon. The last that is over shrinks soon, unless
    another has begun: its end may have been moved here from a later day, whose moment is in no plan any more.
    """
    soon = now + _SOON
    coming = [(begins, ends) for begins, ends in _joined(peaks) if ends > soon]
    over = [ends for _, ends in _joined(peaks) if ends <= soon]
    if over and not (coming and coming[0][0] <= soon):
        yield Moment(f"end-{over[-1]:{_STAMP}}", _utc(soon), 0)
    for begins, ends in coming:
        yield Moment(f"begin-{begins:{_STAMP}}", _utc(max(begins, soon)), 1)
        yield Moment(f"end-{ends:{_STAMP}}", _utc(ends), 0)


def _utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _joined(peaks: Iterable[Peak]) -> list[tuple[datetime.datetime, datetime.datetime]]:
    found: list[tuple[datetime.datetime, datetime.datetime]] = []
    for begins, ends in sorted(tuple(map(datetime.datetime.fromisoformat, (p.begins, p.ends))) for p in peaks):
        if found and begins <= found[-1][1]:
            found[-1] = found[-1][0], max(ends, found[-1][1])
        else:
            found.append((begins, ends))
    return found


def _duty(args: PeaksArgs) -> Duty:
    groups = args.place.arn(
        "autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{group_name(args.place.deployment, '*')}"
    )
    return Duty(
        "peak",
        "fetch the bundle, open its vault, and tell their groups when they are ready and when they have let go",
        (
            *args.secrets.may_read(VAULT),
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": pulumi.Output.concat(args.bundle.bucket_arn, f"/{BUNDLE_KEY}"),
            },
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": args.bundle.key_arn},
            {
                "Effect": "Allow",
                "Action": ["autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"],
                "Resource": groups,
            },
        ),
    )
