"""What watches over the rest: who fetched what, locks, alarms that somebody hears, and copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stacks.policy.documents import everybody, listed, statements
from stacks.policy.model import Asked, Finding, Resource, entries, given, holds, of
from stacks.policy.storage import BUCKET, LOGGING, takes_access_logs
from stacks.values import UNKNOWN

_LOCK = "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_TOPIC_POLICY = "sns/topicPolicy:TopicPolicy"


def buckets_logged(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Buckets of which nobody can tell who fetched what."""
    logs = list(of(resources, LOGGING))
    for bucket in of(resources, BUCKET):
        if not takes_access_logs(resources, bucket) and not any(log.refers("bucket", bucket) for log in logs):
            yield Finding(
                bucket,
                "has no record of who fetched what",
                "give it access_log (stacks/components/s3_bucket.py)",
            )


def recordings_locked(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """A recordings bucket from which a recording can be deleted before its time."""
    days = asked.plan.recording.retention_days
    for bucket in of(resources, BUCKET):
        if bucket.name != f"{asked.plan.name}-recordings":
            continue
        periods = [
            lock.at("rule.defaultRetention.days") for lock in of(resources, _LOCK) if lock.refers("bucket", bucket)
        ]
        if not any(period is UNKNOWN or (given(period) and int(period) >= days) for period in periods):
            yield Finding(
                bucket,
                f"lets recordings go before their {days} days are over",
                f"lock it for {days} days (Lock in stacks/components/s3_bucket.py)",
            )


def topics_tls_only(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Topics that take messages without TLS."""
    for topic in of(resources, "sns/topic:Topic"):
        documents = [rules.at("policy") for rules in of(resources, _TOPIC_POLICY) if rules.refers("arn", topic)]
        if not any(
            document is UNKNOWN
            or any(
                statement.get("Effect") == "Deny"
                and everybody(statement)
                and "sns:Publish" in listed(statement.get("Action"))
                and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
                for statement in statements(document)
            )
            for document in documents
        ):
            yield Finding(
                topic,
                "takes messages without TLS",
                "deny sns:Publish to everybody where aws:SecureTransport is false (stacks/components/alarms.py)",
            )


def alarms_told(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Alarms that nobody hears."""
    for alarm in of(resources, "cloudwatch/metricAlarm:MetricAlarm"):
        if not given(alarm.at("alarmActions")) or not holds(alarm.at("actionsEnabled"), None, True):
            yield Finding(alarm, "tells nobody", "make it with stacks/components/alarms.py, which names the topic")


def data_copied(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Classes of data that nobody copies, or whose copies go earlier or later than planned."""
    guard, name = asked.plan.guard, asked.plan.name
    choices = list(of(resources, "backup/selection:Selection"))
    plans = {plan.name: plan for plan in of(resources, "backup/plan:Plan")}
    vaults = {vault.name for vault in of(resources, "backup/vault:Vault")}
    for entry in guard.copies if guard else ():
        plan = plans.get(f"{name}-copies-{entry.data_class}")
        held = ", ".join(entry.groups)
        if plan is None or sum(choice.refers("planId", plan) for choice in choices) < len(entry.groups):
            yield Finding(plan, f"nobody copies the data of {held}", "copy it daily (stacks/components/backup.py)")
        elif plan.at("rules") is not UNKNOWN:
            for rule in entries(plan.at("rules")):
                if not holds((rule.get("lifecycle") or {}).get("deleteAfter"), entry.retention_days):
                    yield Finding(
                        plan,
                        f"keeps copies of {held} for other than the planned {entry.retention_days} days",
                        "take the days from the plan's guard",
                    )
    if guard and guard.copies and guard.copy_region and f"{name}-copies-away" not in vaults:
        yield Finding(
            None, f"no copy goes to {guard.copy_region}", "make the second vault (stacks/components/backup.py)"
        )
