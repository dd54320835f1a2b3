"""The cloud half of a bill: machines, disks, recordings, keys, addresses, traffic out, logs. All on demand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from seatworks.cost import managed
from seatworks.cost.choices import Choices
from seatworks.cost.figures import exact, figure
from seatworks.cost.parts import Part, Scale, Seats, monthly
from seatworks.plan.model import Host, Plan, Site
from seatworks.sizing.database import price_item

_PACKETS_PER_S = 50
_GB_PER_KILOBIT = Decimal(1) / (8 * 1000 * 1000)
_MONTH_DAYS = Decimal(30)
_YEAR_DAYS = Decimal(365)


def parts(plan: Plan, seats: Seats, choices: Choices) -> Iterator[Part]:
    """What the region of the plan bills. Nothing when no host stands there and the provider answers no call."""
    if plan.connect is not None:
        yield from managed.parts(plan, plan.connect)
        return
    hosts = [host for host in plan.hosts if host.site is Site.CLOUD]
    if not hosts:
        return
    region, hours = f"aws.{plan.region}", choices.hours_per_month
    machines = [host for host in hosts if not host.managed]
    lasting = [host for host in machines if not host.peak]
    for name, count in sorted(Counter(map(_type, lasting)).items()):
        why = f"{count} running all {hours} hours of a month, on demand"
        yield monthly(f"{region}.ec2.{name}", "cloud", count * hours, why)
    yield monthly(f"{region}.ebs.gp3", "cloud", sum(host.disk_gb for host in lasting), f"disks of {len(lasting)} hosts")
    yield from _peak(plan, choices, region)
    if any(host.group == "record" for host in hosts):
        why = f"recordings of {plan.recording.retention_days} days, as if full from the first month"
        yield monthly(f"{region}.s3.standard", "cloud", plan.sized.recording_disk_gb, why, Scale.USE)
    services = len(hosts) - len(machines)
    why = "one for recordings, one for audit records" + (", one for the database" if services else "")
    yield monthly(f"{region}.kms.key", "cloud", figure("kms_keys") + services, why)
    if plan.peak_hosts:
        yield monthly(f"{region}.kms.key", "cloud", 2, "keys of the bundle and of its password")
        yield monthly(f"{region}.secret", "cloud", 1, "what opens the bundle of servers of a peak")
    yield from _databases(plan, region)
    if public := sum(host.public for host in hosts):
        why = f"{public} fixed public addresses; NAT gateways and endpoints are not counted yet"
        yield monthly(f"{region}.public_address", "cloud", public * hours, why)
    if plan.vpn:
        yield monthly(f"{region}.vpn", "cloud", hours, "a VPN connection of two tunnels to the site")
        if plan.vpn.keys_in_secrets_manager:
            yield monthly(f"{region}.secret", "cloud", 1, "the keys of the two tunnels")
    yield from _egress(plan, seats, choices, region)
    yield from _logs(plan, hosts, region)


def _peak(plan: Plan, choices: Choices, region: str) -> Iterator[Part]:
    """Servers that stand only while a peak lasts, with their disks: each month has its part of the year's days."""
    share = choices.peak_days_per_year / _YEAR_DAYS
    for name, count in sorted(Counter(map(_type, plan.peak_hosts)).items()):
        why = f"{count} on {choices.peak_days_per_year} days of a year, on demand"
        yield monthly(f"{region}.ec2.{name}", "cloud", count * choices.hours_per_month * share, why)
    if plan.peak_hosts:
        why = f"disks of {len(plan.peak_hosts)} hosts on {choices.peak_days_per_year} days of a year"
        yield monthly(f"{region}.ebs.gp3", "cloud", sum(host.disk_gb for host in plan.peak_hosts) * share, why)


def _type(host: Host) -> str:
    return host.instance_type or f"{host.vcpus}c{host.memory_gib}g"


def _databases(plan: Plan, region: str) -> Iterator[Part]:
    """A database that the cloud runs: the instance in two zones, its disk in both, and its master's secret.

    Copies are free up to the size of the disk, and so are a week of Performance Insights and the traffic between zones.
    """
    for host in plan.hosts:
        if host.managed and host.instance_type:
            yield monthly(price_item(str(plan.region), host.instance_type), "cloud", 1, "the database, in two zones")
            why = f"its disk of {host.disk_gb} GB, in two zones; it may grow to {plan.database.storage_max_gb} GB"
            yield monthly(f"{region}.rds.gp3", "cloud", 2 * host.disk_gb, why)
            yield monthly(f"{region}.secret", "cloud", 1, "the password of the database's master")


def _egress(plan: Plan, seats: Seats, choices: Choices, region: str) -> Iterator[Part]:
    """Voice that leaves the cloud; what enters is free. GB = minutes x 60 x kbit/s x RTCP / 8,000,000.

    cloud: one stream to the carrier and one to the seat. hybrid: for calls of cloud seats one stream to the seat and
    one through the link to the site.
    """
    minutes = exact(plan.sized.inbound_minutes_per_month) + exact(plan.sized.outbound_minutes_per_month)
    to_seat = _kbps(plan.seat_codec) + (figure("srtp_kbps") if plan.seats_encrypted else 0)
    if plan.link_network is None and plan.vpn is None:
        share, out = Decimal(1), to_seat + _kbps(plan.carrier_codec)
        why = "voice to carriers and seats"
    else:
        share, out = seats.outside_share(choices.peak_days_per_year), to_seat + _link_kbps(plan)
        why = f"voice of the {share:.1%} of seats that are in the cloud, to them and through the link"
    gigabytes = minutes * share * 60 * out * figure("rtcp_factor") * _GB_PER_KILOBIT
    step = figure("egress_first_step_gb")
    if gigabytes:
        yield monthly(f"{region}.egress.first_10tb", "cloud", min(gigabytes, step), why, Scale.USE)
    if gigabytes > step:
        yield monthly(f"{region}.egress.next_40tb", "cloud", gigabytes - step, f"{why}, beyond 10 TB", Scale.USE)


def _kbps(codec: str) -> Decimal:
    """One direction of a call; an unknown codec counts as G.711, the widest."""
    known = ("g711", "g722", "g729", "opus")
    return figure(f"voice_{codec if codec in known else 'g711'}_kbps")


def _link_kbps(plan: Plan) -> Decimal:
    """SRTP inside the link: WireGuard pads a packet to 16 bytes, ESP with 2 of its own to 4; both add their own."""
    inner = (_kbps(plan.seat_codec) + figure("srtp_kbps")) * 1000 / 8 / _PACKETS_PER_S
    own, trailer, block = ("esp_bytes", 2, 4) if plan.vpn else ("link_bytes", 0, 16)
    return (math.ceil((inner + trailer) / block) * block + figure(own)) * 8 * _PACKETS_PER_S / 1000


def _logs(plan: Plan, hosts: list[Host], region: str) -> Iterator[Part]:
    """The cloud hosts' share of the logs: kept in full, and a month's part of them written anew."""
    share = Decimal(len(hosts)) / len(plan.hosts)
    kept = plan.sized.log_gb * share
    if kept:
        days = figure("log_retention_days")
        why = f"logs of {len(hosts)} of {len(plan.hosts)} hosts"
        yield monthly(f"{region}.logs.ingest", "cloud", kept * _MONTH_DAYS / days, f"{why}, 30 of {days} days")
        yield monthly(f"{region}.logs.storage", "cloud", kept, f"{why}, {days} days")
