"""Who can reach what: the openings of security groups against the plan's flows, and public doors of other services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Any

from seatworks.plan.model import Host, Plan, Site
from stacks.policy.documents import Statement, allowing, everybody, listed, somebody
from stacks.policy.model import Asked, Finding, Resource, entries, holds, of
from stacks.values import UNKNOWN

# Addresses that no stranger has (RFC 1918, RFC 6598). Not `is_private`, which counts 0.0.0.0/0 and TEST-NETs too.
_INSIDE = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_NUMBERS = {"6": "tcp", "17": "udp"}
_CARD = "ec2/networkInterface:NetworkInterface"
_INGRESS = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_GROUPS = ("ec2/securityGroup:SecurityGroup", "ec2/defaultSecurityGroup:DefaultSecurityGroup")
# Where a resource says who may use it, apart from IAM.
_RESOURCE_POLICIES = {
    "s3/bucketPolicy:BucketPolicy": "policy",
    "kms/key:Key": "policy",
    "sns/topic:Topic": "policy",
    "sns/topicPolicy:TopicPolicy": "policy",
    "sqs/queue:Queue": "policy",
    "sqs/queuePolicy:QueuePolicy": "policy",
    "secretsmanager/secretPolicy:SecretPolicy": "policy",
    "backup/vaultPolicy:VaultPolicy": "policy",
    "iam/role:Role": "assumeRolePolicy",
    "ec2/vpcEndpoint:VpcEndpoint": "policy",
}


@dataclass(frozen=True, slots=True)
class Opening:
    """What one entry of a security group lets in. `cidr` is text: it may be IPv6, which no plan has."""

    protocol: str
    first_port: int
    last_port: int
    cidr: str
    why: str

    def __str__(self) -> str:
        ports = str(self.first_port) if self.first_port == self.last_port else f"{self.first_port}-{self.last_port}"
        what = "everything" if self.protocol == "-1" else f"{self.protocol} {ports}"
        return f"{what} from {self.cidr}"

    @property
    def public(self) -> bool:
        """Whether strangers are among those let in."""
        network = ip_network(self.cidr, strict=False)
        return not (isinstance(network, IPv4Network) and any(network.subnet_of(inside) for inside in _INSIDE))

    @property
    def everybody(self) -> bool:
        """Whether the whole Internet is let in."""
        return ip_network(self.cidr, strict=False).prefixlen == 0

    def has_port(self, port: int) -> bool:
        """Whether a TCP port is among those opened."""
        return self.protocol in {"tcp", "-1"} and self.first_port <= port <= self.last_port

    def planned(self, plan: Plan, hosts: Iterable[Host]) -> bool:
        """Whether a flow of the plan to one of these hosts opens all of this."""
        network = ip_network(self.cidr, strict=False)
        names = {host.name for host in hosts}
        return isinstance(network, IPv4Network) and any(
            flow.protocol == self.protocol
            and flow.first_port <= self.first_port
            and self.last_port <= flow.last_port
            and any(network.subnet_of(source) for source in plan.source_cidrs(flow))
            for flow in plan.cloud_flows
            if names & set(flow.targets)
        )


def openings(resource: Resource) -> Iterator[Opening]:
    """What a resource lets in, as far as it is known."""
    kind = resource.type.removeprefix("aws:")
    if kind == _INGRESS:
        entry = resource.properties
        cidrs = [entry.get("cidrIpv4"), entry.get("cidrIpv6")]
        yield from _opened(entry, entry.get("ipProtocol"), cidrs)
    elif kind == "ec2/securityGroupRule:SecurityGroupRule" and resource.at("type") == "ingress":
        yield from _inline(resource.properties)
    elif kind in _GROUPS:
        for entry in entries(resource.at("ingress")):
            yield from _inline(entry)


def public_ports(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Openings to strangers that no flow of the plan towards a public host names. SSH has a rule of its own."""
    for resource in resources:
        for opening in openings(resource):
            if not opening.has_port(asked.plan.ports.ssh) and _to_strangers(opening, asked.plan):
                yield Finding(
                    resource,
                    f"lets in {opening}, which no flow of the plan opens towards a public host",
                    "take the opening away; what must be reached is a flow of seatworks/plan/flows.py",
                )


