"""The rules on what a peak is made of: templates, groups, interfaces, and the key that Auto Scaling uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stacks.policy.documents import somebody
from stacks.policy.model import Resource
from stacks.policy.rules import violations
from tests.cloud.test_policy import Mistake, added, asked, changed, policy, recorded
from tests.sites import Deployed

TEMPLATE, GROUP = "ec2/launchTemplate:LaunchTemplate", "autoscaling/group:Group"
CARD = "ec2/networkInterface:NetworkInterface"
USE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
TAGS = [
    {"key": key, "value": value, "propagateAtLaunch": key != "ProtectionLevel"}
    for key, value in (("Deployment", "cloud"), ("ManagedBy", "seatworks"), ("ProtectionLevel", "3"))
]


def tied(type_: str, name: str) -> Mistake:
    """A fixed public address, tied to an interface."""

    def mistake(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
        (card,) = [entry for entry in resources if (entry.type, entry.name) == (f"aws:{type_}", name)]
        return tuple(added("ec2/eipAssociation:EipAssociation", networkInterfaceId=card.id)(resources))

    return mistake


MISTAKES: list[tuple[str, Mistake, str]] = [
    ("planned-types", changed(TEMPLATE, "cloud-peak1", instanceType="c6i.large"), "is a c6i.large, which is not"),
    ("disks-encrypted", changed(TEMPLATE, "cloud-peak1", blockDeviceMappings=[]), "disk that is not encrypted"),
    (
        "disks-encrypted",
        changed(TEMPLATE, "cloud-peak1", blockDeviceMappings=[{"ebs": {"encrypted": "false"}}]),
        "disk that is not encrypted",
    ),
    ("metadata-by-token", changed(TEMPLATE, "cloud-peak1", metadataOptions={}), "without a token"),
    (
        "fixed-addresses",
        changed(TEMPLATE, "cloud-peak1", networkInterfaces=[{"associatePublicIpAddress": "true"}]),
        "gets a passing public address",
    ),
    (
        "fixed-addresses",
        changed("ec2/instance:Instance", "cloud-call1", associatePublicIpAddress=True),
        "gets a passing public address",
    ),
    ("fixed-addresses", tied(CARD, "cloud-peak1"), "gives cloud-peak1 a public address"),
    ("tagged", changed(GROUP, "cloud-peak1", tags=TAGS), "lacks the tags ProtectionLevel=3"),
    ("tagged", changed(CARD, "cloud-peak1", tagsAll={}), "lacks the tags Deployment=cloud"),
    ("alarms-told", changed("cloudwatch/metricAlarm:MetricAlarm", "cloud-peak1-missing", alarmActions=[]), ""),
    ("services-private", changed("kms/key:Key", "cloud-disks", policy=policy(USE)), "lets everybody do kms:Decrypt"),
    (
        "services-private",
        changed(
            "kms/key:Key", "cloud-disks",
            policy=policy({**USE, "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}),
        ),
        "lets everybody do kms:Decrypt",
    ),
    (
        "buckets-encrypted",
        changed(
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "cloud-bundle-encryption",
            rules=[],
        ),
        "does not encrypt with a key of its own",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "mistake", "words"), MISTAKES, ids=[f"{rule}: {words}" for rule, _, words in MISTAKES]
)
def test_a_seeded_mistake_breaks_its_rule_and_no_other(
    peak: Deployed, rule: str, mistake: Callable[[Any], Any], words: str
) -> None:
    found = violations(mistake(recorded(peak)), asked(peak.plan))
    assert {violation.rule.id for violation in found} == {rule}
    (said,) = {str(violation.problem()) for violation in found}
    assert words in said


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"StringEquals": {"kms:CallerAccount": "123456789012"}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/r"]}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        (None, False),
    ],
)
def test_only_a_condition_that_names_somebody_counts(condition: Any, says: bool) -> None:
    assert somebody({**USE, "Condition": condition}) is says
