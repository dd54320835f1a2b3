"""The rules about locks, access logs, alarms and copies: each is broken by a mistake, and by nothing else."""

from __future__ import annotations

import dataclasses

import pytest

from stacks.policy.model import Resource
from stacks.policy.rules import RULES, violations
from tests.cloud.test_policy import Mistake, added, asked, changed, policy, recorded, without
from tests.sites import Deployed

MISTAKES: list[tuple[str, Mistake, str]] = [
    (
        "buckets-logged",
        without("s3/bucketLogging:BucketLogging", "cloud-recordings-access"),
        "has no record of who fetched what",
    ),
    (
        "recordings-locked",
        without("s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "cloud-recordings-lock"),
        "lets recordings go before their 180 days",
    ),
    (
        "recordings-locked",
        changed(
            "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "cloud-recordings-lock",
            rule={"defaultRetention": {"mode": "GOVERNANCE", "days": 30}},
        ),
        "lets recordings go before their 180 days",
    ),
    (
        "topics-tls-only",
        changed("sns/topicPolicy:TopicPolicy", "cloud-alarms-policy", policy=policy()),
        "takes messages without TLS",
    ),
    ("keys-named", changed("backup/vault:Vault", "cloud-copies", kmsKeyArn=None), "has no kmsKeyArn"),
    ("keys-named", added("secretsmanager/secret:Secret"), "has no kmsKeyId"),
    ("data-copied", without("backup/plan:Plan", "cloud-copies-calls"), "nobody copies the data of db"),
    ("data-copied", without("backup/selection:Selection", "cloud-copies-calls-db"), "nobody copies the data of db"),
    (
        "data-copied",
        changed("backup/plan:Plan", "cloud-copies-recordings", rules=[{"lifecycle": {"deleteAfter": 7}}]),
        "for other than the planned 35 days",
    ),
    ("in-region", changed("backup/vault:Vault", "cloud-copies", region="cn-northwest-1"), "is for cn-northwest-1"),
    ("alarms-told", changed("cloudwatch/metricAlarm:MetricAlarm", "cloud-root-use", alarmActions=None), "tells nobody"),
    (
        "alarms-told",
        changed("cloudwatch/metricAlarm:MetricAlarm", "cloud-call1-load", actionsEnabled=False),
        "tells nobody",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "mistake", "words"), MISTAKES, ids=[f"{rule}: {words}" for rule, _, words in MISTAKES]
)
def test_a_seeded_mistake_breaks_its_rule_and_no_other(
    cloud: Deployed, rule: str, mistake: Mistake, words: str
) -> None:
    found = violations(mistake(recorded(cloud)), asked(cloud.plan))
    assert {violation.rule.id for violation in found} == {rule}
    assert all(words in str(violation.problem()) and violation.remedy for violation in found)


def test_every_rule_of_this_kind_is_broken_by_a_mistake_of_these_tests() -> None:
    assert {rule for rule, _, _ in MISTAKES} >= {
        rule.id for rule in RULES if rule.check.__module__ == "stacks.policy.monitoring"
    }


def test_a_bucket_has_the_stores_own_key_only_while_access_records_go_there(cloud: Deployed) -> None:
    logs = {"cloud-recordings-access", "cloud-audit-access", "cloud-bundle-access"}
    unused = tuple(entry for entry in recorded(cloud) if entry.name not in logs)
    found = {(entry.rule.id, entry.resource.rpartition("::")[2]) for entry in violations(unused, asked(cloud.plan))}
    assert ("buckets-encrypted", "cloud-access") in found


def test_a_planned_second_copy_is_missed(cloud: Deployed) -> None:
    guard = cloud.plan.guard
    assert guard is not None
    plan = dataclasses.replace(cloud.plan, guard=dataclasses.replace(guard, copy_region="cn-northwest-1"))
    (found,) = violations(recorded(cloud), asked(plan))
    assert (found.rule.id, found.message) == ("data-copied", "no copy goes to cn-northwest-1")


def test_only_copies_stand_in_the_region_of_copies(cloud: Deployed) -> None:
    guard = cloud.plan.guard
    assert guard is not None
    plan = dataclasses.replace(cloud.plan, guard=dataclasses.replace(guard, copy_region="cn-northwest-1"))
    for type_, right in (("backup/vault:Vault", True), ("s3/bucket:Bucket", False)):
        found = Resource(f"aws:{type_}", "x", "urn:x", {"region": "cn-northwest-1"})
        rules = {entry.rule.id for entry in violations([found], asked(plan))}
        assert ("in-region" not in rules) == right, type_
