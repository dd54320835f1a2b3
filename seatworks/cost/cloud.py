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
from seatworks.message import Message
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
    region, hours = str(plan.region), choices.hours_per_month
    machines = [host for host in hosts if not host.managed]
    lasting = [host for host in machines if not host.peak]
    for name, count in sorted(Counter(map(_type, lasting)).items()):
        why = Message("{count} running all {hours} hours of a month, on demand", count=count, hours=hours)
        yield monthly(_machine(region, name), "cloud", count * hours, why)
    why = Message("disks of {count} hosts", count=len(lasting))
    yield monthly(_disk(region), "cloud", sum(host.disk_gb for host in lasting), why)
    yield from _peak(plan, choices, region)
    if any(host.group == "record" for host in hosts):
        days = plan.recording.retention_days
        why = Message("recordings of {days} days, as if full from the first month", days=days)
        item = Message("aws.{region}.s3.standard", region=region)
        yield monthly(item, "cloud", plan.sized.recording_disk_gb, why, Scale.USE)
    services = len(hosts) - len(machines)
    why = (
        Message("one for recordings, one for audit records, one for the database")
        if services
        else Message("one for recordings, one for audit records")
    )
    key = Message("aws.{region}.kms.key", region=region)
    yield monthly(key, "cloud", figure("kms_keys") + services, why)
    if plan.peak_hosts:
        yield monthly(key, "cloud", 2, Message("keys of the bundle and of its password"))
        yield monthly(_secret(region), "cloud", 1, Message("what opens the bundle of servers of a peak"))
    yield from _databases(plan, region)
    if public := sum(host.public for host in hosts):
        why = Message("{count} fixed public addresses; NAT gateways and endpoints are not counted yet", count=public)
        yield monthly(Message("aws.{region}.public_address", region=region), "cloud", public * hours, why)
    if plan.vpn:
        why = Message("a VPN connection of two tunnels to the site")
        yield monthly(Message("aws.{region}.vpn", region=region), "cloud", hours, why)
        if plan.vpn.keys_in_secrets_manager:
            yield monthly(_secret(region), "cloud", 1, Message("the keys of the two tunnels"))
    yield from _egress(plan, seats, choices, region)
    yield from _logs(plan, hosts, region)


def _machine(region: str, name: str) -> Message:
    return Message("aws.{region}.ec2.{type}", region=region, type=name)


def _disk(region: str) -> Message:
    return Message("aws.{region}.ebs.gp3", region=region)


def _secret(region: str) -> Message:
    return Message("aws.{region}.secret", region=region)


def _peak(plan: Plan, choices: Choices, region: str) -> Iterator[Part]:
    """Servers that stand only while a peak lasts, with their disks: each month has its part of the year's days."""
    days = choices.peak_days_per_year
    share = days / _YEAR_DAYS
    for name, count in sorted(Counter(map(_type, plan.peak_hosts)).items()):
        why = Message("{count} on {days} days of a year, on demand", count=count, days=days)
        yield monthly(_machine(region, name), "cloud", count * choices.hours_per_month * share, why)
    if plan.peak_hosts:
        why = Message("disks of {count} hosts on {days} days of a year", count=len(plan.peak_hosts), days=days)
        yield monthly(_disk(region), "cloud", sum(host.disk_gb for host in plan.peak_hosts) * share, why)


def _type(host: Host) -> str:
    return host.instance_type or f"{host.vcpus}c{host.memory_gib}g"


def _databases(plan: Plan, region: str) -> Iterator[Part]:
    """A database that the cloud runs: the instance in two zones, its disk in both, and its master's secret.

    Copies are free up to the size of the disk, and so are a week of Performance Insights and the traffic between zones.
    """
    for host in plan.hosts:
        if host.managed and host.instance_type:
            item = price_item(region, host.instance_type)
            yield monthly(item, "cloud", 1, Message("the database, in two zones"))
            why = Message(
                "its disk of {disk} GB, in two zones; it may grow to {most} GB",
                disk=host.disk_gb,
                most=plan.database.storage_max_gb,
            )
            yield monthly(Message("aws.{region}.rds.gp3", region=region), "cloud", 2 * host.disk_gb, why)
            yield monthly(_secret(region), "cloud", 1, Message("the password of the database's master"))


def _egress(plan: Plan, seats: Seats, choices: Choices, region: str) -> Iterator[Part]:
    """Voice that leaves the cloud; what enters is free. GB = minutes x 60 x kbit/s x RTCP / 8,000,000.

    cloud: one stream to the carrier and one to the seat. hybrid: for calls of cloud seats one stream to the seat and
    one through the link to the site.
    """
    minutes = exact(plan.sized.inbound_minutes_per_month) + exact(plan.sized.outbound_minutes_per_month)
    to_seat = _kbps(plan.seat_codec) + (figure("srtp_kbps") if plan.seats_encrypted else 0)
    if plan.link_network is None and plan.vpn is None:
        share, out = Decimal(1), to_seat + _kbps(plan.carrier_codec)
        why = Message("voice to carriers and seats")
        beyond = Message("voice to carriers and seats, beyond 10 TB")
    else:
        share, out = seats.outside_share(choices.peak_days_per_year), to_seat + _link_kbps(plan)
        why = Message(
            "voice of the {share:.1%} of seats that are in the cloud, to them and through the link", share=share
        )
        beyond = Message(
            "voice of the {share:.1%} of seats that are in the cloud, to them and through the link, beyond 10 TB",
            share=share,
        )
    gigabytes = minutes * share * 60 * out * figure("rtcp_factor") * _GB_PER_KILOBIT
    step = figure("egress_first_step_gb")
    if gigabytes:
        item = Message("aws.{region}.egress.first_10tb", region=region)
        yield monthly(item, "cloud", min(gigabytes, step), why, Scale.USE)
    if gigabytes > step:
        item = Message("aws.{region}.egress.next_40tb", region=region)
        yield monthly(item, "cloud", gigabytes - step, beyond, Scale.USE)


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
        counts = {"part": len(hosts), "count": len(plan.hosts), "days": days}
        why = Message("logs of {part} of {count} hosts, {some} of {days} days", **counts, some=_MONTH_DAYS)
        yield monthly(Message("aws.{region}.logs.ingest", region=region), "cloud", kept * _MONTH_DAYS / days, why)
        why = Message("logs of {part} of {count} hosts, {days} days", **counts)
        yield monthly(Message("aws.{region}.logs.storage", region=region), "cloud", kept, why)
