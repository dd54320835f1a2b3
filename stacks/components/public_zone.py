"""The edges in the owner's public zone: SRV records that Route 53 leaves out while an edge does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Plan

# A phone asks again this often, so an edge that fails is forgotten within a minute of being noticed.
_TTL_S = 60
# Checked every 10 s, out after three failures.
_INTERVAL_S, _FAILURES = 10, 3


@dataclass(frozen=True, slots=True)
class PublicNamesArgs:
    """The plan, a public zone that holds the plan's domain, and the fixed address of each edge."""

    plan: Plan
    zone_id: str
    addresses: Mapping[str, pulumi.Input[str]]


class PublicNames(pulumi.ComponentResource):
    """An A record, a health check of its TLS port and a part of `_sips._tcp` for every edge."""

    def __init__(self, name: str, args: PublicNamesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:PublicNames", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        domain, port = args.plan.domain, args.plan.ports.sips
        for edge, address in args.addresses.items():
            aws.route53.Record(
                f"{name}-public-{edge}",
                zone_id=args.zone_id,
                name=f"{edge}.{domain}",
                type="A",
                ttl=_TTL_S,
                records=[address],
                opts=here,
            )
            check = aws.route53.HealthCheck(
                f"{name}-{edge}",
                type="TCP",
                ip_address=address,
                port=port,
                request_interval=_INTERVAL_S,
                failure_threshold=_FAILURES,
                tags={"Name": f"{name}-{edge}"},
                opts=here,
            )
            aws.route53.Record(
                f"{name}-public-sips-{edge}",
                zone_id=args.zone_id,
                name=f"_sips._tcp.{domain}",
                type="SRV",
                ttl=_TTL_S,
                records=[f"10 50 {port} {edge}.{domain}"],
                set_identifier=edge,
                multivalue_answer_routing_policy=True,
                health_check_id=check.id,
                opts=here,
            )
        self.register_outputs({})
