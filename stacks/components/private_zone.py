"""Names inside the cloud site: every host, and the services of SIP as phones and servers look them up (RFC 3263)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Plan, Site

# Short: a host that is replaced keeps its address, so an answer goes stale only when the plan changes.
_TTL_S = 300


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """One entry of the zone. `name` is below the domain; all answers have equal rank."""

    name: str
    type: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamesArgs:
    """The plan, and the network in which its names are known."""

    plan: Plan
    vpc_id: pulumi.Input[str]


class Names(pulumi.ComponentResource):
    """A private zone of the deployment's domain. Only hosts of the network can ask it."""

    zone_id: pulumi.Output[str]

    def __init__(self, name: str, args: NamesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Names", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        zone = aws.route53.Zone(
            f"{name}-names",
            name=args.plan.domain,
            comment=f"Hosts of deployment {name}",
            vpcs=[{"vpc_id": args.vpc_id}],
            opts=here,
        )
        self.zone_id = zone.zone_id
        for record in records(args.plan):
            plain = record.name.replace("_", "").replace(".", "-")
            aws.route53.Record(
                f"{name}-{plain}-{record.type.lower()}",
                zone_id=zone.zone_id,
                name=f"{record.name}.{args.plan.domain}",
                type=record.type,
                ttl=_TTL_S,
                records=list(record.answers),
                opts=here,
            )
        self.register_outputs({"zone_id": self.zone_id})


def records(plan: Plan) -> tuple[Record, ...]:
    """What the zone answers. Pure."""
    return tuple(sorted((*_hosts(plan), *_services(plan))))


def _hosts(plan: Plan) -> Iterator[Record]:
    for host in plan.hosts:
        # A managed database is met by the name of its certificate, at whatever address it has.
        if host.site is Site.CLOUD and not host.managed:
            yield Record(host.name, "A", (str(host.address),))


def _services(plan: Plan) -> Iterator[Record]:
    """Every edge of the cloud, by each transport that a flow of the plan opens on it."""
    edges = [host.name for host in plan.hosts if host.public]
    for service, protocol, port in (
        ("_sip._udp", "udp", plan.ports.sip),
        ("_sips._tcp", "tcp", plan.ports.sips),
    ):
        serving = [
            edge
            for edge in edges
            if any(flow.protocol == protocol and flow.first_port == port for flow in plan.flows_to(edge))
        ]
        if serving:
            answers = tuple(f"10 50 {port} {edge}.{plan.domain}" for edge in serving)
            yield Record(service, "SRV", answers)
