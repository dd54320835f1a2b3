"""Three centres from the specification to the money, checked with arithmetic that shares no line with the program."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from seatworks import decide
from seatworks.decide import Found
from seatworks.plan.model import Site
from tests.specs import environment


def lost(servers: int, erlangs: float) -> float:
    """Erlang's first formula, by his own recursion."""
    share = 1.0
    for k in range(1, servers + 1):
        share = erlangs * share / (k + erlangs * share)
    return share


def waits(agents: int, erlangs: float) -> float:
    """Erlang's second formula, from the first."""
    b = lost(agents, erlangs)
    return agents * b / (agents - erlangs * (1 - b))


def in_time(agents: int, erlangs: float, handle_s: float, within_s: float) -> float:
    """Share answered in time when nobody gives up."""
    return 1 - waits(agents, erlangs) * math.exp(-(agents - erlangs) * within_s / handle_s)


def line_of(found: Found, mode: str, item: str) -> Decimal:
    """What one line of a bill costs each time it is paid, by base price."""
    line = next(line for line in found.comparison.bill(mode).lines if line.item == item)
    assert line.cost is not None, item
    return line.cost.base


@pytest.fixture(scope="module")
def cisco(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Unified CCE SRND, "basic example": 2,000 calls of 150 s, 90 % in 30 s, 1 % blocking; printed: 103 trunks."""
    return decide.decide(
        environment(
            tmp_path_factory.mktemp("cisco"),
            "onprem",
            traffic__busy_hour_calls=2000,
            traffic__talk_s=150,
            traffic__wrap_up_s=0,
            traffic__ivr_s=0,
            traffic__service_level={"share": 0.9, "within_s": 30},
        )
    )


def test_the_cisco_chain_has_its_103_trunks(cisco: Found) -> None:
    accepted = 2000 * 0.99
    talk = accepted * 150 / 3600
    agents = next(n for n in range(math.ceil(talk) + 1, 200) if in_time(n, talk, 150, 30) >= 0.9)
    wait_s = waits(agents, talk) * 150 / (agents - talk)
    load = accepted * (150 + wait_s) / 3600
    trunks = next(n for n in range(1, 200) if lost(n, load) <= 0.01)
    assert (cisco.sizing.agents, cisco.sizing.concurrent_calls) == (agents, trunks) == (90, 103)
    assert cisco.sizing.trunk_channels == math.ceil(103 * 1.2) == 124
    assert cisco.sizing.e1_spans == 5
    assert cisco.plan.trunks[0].channels == 124, "two carriers: one may fail"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """200 seats of a bank on its own premises, protection level 3, recordings of five years."""
    return decide.decide(
        environment(
            tmp_path_factory.mktemp("bank"),
            "onprem",
            industry="finance",
            protection_level=3,
            seats__onprem=200,
            seats__peak_extra=0,
            traffic__busy_hour_calls=2400,
            traffic__talk_s=210,
            traffic__wrap_up_s=60,
            traffic__ivr_s=25,
            traffic__shrinkage=0.3,
            recording__retention_days=1825,
        )
    )


def test_a_bank_of_200_seats_has_people_lines_and_disks_by_hand(bank: Found) -> None:
    accepted = 2400 * 0.99
    load = accepted * 270 / 3600
    agents = next(n for n in range(math.ceil(load) + 1, 400) if in_time(n, load, 270, 20) >= 0.8)
    assert bank.sizing.agents == agents == 188
    assert bank.sizing.scheduled_staff == math.ceil(188 / 0.7) == 269
    wait_s = waits(188, load) * 270 / (188 - load)
    lines = next(n for n in range(1, 400) if lost(n, accepted * (25 + wait_s + 210) / 3600) <= 0.01)
    assert bank.sizing.concurrent_calls == lines
    # Each side on a channel of 8,000 samples of 2 bytes; eight busy hours a day; five years; a fifth more.
    hours_a_day = accepted * 8 * 210 / 3600
    assert bank.sizing.recording_disk_gb == math.ceil(hours_a_day * 0.1152 * 1825 * 1.2)
    assert bank.plan.availability.model >= 99.9
    assert any("10 years" in note for note in bank.notes)


def test_a_bank_of_200_seats_pays_by_hand(bank: Found) -> None:
    # Computers 4,000, headsets 350, licences 7,500 a seat; 17.5 % of it a year for operation; the rest monthly.
    start = 200 * (4000 + 350 + 7500)
    bill = bank.comparison.bill("onprem")
    assert bill.over(1).capex.base == start
    assert line_of(bank, "onprem", "operation.share") == Decimal(start) * Decimal("0.175")
    monthly = sum(
        line.cost.base for line in bill.lines if line.every == "month" and line.cost is not None and line.added
    )
    yearly = 12 * monthly + Decimal(start) * Decimal("0.175")
    assert bill.over(5).opex.base == pytest.approx(5 * yearly)
    assert {"compliance.assessment.level_3", "line.sip_channel", "server.8c16g"} <= set(bill.missing)
    assert not bill.over(5).complete


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """A shop on its premises and in the cloud, 300 seats more for two weeks in November."""
    return decide.decide(
        environment(
            tmp_path_factory.mktemp("shop"),
            "hybrid",
            industry="ecommerce",
            seats__peak_extra=300,
            traffic__busy_hour_calls=2600,
        )
    )


def test_a_shop_is_sized_for_november(shop: Found) -> None:
    assert shop.sizing.offered_calls == 2600 * 1.5
    load = 3900 * 0.99 * 210 / 3600
    agents = next(n for n in range(math.ceil(load) + 1, 500) if in_time(n, load, 210, 20) >= 0.8)
    assert shop.sizing.agents == agents
    assert shop.sizing.seats_enough
    assert shop.plan.seat_count(Site.CLOUD, peak=True) == 300
    # All lines can be at seats in the cloud: SRTP in WireGuard, 302 B every 20 ms, and 5 % RTCP.
    calls = min(shop.sizing.concurrent_calls, 20 + 300)
    assert shop.sizing.link_bandwidth_kbps == math.ceil(calls * 302 * 8 / 20 * 1.05)


def test_a_shop_pays_for_two_weeks_of_november(shop: Found) -> None:
    # A rented seat is 550 a month, between 300 and 800: 300 seats for 14 of 365 days are 138.08 seat-months.
    assert float(line_of(shop, "hybrid", "seat.peak")) == pytest.approx(550 * 300 * 14 / 365 * 12)
    # Only the 100 seats that are there all year get a computer; all 400 get a headset.
    assert line_of(shop, "hybrid", "endpoint.pc") == 100 * 4000
    assert line_of(shop, "hybrid", "endpoint.headset") == 400 * 350
    plain = shop.comparison.bill("onprem")
    computers = next(line for line in plain.lines if line.item == "endpoint.pc")
    assert computers.quantity == 400, "on premises the seats of the peak are bought like all others"
