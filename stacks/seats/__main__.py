"""The cloud site of a deployment: the plan's networks and hosts, recordings, and the record of who did what."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Site
from stacks.components.accesslog import AccessLog, AccessLogArgs
from stacks.components.alarms import Alarms, AlarmsArgs
from stacks.components.audit import Audit, AuditArgs
from stacks.components.calls import Calls, CallsArgs
from stacks.components.copies import Copies, CopiesArgs
from stacks.components.database import Database, DatabaseArgs
from stacks.components.edge import Edge, EdgeArgs
from stacks.components.health import Health, HealthArgs
from stacks.components.keys import DiskKey
from stacks.components.network import Network, NetworkArgs
from stacks.components.ownaccount import OwnAccount, OwnAccountArgs
from stacks.components.place import Place
from stacks.components.public_names import PublicNames, PublicNamesArgs
from stacks.components.records import Records, RecordsArgs
from stacks.components.secrets import Secrets, SecretsArgs, Stored
from stacks.components.servers import image
from stacks.components.settings import Settings
from stacks.components.watch import Watch, WatchArgs

settings = Settings.read(Path(__file__).resolve().parents[2])
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
if settings.vault_password:
    vault = Stored(f"Opens the vault of deployment {name} on hosts that configure themselves", settings.vault_password)
    Secrets(name, SecretsArgs(place, {"vault": vault}), here)
if settings.guard.copies:
    Copies(name, CopiesArgs(place, settings.guard, settings.lock_mode, alarms.topic_arn), here)
network = Network(name, NetworkArgs(place, plan, audit.flow_log_group_arn, audit.flow_log_role_arn), here)
start = image(name, place, settings.ssh_public_key, DiskKey(name, place, here).arn, here, ask)
hosts = [host for host in plan.hosts if host.site is Site.CLOUD]
edge = Edge(name, EdgeArgs(place, [host for host in hosts if host.group.endswith("edge")], network, start), here)
inner = [host for host in hosts if not host.group.endswith("edge") and not host.managed]
calls = Calls(name, CallsArgs(place, inner, network, start, records), here) if inner else None
databases = [
    Database(
        name,
        DatabaseArgs(
            place,
            host,
            plan.database,
            network,
            settings.audit_retention_days,
            settings.guard.cpu_alarm_percent,
            alarms.topic_arn,
        ),
        here,
    )
    for host in hosts
    if host.managed
]
if settings.public_zone_id:
    PublicNames(name, PublicNamesArgs(plan, settings.public_zone_id, edge.public_addresses), here)
instance_ids = {**edge.instance_ids, **(calls.instance_ids if calls else {})}
Health(name, HealthArgs(place, instance_ids, settings.guard.cpu_alarm_percent, alarms.topic_arn), here)

pulumi.export("region", settings.region)
pulumi.export("account", account)
pulumi.export("public_addresses", edge.public_addresses)
pulumi.export("instance_ids", instance_ids)
pulumi.export("recordings_bucket", records.bucket)
pulumi.export("recordings_key_arn", records.key_arn)
pulumi.export("audit_bucket", audit.bucket)
pulumi.export("vpc_id", network.vpc_id)
pulumi.export("database_endpoint", databases[0].endpoint if databases else "")
pulumi.export("database_secret_arn", databases[0].secret_arn if databases else "")
