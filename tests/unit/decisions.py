"""A decision made by hand, for the tests of the plan's page: three bills with plausible lines around a shipped plan."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from decimal import Decimal
from pathlib import Path

from seatworks.cost.model import (
    NOTHING,
    Band,
    Bill,
    Comparison,
    Contradiction,
    Every,
    Kind,
    Line,
    Price,
    Sensitivity,
    Total,
)
from seatworks.environment import Environment
from seatworks.message import Message, named
from seatworks.plan.model import Availability, Element, Plan, Sized
from seatworks.report import Assumed, Decision

ROOT = Path(__file__).resolve().parents[2]
SEATS = 100
SIZED = Sized(
    offered_calls=1300,
    accepted_calls=1287,
    offered_erlangs=75.075,
    trunk_erlangs=76.69,
    agents=81,
    scheduled_staff=116,
    service_level=0.8312,
    occupancy=0.9269,
    mean_wait_s=14.6,
    concurrent_calls=93,
    design_concurrent_calls=112,
    trunk_channels=112,
    e1_spans=4,
    menu_ports=21,
    recording_disk_gb=10675,
    database_gb=14,
    log_gb=61,
    site_bandwidth_kbps=13874,
    link_bandwidth_kbps=4832,
    inbound_minutes_per_month=679536.4,
    outbound_minutes_per_month=0,
)


def band(base, low="0.8", high="1.3"):
    """A band around a base, by factors."""
    base = Decimal(base)
    return Band(base * Decimal(low), base, base * Decimal(high))


def line(item, group, kind, every, quantity, amount, why, unit="seat", *, added=True):
    """One line of a bill; without an amount no book has the price."""
    if amount is None:
        return Line(item, group, kind, every, Decimal(quantity), None, None, why, added)
    price = Price(item, unit, "CNY", band(amount), datetime.date(2026, 11, 23), "a published list", "china-2026")
    return Line(item, group, kind, every, Decimal(quantity), price, price.amount * Decimal(quantity), why, added)


def operation(initial):
    """The line whose price is a share of what is paid at the start."""
    return line(
        "operation.share",
        "operation",
        Kind.OPEX,
        Every.YEAR,
        initial,
        "0.175",
        "15 to 20 %",
        "share of the initial cost",
    )


def total(lines, years):
    """The sum of a bill's lines over some years, by plain addition."""
    sums = {Kind.CAPEX: NOTHING, Kind.OPEX: NOTHING}
    for each in lines:
        times = {Every.ONCE: 1, Every.MONTH: 12 * years, Every.YEAR: years}[each.every]
        for _ in range(times if each.cost and each.added else 0):
            sums[each.kind] += each.cost
    both = sums[Kind.CAPEX] + sums[Kind.OPEX]
    complete = all(each.cost for each in lines if each.added)
    return Total(years, sums[Kind.CAPEX], sums[Kind.OPEX], both * (1 / Decimal(SEATS * 12 * years)), complete)


def bill(mode, *lines):
    """A bill with its totals over 1, 3 and 5 years."""
    return Bill(mode, lines, tuple(total(lines, years) for years in (1, 3, 5)))


