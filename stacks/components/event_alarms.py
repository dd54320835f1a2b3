"""Events of the account that somebody must hear of at once, found in the trail's log."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.alarms import Metric, alarm


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event: the pattern that finds it in the trail, and what it may mean."""

    name: str
    pattern: str
    why: str
    count: int = 1


def _any(*names: str) -> str:
    return " || ".join(f"($.eventName = {name})" for name in names)


def _of(source: str, *names: str) -> str:
    return f"{{ ($.eventSource = {source}.amazonaws.com) && ({_any(*names)}) }}"


# The events of CIS AWS Foundations Benchmark 3.0, section 4, as far as this stack has what they are about. Refused
# calls come in small numbers every day, so only a burst of them is told.
EVENTS = (
    Event(
        "root-use",
        '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) '
        '&& ($.eventType != "AwsServiceEvent") }',
        "The account's root user was used: nobody does that in daily work.",
    ),
    Event(
        "refused-calls",
        '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
        "Five or more refused calls within five minutes: a stolen key being tried, or a role that lacks a right.",
        count=5,
    ),
    Event(
        "sign-in-without-mfa",
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
        '&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
        "A user signed in with a password alone: give the user a second factor.",
    ),
    Event(
        "sign-in-failed",
        '{ ($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication") }',
        "Five or more failed sign-ins within five minutes: somebody tries passwords.",
        count=5,
    ),
    Event(
        "rights-changed",
        "{ " + _any(
            "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy",
            "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
            "SetDefaultPolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy",
            "AttachGroupPolicy", "DetachGroupPolicy",
        ) + " }",
        "Somebody's rights changed: a deployment does this, nobody else should.",
    ),
    Event(
        "trail-changed",
        "{ " + _any("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "PutEventSelectors")
        + " }",
        "The record of who did what was changed or stopped.",
    ),
    Event(
        "key-disabled",
        _of("kms", "DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"),
        "A key was disabled, its deletion planned or its policy changed: data may become unreadable.",
    ),
    Event(
        "bucket-opened",
        _of(
            "s3", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
            "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication",
            "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "PutObjectLockConfiguration",
        ),
        "Who may reach a bucket, or how long it keeps, was changed.",
    ),
    Event(
        "firewall-changed",
        "{ " + _any(
            "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress", "ModifySecurityGroupRules", "CreateSecurityGroup", "DeleteSecurityGroup",
            "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation",
        ) + " }",
        "An opening of the network was changed.",
    ),
    Event(
        "network-changed",
        "{ " + _any(
            "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection", "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway",
            "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway", "CreateRoute",
            "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute",
            "DisassociateRouteTable",
        ) + " }",
        "The network's shape or its ways out were changed.",
    ),
    Event(
        "recorder-changed",
        _of(
            "config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel",
            "PutConfigurationRecorder",
        ),
        "The record of what stands in the account was changed or stopped.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WatchArgs:
    """The trail's log group, and where alarms are told."""

    log_group: pulumi.Output[str]
    topic_arn: pulumi.Output[str]


class Watch(pulumi.ComponentResource):
    """A count in the trail's log and an alarm for each of EVENTS."""

    def __init__(self, name: str, args: WatchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Watch", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        for event in EVENTS:
            found = aws.cloudwatch.LogMetricFilter(
                f"{name}-{event.name}",
                name=f"seatworks-{name}-{event.name}",
                log_group_name=args.log_group,
                pattern=event.pattern,
                metric_transformation={
                    "name": event.name,
                    "namespace": f"Seatworks/{name}",
                    "value": "1",
                    "default_value": "0",
                },
                opts=here,
            )
            alarm(
                f"{name}-{event.name}",
                args.topic_arn,
                event.why,
                Metric(f"Seatworks/{name}", event.name, event.count, statistic="Sum", period_s=300),
                pulumi.ResourceOptions(parent=self, depends_on=[found]),
            )
        self.register_outputs({})
