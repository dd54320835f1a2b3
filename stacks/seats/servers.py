"""A cloud site of servers of ours: the plan's networks and hosts on the ground that every site stands on."""

from pathlib import Path

import pulumi

from seatworks.plan.model import Site
from stacks.components.calls import Calls, CallsArgs
from stacks.components.copies import Copies, CopiesArgs
from stacks.components.database import Database, DatabaseArgs
from stacks.components.edge import Edge, EdgeArgs
from stacks.components.ground import ground
from stacks.components.health import Health, HealthArgs
from stacks.components.keys import DiskKey
from stacks.components.network import Network, NetworkArgs
from stacks.components.public_names import PublicNames, PublicNamesArgs
from stacks.components.secrets import Secrets, SecretsArgs, Stored
from stacks.components.servers import image
from stacks.components.settings import Settings

settings = Settings.read(Path(__file__).resolve().parents[2])
plan, name, guard = settings.plan, settings.plan.name, settings.guard
base = ground(settings)
here, place, topic = base.here, base.place, base.alarms.topic_arn

if settings.vault_password:
    vault = Stored(f"Opens the vault of deployment {name} on hosts that configure themselves", settings.vault_password)
    Secrets(name, SecretsArgs(place, {"vault": vault}), here)
if guard.copies:
    Copies(name, CopiesArgs(place, guard, settings.lock_mode, topic), here)
network = Network(name, NetworkArgs(place, plan, *base.audit.flow_log, settings.vpc_id), here)
start = image(name, place, settings.ssh_public_key, DiskKey(name, place, here).arn, here, base.ask)
hosts = [host for host in plan.hosts if host.site is Site.CLOUD]
edge = Edge(name, EdgeArgs(place, [host for host in hosts if host.group.endswith("edge")], network, start), here)
inner = [host for host in hosts if not host.group.endswith("edge") and not host.managed]
calls = Calls(name, CallsArgs(place, inner, network, start, base.records), here) if inner else None
days, busy = settings.audit_retention_days, guard.cpu_alarm_percent
databases = [
    Database(name, DatabaseArgs(place, host, plan.database, network, days, busy, topic), here)
    for host in hosts
    if host.managed
]
if settings.public_zone_id:
    PublicNames(name, PublicNamesArgs(plan, settings.public_zone_id, edge.public_addresses), here)
instance_ids = {**edge.instance_ids, **(calls.instance_ids if calls else {})}
Health(name, HealthArgs(place, instance_ids, busy, topic), here)

pulumi.export("public_addresses", edge.public_addresses)
pulumi.export("instance_ids", instance_ids)
pulumi.export("vpc_id", network.vpc_id)
pulumi.export("database_endpoint", databases[0].endpoint if databases else "")
pulumi.export("database_secret_arn", databases[0].secret_arn if databases else "")
