"""What a router in front of the site must hand on, where the site's own address is a private one."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from seatworks.message import Message, joined, marked
from seatworks.plan.model import Plan
from seatworks.spec import Spec
from seatworks.spec.addresses import PRIVATE


def forwarded(spec: Spec, plan: Plan) -> Iterator[Message]:
    """A note for a site whose `public_address` is private, with all that carriers on the Internet send to its edges."""
    if spec.onprem is None or not _private(spec.onprem.public_address):
        return
    outside = {trunk.peer: trunk for trunk in plan.trunks if not _private(trunk.address)}
    openings = sorted(
        {
            (str(flow.protocol).upper(), flow.first_port, flow.last_port)
            for flow in plan.flows
            if outside.keys() & set(flow.sources)
        }
    )
    if not openings:
        return
    edges = [f"{host.name} {host.address}" for host in plan.group("edge")]
    yield Message(
        "onprem.public_address {address} is private: the router behind which the site stands must forward {openings} "
        "from {carriers} to {edges}, and carriers call the router's address",
        address=spec.onprem.public_address,
        openings=joined("{first}, {rest}", [_ports(*opening) for opening in openings]),
        carriers=joined("{first}, {rest}", [f"{trunk.name} {trunk.address}" for trunk in outside.values()]),
        edges=joined(marked("{first} or {rest}"), edges),
    )


def _private(address: IPv4Address) -> bool:
    return any(address in network for network in PRIVATE)


def _ports(protocol: str, first: int, last: int) -> str:
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"
