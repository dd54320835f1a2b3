"""The subnets of the cloud site: one per tier and zone, at places that do not move when a tier or a zone is added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seatworks.errors import Problem, SpecError
from seatworks.message import Message
from seatworks.plan import addresses
from seatworks.plan.model import Network, NetworkKind, Site, Tier, WayOut
from seatworks.tables import table

if TYPE_CHECKING:
    from seatworks.sizing import Sizing
    from seatworks.spec import Spec

# Where the hosts of each group stand in the cloud.
TIERS = {
    "edge": Tier.PUBLIC,
    "cloud-edge": Tier.PUBLIC,
    "call": Tier.PRIVATE,
    "peak": Tier.PRIVATE,
    "record": Tier.PRIVATE,
    "db": Tier.DATA,
}
# Public subnets keep the plain name: cloud-a, cloud-a-private, cloud-a-data.
_ENDINGS = {Tier.PUBLIC: "", Tier.PRIVATE: "-private", Tier.DATA: "-data"}
# Subnets that each tier has room for: three zones, and the next power of two.
_STRIDE = 4


def subnets(spec: Spec, sizing: Sizing) -> Iterator[Network]:
    """The cloud site's networks, tier by tier. Raises SpecError when its servers do not fit into `cloud.network`.

    The private tier is there also where no server of the plan is in it, so that an engineer has room for one. The data
    tier exists only where data is.
    """
    if not spec.cloud:
        return
    zones = spec.cloud.zones
    counts = {group.group: group.count for group in sizing.servers if standing(spec, group.group) is Site.CLOUD}
    tiers = [tier for tier in Tier if tier is not Tier.DATA or "db" in counts]
    # Spread over the zones in turn: the first has the odd one.
    each = {group: -(-count // len(zones)) for group, count in counts.items()}
    # A managed database fetches nothing.
    servers = {group: count for group, count in counts.items() if group != "db" or not sizing.database.managed}
    ways = {tier: _way_out(tier, servers) for tier in tiers}
    places = [list(Tier).index(tier) * _STRIDE + index for tier in tiers for index in range(len(zones))]
    found = addresses.cloud_subnets(spec.cloud.network, addresses.addresses_needed(each), places[-1] + 1)
    if found is None:
        raise SpecError(
            Problem(
                f"inventories/{spec.name}/seatworks.yml cloud.network",
                Message(
                    "{network} has no room for {count} servers in each zone",
                    network=spec.cloud.network,
                    count=sum(each.values()),
                ),
                Message("give a larger network, such as 10.60.0.0/16"),
            )
        )
    for tier in tiers:
        for index, zone in enumerate(zones):
            cidr = found[list(Tier).index(tier) * _STRIDE + index]
            name = f"cloud-{zone.removeprefix(spec.cloud.region)}{_ENDINGS[tier]}"
            yield Network(name, Site.CLOUD, NetworkKind.SERVERS, cidr, cidr[1], zone, tier, ways[tier])


def standing(spec: Spec, group: str) -> Site:
    """The site of a group's hosts."""
    return Site.ONPREM if spec.onprem and group != "cloud-edge" else Site.CLOUD


def _way_out(tier: Tier, counts: dict[str, int]) -> WayOut:
    """Servers fetch packages and the time; where no server of ours stands, there is no way out."""
    if tier is Tier.PUBLIC:
        return WayOut.GATEWAY
    return WayOut.TRANSLATED if any(TIERS[group] is tier for group in counts) else WayOut.NONE


def translators(networks: Sequence[Network], availability: float) -> tuple[str, ...]:
    """Public networks that hold an address translator: one in each zone, or one for all where that is enough."""
    public = [network for network in networks if network.tier is Tier.PUBLIC]
    served = {network.zone for network in networks if network.way_out is WayOut.TRANSLATED}
    holding = [network.name for network in public if network.zone in served]
    return tuple(holding if availability >= table("cloud")["nat_per_zone_from"]["value"] else holding[:1])


def endpoints(networks: Sequence[Network], *, peak: bool) -> tuple[str, ...]:
    """Services that hosts of private subnets speak with; none where no host has a use for them."""
    if not any(network.way_out is WayOut.TRANSLATED for network in networks):
        return ()
    services = table("cloud")["endpoints"]
    return (*services["always"], *(services["peak"] if peak else ()))
