"""A VPN to the site: what its tunnels may agree on, whom it joins, and who keeps its keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stacks.policy.model import Asked, Finding, Resource, holds, of
from stacks.values import UNKNOWN

_CONNECTION = "ec2/vpnConnection:VpnConnection"
_TUNNELS = ("tunnel1", "tunnel2")


def strong(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Tunnels that may agree on something else than the plan's algorithms. Without a list AWS allows its weakest."""
    vpn = asked.plan.vpn
    allowed = {
        "IkeVersions": vpn.ike if vpn else (),
        **{
            f"Phase{phase}{name}": values
            for phase in (1, 2)
            for name, values in (
                ("EncryptionAlgorithms", vpn.encryption if vpn else ()),
                ("IntegrityAlgorithms", vpn.integrity if vpn else ()),
                ("DhGroupNumbers", vpn.dh_groups if vpn else ()),
            )
        },
    }
    for connection in of(resources, _CONNECTION):
        for tunnel in _TUNNELS:
            for name, values in allowed.items():
                given = connection.at(tunnel + name)
                if given is not UNKNOWN and (not given or not set(given) <= set(values)):
                    yield Finding(
                        connection,
                        f"lets {tunnel} agree on {', '.join(map(str, given or ['anything']))} ({name})",
                        "take the algorithms from the plan's vpn",
                    )


def keys_kept(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Keys that come back into the state of the stack where the plan has Secrets Manager keep them."""
    elsewhere = asked.plan.vpn is not None and asked.plan.vpn.keys_in_secrets_manager
    for connection in of(resources, _CONNECTION):
        if elsewhere and not holds(connection.at("presharedKeyStorage"), "SecretsManager"):
            yield Finding(
                connection, "hands the keys of its tunnels to the stack", "set preshared_key_storage to SecretsManager"
            )


def planned(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """VPNs that join other networks than the plan's, by another router, or whose tunnels write nothing down."""
    vpn = asked.plan.vpn
    site, cloud, router = (str(vpn.site), str(vpn.cloud), str(vpn.router)) if vpn else ("no site", "no site", "nobody")
    wanted = (
        (_CONNECTION, "localIpv4NetworkCidr", site),
        (_CONNECTION, "remoteIpv4NetworkCidr", cloud),
        ("ec2/vpnConnectionRoute:VpnConnectionRoute", "destinationCidrBlock", site),
        ("ec2/customerGateway:CustomerGateway", "ipAddress", router),
    )
    for type_, key, value in wanted:
        for resource in of(resources, type_):
            if not holds(resource.at(key), value):
                joined = resource.at(key) or "everything"
                yield Finding(resource, f"joins {joined}, the plan {value}", "take the values of the plan's vpn")
    for connection in of(resources, _CONNECTION):
        for tunnel in _TUNNELS:
            if not holds(connection.at(f"{tunnel}LogOptions.cloudwatchLogOptions.logEnabled"), True):
                yield Finding(connection, f"keeps to itself what {tunnel} does", "give its log_options a log group")
