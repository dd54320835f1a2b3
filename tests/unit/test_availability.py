"""Availability agrees with arithmetic done another way, and what is missing is named."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatworks import availability
from seatworks.availability import Group, Topology
from tests.topologies import PAIR, topology

CASES = json.loads((Path(__file__).parent / "cases/availability_cases.json").read_text(encoding="utf-8"))
PROMISES = {
    "EC2 region-level (multi-AZ)": "sla_ec2_region",
    "EC2 instance-level": "sla_ec2_instance",
    "Amazon Connect per region": "sla_connect",
    "RDS Multi-AZ": "sla_rds_multi_az",
    "Aurora": "sla_aurora",
    "ELB/NLB": "sla_elb",
    "S3 standard": "sla_s3",
    "EFS regional": "sla_efs",
    "Route 53": "sla_route53",
    "Chime Voice Connector": "sla_voice_connector",
    "CloudWatch": "sla_cloudwatch",
    "RDS Proxy": "sla_rds_proxy",
}
ENGINE = {
    "sla": lambda x: availability.figure(PROMISES[x["service"]]),
    "mtbf_hours": lambda x: availability.mtbf_h(x["afr_percent"]),
    "availability_k_of_n": lambda x: availability.k_of_n(x["k"], x["n"], x["node"]),
    "availability_series": lambda x: availability.series(x["components"]),
    "failover_unavailability": lambda x: availability.failover_loss(x["failures_per_year"], x["seconds"]),
}
# What AWS promises of one instance, of a load balancer, of RDS in two zones; what a carrier is taken to promise.
NODE, BALANCER, RDS, CARRIER = 0.995, 0.9999, 0.9995, 0.999


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{list(case['inputs'].values())}")
def test_reference_cases_are_met(case: dict[str, Any]) -> None:
    allowed = case["tolerance"].get("abs", case["tolerance"].get("rel", 0) * abs(case["expected"]))
    assert abs(ENGINE[case["kind"]](case["inputs"]) - case["expected"]) <= allowed


def test_every_kind_of_case_is_there() -> None:
    assert {case["kind"] for case in CASES} == set(ENGINE)
    assert len(CASES) == 22


def _exact(needed: int, placed: int, node: Fraction) -> Fraction:
    """The binomial sum in whole numbers."""
    up, of = node.numerator, node.denominator
    total = sum(math.comb(placed, i) * up**i * (of - up) ** (placed - i) for i in range(needed, placed + 1))
    return Fraction(total, of**placed)


@given(st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_k_of_n_is_the_binomial_sum(data: st.DataObject) -> None:
    placed = data.draw(st.integers(1, 60))
    needed = data.draw(st.integers(0, placed))
    node = data.draw(st.integers(0, 1000)) / 1000
    assert availability.k_of_n(needed, placed, node) == pytest.approx(
        float(_exact(needed, placed, Fraction(node))), rel=1e-12, abs=1e-300
    )


@pytest.mark.parametrize("needed", [9900, 9925, 9950, 9960, 9990, 10_000])
def test_k_of_n_is_exact_for_ten_thousand_servers(needed: int) -> None:
    few = Fraction(199, 200)
    # The same sum with a common factor, in steps of whole numbers: C(n, i) 199^i over 200^n.
    total, term = 0, 199**10_000
    for i in range(10_000, needed - 1, -1):
        total += term
        term = term * i // ((10_000 - i + 1) * 199)
    assert availability.k_of_n(needed, 10_000, float(few)) == pytest.approx(
        float(Fraction(total, 200**10_000)), rel=1e-11
    )


def test_ten_thousand_servers_that_must_all_work_do_not_underflow_in_between() -> None:
    assert availability.k_of_n(10_000, 10_000, 0.95) == pytest.approx(0.95**10_000, rel=1e-10)
    assert availability.k_of_n(1, 10_000, 0.001) == pytest.approx(1 - 0.999**10_000, rel=1e-12)
    assert availability.k_of_n(5_000, 10_000, 0.5) == pytest.approx(
        0.5 + math.comb(10_000, 5_000) / 2**10_001, rel=1e-12
    )


@pytest.mark.parametrize(
    ("needed", "placed", "node", "expected"),
    [(0, 0, 0.5, 1), (0, 3, 0.0, 1), (1, 0, 1.0, 0), (2, 1, 1.0, 0), (1, 3, 0.0, 0), (3, 3, 1.0, 1), (1, 1, 0.3, 0.3)],
)
def test_the_ends_have_defined_answers(needed: int, placed: int, node: float, expected: float) -> None:
    assert availability.k_of_n(needed, placed, node) == pytest.approx(expected, rel=1e-15)


@given(st.integers(1, 40), st.integers(0, 5), st.floats(0.5, 1), st.floats(0, 1))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_one_server_more_never_harms_and_common_cause_never_helps(
    needed: int, spare: int, node: float, beta: float
) -> None:
    placed = needed + spare
    independent = availability.k_of_n(needed, placed, node)
    assert availability.k_of_n(needed, placed + 1, node) >= independent - 1e-15
    assert availability.with_common_cause(needed, placed, node, 0) == pytest.approx(independent, abs=1e-15)
    shared = availability.with_common_cause(needed, placed, node, beta)
    assert 0 <= shared <= 1
    assert availability.with_common_cause(needed, placed + 1, node, beta) >= shared - 1e-15
    # However many stand, they are out together for their common share.
    assert shared <= 1 - beta * (1 - node) + 1e-15


@pytest.mark.parametrize("beta", [0, 0.02, 0.1, 1])
def test_one_server_shares_with_nobody(beta: float) -> None:
    assert availability.with_common_cause(1, 1, NODE, beta) == pytest.approx(NODE, abs=1e-15)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: availability.k_of_n(-1, 2, 0.9),
        lambda: availability.k_of_n(1, 2, 1.1),
        lambda: availability.k_of_n(1, 2, math.nan),
        lambda: availability.with_common_cause(1, 2, 0.9, -0.1),
        lambda: availability.series([0.9, 99.9]),
        lambda: availability.failover_loss(-1, 60),
        lambda: availability.mtbf_h(0),
        lambda: availability.from_repair(0, 1),
        lambda: availability.downtime_min_per_year(100.1),
        lambda: availability.spares(0, 99.9, "cloud"),
        lambda: availability.spares(1, 100, "cloud"),
        lambda: availability.spares(1, 99.9, "moon"),
        lambda: availability.server("moon"),
        lambda: Group("teapot", 1, 2),
        lambda: Group("edge", 1, 2, zones=3),
        lambda: Group("edge", 2, 3, needed_at_peak=3),
        lambda: Topology("cloud", (Group("edge", 1, 2),), carriers=2),
        lambda: topology("moon"),
        lambda: topology(carriers=1, gateways=2),
    ],
)
def test_senseless_arguments_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        wrong()


@pytest.mark.parametrize(
    ("percent", "minutes"), [(99.9, 525.6), (99.95, 262.8), (99.99, 52.56), (100, 0), (0, 525_600)]
)
def test_downtime_is_the_rest_of_the_year(percent: float, minutes: float) -> None:
    assert availability.downtime_min_per_year(percent) == pytest.approx(minutes, abs=1e-7)


# The table of topologies, each row computed here by hand and there by the building blocks


@pytest.mark.parametrize(
    ("built", "by_hand", "printed"),
    [
        (availability.series([NODE] * 5), 0.995**5, 97.52),
        (
            availability.series([availability.k_of_n(1, 2, NODE)] * 3 + [BALANCER, RDS, CARRIER]),
            PAIR**3 * 0.9999 * 0.9995 * 0.999,
            99.83,
        ),
        (
            availability.series(
                [availability.k_of_n(1, 2, NODE)] * 3 + [BALANCER, RDS, availability.k_of_n(1, 2, CARRIER)]
            ),
            PAIR**3 * 0.9999 * 0.9995 * (1 - 0.001**2),
            99.93,
        ),
        (
            availability.series([availability.k_of_n(1, 2, NODE)] * 3 + [BALANCER, availability.k_of_n(1, 2, CARRIER)]),
            PAIR**3 * 0.9999 * (1 - 0.001**2),
            99.982,
        ),
        (availability.series([0.9999, BALANCER]), 0.9999**2, 99.980),
        (availability.k_of_n(1, 2, 0.9999**2), 1 - (1 - 0.9999**2) ** 2, 99.999996),
        (availability.with_common_cause(1, 2, NODE, 0), 1 - 0.005**2, 99.9975),
        (availability.with_common_cause(1, 2, NODE, 0.02), 1 - (0.0001 + 0.0049**2), 99.9876),
        (availability.with_common_cause(1, 2, NODE, 0.1), 1 - (0.0005 + 0.0045**2), 99.948),
        (availability.k_of_n(10, 11, NODE), 0.995**11 + 11 * 0.005 * 0.995**10, 99.867),
        (
            availability.k_of_n(10, 12, NODE),
            0.995**12 + 12 * 0.005 * 0.995**11 + 66 * 0.005**2 * 0.995**10,
            99.9973,
        ),
    ],
    ids=[
        "five single nodes",
        "pairs, balancer, database, one carrier",
        "two carriers",
        "database out of the path",
        "SLAs of compute and balancer",
        "two regions",
        "pair",
        "pair, beta 2 %",
        "pair, beta 10 %",
        "10 of 11",
        "10 of 12",
    ],
)
def test_the_table_of_topologies_is_reproduced(built: float, by_hand: float, printed: float) -> None:
    assert built == pytest.approx(by_hand, rel=1e-12)
    digits = len(str(printed).partition(".")[2])
    assert round(100 * built, digits) == printed


# Spare servers