COMMON = (
    line("line.sip_channel", "lines", Kind.OPEX, Every.MONTH, 112, 60, "112 channels", "channel-month"),
    line("minutes.inbound.number", "lines", Kind.OPEX, Every.MONTH, 679536, "0.03", "calls of a month", "minute"),
    line(
        "compliance.assessment.level_3",
        "compliance",
        Kind.OPEX,
        Every.YEAR,
        1,
        80000,
        "level 3 is assessed each year",
        "assessment",
    ),
)
CLOUD = bill(
    "cloud",
    line("seat.cloud", "seats", Kind.OPEX, Every.MONTH, SEATS, 380, "every seat is rented", "seat-month"),
    line("aws.cn-north-1.ec2.c6i.large", "cloud", Kind.OPEX, Every.MONTH, 9, 540, "9 instances", "month"),
    line(
        "project.implementation.from_100_seats",
        "project",
        Kind.OPEX,
        Every.ONCE,
        1,
        75000,
        "below 100 seats",
        "project",
    ),
    *COMMON,
)
ONPREM = bill(
    "onprem",
    line("server.4c8g", "servers", Kind.CAPEX, Every.ONCE, 9, 28000, "9 hosts", "server"),
    line("licence.seat.perpetual.onprem", "licences", Kind.CAPEX, Every.ONCE, SEATS, 6500, "bought once"),
    line("endpoint.headset", "seats", Kind.CAPEX, Every.ONCE, SEATS, 350, "one for each seat"),
    line(
        "project.implementation.from_100_seats",
        "project",
        Kind.CAPEX,
        Every.ONCE,
        1,
        180000,
        "core on the site",
        "project",
    ),
    operation(1117000),
    line("labour.agent", "labour", Kind.OPEX, Every.MONTH, 116, 6000, "shown, not added", "person-month", added=False),
    *COMMON,
)
HYBRID = bill(
    "hybrid",
    line("server.4c8g", "servers", Kind.CAPEX, Every.ONCE, 7, 28000, "7 hosts on the site", "server"),
    line("licence.seat.perpetual.onprem", "licences", Kind.CAPEX, Every.ONCE, 80, 6500, "seats on the site"),
    line("endpoint.headset", "seats", Kind.CAPEX, Every.ONCE, SEATS, 350, "one for each seat"),
    line("seat.cloud", "seats", Kind.OPEX, Every.MONTH, 20, 380, "cloud seats", "seat-month"),
    line("aws.cn-north-1.nat", "cloud", Kind.OPEX, Every.MONTH, 2, None, "one in each zone", "month"),
    line("line.e1", "lines", Kind.OPEX, Every.MONTH, 4, None, "four spans", "month"),
    line("project.implementation.from_100_seats", "project", Kind.CAPEX, Every.ONCE, 1, 200000, "two sites", "project"),
    operation(951000),
    *COMMON,
)
COMPARISON = Comparison(
    currency="CNY",
    rate_note="1 USD = 7.10 CNY, 2026-11-23",
    bills=(CLOUD, ONPREM, HYBRID),
    break_even_month=41,
    sensitivities=(
        Sensitivity(
            named("input", "seats"),
            Message("+20 %"),
            {"cloud": Decimal(3300000), "onprem": Decimal(3010000), "hybrid": Decimal(2800000)},
        ),
        Sensitivity(
            named("input", "minutes"),
            Message("-20 %"),
            {b.mode: b.over(3).total.base - 146000 for b in (CLOUD, ONPREM, HYBRID)},
        ),
    ),
    contradictions=(
        Contradiction(
            "cost of a medium centre",
            (
                ("30,000 to 100,000 CNY a year for 50 to 200 seats", "trade article"),
                ("300 to 800 CNY a seat", "price list"),
            ),
            "200 seats at 300 are 720,000 a year: the first is software only",
        ),
    ),
)
AVAILABILITY = Availability(
    asked=99.9,
    contract=99.8301,
    model=99.93214,
    elements=(
        Element("edge", 1, 2, 0.9999, 0.999876, "a pair, common cause 2 %"),
        Element("call", 2, 3, 0.9999, 0.99984, "two of three carry the load"),
        Element("carrier", 1, 1, 0.9995, 0.9996, "one trunk"),
    ),
    notes=("one trunk only: when the carrier fails, no call comes in",),
)


@functools.cache
def plan_of(name: str) -> Plan:
    """A shipped environment's plan with the figures above."""
    return dataclasses.replace(Environment.find(name, ROOT).plan(), sized=SIZED)


def decision(name: str = "hybrid", **changes) -> Decision:
    """A decision about a shipped environment."""
    values = {
        "plan": plan_of(name),
        "comparison": COMPARISON,
        "availability": AVAILABILITY,
        "service_curve": tuple((n, round(0.32 + 0.5112 * ((n - 76) / 5) ** 0.7, 4) if n <= 81 else
                                round(1 - 0.1688 * 0.78 ** (n - 81), 4)) for n in range(76, 97)),
        "blocking_curve": tuple((n, round(0.11 * 0.9 ** (n - 70), 6)) for n in range(70, 126)),
        "notes": ("one record server: while it is down recordings wait on the call servers",),
        "assumptions": (
            Assumed(named("figure", "headroom"), 1.2, "factor", "planning rule of the field", "2026-11-23"),
            Assumed(
                named("figure", "call_calls_per_vcpu"), 25, "calls", "published ranges, docs/sizing.md", "2026-11-23"
            ),
            Assumed(named("figure", "call_cap"), 250.0, "calls", "ViciBox docs", "2026-11-23"),
        ),
    }  # fmt: skip
    return Decision(**values | changes)
