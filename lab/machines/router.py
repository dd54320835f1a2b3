"""The rules of the router between an environment's segments, as text for nft. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from lab.machines.layout import Layout, Zone


def ruleset(layout: Layout, mirror_port: int) -> str:
    """What may cross, and under which address.

    The site has a dedicated line to its carrier. Cloud hosts with a public address are met and appear
    under it everywhere outside the cloud, and when one meets another by that address. The site appears
    elsewhere under its one public address. What a VPN joins meets at its own addresses. Everything else is dropped.
    """
    chains = (
        ("untracked", "type filter hook prerouting priority raw; policy accept;", _untracked(layout)),
        ("prerouting", "type nat hook prerouting priority dstnat; policy accept;", _inbound(layout)),
        ("own_output", "type nat hook output priority -100; policy accept;", _inbound(layout)),
        ("postrouting", "type nat hook postrouting priority srcnat; policy accept;", _outbound(layout)),
        ("through", "type filter hook forward priority filter; policy drop;", _forward(layout)),
        ("towards", "type filter hook input priority filter; policy drop;", _input(mirror_port)),
    )
    body = "\n".join(_chain(name, hook, rules) for name, hook, rules in chains)
    return f"flush ruleset\ntable ip router {{\n{body}\n}}\n"


def _chain(name: str, hook: str, rules: Iterable[str]) -> str:
    lines = "".join(f"\n    {rule}" for rule in (hook, *rules))
    return f"  chain {name} {{{lines}\n  }}"


def _names(words: Iterable[str]) -> str:
    return "{ " + ", ".join(f'"{word}"' for word in words) + " }"


def _untracked(layout: Layout) -> Iterator[str]:
    """Voice that is never translated is not tracked: 100 calls are 20,000 packets a second."""
    own = [str(each.cidr) for each in layout.segments if each.zone in (Zone.ONPREM, Zone.CARRIER)]
    bridges = (*layout.bridges(Zone.ONPREM), *layout.bridges(Zone.CARRIER))
    if layout.bridges(Zone.ONPREM):
        yield f"iifname {_names(bridges)} ip daddr {{ {', '.join(own)} }} udp dport >= 6000 notrack"


def _inbound(layout: Layout) -> Iterator[str]:
    if layout.translations:
        pairs = ", ".join(f"{public} : {private}" for public, private in layout.translations)
        yield f"dnat to ip daddr map {{ {pairs} }}"


def _outbound(layout: Layout) -> Iterator[str]:
    cloud = layout.bridges(Zone.CLOUD)
    for one, other in _joined(layout):
        yield f"ip saddr {one} ip daddr {other} accept"
    if layout.translations:
        pairs = ", ".join(f"{private} : {public}" for public, private in layout.translations)
        yield f"oifname != {_names(cloud)} snat to ip saddr map {{ {pairs} }}"
        yield f"oifname {_names(cloud)} ct status dnat snat to ip saddr map {{ {pairs} }}"
    onprem = [str(segment.cidr) for segment in layout.segments if segment.zone is Zone.ONPREM]
    if onprem and layout.onprem_public:
        outside = _names((*cloud, *layout.bridges(Zone.INTERNET)))
        yield f"ip saddr {{ {', '.join(onprem)} }} oifname {outside} snat to {layout.onprem_public}"


def _forward(layout: Layout) -> Iterator[str]:
    onprem, cloud = layout.bridges(Zone.ONPREM), layout.bridges(Zone.CLOUD)
    carrier, internet = layout.bridges(Zone.CARRIER), layout.bridges(Zone.INTERNET)
    yield "ct state established,related accept"
    if onprem:
        # Networks of the site, the dedicated lines to carriers, and the site's way out.
        site = _names((*onprem, *carrier))
        yield f"iifname {_names(onprem)} oifname {_names((*onprem, *carrier, *internet))} accept"
        yield f"iifname {site} oifname {_names(onprem)} accept"
    if cloud:
        yield f"iifname {_names(cloud)} oifname {_names(cloud)} accept"
    for one, other in _joined(layout):
        yield f"ip saddr {one} ip daddr {other} accept"
    if layout.translations:
        private = ", ".join(str(address) for _, address in layout.translations)
        yield f"iifname {_names(cloud)} ip saddr {{ {private} }} oifname {_names((*carrier, *internet))} accept"
        yield f"oifname {_names(cloud)} ct status dnat accept"
    yield "counter"


def _joined(layout: Layout) -> Iterator[tuple[IPv4Network, IPv4Network]]:
    """The networks that a VPN joins, in both directions."""
    if layout.joined:
        site, cloud = layout.joined
        yield site, cloud
        yield cloud, site


def _input(mirror_port: int) -> Iterator[str]:
    yield 'iifname "lo" accept'
    yield "ct state established,related accept"
    yield "icmp type echo-request accept"
    yield f"tcp dport {mirror_port} accept"
    yield "counter"
