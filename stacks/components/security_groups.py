"""The cloud firewall of one group of hosts, worked out from the plan. Pure: no resource is made here.

In: exactly the plan's flows, except those inside a link of WireGuard, which is all that the cloud sees of them.
Out: what the plan's flows name as destinations, the web for packages and the cloud's own
interfaces, time, and, from hosts with a public address, UDP to any unprivileged port: the media port of a
phone behind a home router is known only when it speaks. Names are resolved by the VPC's own resolver, which
security groups do not filter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from seatworks.plan.model import Flow, Plan, Site

ANYWHERE = IPv4Network("0.0.0.0/0")
# What a rule's description may hold (EC2 API, IpRange).
_ALLOWED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-:/()#,@[]+=&;{}!$*")


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One opening: protocol, port range and the network on the other side."""

    protocol: str
    first_port: int
    last_port: int
    cidr: IPv4Network
    why: str

    @property
    def name(self) -> str:
        """A name that depends only on what is opened, so that renaming a flow changes no rule."""
        network = str(self.cidr).replace("/", "-")
        return f"{self.protocol}-{self.first_port}-{self.last_port}-{network}"


def ingress(plan: Plan, group: str) -> tuple[Rule, ...]:
    """What may reach the group's cloud hosts."""
    hosts = {host.name for host in plan.group(group) if host.site is Site.CLOUD}
    found = (
        _rule(flow, cidr)
        for flow in plan.cloud_flows
        if hosts.intersection(flow.targets)
        for cidr in plan.source_cidrs(flow)
    )
    return _merge(found)


def egress(plan: Plan, group: str) -> tuple[Rule, ...]:
    """What the group's cloud hosts may open themselves. A managed service opens nothing."""
    hosts = {host.name: host for host in plan.group(group) if host.site is Site.CLOUD}
    if all(host.managed for host in hosts.values()):
        return ()
    found = [
        _rule(flow, network)
        for flow in plan.cloud_flows
        if hosts.keys() & set(flow.sources)
        for target in flow.targets
        for network in plan.seen_at(plan.host(target))
    ]
    found.append(Rule("tcp", 80, 80, ANYWHERE, "packages"))
    found.append(Rule("tcp", 443, 443, ANYWHERE, "packages and the interfaces of the cloud"))
    if plan.time_servers:
        found.append(Rule("udp", 123, 123, ANYWHERE, "time"))
    if any(host.public for host in hosts.values()):
        found.append(Rule("udp", 1024, 65535, ANYWHERE, "voice, carriers and the link"))
    return _merge(found)


def _rule(flow: Flow, cidr: IPv4Network) -> Rule:
    return Rule(str(flow.protocol), flow.first_port, flow.last_port, cidr, flow.why)


def _merge(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """One rule per opening: EC2 refuses the same opening twice in a group."""
    reasons: dict[tuple[str, int, int, IPv4Network], list[str]] = {}
    for rule in rules:
        found = reasons.setdefault((rule.protocol, rule.first_port, rule.last_port, rule.cidr), [])
        if rule.why not in found:
            found.append(rule.why)
    return tuple(Rule(*key, _description("; ".join(why))) for key, why in sorted(reasons.items()))


def _description(text: str) -> str:
    return "".join(letter if letter in _ALLOWED else " " for letter in text)[:255]
