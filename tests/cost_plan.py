"""Small plans for tests of money, with round figures that a person can check by hand."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from seatworks.availability import Availability
from seatworks.plan.model import Host, Number, Plan, Recording, SeatBlock, Site, Sized, Target, Trunk

ADDRESS, LINK = IPv4Address("192.0.2.1"), IPv4Network("10.98.0.0/24")

SIZED = Sized(
    offered_calls=300.0,
    accepted_calls=300.0,
    offered_erlangs=15.0,
    trunk_erlangs=15.0,
    agents=18,
    scheduled_staff=20,
    service_level=0.9,
    occupancy=0.8,
    mean_wait_s=5.0,
    concurrent_calls=25,
    design_concurrent_calls=30,
    trunk_channels=30,
    e1_spans=1,
    menu_ports=5,
    recording_disk_gb=1000,
    database_gb=10,
    log_gb=60,
    site_bandwidth_kbps=3000,
    link_bandwidth_kbps=1000,
    inbound_minutes_per_month=60_000.0,
    outbound_minutes_per_month=40_000.0,
)


def host(name: str, group: str, site: Site, vcpus: int, memory_gib: int, disk_gb: int, **rest: Any) -> Host:
    """A host; its place in the network costs nothing."""
    return Host(name, group, site, "net", ADDRESS, ("baseline",), vcpus, memory_gib, disk_gb, **rest)


CLOUD_HOSTS = (
    host("edge1", "edge", Site.CLOUD, 2, 4, 40, instance_type="c6i.large", public=True),
    host("edge2", "edge", Site.CLOUD, 2, 4, 40, instance_type="c6i.large", public=True),
    host("call1", "call", Site.CLOUD, 4, 16, 60, instance_type="m6i.xlarge"),
    host("record1", "record", Site.CLOUD, 2, 4, 1000, instance_type="c6i.large"),
)
SITE_HOSTS = (
    host("edge1", "edge", Site.ONPREM, 2, 4, 40),
    host("edge2", "edge", Site.ONPREM, 2, 4, 40),
    host("call1", "call", Site.ONPREM, 4, 8, 60),
    host("record1", "record", Site.ONPREM, 2, 4, 1000),
)
FAR_EDGE = host("cloud-edge1", "cloud-edge", Site.CLOUD, 2, 4, 40, instance_type="c6i.large", public=True)


def seats(onprem: int, cloud: int, peak: int, peak_site: Site) -> tuple[SeatBlock, ...]:
    """Seats as the plan numbers them."""
    kinds = ((onprem, Site.ONPREM, False), (cloud, Site.CLOUD, False), (peak, peak_site, True))
    return tuple(SeatBlock(1001 + 100_000 * n, count, site, at) for n, (count, site, at) in enumerate(kinds) if count)


def plan(mode: str, **changes: Any) -> Plan:
    """20 seats and 10 of a peak; 60,000 minutes in and 40,000 out; one SIP trunk of 30 channels and one number."""
    halves = {
        "cloud": (CLOUD_HOSTS, seats(0, 20, 10, Site.CLOUD)),
        "onprem": (SITE_HOSTS, seats(20, 0, 10, Site.ONPREM)),
        "hybrid": ((*SITE_HOSTS, FAR_EDGE), seats(15, 5, 10, Site.CLOUD)),
    }
    hosts, places = halves[mode]
    made = Plan(
        name=mode,
        target=Target.LIVE,
        mode=mode,
        protection_level=3,
        edition="standard",
        industry="general",
        working="mixed",
        availability=Availability(99.9, 99.95, 99.93, ()),
        domain="a.internal",
        region=None if mode == "onprem" else "us-east-1",
        link_network=LINK if mode == "hybrid" else None,
        seats_encrypted=True,
        seat_codec="g711",
        carrier_codec="g711",
        sized=SIZED,
        networks=(),
        hosts=hosts,
        peers=(),
        flows=(),
        trunks=(Trunk("unicom", "sip", ADDRESS, 5060, 30),),
        numbers=(Number("01012345678", None, "q", "call1", None),),
        menus=(),
        queues=(),
        seat_blocks=places,
        recording=Recording(1.0, 180),
    )
    return dataclasses.replace(made, **changes)
