"""The environment's network: a namespace without an uplink, its bridges, and the router between them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lab.machines.layout import Layout, Segment
from lab.machines.places import Places
from lab.machines.router import ruleset
from seatworks.run import run

# Set inside the namespace only; the computer itself never forwards.
_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    # A machine without a signal for this long is a new conversation to the router; phones speak more often.
    "net/netfilter/nf_conntrack_udp_timeout": "60",
    "net/netfilter/nf_conntrack_udp_timeout_stream": "300",
    "net/ipv6/conf/all/disable_ipv6": "1",
    "net/ipv6/conf/default/disable_ipv6": "1",
    # Present only where br_netfilter is loaded: frames within a segment are not the router's business.
    "net/bridge/bridge-nf-call-iptables": "0",
    "net/bridge/bridge-nf-call-ip6tables": "0",
    "net/bridge/bridge-nf-call-arptables": "0",
}


def apply(layout: Layout, places: Places, mirror_port: int) -> set[str]:
    """Make the network what `layout` says; the names of bridges that were made anew.

    Machines that were attached to a bridge of that name before have lost it.
    """
    _namespace(places)
    fresh = _bridges(layout, places)
    _public_addresses(layout, places)
    _settings(places)
    run(places.inside("nft", "-f", "-"), stdin=ruleset(layout, mirror_port))
    return fresh


def exists(places: Places) -> bool:
    """Whether the namespace is there and works; a half-made one does not."""
    return run(places.inside("true"), success=(0, 1)).code == 0


def remove(places: Places) -> None:
    """Take the namespace away, and with it bridges, addresses and rules."""
    if exists(places):
        run(["ip", "netns", "delete", places.namespace])
    places.namespace_file.unlink(missing_ok=True)


def _namespace(places: Places) -> None:
    if not exists(places):
        # What a killed `ip netns add` leaves is an empty file that blocks the next one.
        places.namespace_file.unlink(missing_ok=True)
        run(["ip", "netns", "add", places.namespace])
    run(["ip", "-n", places.namespace, "link", "set", "lo", "up"])


def _show(places: Places, *what: str) -> list[dict[str, Any]]:
    said = run(["ip", "-json", "-n", places.namespace, *what]).stdout
    return json.loads(said) if said.strip() else []


def _bridges(layout: Layout, places: Places) -> set[str]:
    wanted = {segment.bridge: segment for segment in layout.segments}
    there = {
        link["ifname"]: {f"{each['local']}/{each['prefixlen']}" for each in link["addr_info"]}
        for link in _show(places, "address", "show", "type", "bridge")
    }
    right = {name for name, segment in wanted.items() if there.get(name) == {_address(segment)}}
    fresh = set(wanted) - right
    lines = [f"link delete {name}" for name in there if name not in right]
    for name in sorted(fresh):
        lines += [
            f"link add {name} address {_hardware_address(name)} type bridge forward_delay 0 mcast_snooping 0",
            f"address add {_address(wanted[name])} dev {name}",
        ]
    lines += [f"link set {name} up" for name in sorted(wanted)]
    run(["ip", "-n", places.namespace, "-batch", "-"], stdin="\n".join(lines) + "\n")
    return fresh


def _address(segment: Segment) -> str:
    return f"{segment.gateway}/{segment.cidr.prefixlen}"


def _hardware_address(bridge: str) -> str:
    """A fixed one: a bridge without takes that of its lowest port, which changes as machines come and go."""
    digest = hashlib.sha256(bridge.encode()).hexdigest()
    return ":".join(["02", *(digest[at : at + 2] for at in range(0, 10, 2))])


def _public_addresses(layout: Layout, places: Places) -> None:
    """Public addresses belong to the router, so that it answers for them on every segment."""
    wanted = {str(public) for public, _ in layout.translations}
    own = {each["local"] for link in _show(places, "address", "show", "dev", "lo") for each in link["addr_info"]}
    there = {address for address in own if ":" not in address and not address.startswith("127.")}
    lines = [f"address delete {address}/32 dev lo" for address in sorted(there - wanted)]
    lines += [f"address add {address}/32 dev lo" for address in sorted(wanted - there)]
    if lines:
        run(["ip", "-n", places.namespace, "-batch", "-"], stdin="\n".join(lines) + "\n")


def _settings(places: Places) -> None:
    """Written by a process of the namespace: /proc/sys/net shows each process its own network."""
    lines = "".join(
        f"if [ -e /proc/sys/{name} ]; then echo {value} >/proc/sys/{name}; fi\n" for name, value in _SETTINGS.items()
    )
    run(places.inside("sh", "-eu"), stdin=lines)
