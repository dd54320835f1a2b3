"""Modes side by side: break-even, what moves the result, and where published figures disagree."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatworks.cost import Band, Bill, Choices, Comparison, Every, Exchange, Kind, Line, Price, books, compare
from seatworks.cost.compare import break_even
from seatworks.plan.model import Site
from tests.cost_plan import plan, seats

D = Decimal
DAY = datetime.date(2026, 11, 1)
CHOICES = Choices(exchange=Exchange(D(7), DAY, "a round rate"))
MODES = ("cloud", "onprem", "hybrid")


def side_by_side(choices: Choices = CHOICES) -> Comparison:
    return compare({mode: plan(mode) for mode in MODES}, books.load(), choices)


def made(mode: str, once: Decimal, month: Decimal, year: Decimal) -> Bill:
    """A bill of three lines."""

    def one(kind: Kind, every: Every, amount: Decimal) -> Line:
        band = Band(amount, amount, amount)
        return Line("x", "cloud", kind, every, D(1), Price("x", "x", "CNY", band, DAY, "test", "test"), band, "test")

    return Bill(
        mode,
        (
            one(Kind.CAPEX, Every.ONCE, once),
            one(Kind.OPEX, Every.MONTH, month),
            one(Kind.OPEX, Every.YEAR, year),
            Line("y", "cloud", Kind.OPEX, Every.MONTH, D(1), None, None, "missing"),
        ),
        (),
    )


amounts = st.integers(0, 2_000_000).map(D)


@settings(max_examples=200, deadline=None)
@given(st.tuples(amounts, amounts, amounts), st.tuples(amounts, amounts, amounts))
def test_break_even_is_the_month_that_paying_month_by_month_finds(
    site: tuple[Decimal, Decimal, Decimal], cloud: tuple[Decimal, Decimal, Decimal]
) -> None:
    # Twelfths are avoided by counting twelve of everything.
    here, there, found = 12 * site[0], 12 * cloud[0], None
    for month in range(1, 61):
        here += 12 * site[1] + site[2]
        there += 12 * cloud[1] + cloud[2]
        if here < there:
            found = month
            break
    assert break_even(made("onprem", *site), made("cloud", *cloud)) == found


def test_break_even_by_hand() -> None:
    cloud = made("cloud", D(0), D(10_000), D(0))
    # 100,000 + 5,000 m < 10,000 m from month 21 on; after 20 months both cost 200,000.
    assert break_even(made("onprem", D(100_000), D(5_000), D(0)), cloud) == 21
    assert break_even(made("onprem", D(100_000), D(0), D(60_000)), cloud) == 21
    assert break_even(made("onprem", D(0), D(5_000), D(0)), cloud) == 1
    assert break_even(made("onprem", D(300_000), D(5_000), D(0)), cloud) is None


def test_three_modes_stand_side_by_side_in_one_currency() -> None:
    compared = side_by_side()
    assert [bill.mode for bill in compared.bills] == list(MODES)
    assert compared.currency == "CNY"
    assert "1 USD = 7 CNY (2026-11-01; a round rate)" in compared.rate_note
    assert "not discounted" in compared.rate_note
    assert compared.break_even_month == break_even(compared.bill("onprem"), compared.bill("cloud"))


def test_without_one_of_the_two_there_is_no_break_even() -> None:
    alone = compare({"hybrid": plan("hybrid"), "cloud": plan("cloud")}, books.load(), CHOICES)
    assert alone.break_even_month is None
    with pytest.raises(KeyError):
        alone.bill("onprem")


def test_the_shipped_rate_is_dated_and_said_to_be_a_planning_default() -> None:
    note = compare({"cloud": plan("cloud")}, books.load(), Choices()).rate_note
    assert "6.7686" in note
    assert "2026-06-19" in note
    assert "planning default" in note


def _base(compared: Comparison, mode: str, *items: str) -> Decimal:
    """Base cost over three years of some items."""
    times = {Every.ONCE: 1, Every.MONTH: 36, Every.YEAR: 3}
    return sum(
        (
            line.cost.base * times[line.every]
            for line in compared.bill(mode).lines
            if line.cost is not None and line.item in items
        ),
        D(0),
    )


def test_more_seats_raise_what_is_paid_per_seat_and_its_operation() -> None:
    compared = side_by_side()
    per_seat = ("endpoint.pc", "endpoint.headset", "licence.seat.perpetual.onprem")
    up, down = (each for each in compared.sensitivities if each.what == "seats")
    usual = compared.bill("onprem").over(3).total.base
    # Operation is 17.5 % of the initial cost in each of three years.
    more = _base(compared, "onprem", *per_seat) * D("0.2") * (1 + 3 * D("0.175"))
    assert up.totals["onprem"] == pytest.approx(usual + more)
    assert down.totals["onprem"] == pytest.approx(usual - more)
    assert "plan again" in up.change


def test_more_minutes_raise_what_is_paid_by_use() -> None:
    compared = side_by_side()
    by_use = (
        "minutes.inbound.number",
        "minutes.outbound.local",
        "minutes.outbound.long_distance",
        "sms.message",
        "aws.us-east-1.s3.standard",
        "aws.us-east-1.egress.first_10tb",
    )
    up, down = (each for each in compared.sensitivities if each.what == "minutes")
    usual = compared.bill("cloud").over(3).total.base
    more = _base(compared, "cloud", *by_use) * D("0.2")
    assert up.totals["cloud"] == pytest.approx(usual + more)
    assert down.totals["cloud"] == pytest.approx(usual - more)


def test_pay_on_or_off_is_the_other_of_what_was_chosen() -> None:
    compared, paid = side_by_side(), side_by_side(dataclasses.replace(CHOICES, salaries=True))
    (on,) = (each for each in compared.sensitivities if each.what == "salaries")
    (off,) = (each for each in paid.sensitivities if each.what == "salaries")
    for mode in MODES:
        assert on.totals[mode] == paid.bill(mode).over(3).total.base
        assert off.totals[mode] == compared.bill(mode).over(3).total.base
        assert on.totals[mode] - off.totals[mode] == 20 * 4000 * 36


def test_a_dearer_dollar_moves_only_what_is_priced_in_dollars() -> None:
    compared = side_by_side()
    dearer, cheaper = (each for each in compared.sensitivities if each.what == "exchange rate")
    site, cloud = (compared.bill(mode).over(3).total.base for mode in ("onprem", "cloud"))
    assert dearer.totals["onprem"] == cheaper.totals["onprem"] == site
    in_dollars = [line.item for line in compared.bill("cloud").lines if line.item.startswith("aws.")]
    assert dearer.totals["cloud"] - cloud == pytest.approx(_base(compared, "cloud", *in_dollars) * D("0.1"))
    assert cheaper.totals["cloud"] < cloud


def _named(compared: Comparison) -> list[str]:
    return [entry.what for entry in compared.contradictions]


def test_the_four_published_contradictions_stand_beside_a_plan_they_concern() -> None:
    middle = {
        "cloud": plan("cloud", seat_blocks=seats(0, 150, 0, Site.CLOUD)),
        "onprem": plan("onprem", seat_blocks=seats(150, 0, 0, Site.ONPREM)),
    }
    compared = compare(middle, books.load(), CHOICES)
    for what in (
        "a centre of 50 to 200 seats against the price of its seats",
        "what stands on a desk",
        "hardware of a centre of 200 seats",
        "the price of a cloud seat",
    ):
        (entry,) = (each for each in compared.contradictions if each.what == what)
        assert len(entry.says) >= 2
        assert all(claim and source for claim, source in entry.says)
        assert entry.reading


def test_a_contradiction_that_does_not_concern_a_plan_is_left_out() -> None:
    small = _named(compare({"onprem": plan("onprem")}, books.load(), CHOICES))
    assert "what stands on a desk" in small
    assert "the price of a cloud seat" not in small
    assert "hardware of a centre of 200 seats" not in small


def test_our_cloud_is_shown_beside_what_others_charge() -> None:
    compared = side_by_side()
    (seat,) = (each for each in compared.contradictions if each.what == "this cloud beside rented cloud seats")
    groups = {"cloud", "licences", "project", "operation", "compliance"}
    times = {Every.ONCE: 1, Every.MONTH: 36, Every.YEAR: 3}
    cost = sum(
        line.cost.base * times[line.every]
        for line in compared.bill("cloud").lines
        if line.cost is not None and line.group in groups
    )
    months = 3 * (D(20 * 12) + D(10 * 14 * 12) / 365)
    assert seat.says[0] == (f"at least {cost / months:,.0f} CNY per seat-month over 3 years", "this bill")
    assert any("genesys.cx1: 525 CNY per seat-month (75 USD)" in claim for claim, _ in seat.says)
    (minute,) = (each for each in compared.contradictions if "paid by the minute" in each.what)
    # 100,000 minutes at 0.038 dollars of 7 yuan.
    assert "26,600 CNY a month" in minute.says[1][0]


def test_the_share_of_pay_is_compared_only_when_everything_has_a_price() -> None:
    assert not any("share of pay" in what for what in _named(side_by_side()))
    items = [line.item for line in side_by_side().bill("onprem").lines]
    one = Band(D(1), D(1), D(1))
    prices = {item: Price(item, "x", "CNY", one, DAY, "test", "test") for item in items}
    prices["labour.agent"] = Price("labour.agent", "x", "CNY", one * D(1_000_000), DAY, "test", "test")
    compared = compare({"onprem": plan("onprem")}, books.Book(prices), CHOICES)
    (entry,) = (each for each in compared.contradictions if each.what == "the share of pay (onprem)")
    # 720 million of pay beside 3.6 million for 100,000 minutes and little else.
    assert [claim for claim, _ in entry.says] == ["99% over 3 years", "40% to 60%"]


def test_no_reference_line_is_ever_part_of_a_bill() -> None:
    assert not any(line.item.startswith("reference.") for bill in side_by_side().bills for line in bill.lines)
