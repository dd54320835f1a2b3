"""Where alarms are told, and how one is made: every component that has something to watch uses `alarm`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.components.kms import data_key, service_uses
from stacks.components.place import Place, policy

# Services that tell something through the topic: alarms, findings and changes, copies that failed.
_TELLERS = ("cloudwatch", "events", "backup")


@dataclass(frozen=True, slots=True)
class Metric:
    """What CloudWatch measures, and when it is wrong.

    `threshold` is in the metric's own unit; `periods` periods of `period_s` seconds must all be wrong. `missing` says
    what no measurement means: `breaching`, `notBreaching`, `missing` or `ignore`. `less` is another metric of the same
    namespace and dimensions that is taken off first.
    """

    namespace: str
    name: str
    threshold: float
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Maximum"
    comparison: str = "GreaterThanOrEqualToThreshold"
    period_s: int = 60
    periods: int = 1
    missing: str = "notBreaching"
    less: str = ""

    def settings(self) -> dict[str, Any]:
        """The alarm's settings that say what is measured."""
        if not self.less:
            return {
                "namespace": self.namespace,
                "metric_name": self.name,
                "dimensions": self.dimensions or None,
                "statistic": self.statistic,
                "period": self.period_s,
            }
        one = {"namespace": self.namespace, "period": self.period_s, "stat": self.statistic}
        told = [
            {"id": key, "metric": {**one, "metric_name": name, "dimensions": self.dimensions}}
            for key, name in (("whole", self.name), ("part", self.less))
        ]
        label = f"{self.name} less {self.less}"
        return {
            "metric_queries": [*told, {"id": "rest", "expression": "whole - part", "label": label, "return_data": True}]
        }


@dataclass(frozen=True, slots=True)
class AlarmsArgs:
    """The account, and who is told; without an address the topic waits for its first subscription."""

    place: Place
    email: str | None


class Alarms(pulumi.ComponentResource):
    """The topic of the deployment's alarms, encrypted with a key of its own. Only this account's services publish."""

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Alarms", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        place = args.place
        key = data_key(self, place, f"{name}-alarms", "Alarms", *(service_uses(place, teller) for teller in _TELLERS))
        topic = aws.sns.Topic(
            f"{name}-alarms",
            name=f"seatworks-{name}-alarms",
            display_name=f"Seatworks {name}",
            kms_master_key_id=key.arn,
            opts=here,
        )
        rules = aws.sns.TopicPolicy(
            f"{name}-alarms-policy",
            arn=topic.arn,
            policy=policy(*(_publishes(place, teller, topic.arn) for teller in _TELLERS), _tls_only(topic.arn)),
            opts=here,
        )
        if args.email:
            # Whoever owns the address must confirm by a link in the first message; AWS sends nothing before.
            aws.sns.TopicSubscription(
                f"{name}-alarms-email", topic=topic.arn, protocol="email", endpoint=args.email, opts=here
            )
        # Alarms are made when the topic already takes their messages.
        self.topic_arn = pulumi.Output.all(topic.arn, rules.id).apply(lambda found: str(found[0]))
        self.register_outputs({"topic_arn": self.topic_arn})


def alarm(
    name: str,
    topic_arn: pulumi.Input[str],
    why: str,
    metric: Metric,
    opts: pulumi.ResourceOptions,
    actions: Sequence[pulumi.Input[str]] = (),
) -> aws.cloudwatch.MetricAlarm:
    """An alarm that tells when it begins and when it is over. `why` says what a reader at night should do first.

    `actions` are done besides, such as the recovery of an instance.
    """
    return aws.cloudwatch.MetricAlarm(
        name,
        name=f"seatworks-{name}",
        alarm_description=why,
        **metric.settings(),
        comparison_operator=metric.comparison,
        threshold=metric.threshold,
        evaluation_periods=metric.periods,
        treat_missing_data=metric.missing,
        alarm_actions=[*actions, topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
    )


def _publishes(place: Place, service: str, topic_arn: pulumi.Output[str]) -> Mapping[str, object]:
    return {
        "Sid": f"{service.title()}Publishes",
        "Effect": "Allow",
        "Principal": {"Service": place.principal(service)},
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": place.account}},
    }


def _tls_only(topic_arn: pulumi.Output[str]) -> Mapping[str, object]:
    return {
        "Sid": "RefusePlain",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
