"""Alarms of the machines: the hardware below them, they themselves, and load beyond what they were sized for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from stacks.components.alarms import Metric, alarm
from stacks.components.place import Place


@dataclass(frozen=True, slots=True)
class HealthArgs:
    """Instances by host name, the CPU share from which a host is overloaded, and where alarms are told."""

    place: Place
    instance_ids: Mapping[str, pulumi.Output[str]]
    cpu_percent: int
    topic_arn: pulumi.Output[str]


class Health(pulumi.ComponentResource):
    """Three alarms per instance. Only a failure of AWS's own hardware is mended without a person.

    A host that hangs has been left by its pair within half a minute. Starting it again by itself would take the
    evidence along, and could bring an old primary database back beside the new one; so a person is told.
    """

    def __init__(self, name: str, args: HealthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Health", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        place = args.place
        recover = f"arn:{place.partition}:automate:{place.region}:ec2:recover"
        for host, id_ in args.instance_ids.items():
            one = {"InstanceId": id_}
            alarm(
                f"{name}-{host}-hardware",
                args.topic_arn,
                f"AWS's hardware below {host} fails: the instance is moved to another, with its disk and addresses.",
                Metric("AWS/EC2", "StatusCheckFailed_System", 1, one, periods=2),
                here,
                [recover],
            )
            alarm(
                f"{name}-{host}-silent",
                args.topic_arn,
                f"{host} does not answer: look at its console output, then restart it.",
                Metric("AWS/EC2", "StatusCheckFailed_Instance", 1, one, periods=3),
                here,
            )
            alarm(
                f"{name}-{host}-load",
                args.topic_arn,
                f"{host} has worked at {args.cpu_percent} % or more for 15 minutes: more calls than it was sized for.",
                Metric(
                    "AWS/EC2", "CPUUtilization", args.cpu_percent, one, statistic="Average", period_s=300, periods=3
                ),
                here,
            )
        self.register_outputs({})
