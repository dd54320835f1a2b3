"""The cloud site of a deployment: the plan's networks and hosts, recordings, and the record of who did what."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Site
from stacks.components.audit import Audit, AuditArgs
from stacks.components.calls import Calls, CallsArgs
from stacks.components.edge import Edge, EdgeArgs
from stacks.components.network import Network, NetworkArgs
from stacks.components.place import Place
from stacks.components.records import Records, RecordsArgs
from stacks.components.servers import image
from stacks.components.settings import Settings

settings = Settings.read(Path(__file__).resolve().parents[2])
plan, name = settings.plan, settings.plan.name
tags = {"Deployment": name, "ManagedBy": "seatworks", "ProtectionLevel": str(plan.protection_level)}
provider = aws.Provider(name, region=settings.region, default_tags={"tags": tags})
here, ask = pulumi.ResourceOptions(provider=provider), pulumi.InvokeOptions(provider=provider)
account = aws.get_caller_identity_output(opts=ask).account_id
place = Place(name, settings.region, account, settings.keep_data)

records = Records(name, RecordsArgs(place, plan.recording), here)
audit = Audit(name, AuditArgs(place, settings.audit_retention_days, records.bucket_arn), here)
network = Network(name, NetworkArgs(plan, audit.flow_log_group_arn, audit.flow_log_role_arn), here)
start = image(name, place, settings.ssh_public_key, here, ask)
hosts = [host for host in plan.hosts if host.site is Site.CLOUD]
edge = Edge(name, EdgeArgs([host for host in hosts if host.group.endswith("edge")], network, start), here)
inner = [host for host in hosts if not host.group.endswith("edge")]
calls = Calls(name, CallsArgs(place, inner, network, start, records), here) if inner else None

pulumi.export("region", settings.region)
pulumi.export("account", account)
pulumi.export("public_addresses", edge.public_addresses)
pulumi.export("instance_ids", {**edge.instance_ids, **(calls.instance_ids if calls else {})})
pulumi.export("recordings_bucket", records.bucket)
pulumi.export("recordings_key_arn", records.key_arn)
pulumi.export("audit_bucket", audit.bucket)
pulumi.export("vpc_id", network.vpc_id)
