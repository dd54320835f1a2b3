"""The bill of a centre that Amazon Connect answers: minutes of the service and of its lines, numbers, recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seatworks.cost.figures import exact, figure
from seatworks.cost.parts import Part, Scale, monthly
from seatworks.message import Message
from seatworks.plan.connect import Connect
from seatworks.plan.model import Plan

_DAYS = 30


def parts(plan: Plan, asked: Connect) -> Iterator[Part]:
    """What is paid by use. A claimed number is paid by the day, telephony by the minute, both by country and kind.

    Minutes of several kinds of numbers are shared out evenly: which of them callers will dial is not known.
    """
    inbound, outbound = exact(plan.sized.inbound_minutes_per_month), exact(plan.sized.outbound_minutes_per_month)
    why = Message(
        "{minutes:,.0f} minutes of the service, with artificial intelligence in the price", minutes=inbound + outbound
    )
    yield monthly(Message("connect.voice"), "cloud", inbound + outbound, why, Scale.USE)
    kinds = Counter((number.country.lower(), number.kind.lower()) for number in asked.numbers)
    for (country, kind), count in sorted(kinds.items()):
        why = Message("{count} claimed, 30 days a month", count=count)
        item = Message("connect.number.{country}.{kind}", country=country, kind=kind)
        yield monthly(item, "lines", count * _DAYS, why)
        share = inbound * count / len(asked.numbers)
        if share:
            why = Message("{part:,.0f} of {minutes:,.0f} inbound minutes", part=share, minutes=inbound)
            item = Message("connect.inbound.{country}.{kind}", country=country, kind=kind)
            yield monthly(item, "lines", share, why, Scale.USE)
    if outbound:
        country = asked.numbers[0].country.lower()
        why = Message("{minutes:,.0f} outbound minutes, as if all within one country", minutes=outbound)
        item = Message("connect.outbound.{country}", country=country)
        yield monthly(item, "lines", outbound, why, Scale.USE)
    region = str(plan.region)
    if plan.sized.recording_disk_gb:
        days = plan.recording.retention_days
        why = Message("recordings of {days} days, as if full from the first month", days=days)
        item = Message("aws.{region}.s3.standard", region=region)
        yield monthly(item, "cloud", plan.sized.recording_disk_gb, why, Scale.USE)
    key = Message("aws.{region}.kms.key", region=region)
    yield monthly(key, "cloud", figure("kms_keys"), Message("one for recordings, one for audit records"))
