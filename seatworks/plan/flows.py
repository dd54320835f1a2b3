"""Who may speak to whom, on which port. Both firewalls open exactly this."""

from __future__ import annotations

from collections.abc import Iterator

from seatworks.message import marked
from seatworks.plan.model import MANAGEMENT, Flow, Host, Peer, Ports, Protocol, Site, Trunk


def build(
    hosts: tuple[Host, ...],
    peers: tuple[Peer, ...],
    trunks: tuple[Trunk, ...],
    ports: Ports,
    *,
    encrypted: bool,
) -> tuple[Flow, ...]:
    """Every flow of the deployment, in a fixed order. Flows without a source or a target are left out."""
    every = (
        *_management(hosts, ports),
        *_trunks(hosts, trunks, ports),
        *_seats(hosts, ports, encrypted=encrypted),
        *_calls(hosts, ports),
        *_link(hosts, ports),
        *_data(hosts, ports),
    )
    known = {host.name for host in hosts} | {peer.name for peer in peers}
    return tuple(
        flow for flow in every if flow.targets and flow.sources and all(source in known for source in flow.sources)
    )


def _names(hosts: tuple[Host, ...], *groups: str) -> tuple[str, ...]:
    return tuple(host.name for host in hosts if host.group in groups)


def _udp(name: str, sources: tuple[str, ...], targets: tuple[str, ...], first: int, last: int, why: str) -> Flow:
    return Flow(name, sources, targets, Protocol.UDP, first, last, why)


def _tcp(name: str, sources: tuple[str, ...], targets: tuple[str, ...], port: int, why: str) -> Flow:
    return Flow(name, sources, targets, Protocol.TCP, port, port, why)


def _relay(name: str, sources: tuple[str, ...], targets: tuple[str, ...], ports: Ports, why: str) -> Flow:
    return _udp(name, sources, targets, ports.relay_rtp_first, ports.relay_rtp_last, why)


def _management(hosts: tuple[Host, ...], ports: Ports) -> Iterator[Flow]:
    targets = tuple(host.name for host in hosts if host.roles)
    yield _tcp(MANAGEMENT, (MANAGEMENT,), targets, ports.ssh, marked("administration by SSH"))


def _trunks(hosts: tuple[Host, ...], trunks: tuple[Trunk, ...], ports: Ports) -> Iterator[Flow]:
    edges = _names(hosts, "edge")
    for trunk in trunks:
        sources = (trunk.peer,)
        yield _udp(f"{trunk.peer}-signalling", sources, edges, ports.sip, ports.sip, marked("calls of this trunk"))
        yield _relay(f"{trunk.peer}-media", sources, edges, ports, marked("voice of this trunk"))


def _seats(hosts: tuple[Host, ...], ports: Ports, *, encrypted: bool) -> Iterator[Flow]:
    onprem = tuple(host.name for host in hosts if host.group == "edge" and host.site is Site.ONPREM)
    site = ("seats-onprem",)
    yield _udp("onprem-seats-signalling", site, onprem, ports.sip, ports.sip, marked("phones on the voice network"))
    yield _tcp(
        "onprem-seats-encrypted-signalling", site, onprem, ports.sips, marked("phones on the voice network, TLS")
    )
    yield _relay("onprem-seats-media", site, onprem, ports, marked("voice of phones on the voice network"))
    facing = tuple(host.name for host in hosts if host.public)
    internet = ("internet",)
    yield _tcp(
        "cloud-seats-signalling", internet, facing, ports.sips, marked("phones that come over the Internet, TLS")
    )
    if not encrypted:
        yield _udp("cloud-seats-plain-signalling", internet, facing, ports.sip, ports.sip, marked("phones, plain SIP"))
    yield _relay("cloud-seats-media", internet, facing, ports, marked("voice of phones that come over the Internet"))


def _calls(hosts: tuple[Host, ...], ports: Ports) -> Iterator[Flow]:
    edges, calls = _names(hosts, "edge"), _names(hosts, "call")
    yield _udp("edge-to-call-signalling", edges, calls, ports.sip, ports.sip, marked("calls handed to a call server"))
    yield _udp("call-to-edge-signalling", calls, edges, ports.sip, ports.sip, marked("calls handed to a seat"))
    yield _udp(
        "edge-to-call-media", edges, calls, ports.call_rtp_first, ports.call_rtp_last, marked("voice to a call server")
    )
    yield _relay("call-to-edge-media", calls, edges, ports, marked("voice from a call server"))
    if len(edges) > 1:
        yield _udp(
            "edge-to-edge-signalling", edges, edges, ports.sip, ports.sip, marked("a seat met through another edge")
        )
        # Voice of such a seat goes from the call server to the seat's own edge.
        sync = ports.registration_sync
        yield _udp("registration-sync", edges, edges, sync, sync, marked("edges tell each other where seats are"))


def _link(hosts: tuple[Host, ...], ports: Ports) -> Iterator[Flow]:
    onprem = tuple(host.name for host in hosts if host.group == "edge" and host.site is Site.ONPREM)
    cloud = _names(hosts, "cloud-edge")
    # Without addresses inside it the link is a gateway's: hosts meet at their own, and both firewalls see the flows.
    inside = any(host.link_address for host in hosts)
    if inside:
        yield _udp(
            "link", ("onprem-public",), cloud, ports.link, ports.link, marked("the link is opened from the site")
        )
    for name, sources, targets in (("site-to-cloud", onprem, cloud), ("cloud-to-site", cloud, onprem)):
        for part, first, last, why in (
            ("signalling", ports.sip, ports.sip, marked("signalling of cloud seats, inside the link")),
            (
                "media",
                ports.relay_rtp_first,
                ports.relay_rtp_last,
                marked("media of cloud seats, inside the link"),
            ),
        ):
            yield Flow(f"{name}-{part}", sources, targets, Protocol.UDP, first, last, why, via_link=inside)


def _data(hosts: tuple[Host, ...], ports: Ports) -> Iterator[Flow]:
    calls, databases, records = _names(hosts, "call"), _names(hosts, "db"), _names(hosts, "record")
    yield _tcp("call-detail", calls, databases, ports.postgresql, marked("call detail rows"))
    if len(databases) > 1:
        yield _tcp("replication", databases, databases, ports.postgresql, marked("the standby follows the primary"))
    yield _tcp("recordings", calls, records, ports.recording, marked("encrypted recordings to the store"))
