"""A bill counts what the plan has, by arithmetic that a person can follow; a missing price is never nothing."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from seatworks.cost import Band, Bill, Book, Choices, Exchange, Licence, Line, Price, assumptions, bill, books
from seatworks.plan.model import Number, Site, Trunk, Vpn
from tests.cost_plan import plan, seats
from tests.examples import managed_plan_of, plan_of

DAY = datetime.date(2026, 11, 1)
RATE = Exchange(Decimal(7), DAY, "a round rate")
CHOICES = Choices(exchange=RATE)
D = Decimal


def book(prices: dict[str, tuple[str, str] | tuple[str, str, str, str]]) -> Book:
    """A book with `item: (currency, amount)` or `item: (currency, low, base, high)`."""
    made = {}
    for item, (currency, *amounts) in prices.items():
        low, base, high = (D(amount) for amount in (amounts * 3)[:3])
        made[item] = Price(item, "unit", currency, Band(low, base, high), DAY, "test", "test.yml")
    return Book(made)


def quantities(counted: Bill) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for each in counted.lines:
        found[each.item] = found.get(each.item, Decimal(0)) + each.quantity
    return found


def line(counted: Bill, item: str) -> Line:
    (found,) = (each for each in counted.lines if each.item == item)
    return found


NOTHING = Book({})
CLOUD = "aws.us-east-1"
SERVICE = {
    "line.sip_channel": D(30),
    "number.ordinary": D(1),
    "minutes.inbound.number": D(60_000),
    "minutes.outbound.local": D(24_000),
    "minutes.outbound.long_distance": D(16_000),
    # 100,000 minutes of 3 minutes each (15 erlangs x 60 / 300 calls) are 33,333 calls; one in five gets a message.
    "sms.message": D(100_000) * 300 / 900 * D("0.2"),
    "endpoint.headset": D(30),
    "project.implementation.below_100_seats": D(1),
    "project.training": D(30),
    "project.integration": D(1),
    "compliance.assessment.level_3": D(1),
    "labour.agent": D(20),
    "operation.share": D(0),
}
# 10 seats for 14 days are 10 x 14 x 12 / 365 seat-months a year.
PEAK = D(10 * 14 * 12) / 365


# What is counted


def test_a_cloud_plan_consists_of_machines_disks_recordings_keys_addresses_traffic_and_logs() -> None:
    assert quantities(bill(plan("cloud"), NOTHING, CHOICES)) == SERVICE | {
        f"{CLOUD}.ec2.c6i.large": D(3 * 730),
        f"{CLOUD}.ec2.m6i.xlarge": D(730),
        f"{CLOUD}.ebs.gp3": D(1140),
        f"{CLOUD}.s3.standard": D(1000),
        f"{CLOUD}.kms.key": D(2),
        f"{CLOUD}.public_address": D(2 * 730),
        # 6,000,000 s x (80 to the carrier + 84 to the seat) kbit/s x 1.05 / 8,000,000
        f"{CLOUD}.egress.first_10tb": D("129.15"),
        f"{CLOUD}.logs.ingest": D(10),
        f"{CLOUD}.logs.storage": D(60),
        "endpoint.pc": D(20),
        "seat.peak": PEAK,
        "licence.seat.perpetual.cloud": D(20),
    }


def test_a_site_consists_of_servers_by_size_with_their_share_of_network_room_and_power() -> None:
    assert quantities(bill(plan("onprem"), NOTHING, CHOICES)) == SERVICE | {
        "server.2c4g": D(3),
        "server.4c8g": D(1),
        "storage.site": D(1140),
        "network.switch": D(3),
        "network.firewall": D(2),
        "room.rack": D(1),
        "room.ups": D(1),
        # 4 servers x 400 W x 730 h x 1.5
        "room.electricity": D(1752),
        # A site cannot send its peak seats away again.
        "endpoint.pc": D(30),
        "licence.seat.perpetual.onprem": D(30),
    }


def test_a_hybrid_plan_has_both_halves_and_pays_for_voice_of_its_cloud_seats_twice() -> None:
    counted = quantities(bill(plan("hybrid"), NOTHING, CHOICES))
    rented = PEAK / 12
    outside = (5 + rented) / (20 + rented)
    # SRTP inside the link: 210 bytes padded to 224, 60 more, 50 times a second = 113.6 kbit/s.
    egress = D(100_000 * 60) * outside * (84 + D("113.6")) * D("1.05") / 8_000_000
    assert counted[f"{CLOUD}.egress.first_10tb"] == pytest.approx(egress)
    assert counted[f"{CLOUD}.logs.storage"] == 12
    assert counted["server.2c4g"] == 3
    assert counted[f"{CLOUD}.ec2.c6i.large"] == 730
    assert f"{CLOUD}.s3.standard" not in counted
    assert counted["licence.seat.perpetual.onprem"] == counted["endpoint.pc"] == 20


def test_a_vpn_is_paid_by_the_hour_and_wraps_voice_in_less() -> None:
    vpn = Vpn(IPv4Address("192.0.2.10"), IPv4Network("10.20.0.0/24"), IPv4Network("10.60.0.0/16"), (), (), (), ())
    counted = quantities(bill(plan("hybrid", link_network=None, vpn=vpn), NOTHING, CHOICES))
    rented = PEAK / 12
    outside = (5 + rented) / (20 + rented)
    # SRTP inside ESP: 210 bytes and 2 of its own padded to 212, 52 more, 50 times a second = 105.6 kbit/s.
    egress = D(100_000 * 60) * outside * (84 + D("105.6")) * D("1.05") / 8_000_000
    assert counted[f"{CLOUD}.egress.first_10tb"] == pytest.approx(egress)
    assert counted[f"{CLOUD}.vpn"] == 730
    assert f"{CLOUD}.secret" not in counted
    elsewhere = dataclasses.replace(vpn, keys_in_secrets_manager=True)
    counted = quantities(bill(plan("hybrid", link_network=None, vpn=elsewhere), NOTHING, CHOICES))
    assert counted[f"{CLOUD}.secret"] == 1


def test_traffic_beyond_ten_terabytes_has_its_own_price() -> None:
    sized = dataclasses.replace(plan("cloud").sized, inbound_minutes_per_month=9_960_000.0)
    counted = quantities(bill(plan("cloud", sized=sized), NOTHING, CHOICES))
    assert counted[f"{CLOUD}.egress.first_10tb"] == 10_240
    assert counted[f"{CLOUD}.egress.next_40tb"] == D(12_915) - 10_240


def test_e1_spans_are_rented_and_end_on_a_gateway() -> None:
    trunks = tuple(dataclasses.replace(plan("onprem").trunks[0], kind="e1", channels=30 * n) for n in (1, 3))
    counted = quantities(bill(plan("onprem", trunks=trunks), NOTHING, CHOICES))
    assert (counted["line.e1"], counted["gateway.e1"]) == (4, 4)
    assert "line.sip_channel" not in counted


def test_a_400_number_takes_its_share_of_inbound_minutes_and_other_plans_have_none() -> None:
    numbers = (Number("4001234567", None, "q", "call1", None), *plan("onprem").numbers)
    counted = quantities(bill(plan("onprem", numbers=numbers), NOTHING, CHOICES))
    assert (counted["number.400"], counted["number.ordinary"]) == (1, 1)
    assert (counted["minutes.inbound.400"], counted["minutes.inbound.number"]) == (18_000, 42_000)


@pytest.mark.parametrize(
    ("licence", "edition", "items"),
    [
        (Licence.PERPETUAL, "standard", {"licence.seat.perpetual.onprem": 30}),
        (Licence.PERPETUAL, "professional", {"licence.seat.perpetual.onprem": 30, "licence.ai": 1}),
        (Licence.SUBSCRIPTION, "basic", {"licence.system.subscription.small": 1}),
        (
            Licence.PER_FEATURE,
            "basic",
            {f"licence.feature.{name}": 30 for name in ("menus", "queues", "recording", "call_detail", "reports")},
        ),
    ],
)
def test_licences_follow_model_and_edition(licence: Licence, edition: str, items: dict[str, int]) -> None:
    counted = bill(plan("onprem", edition=edition), NOTHING, dataclasses.replace(CHOICES, licence=licence))
    assert {each.item: each.quantity for each in counted.lines if each.group == "licences"} == items


@pytest.mark.parametrize(("count", "size"), [(50, "small"), (51, "medium"), (200, "medium"), (201, "large")])
def test_a_subscription_is_priced_by_the_size_of_the_centre(count: int, size: str) -> None:
    chosen = dataclasses.replace(CHOICES, licence=Licence.SUBSCRIPTION)
    counted = bill(plan("onprem", seat_blocks=seats(count, 0, 0, Site.ONPREM)), NOTHING, chosen)
    assert f"licence.system.subscription.{size}" in quantities(counted)


def test_a_hundred_thousand_seats_are_counted() -> None:
    counted = quantities(bill(plan("hybrid", seat_blocks=seats(60_000, 30_000, 10_000, Site.CLOUD)), NOTHING, CHOICES))
    assert (counted["endpoint.pc"], counted["endpoint.headset"]) == (90_000, 100_000)
    assert "project.implementation.from_100_seats" in counted


def test_a_plan_without_seats_has_no_price_per_seat() -> None:
    with pytest.raises(ValueError, match="without seats"):
        bill(plan("onprem", seat_blocks=()), NOTHING, CHOICES)


# What it costs


def test_totals_of_a_small_cloud_are_those_of_a_person_with_a_pencil() -> None:
    counted = bill(
        plan("cloud"),
        book(
            {
                f"{CLOUD}.ec2.c6i.large": ("USD", "0.10"),
                f"{CLOUD}.ebs.gp3": ("USD", "0.08"),
                "endpoint.pc": ("CNY", "3000", "4000", "5000"),
                "seat.peak": ("CNY", "300", "550", "800"),
                "minutes.inbound.number": ("CNY", "0.03"),
                "compliance.assessment.level_3": ("CNY", "80000"),
            }
        ),
        CHOICES,
    )
    # 3 x 730 x 0.10 + 1140 x 0.08 = 310.20 USD = 2171.40 CNY a month; minutes 1,800.
    month = D("2171.40") + 1800
    for years in (1, 3, 5):
        total = counted.over(years)
        assert (total.capex.low, total.capex.base, total.capex.high) == (60_000, 80_000, 100_000)
        for end, pc, rent, rate in (
            ("low", 60_000, 300, "0.15"),
            ("base", 80_000, 550, "0.175"),
            ("high", 100_000, 800, "0.20"),
        ):
            year = month * 12 + PEAK * rent + 80_000 + pc * D(rate)
            assert getattr(total.opex, end) == pytest.approx(year * years)
            each = (pc + year * years) / (D(20 * 12) + PEAK) / years
            assert getattr(total.per_seat_month, end) == pytest.approx(each)
        assert not total.complete


def test_totals_of_a_small_site_are_those_of_a_person_with_a_pencil() -> None:
    counted = bill(
        plan("onprem"),
        book(
            {
                "server.2c4g": ("CNY", "10000", "12000", "16000"),
                "server.4c8g": ("CNY", "20000"),
                "licence.seat.perpetual.onprem": ("CNY", "5000", "7500", "10000"),
                "room.electricity": ("CNY", "0.5"),
                "line.sip_channel": ("CNY", "20"),
            }
        ),
        CHOICES,
    )
    total = counted.over(3)
    assert total.capex == Band(D(200_000), D(281_000), D(368_000))
    yearly = 12 * (1752 * D("0.5") + 30 * 20)
    assert total.opex.low == (yearly + 200_000 * D("0.15")) * 3
    assert total.opex.base == (yearly + 281_000 * D("0.175")) * 3
    assert total.opex.high == (yearly + 368_000 * D("0.20")) * 3


def test_totals_of_a_hybrid_add_both_currencies_in_the_one_asked_for() -> None:
    prices = book({"server.2c4g": ("CNY", "7000"), f"{CLOUD}.ec2.c6i.large": ("USD", "1")})
    in_yuan = bill(plan("hybrid"), prices, CHOICES).over(1)
    in_dollars = bill(plan("hybrid"), prices, dataclasses.replace(CHOICES, currency="USD")).over(1)
    assert in_yuan.capex.base == 21_000
    assert in_yuan.opex.base == 730 * 12 * 7 + 21_000 * D("0.175")
    assert in_dollars.total.base == pytest.approx(in_yuan.total.base / 7)


@pytest.mark.parametrize("mode", ["cloud", "onprem", "hybrid"])
@pytest.mark.parametrize("salaries", [False, True])
def test_totals_are_the_sum_of_their_lines(mode: str, salaries: bool) -> None:
    counted = bill(plan(mode), books.load(), dataclasses.replace(CHOICES, salaries=salaries))
    times = {"once": (1, 1, 1), "month": (12, 36, 60), "year": (1, 3, 5)}
    for index, total in enumerate(counted.totals):
        for end in ("low", "base", "high"):
            whole = sum(
                getattr(each.cost, end) * times[each.every][index]
                for each in counted.lines
                if each.cost is not None and (salaries or each.group != "labour")
            )
            assert getattr(total.total, end) == pytest.approx(whole)
        assert total.total.low <= total.total.base <= total.total.high


def test_pay_is_shown_and_added_only_when_asked_for() -> None:
    prices = book({"labour.agent": ("CNY", "5000")})
    without = bill(plan("onprem"), prices, CHOICES)
    added = bill(plan("onprem"), prices, dataclasses.replace(CHOICES, salaries=True))
    shown = line(without, "labour.agent")
    assert shown.cost is not None
    assert (shown.cost.base, shown.added) == (100_000, False)
    assert "not added" in shown.why
    assert without.over(1).total.base == 0
    assert added.over(1).total.base == 1_200_000


def test_operation_is_a_share_of_what_is_paid_at_the_start_and_of_nothing_it_is_missing() -> None:
    prices = book({"server.2c4g": ("CNY", "100", "200", "400")})
    known = line(bill(plan("onprem"), prices, CHOICES), "operation.share")
    assert known.cost == Band(D("45"), D("105"), D("240"))
    assert "as far as it has prices" in known.why
    assert line(bill(plan("onprem"), NOTHING, CHOICES), "operation.share").cost is None


# What is missing


@pytest.mark.parametrize("mode", ["cloud", "onprem", "hybrid"])
def test_a_missing_price_is_listed_never_nothing_and_makes_the_total_incomplete(mode: str) -> None:
    counted = bill(plan(mode), books.load(), CHOICES)
    assert "line.sip_channel" in counted.missing
    missing = [each for each in counted.lines if each.price is None]
    assert {each.item for each in missing} == set(counted.missing)
    assert all(each.cost is None for each in missing)
    assert not any(total.complete for total in counted.totals)


def test_one_missing_price_is_enough_to_make_a_total_incomplete() -> None:
    everything = dict.fromkeys(quantities(bill(plan("onprem"), NOTHING, CHOICES)), ("CNY", "1"))
    assert bill(plan("onprem"), book(dict(everything)), CHOICES).over(3).complete
    for item in everything:
        if item not in {"operation.share", "labour.agent"}:
            left = {name: price for name, price in everything.items() if name != item}
            counted = bill(plan("onprem"), book(dict(left)), CHOICES)
            assert (counted.missing, counted.over(3).complete) == ((item,), False)


def test_a_type_that_the_regions_book_lacks_is_missing_and_not_guessed() -> None:
    counted = bill(plan("cloud", region="cn-northwest-1"), books.load(), CHOICES)
    assert "aws.cn-northwest-1.ec2.c6i.large" in counted.missing


def test_an_instance_of_beijing_has_the_price_of_beijing_in_yuan() -> None:
    counted = bill(plan("cloud", region="cn-north-1"), books.load(), CHOICES)
    found = line(counted, "aws.cn-north-1.ec2.c6i.large")
    assert found.cost is not None
    assert found.cost.base == D("0.73937") * 2190


# Money is Decimal


def _floats(value: Any) -> bool:
    if dataclasses.is_dataclass(value):
        return any(_floats(getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, tuple | list):
        return any(_floats(each) for each in value)
    return isinstance(value, float)


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_no_binary_float_is_in_a_bill(currency: str) -> None:
    assert not _floats(bill(plan("hybrid"), books.load(), Choices(currency=currency)))


def test_choices_refuse_what_has_no_rate() -> None:
    with pytest.raises(ValueError, match="EUR"):
        Choices(currency="EUR")
    with pytest.raises(ValueError, match="more than 0"):
        Choices(exchange=Exchange(D(0), DAY, "nothing"))
    with pytest.raises(ValueError, match="no rate"):
        RATE.convert(Band(D(1), D(1), D(1)), "EUR", "CNY")


def test_every_assumption_says_value_unit_and_source() -> None:
    listed = {each.name: each for each in assumptions()}
    assert listed["peak_days_per_year"].value == "14"
    assert "planning default" in listed["exchange"].source
    assert all(each.value and each.unit and each.source for each in listed.values())


def test_the_same_plan_gives_the_same_bill() -> None:
    trunks = (Trunk("a", "sip", plan("cloud").trunks[0].address, 5060, 10),)
    first, second = (bill(plan("cloud", trunks=trunks), books.load(), CHOICES) for _ in range(2))
    assert first == second


def test_a_database_that_the_cloud_runs_is_an_instance_and_a_disk_in_two_zones_a_key_and_a_secret() -> None:
    region = "aws.cn-north-1"
    ours, theirs = plan_of("cloud"), managed_plan_of()
    kept = quantities(bill(ours, NOTHING, CHOICES))
    found = quantities(bill(theirs, NOTHING, CHOICES))
    assert found[f"{region}.rds.m6i.large.postgres.two_zones"] == 1
    assert found[f"{region}.rds.gp3"] == 2 * theirs.host("db1").disk_gb
    assert found[f"{region}.secret"] - kept[f"{region}.secret"] == 1
    assert found[f"{region}.kms.key"] - kept[f"{region}.kms.key"] == 1
    assert f"{region}.ec2.m6i.large" not in found
    # Two machines and their disks are not there.
    gone = sum(ours.host(name).disk_gb for name in ("db1", "db2"))
    assert kept[f"{region}.ebs.gp3"] - found[f"{region}.ebs.gp3"] == gone


def test_a_managed_database_without_a_price_is_named_as_missing() -> None:
    made = bill(managed_plan_of(), books.load(()), CHOICES)
    assert "aws.cn-north-1.rds.m6i.large.postgres.two_zones" in made.missing
