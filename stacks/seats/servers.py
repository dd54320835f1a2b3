"""A cloud site of servers of ours: the plan's networks and hosts on the ground that every site stands on."""

from pathlib import Path

import pulumi

from seatworks.plan.model import Site
from stacks.components.backup import Copies, CopiesArgs
from stacks.components.base import ground
from stacks.components.bundle import Bundle, BundleArgs
from stacks.components.calls import Calls, CallsArgs
from stacks.components.database import Database, DatabaseArgs
from stacks.components.ec2 import image
from stacks.components.edge import Edge, EdgeArgs
from stacks.components.health import Health, HealthArgs
from stacks.components.kms import DiskKey
from stacks.components.network import Network, NetworkArgs
from stacks.components.peak import VAULT, Peaks, PeaksArgs
from stacks.components.public_zone import PublicNames, PublicNamesArgs
from stacks.components.secrets import Secrets, SecretsArgs, Stored
from stacks.components.settings import Settings
from stacks.components.vpn import SiteLink, SiteLinkArgs

settings = Settings.read(Path(__file__).resolve().parents[2])
plan, name, guard = settings.plan, settings.plan.name, settings.guard
base = ground(settings)
here, place, topic = base.here, base.place, base.alarms.topic_arn

what, word = f"Opens the vault of deployment {name} on hosts that configure themselves", settings.vault_password
secrets = Secrets(name, SecretsArgs(place, {VAULT: Stored(what, word)}), here) if word else None
if guard.copies:
    Copies(name, CopiesArgs(place, guard, settings.lock_mode, topic), here)
network = Network(name, NetworkArgs(place, plan, *base.audit.flow_log, settings.vpc_id), here)
disk_key = DiskKey(name, place, here, groups=bool(plan.peak_hosts)).arn
start = image(name, place, settings.ssh_public_key, disk_key, here, base.ask)
hosts = [host for host in plan.hosts if host.site is Site.CLOUD and not host.peak]
edge = Edge(name, EdgeArgs(place, [host for host in hosts if host.group.endswith("edge")], network, start), here)
inner = [host for host in hosts if not host.group.endswith("edge") and not host.managed]
calls = Calls(name, CallsArgs(place, inner, network, start, base.records), here) if inner else None
days, busy = settings.audit_retention_days, guard.cpu_alarm_percent
databases = [
    Database(name, DatabaseArgs(place, host, plan.database, network, plan.ports.postgresql, days, busy, topic), here)
    for host in hosts
    if host.managed
]
bundle = Bundle(name, BundleArgs(place, base.access), here) if plan.peak_hosts else None
if bundle and secrets:
    Peaks(name, PeaksArgs(place, plan, network, start, bundle, secrets, topic, base.tags, settings.now), here)
if plan.vpn:
    log = (base.audit.key_arn, days)
    link = SiteLink(name, SiteLinkArgs(place, plan, plan.vpn, network, topic, *log), here)
    pulumi.export("vpn_connection", link.connection_id)
    pulumi.export("vpn_tunnels", link.tunnels)
    pulumi.export("vpn_keys_arn", link.keys_arn)
if settings.public_zone_id:
    PublicNames(name, PublicNamesArgs(plan, settings.public_zone_id, edge.public_addresses), here)
instance_ids = {**edge.instance_ids, **(calls.instance_ids if calls else {})}
Health(name, HealthArgs(place, instance_ids, busy, topic), here)

pulumi.export("public_addresses", edge.public_addresses)
pulumi.export("instance_ids", instance_ids)
pulumi.export("vpc_id", network.vpc_id)
pulumi.export("database_endpoint", databases[0].endpoint if databases else "")
pulumi.export("database_secret_arn", databases[0].secret_arn if databases else "")
pulumi.export("bundle_bucket", bundle.bucket if bundle else "")