def ssh_closed(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Openings of SSH to strangers whom the plan's management does not name, and to all, whatever the plan says."""
    for resource in resources:
        for opening in openings(resource):
            if opening.has_port(asked.plan.ports.ssh) and (opening.everybody or _to_strangers(opening, asked.plan)):
                yield Finding(
                    resource,
                    f"lets in {opening}: SSH is reached from where the plan's management says, and nowhere else",
                    "take the opening away, or use Session Manager",
                )


def openings_by_group(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Openings that the plan has, but not towards the hosts of that very security group, and those between neighbours.

    What no host may open is found by the two rules above, without the neighbours, and not said twice.
    """
    at = {str(host.address): host for host in _cloud(asked.plan)}
    machines = {"vpcSecurityGroupIds": "ec2/instance:Instance", "securityGroups": _CARD}
    databases = list(of(resources, "rds/instance:Instance"))
    for guard in of(resources, *_GROUPS):
        held = [one for key, type_ in machines.items() for one in of(resources, type_) if one.refers(key, guard)]
        hosts = [at[address] for machine in held if (address := str(_address(machine))) in at]
        # A managed database has no address; it is the only one that the plan has.
        if any(database.refers("vpcSecurityGroupIds", guard) for database in databases):
            hosts += [host for host in _cloud(asked.plan) if host.managed]
        own = [rule for rule in of(resources, _INGRESS) if rule.refers("securityGroupId", guard)]
        for resource in (guard, *own) if hosts else ():
            for opening in openings(resource):
                if not opening.planned(asked.plan, hosts) and not _to_strangers(opening, asked.plan):
                    names = ", ".join(sorted(host.name for host in hosts))
                    yield Finding(
                        resource,
                        f"lets in {opening}, which no flow of the plan opens towards {names}",
                        "take the opening away; what must be reached is a flow of seatworks/plan/flows.py",
                    )


def openings_described(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Openings that do not say what they are for."""
    for resource in resources:
        for opening in openings(resource):
            if not opening.why:
                yield Finding(resource, f"lets in {opening} and does not say why", "give it a description")


def fixed_addresses(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Public addresses of machines that the plan does not make public, and any that is lost when its machine stops."""
    public = {str(host.address) for host in _cloud(asked.plan) if host.public}
    for tie in of(resources, "ec2/eipAssociation:EipAssociation"):
        for key, type_ in (("instanceId", "ec2/instance:Instance"), ("networkInterfaceId", _CARD)):
            for machine in of(resources, type_):
                if tie.refers(key, machine) and not holds(_address(machine), *public):
                    yield Finding(
                        tie, f"gives {machine.name} a public address", "only the plan's edges have one; take it away"
                    )
    for machine in of(resources, "ec2/instance:Instance", "ec2/launchTemplate:LaunchTemplate"):
        for card in (machine.properties, *entries(machine.at("networkInterfaces"))):
            if not holds(card.get("associatePublicIpAddress"), None, False, "false"):
                yield Finding(
                    machine,
                    "gets a passing public address",
                    "set associate_public_ip_address to false; edges have fixed ones",
                )


def services_private(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Databases with a public address, and policies that let everybody in."""
    for database in of(resources, "rds/instance:Instance", "rds/clusterInstance:ClusterInstance"):
        if not holds(database.at("publiclyAccessible"), None, False):
            yield Finding(database, "has a public address", "set publicly_accessible to false")
    for door in of(resources, "ec2/vpcEndpoint:VpcEndpoint"):
        if door.at("policy") is None:
            yield Finding(door, "lets through the keys of every account", "give it a policy for this account alone")
    for resource in resources:
        key = _RESOURCE_POLICIES.get(resource.type.removeprefix("aws:"))
        for statement in allowing(resource.at(key)) if key else ():
            if everybody(statement) and not somebody(statement) and not _fetches(resource, statement):
                yield Finding(
                    resource,
                    f"lets everybody do {statement.get('Action')}",
                    "name the principals, or give the statement a condition that does",
                )


def _fetches(resource: Resource, statement: Statement) -> bool:
    """Whether a door lets through what is read from named buckets and no more: it is open to the network inside."""
    targets = [str(target).partition(":::") for target in listed(statement.get("Resource"))]
    return (
        resource.type.endswith("ec2/vpcEndpoint:VpcEndpoint")
        and listed(statement.get("Action")) == ["s3:GetObject"]
        and bool(targets)
        and all(arn.endswith(":s3") and not set("*?") & set(name.partition("/")[0]) for arn, _, name in targets)
    )


def _address(machine: Resource) -> Any:
    """The private address of a machine, or of a network interface of its own."""
    fixed = machine.at("privateIps")
    return fixed[0] if isinstance(fixed, list) and fixed else fixed or machine.at("privateIp")


def _to_strangers(opening: Opening, plan: Plan) -> bool:
    """Whether strangers are let in whom the plan lets in nowhere: SSH on any host, all else on public hosts."""
    ssh = opening.has_port(plan.ports.ssh)
    return opening.public and not opening.planned(plan, (host for host in _cloud(plan) if ssh or host.public))


def _cloud(plan: Plan) -> list[Host]:
    return [host for host in plan.hosts if host.site is Site.CLOUD]


def _inline(entry: Mapping[str, Any]) -> Iterator[Opening]:
    cidrs = [cidr for key in ("cidrBlocks", "ipv6CidrBlocks") for cidr in entry.get(key) or () if cidr is not UNKNOWN]
    yield from _opened(entry, entry.get("protocol"), cidrs)


def _opened(entry: Mapping[str, Any], protocol: Any, cidrs: Iterable[Any]) -> Iterator[Opening]:
    first, last = entry.get("fromPort"), entry.get("toPort")
    if UNKNOWN in (protocol, first, last):
        return
    name = _NUMBERS.get(str(protocol), "-1" if str(protocol) in {"-1", "all"} else str(protocol))
    if name == "-1" or first is None or last is None:
        first, last = 0, 65535
    why = entry.get("description")
    for cidr in cidrs:
        if isinstance(cidr, str) and cidr:
            yield Opening(name, int(first), int(last), cidr, str(why or ""))
