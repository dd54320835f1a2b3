"""What every cloud site stands on, whoever answers the calls: the account, recordings, records of deeds, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.account_guard import OwnAccount, OwnAccountArgs
from stacks.components.alarms import Alarms, AlarmsArgs
from stacks.components.cloudtrail import Audit, AuditArgs
from stacks.components.event_alarms import Watch, WatchArgs
from stacks.components.place import Place
from stacks.components.records import Records, RecordsArgs
from stacks.components.s3_access_log import AccessLog, AccessLogArgs
from stacks.components.s3_bucket import PrivateBucket
from stacks.components.settings import Settings


@dataclass(frozen=True, slots=True)
class Ground:
    """The options and components that a program goes on from, and the tags of everything in the deployment."""

    here: pulumi.ResourceOptions
    ask: pulumi.InvokeOptions
    place: Place
    access: PrivateBucket
    records: Records
    audit: Audit
    alarms: Alarms
    tags: Mapping[str, str]


def ground(settings: Settings) -> Ground:
    """Make it, with the deployment's tags on everything, and export what both kinds of site have."""
    plan, name = settings.plan, settings.plan.name
    tags = {"Deployment": name, "ManagedBy": "seatworks", "ProtectionLevel": str(plan.protection_level)}
    provider = aws.Provider(name, region=settings.region, default_tags={"tags": tags})
    here, ask = pulumi.ResourceOptions(provider=provider), pulumi.InvokeOptions(provider=provider)
    account = aws.get_caller_identity_output(opts=ask).account_id
    place = Place(name, settings.region, account, settings.keep_data)

    access = AccessLog(name, AccessLogArgs(place, settings.audit_retention_days), here).store
    records = Records(name, RecordsArgs(place, plan.recording, settings.lock_mode, access), here)
    audit = Audit(
        name, AuditArgs(place, settings.audit_retention_days, records.bucket_arn, access, settings.owns_account), here
    )
    alarms = Alarms(name, AlarmsArgs(place, settings.alarm_email), here)
    Watch(name, WatchArgs(audit.call_log_group, alarms.topic_arn), here)
    if settings.owns_account:
        OwnAccount(name, OwnAccountArgs(place, audit.config_bucket, audit.key_arn, alarms.topic_arn), here)

    pulumi.export("region", settings.region)
    pulumi.export("account", account)
    pulumi.export("recordings_bucket", records.bucket)
    pulumi.export("recordings_key_arn", records.key_arn)
    pulumi.export("audit_bucket", audit.bucket)
    return Ground(here, ask, place, access, records, audit, alarms, tags)
