"""Servers have the memory, connections and disk that their seats and calls take."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatworks.sizing import conversations, size
from tests.unit.test_sizing import asked


def test_an_edge_has_room_for_every_seat_on_tls_when_the_spare_one_is_gone() -> None:
    sized = size(asked("cloud", seats__cloud=20_000, traffic__busy_hour_calls=20_000))
    edge = sized.group("edge")
    seats = 20_000 + asked("cloud").seats.peak_extra
    assert edge.bottleneck == "seats on TLS"
    assert (edge.count, edge.working) == (7, 6)
    each = math.ceil(seats / 6 * 1.2)
    assert each <= 4096
    # In steps of 500: some seats more restart nothing.
    assert each + 2000 <= edge.connections < each + 2500
    assert edge.connections % 500 == 0
    # 98 kB for each, and what Kamailio keeps free.
    assert edge.signalling_mib * 2**20 >= edge.connections * 98_000 + 13.6e6
    noted = {figure.name: figure for figure in sized.figures}
    assert noted["connections.edge"].value == edge.connections
    assert noted["signalling_mib.edge"].value == edge.signalling_mib


def test_a_site_that_found_more_connections_on_one_edge_needs_fewer_edges() -> None:
    own = {
        "edge_connections_cap": {"value": 25_000, "unit": "connections", "source": "make load", "date": "2026-11-29"}
    }
    edge = size(asked("cloud", seats__cloud=20_000, traffic__busy_hour_calls=1000), own).group("edge")
    assert edge.working == 1
    assert edge.connections > 24_000
    # Shared memory grows the server.
    assert edge.memory_gib * 1024 >= 2048 + edge.signalling_mib


@pytest.mark.parametrize("talk_s", [30, 180, 1800, 7200])
def test_conversations_fit_into_the_memory_that_is_bought(talk_s: int) -> None:
    sized = size(asked(traffic__talk_s=talk_s))
    call = sized.group("call")
    recorded = sized.concurrent_calls / call.working * 1.2
    assert call.conversations_mib * 2**20 >= 32_000 * talk_s * recorded
    assert call.conversations_mib <= 24 * 1024
    assert call.memory_gib >= 2 + call.conversations_mib / 1024


@given(recorded=st.floats(0.1, 5000), talk_s=st.integers(1, 7200))
def test_the_most_conversations_is_the_inverse_of_their_memory(recorded: float, talk_s: int) -> None:
    held = conversations.seconds(recorded, talk_s, 4)
    assert held > recorded * talk_s
    assert conversations.most(held, talk_s, 4) == pytest.approx(recorded)


def test_nothing_recorded_needs_no_memory_for_conversations() -> None:
    assert size(asked(recording__share=0)).group("call").conversations_mib == 1


def test_the_journal_of_a_host_holds_what_the_law_asks_and_its_disk_has_room() -> None:
    sized = size(asked())
    speaking = [sized.group(name) for name in ("edge", "call")]
    assert sum(group.working * group.journal_gib for group in speaking) * 2**30 / 1e9 >= sized.log_gb + 2 * 180 * 0.05
    for group in sized.servers:
        assert group.disk_gb - 20 >= group.journal_gib
