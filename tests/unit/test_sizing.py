"""Sizing follows the formulas, keeps its headroom and says what it assumes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from seatworks import spec, traffic
from seatworks.sizing import Sizing, e1_spans, link_extra_bytes, size, stream_kbps
from seatworks.sizing.figures import data

ROOT = Path(__file__).resolve().parents[2]


def asked(name: str = "hybrid", **changes: Any) -> spec.Spec:
    """A shipped example with changes: `asked(seats__cloud=5)` changes seats.cloud. None takes a key away."""
    values = YAML(typ="safe", pure=True).load((ROOT / f"inventories/{name}/seatworks.yml").read_text(encoding="utf-8"))
    for path, value in changes.items():
        *outer, key = path.split("__")
        node = values
        for step in outer:
            node = node[step]
        node[key] = value
        if value is None:
            del node[key]
    return spec.Spec.model_validate(values)


def said(sizing: Sizing) -> str:
    """All notes."""
    return "\n".join(sizing.notes)


def test_hybrid_example() -> None:
    sized = size(asked())
    assert (sized.agents, sized.agents_with_headroom, sized.seats_given, sized.seats_enough) == (82, 99, 120, True)
    assert (sized.concurrent_calls, sized.trunk_channels, sized.e1_spans) == (93, 112, 4)
    assert {group.group: (group.count, group.spare, group.vcpus) for group in sized.servers} == {
        "edge": (2, 1, 2),
        "call": (2, 1, 8),
        "db": (2, 1, 2),
        "record": (1, 0, 2),
        "cloud-edge": (2, 1, 2),
    }
    assert sized.service_level >= 0.8


@pytest.mark.parametrize("name", ["onprem", "cloud"])
def test_one_sided_examples_have_no_second_edge(name: str) -> None:
    sized = size(asked(name))
    assert [group.group for group in sized.servers] == ["edge", "call", "db", "record"]
    assert sized.link_bandwidth_kbps == 0


def test_same_question_same_answer() -> None:
    assert size(asked()) == size(asked())


def test_cisco_reference_design() -> None:
    # Unified CCE SRND "basic example": 2,000 calls, 150 s, 90 % in 30 s, 1 % blocking: 103 trunks.
    service_level = {"share": 0.90, "within_s": 30}
    sized = size(
        asked(
            traffic__busy_hour_calls=2000,
            traffic__talk_s=150,
            traffic__wrap_up_s=0,
            traffic__ivr_s=0,
            traffic__service_level=service_level,
        )
    )
    assert sized.concurrent_calls == 103
    assert sized.agents == 90


def test_blocked_calls_are_not_carried() -> None:
    sized = size(asked(traffic__blocking=0.2))
    assert sized.trunk_erlangs < size(asked()).trunk_erlangs


def test_calls_at_once_instead_of_calls() -> None:
    sized = size(asked(traffic__busy_hour_calls=None, traffic__peak_concurrent_calls=60))
    assert sized.busy_hour_calls == pytest.approx(60 * 3600 / 205)
    assert sized.trunk_erlangs == pytest.approx(60, rel=0.1)
    assert "peak_concurrent_calls is taken as the mean" in said(sized)


def test_impatient_callers_need_fewer_agents() -> None:
    assert size(asked(traffic__patience_s=90)).agents < size(asked()).agents


def test_headroom_is_a_fifth() -> None:
    sized = size(asked())
    assert sized.agents_with_headroom == math.ceil(sized.agents * 1.2)
    assert sized.trunk_channels == math.ceil(sized.concurrent_calls * 1.2)


@settings(deadline=None, max_examples=60)
@given(calls=st.integers(1, 60_000), talk_s=st.integers(1, 900), cloud_seats=st.integers(0, 3000))
def test_servers_carry_the_peak_with_headroom_and_one_lost(calls: int, talk_s: int, cloud_seats: int) -> None:
    sized = size(asked(traffic__busy_hour_calls=calls, traffic__talk_s=talk_s, seats__cloud=cloud_seats))
    for name in ("edge", "call", "cloud-edge"):
        group = sized.group(name)
        assert group.count >= 2
        assert group.spare >= 1
        assert (group.count - group.spare) * group.capacity_per_server >= group.load * 1.2 - 1e-6
        assert group.bottleneck
    assert sized.group("db").count == 2
    assert traffic.erlang_b(sized.concurrent_calls, sized.trunk_erlangs) <= 0.01
    assert sized.e1_spans * 30 >= sized.trunk_channels


@settings(deadline=None, max_examples=30)
@given(calls=st.integers(1, 20_000))
def test_more_calls_never_need_less(calls: int) -> None:
    less, more = size(asked(traffic__busy_hour_calls=calls)), size(asked(traffic__busy_hour_calls=calls + 500))
    assert less.agents <= more.agents
    assert less.trunk_channels <= more.trunk_channels
    assert less.recording_disk_gb <= more.recording_disk_gb


def test_many_servers_get_two_spare() -> None:
    group = size(asked(traffic__busy_hour_calls=40_000)).group("call")
    assert group.count - group.spare > 8
    assert group.spare == 2


def test_encryption_halves_an_edge() -> None:
    plain = size(asked(protection_level=2, traffic__media__encrypted=False)).group("edge")
    assert plain.capacity_per_server == 2 * size(asked()).group("edge").capacity_per_server


def test_other_codecs_and_no_recording_change_a_call_server() -> None:
    usual = size(asked()).group("call").capacity_per_server
    assert size(asked(traffic__media__seats="g722")).group("call").capacity_per_server < usual
    assert size(asked(recording__share=0)).group("call").capacity_per_server > usual / 2
    assert size(asked(recording__share=0)).recording_disk_gb == 0


def test_recording_disk_by_hand() -> None:
    hours_per_day = 1300 * 0.99 * 8 * 180 / 3600
    assert size(asked()).recording_disk_gb == math.ceil(hours_per_day * 57.6 * 180 / 1000 * 1.2)
    assert size(asked(recording__share=0.5)).recording_disk_gb == pytest.approx(
        size(asked()).recording_disk_gb / 2, abs=1
    )


def test_bandwidth_by_hand() -> None:
    assert stream_kbps() == pytest.approx(87.2)
    assert stream_kbps(extra_bytes=10) == pytest.approx(91.2)
    assert link_extra_bytes() == 84
    assert stream_kbps(extra_bytes=link_extra_bytes()) == pytest.approx(120.8)
    sized = size(asked())
    assert sized.link_bandwidth_kbps == math.ceil(40 * 120.8 * 1.05)
    assert sized.site_bandwidth_kbps == math.ceil(112 * 87.2 * 1.05 + sized.link_bandwidth_kbps)


def test_spans() -> None:
    assert [e1_spans(channels) for channels in (0, 1, 30, 31, 60)] == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"seats__onprem": 10}, "82 agents are needed in the busy hour and 50 seats are given"),
        ({"seats__onprem": 50}, "90 seats are given; 82 are needed and 99 with headroom"),
        ({"traffic__shrinkage": 0.3}, "118 people on the rota"),
        ({"traffic__direction": "outbound"}, "direction outbound"),
        ({"availability": 99.99}, "99.99 % is asked"),
        ({"edition": "basic"}, "edition basic is meant for up to 50 seats, 120 are given"),
        ({"industry": "finance"}, "5 years"),
        ({"onprem__seats_network": "10.20.8.0/26"}, "fewer addresses than the site has seats"),
        ({"recording__retention_days": 3650}, "exceed one volume"),
        (
            {"trunks": [{"name": "unicom", "kind": "sip", "address": "198.51.100.10", "channels": 30}]},
            "the trunks have 30 channels and 112 are needed; 30 carry 20.3 erlangs",
        ),
    ],
)
def test_findings_are_said(changes: dict[str, Any], note: str) -> None:
    assert note in said(size(asked(**changes)))
    assert note not in said(size(asked()))


def test_one_trunk_and_one_record_server_are_said() -> None:
    assert "one trunk only" in said(size(asked()))
    assert "one record server" in said(size(asked()))


def test_every_assumption_has_a_source_and_a_date() -> None:
    assumptions = size(asked()).assumptions
    assert {"headroom", "call_recorded_per_vcpu", "busy_hours_per_day"} <= {item.name for item in assumptions}
    for item in assumptions:
        assert item.unit
        assert len(item.source) > 10
        assert item.source.endswith(")")


@pytest.mark.parametrize("name", ["capacity", "editions", "industries", "law"])
def test_every_figure_of_the_data_has_a_source_and_a_date(name: str) -> None:
    def entries(node: Any) -> list[dict[str, Any]]:
        inner = [found for value in node.values() if isinstance(value, dict) for found in entries(value)]
        return inner or [node]

    for entry in entries(data(name)):
        assert set(entry) <= {"value", "unit", "source", "date", "title", "note", "seats_up_to"}
        assert len(entry["source"]) > 4
        assert entry["date"]


def test_every_edition_and_industry_has_data() -> None:
    assert set(data("editions")) == set(spec.Edition)
    assert set(data("industries")) == set(spec.Industry)
