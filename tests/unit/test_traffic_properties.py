"""What must hold of traffic at any load and size: the formulas' own laws, checked with arithmetic of another kind."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatworks import traffic

SERVERS = st.one_of(st.integers(1, 300), st.integers(1, 1_000_000))
# Around the number of servers, where it matters, and far from it.
LOADS = st.one_of(st.floats(0.8, 1.25), st.floats(0.001, 1000))
TINY = 1e-300


def recursion(channels: int, erlangs: float) -> float:
    """Erlang B by its textbook recursion."""
    blocked = 1.0
    for k in range(1, channels + 1):
        blocked = erlangs * blocked / (k + erlangs * blocked)
    return blocked


def chain(erlangs: float, agents: int, ratio: float) -> dict[int, float]:
    """Erlang A as a birth-death chain, state by state: the share of time with so many calls there.

    `ratio` is handling time over patience: deaths at j up to N busy, N + (j - N) ratio beyond, births at A.
    """

    def deaths(state: int) -> float:
        return min(state, agents) + max(0, state - agents) * ratio

    top = int(erlangs if erlangs < agents else agents + (erlangs - agents) / ratio)
    weights = {top: 1.0}
    for state in range(top, 0, -1):
        weights[state - 1] = weights[state] * deaths(state) / erlangs
    state = top
    while weights[state] > 1e-30 or state < agents + 10:
        state += 1
        weights[state] = weights[state - 1] * erlangs / deaths(state)
    total = math.fsum(weights.values())
    return {state: weight / total for state, weight in weights.items()}


def answered_within(ahead: int, stages: float, stay: float) -> float:
    """Probability that a caller who finds k = `ahead` waiting is answered in time T.

    c / (c + k + 1) I_(1-x)(k + 1, c + 1), the incomplete beta function as a sum of the negative binomial law.
    `stages` is c = agents x patience / handling time, `stay` is x = exp(-T / patience).
    """
    term = total = stay ** (stages + 1)
    for k in range(1, ahead + 1):
        term *= (1 - stay) * (k + stages) / k
        total += term
    return stages / (stages + ahead + 1) * (1 - total)


@given(channels=st.integers(0, 1500), erlangs=st.floats(0.001, 2000))
def test_blocking_agrees_with_the_recursion(channels: int, erlangs: float) -> None:
    assert traffic.erlang_b(channels, erlangs) == pytest.approx(recursion(channels, erlangs), rel=2e-12, abs=TINY)


@given(servers=SERVERS, load=LOADS)
def test_blocking_of_one_server_more_follows_from_the_one_before(servers: int, load: float) -> None:
    erlangs = servers * load
    before = erlangs * traffic.erlang_b(servers - 1, erlangs)
    assert traffic.erlang_b(servers, erlangs) == pytest.approx(before / (servers + before), rel=1e-12, abs=TINY)


@given(servers=SERVERS, load=LOADS)
def test_waiting_follows_from_blocking(servers: int, load: float) -> None:
    erlangs = servers * load
    lost, waits = traffic.erlang_b(servers, erlangs), traffic.erlang_c(servers, erlangs)
    if erlangs >= servers:
        assert waits == 1
    else:
        assert waits == pytest.approx(servers * lost / (servers - erlangs * (1 - lost)), rel=1e-12, abs=TINY)
        assert waits >= lost


@given(servers=SERVERS, load=LOADS)
def test_logarithms_are_those_of_the_probabilities(servers: int, load: float) -> None:
    erlangs = servers * load
    for value, log in (
        (traffic.erlang_b(servers, erlangs), traffic.log_erlang_b(servers, erlangs)),
        (traffic.erlang_c(servers, erlangs), traffic.log_erlang_c(servers, erlangs)),
    ):
        assert math.exp(log) == pytest.approx(value, rel=1e-12, abs=TINY)
        assert log <= 0


@given(servers=SERVERS, load=LOADS, more=st.floats(1.0001, 2))
def test_more_load_is_worse_and_more_servers_are_better(servers: int, load: float, more: float) -> None:
    erlangs = servers * load
    for worse_with_load in (traffic.log_erlang_b, traffic.log_erlang_c):
        here = worse_with_load(servers, erlangs)
        slack = 1e-14 * max(1.0, abs(here))
        assert worse_with_load(servers, erlangs * more) >= here - slack
        assert worse_with_load(servers + 1, erlangs) <= here + slack
    here = traffic.service_level(erlangs, servers, 180, 20)
    assert traffic.service_level(erlangs * more, servers, 180, 20) <= here + 1e-15
    assert traffic.service_level(erlangs, servers + 1, 180, 20) >= here - 1e-15
    assert traffic.service_level(erlangs, servers, 180, 30) >= here
    assert traffic.average_speed_of_answer_s(erlangs, servers + 1, 180) <= traffic.average_speed_of_answer_s(
        erlangs, servers, 180
    )


@given(erlangs=st.floats(0.001, 1_000_000), blocking=st.floats(1e-9, 0.9))
def test_channels_are_the_fewest(erlangs: float, blocking: float) -> None:
    channels = traffic.channels_for(erlangs, blocking)
    assert traffic.erlang_b(channels, erlangs) <= blocking
    assert traffic.erlang_b(channels - 1, erlangs) > blocking


@given(servers=SERVERS, blocking=st.floats(1e-9, 0.9))
def test_the_largest_load_needs_just_those_channels(servers: int, blocking: float) -> None:
    erlangs = traffic.max_erlangs(servers, blocking)
    assert traffic.channels_for(erlangs, blocking) == servers
    assert traffic.erlang_b(servers, erlangs) <= blocking
    assert traffic.erlang_b(servers, erlangs * (1 + 1e-9)) > blocking


@given(servers=st.integers(1, 400), load=LOADS)
def test_the_blocking_of_a_group_asks_for_that_group(servers: int, load: float) -> None:
    blocking = traffic.erlang_b(servers, servers * load)
    if TINY < blocking < 1 - 1e-12:
        assert traffic.channels_for(servers * load, blocking) == servers


@given(
    erlangs=st.floats(0.001, 1_000_000),
    share=st.floats(0, 0.999),
    within_s=st.integers(0, 120),
    most=st.none() | st.floats(0.2, 1),
)
def test_agents_are_the_fewest(erlangs: float, share: float, within_s: int, most: float | None) -> None:
    agents = traffic.agents_for(erlangs, 210, share, within_s, most)

    def enough(number: int) -> bool:
        busy = most is None or traffic.occupancy(erlangs, number) <= most * (1 + 1e-11)
        return number > erlangs and busy and traffic.service_level(erlangs, number, 210, within_s) >= share

    assert enough(agents)
    assert not enough(agents - 1) or erlangs / (agents - 1) > (most or 1) * (1 - 1e-11)


@given(erlangs=st.floats(0.001, 500), up_to=st.integers(0, 600))
def test_a_sweep_of_channels_is_every_single_answer(erlangs: float, up_to: int) -> None:
    swept = traffic.sweep_blocking(erlangs, up_to)
    assert len(swept) == up_to + 1
    assert swept[-1] == pytest.approx(traffic.erlang_b(up_to, erlangs), rel=2e-12, abs=TINY)
    assert list(swept) == sorted(swept, reverse=True)


@given(erlangs=st.floats(0, 2000), first=st.integers(0, 2000), step=st.sampled_from([1, 1, 3, -2]))
def test_a_sweep_of_agents_is_every_single_answer(erlangs: float, first: int, step: int) -> None:
    numbers = range(first, max(0, first + 20 * step), step)
    swept = traffic.sweep_service_level(erlangs, numbers, 180, 20)
    single = [traffic.service_level(erlangs, agents, 180, 20) for agents in numbers]
    assert swept == pytest.approx(single, rel=1e-11, abs=TINY)


@given(servers=st.integers(1, 2000), load=st.floats(0.01, 3), recall=st.floats(0, 0.99))
def test_retries_balance(servers: int, load: float, recall: float) -> None:
    met = traffic.extended_erlang_b(servers, servers * load, recall)
    offered = met.offered_incl_retries_erlangs
    assert offered == pytest.approx(servers * load + recall * offered * met.blocking, rel=1e-12)
    assert met.blocking == pytest.approx(traffic.erlang_b(servers, offered), rel=1e-12, abs=TINY)


@given(servers=st.integers(0, 40), sources=st.integers(0, 60), load=st.floats(0.001, 50))
def test_engset_agrees_with_its_sum(servers: int, sources: int, load: float) -> None:
    def all_busy(of: int) -> float:
        weights = [math.comb(of, busy) * load**busy for busy in range(servers + 1)]
        return weights[servers] / math.fsum(weights)

    met = traffic.engset(servers, sources, load)
    assert met.time_congestion == pytest.approx(all_busy(sources), rel=1e-12)
    assert met.call_congestion == pytest.approx(all_busy(sources - 1) if servers < sources else 0, rel=1e-12)


@settings(deadline=None)
@given(erlangs=st.floats(0.05, 300), agents=st.integers(1, 300), patience_s=st.floats(5, 3000))
def test_giving_up_agrees_with_the_chain(erlangs: float, agents: int, patience_s: float) -> None:
    met = traffic.erlang_a(erlangs / 210, 210, agents, patience_s, 20)
    states = chain(erlangs, agents, 210 / patience_s)
    waiting = math.fsum(share for calls, share in states.items() if calls >= agents)
    queue = math.fsum(share * (calls - agents) for calls, share in states.items() if calls > agents)
    assert met.waiting == pytest.approx(waiting, rel=1e-10, abs=1e-25)
    assert met.mean_queue == pytest.approx(queue, rel=1e-10, abs=1e-25)
    assert met.abandoned == pytest.approx(queue * 210 / patience_s / erlangs, rel=1e-10, abs=1e-25)


@settings(deadline=None, max_examples=60)
@given(erlangs=st.floats(0.05, 90), agents=st.integers(1, 60), patience_s=st.floats(30, 900), within_s=st.floats(0, 60))
def test_service_level_with_patience_agrees_with_the_chain(
    erlangs: float, agents: int, patience_s: float, within_s: float
) -> None:
    stages, stay = agents * patience_s / 210, math.exp(-within_s / patience_s)
    served = math.fsum(
        share * (1 if calls < agents else answered_within(calls - agents, stages, stay))
        for calls, share in chain(erlangs, agents, 210 / patience_s).items()
    )
    met = traffic.erlang_a(erlangs / 210, 210, agents, patience_s, within_s)
    assert met.served_within_of_offered == pytest.approx(served, rel=1e-9, abs=1e-11)


@settings(deadline=None)
@given(
    load=st.floats(0.05, 4),
    agents=st.one_of(st.integers(1, 40), st.integers(1, 100_000)),
    patience_s=st.floats(0.5, 5000),
    within_s=st.floats(0, 600),
)
def test_the_figures_of_one_queue_fit_together(load: float, agents: int, patience_s: float, within_s: float) -> None:
    met = traffic.erlang_a(load * agents / 210, 210, agents, patience_s, within_s)
    # A caller with endless patience waits at least as long as one who may leave; who left was not answered.
    assert met.served_within_of_offered <= met.virtual_wait_within * (1 + 1e-12)
    assert met.served_within_of_offered == pytest.approx(
        met.served_within_of_answered * (1 - met.abandoned), rel=1e-9, abs=1e-15
    )
    assert 1 - met.waiting <= met.virtual_wait_within * (1 + 1e-12) + 1e-15
    assert met.virtual_wait_within <= 1 + 1e-15
    assert met.abandoned <= met.waiting * (1 + 1e-12) <= 1 + 1e-11
    assert met.mean_wait_s <= met.mean_virtual_wait_s * (1 + 1e-12)
    assert met.mean_wait_answered_s <= met.mean_virtual_wait_s * (1 + 1e-12)
    # Calls in are calls out: A (1 - abandoned) agents are busy.
    assert met.occupancy == pytest.approx(load * (1 - met.abandoned), rel=1e-9)
    assert met.occupancy <= 1 + 1e-12


@settings(deadline=None)
@given(erlangs=st.floats(0.1, 300), spare=st.floats(0.05, 0.5), within_s=st.floats(0, 100))
def test_patience_without_end_is_erlang_c(erlangs: float, spare: float, within_s: float) -> None:
    agents = math.ceil(erlangs * (1 + spare)) + 1
    met = traffic.erlang_a(erlangs / 210, 210, agents, 1e9, within_s)
    assert met.waiting == pytest.approx(traffic.erlang_c(agents, erlangs), rel=1e-3, abs=1e-12)
    level = traffic.service_level(erlangs, agents, 210, within_s)
    assert met.served_within_of_offered == pytest.approx(level, rel=1e-3)
    assert met.mean_wait_s == pytest.approx(traffic.average_speed_of_answer_s(erlangs, agents, 210), rel=1e-3)


@given(erlangs=st.floats(0.1, 300), agents=st.integers(1, 300))
def test_no_patience_at_all_is_erlang_b(erlangs: float, agents: int) -> None:
    met = traffic.erlang_a(erlangs / 210, 210, agents, 1e-9, 0)
    assert met.abandoned == pytest.approx(traffic.erlang_b(agents, erlangs), rel=1e-6, abs=1e-25)


@settings(deadline=None, max_examples=60)
@given(
    erlangs=st.one_of(st.floats(0.1, 50), st.floats(0.1, 100_000)),
    patience_s=st.integers(5, 600),
    share=st.floats(0, 0.98),
    most=st.none() | st.floats(0.3, 1),
)
def test_agents_with_patience_are_the_fewest(erlangs: float, patience_s: int, share: float, most: float | None) -> None:
    agents = traffic.agents_for_with_patience(erlangs, 210, share, 20, patience_s, most)

    def enough(number: int) -> bool:
        met = traffic.erlang_a(erlangs / 210, 210, number, patience_s, 20)
        return met.served_within_of_offered >= share and (most is None or met.occupancy <= most)

    assert enough(agents)
    assert agents == 0 or not enough(agents - 1)
