"""The bill of a centre that Amazon Connect answers: minutes of the service and of its lines, numbers, recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seatworks.cost.figures import exact, figure
from seatworks.cost.parts import Part, Scale, monthly
from seatworks.plan.connect import Connect
from seatworks.plan.model import Plan

_DAYS = 30


def parts(plan: Plan, asked: Connect) -> Iterator[Part]:
    """What is paid by use. A claimed number is paid by the day, telephony by the minute, both by country and kind.

    Minutes of several kinds of numbers are shared out evenly: which of them callers will dial is not known.
    """
    inbound, outbound = exact(plan.sized.inbound_minutes_per_month), exact(plan.sized.outbound_minutes_per_month)
    why = f"{inbound + outbound:,.0f} minutes of the service, with artificial intelligence in the price"
    yield monthly("connect.voice", "cloud", inbound + outbound, why, Scale.USE)
    kinds = Counter((number.country.lower(), number.kind.lower()) for number in asked.numbers)
    for (country, kind), count in sorted(kinds.items()):
        yield monthly(f"connect.number.{country}.{kind}", "lines", count * _DAYS, f"{count} claimed, 30 days a month")
        share = inbound * count / len(asked.numbers)
        if share:
            why = f"{share:,.0f} of {inbound:,.0f} inbound minutes"
            yield monthly(f"connect.inbound.{country}.{kind}", "lines", share, why, Scale.USE)
    if outbound:
        country = asked.numbers[0].country.lower()
        why = f"{outbound:,.0f} outbound minutes, as if all within one country"
        yield monthly(f"connect.outbound.{country}", "lines", outbound, why, Scale.USE)
    region = f"aws.{plan.region}"
    if plan.sized.recording_disk_gb:
        why = f"recordings of {plan.recording.retention_days} days, as if full from the first month"
        yield monthly(f"{region}.s3.standard", "cloud", plan.sized.recording_disk_gb, why, Scale.USE)
    yield monthly(f"{region}.kms.key", "cloud", figure("kms_keys"), "one for recordings, one for audit records")
