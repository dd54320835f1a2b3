"""How site and cloud are joined where the cloud's own gateway does it, as the plan says it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from seatworks.spec.choices import Link
from seatworks.tables import table

if TYPE_CHECKING:
    from seatworks.spec import Spec


@dataclass(frozen=True, slots=True)
class Vpn:
    """Two tunnels between the cloud's gateway and `router`, the site's end on the Internet; they join two networks.

    `ike`, `encryption`, `integrity` and `dh_groups` are all that the ends may agree on, in AWS's words and in both
    phases (data/cloud.yml). `keys_in_secrets_manager`: otherwise the VPN service itself keeps the tunnels' keys.
    """

    router: IPv4Address
    site: IPv4Network
    cloud: IPv4Network
    ike: tuple[str, ...]
    encryption: tuple[str, ...]
    integrity: tuple[str, ...]
    dh_groups: tuple[int, ...]
    keys_in_secrets_manager: bool = False


def vpn(spec: Spec) -> Vpn | None:
    """The VPN that was asked for. Pure."""
    if not (spec.cloud and spec.onprem and spec.cloud.link == Link.VPN):
        return None
    chosen = table("cloud")["vpn"]
    return Vpn(
        router=spec.onprem.router_address or spec.onprem.public_address,
        site=spec.onprem.network,
        cloud=spec.cloud.network,
        **{key: tuple(chosen[key]) for key in ("ike", "encryption", "integrity", "dh_groups")},
        keys_in_secrets_manager=not spec.cloud.region.startswith(tuple(chosen["keys_kept_by_the_service_in"])),
    )
