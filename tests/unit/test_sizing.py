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
from seatworks.errors import SpecError
from seatworks.sizing import Figures, Sizing, Tunnel, e1_spans, measured, size, stream_kbps
from seatworks.sizing.voice import recording_mb_per_hour
from seatworks.tables import table as data

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
    assert [group.group for group in sized.servers if group.group != "peak"] == ["edge", "call", "db", "record"]
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
    assert sized.offered_calls == pytest.approx(60 * 3600 / 205)
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


def test_encrypted_signalling_costs_more_than_encrypted_media() -> None:
    figures = Figures()
    # Calls of a second: 80 encrypted set-ups on a vCPU, 112.5 relayed calls.
    assert figures("edge_setups_per_vcpu") * figures("edge_setups_encrypted_factor") == pytest.approx(80)
    outbound = {"direction": "outbound", "outbound": {"answer_rate": 0.05, "ring_s": 1}}
    busy = {f"traffic__{key}": value for key, value in outbound.items()}
    sized = size(asked(**busy, traffic__busy_hour_calls=100_000, traffic__talk_s=1, traffic__wrap_up_s=0))
    edge = sized.group("edge")
    assert edge.bottleneck == "call set-ups per second"
    assert edge.load == pytest.approx(100_000 / 0.05 / 3600, abs=0.001)
    assert edge.capacity_per_server == pytest.approx(80 * edge.vcpus)


def test_other_codecs_and_no_recording_change_a_call_server() -> None:
    usual = size(asked()).group("call").capacity_per_server
    assert size(asked(traffic__media__seats="g722")).group("call").capacity_per_server < usual
    assert size(asked(recording__share=0)).group("call").capacity_per_server > usual / 2
    assert size(asked(recording__share=0)).recording_disk_gb == 0


def test_recording_disk_by_hand() -> None:
    hours_per_day = 1300 * 0.99 * 8 * 180 / 3600
    assert size(asked()).recording_disk_gb == math.ceil(hours_per_day * 115.2 * 180 / 1000 * 1.2)
    assert size(asked(recording__share=0.5)).recording_disk_gb == pytest.approx(
        size(asked()).recording_disk_gb / 2, abs=1
    )


def test_bandwidth_by_hand() -> None:
    figures = Figures()
    assert stream_kbps(figures) == pytest.approx(87.2)
    assert stream_kbps(figures, encrypted=True) == pytest.approx(91.2)
    assert stream_kbps(figures, encrypted=True, tunnel=Tunnel.WIREGUARD) == pytest.approx(120.8)
    sized = size(asked())
    assert sized.link_bandwidth_kbps == math.ceil(40 * 120.8 * 1.05)
    joined = size(asked(cloud__link="vpn", cloud__link_network=None))
    # ESP: 210 bytes and 2 of its own padded to 212, 52 more, 18 of Ethernet, 50 times a second.
    assert joined.link_bandwidth_kbps == math.ceil(40 * 112.8 * 1.05)
    assert sized.site_bandwidth_kbps == math.ceil(112 * 87.2 * 1.05 + sized.link_bandwidth_kbps)


@pytest.mark.parametrize(
    ("codec", "plain", "srtp", "wireguard", "ipsec"),
    [
        # Table of section 2 of the reference figures: Ethernet with check, 18 B; both tunnels carry SRTP.
        ("g711", 87.2, 91.2, 120.8, 112.8),
        ("g722", 87.2, 91.2, 120.8, 112.8),
        ("g729", 31.2, 35.2, 63.2, 56.8),
        ("opus-12k", 35.2, 39.2, 63.2, 61.6),
        ("opus-20k", 43.2, 47.2, 76.0, 69.6),
        ("opus-32k", 55.2, 59.2, 88.8, 80.8),
        ("g726-32", 55.2, 59.2, 88.8, 80.8),
    ],
)
def test_every_codec_plain_encrypted_and_in_tunnels(
    codec: str, plain: float, srtp: float, wireguard: float, ipsec: float
) -> None:
    figures = Figures()
    found = (
        stream_kbps(figures, codec),
        stream_kbps(figures, codec, encrypted=True),
        stream_kbps(figures, codec, encrypted=True, tunnel=Tunnel.WIREGUARD),
        stream_kbps(figures, codec, encrypted=True, tunnel=Tunnel.IPSEC),
    )
    assert found == pytest.approx((plain, srtp, wireguard, ipsec))


def test_recordings_take_what_their_format_takes() -> None:
    # 8,000 samples a second of 2 bytes on each of two channels.
    assert recording_mb_per_hour("wav-pcm16-stereo") == 8000 * 2 * 2 * 3600 / 1e6
    assert recording_mb_per_hour("wav-alaw-mono") == 8000 * 3600 / 1e6


def test_spans() -> None:
    assert [e1_spans(Figures(), channels) for channels in (0, 1, 30, 31, 60)] == [0, 1, 1, 2, 2]


def test_the_loss_of_one_carrier_is_survived() -> None:
    three = [{"name": f"c{n}", "kind": "sip", "address": f"198.51.100.{n}"} for n in range(1, 4)]
    sized = size(asked(trunks=three))
    assert sized.channels_per_carrier * 2 >= sized.trunk_channels
    assert size(asked(trunks=three[:1])).channels_per_carrier == sized.trunk_channels


def test_menu_ports_by_hand() -> None:
    sized = size(asked())
    erlangs = 1300 * 0.99 * (25 + sized.mean_wait_s) / 3600
    assert traffic.erlang_b(sized.menu_ports, erlangs) <= 0.001 < traffic.erlang_b(sized.menu_ports - 1, erlangs)


def test_outbound_by_hand() -> None:
    # 900 contacts of 210 s: 52.5 erlangs, at 85 % occupancy 62 agents. 40 % answer: 2,250 dials that ring 20 s.
    sized = size(asked(traffic__direction="outbound", traffic__busy_hour_calls=900))
    assert sized.agents == math.ceil(52.5 / 0.85)
    assert sized.trunk_erlangs == pytest.approx((2250 * 20 + 900 * 180) / 3600)
    assert sized.service_level == 1
    assert sized.inbound_minutes_per_month == 0


def test_a_predictive_dialler_wants_a_line_for_each_number_it_dials() -> None:
    usual = {"traffic__direction": "outbound", "traffic__busy_hour_calls": 900}
    dialling = {"answer_rate": 1.0, "ring_s": 1, "lines_per_agent": 5.0}
    progressive = size(asked(**usual, traffic__outbound={**dialling, "lines_per_agent": 1.0}))
    predictive = size(asked(**usual, traffic__outbound=dialling))
    # 62 agents, 85 % talking; each free one has 5 numbers ringing.
    assert predictive.concurrent_calls == math.ceil(62 * (0.85 + 0.15 * 5))
    assert predictive.concurrent_calls > progressive.concurrent_calls


def test_mixed_is_the_sum_of_both() -> None:
    mixed = size(asked(traffic__direction="mixed", traffic__outbound={"share": 0.25}))
    inbound = size(asked(traffic__busy_hour_calls=975))
    assert mixed.agents == inbound.agents + math.ceil(325 * 210 / 3600 / 0.85)


def test_a_festival_raises_the_calls() -> None:
    assert size(asked(industry="ecommerce")).offered_calls == 1950
    assert size(asked(industry="ecommerce", traffic__peak_factor=1.0)).offered_calls == 1300


def test_a_measurement_of_the_site_wins(tmp_path: Path) -> None:
    own = tmp_path / "capacity.yml"
    own.write_text("call_recorded_per_vcpu: {value: 50, source: make load, date: 2026-11-25}\n")
    found = measured(own)
    # Twice the calls for each vCPU: half the server.
    assert (size(asked()).group("call").vcpus, size(asked(), found).group("call").vcpus) == (8, 4)
    assert next(a for a in size(asked(), found).assumptions if a.what == "call_recorded_per_vcpu").source == (
        "make load (2026-11-25)"
    )


def test_wrong_measurements_are_all_named_at_once(tmp_path: Path) -> None:
    own = tmp_path / "capacity.yml"
    own.write_text(
        "call_recorded_per_vpcu: {value: 50, source: x, date: 2026-11-25}\n"
        "headroom: {value: -1, source: x, date: 2026-11-25}\n"
        "call_cap: {value: 300}\n"
    )
    with pytest.raises(SpecError) as refused:
        measured(own)
    assert [problem.message for problem in refused.value.problems] == [
        "is no figure of data/capacity.yml",
        "has no value above 0",
        "has no source and no date",
    ]
    assert measured(tmp_path / "absent.yml") == {}


def test_every_number_says_why() -> None:
    sized = size(asked())
    known = {figure.name: figure for figure in sized.figures}
    for name in ("agents", "trunk_channels", "menu_ports", "recording_gb", "site_bandwidth_kbps", "servers.call"):
        assert known[name].formula
        assert known[name].inputs
        assert known[name].source
    # An input that is itself a figure has that figure's value.
    for figure in sized.figures:
        for name, value in figure.inputs:
            if name in known and name != figure.name:
                assert value == known[name].value, (figure.name, name)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"seats__onprem": 10}, "82 agents are needed in the busy hour and 50 seats are given"),
        ({"seats__onprem": 50}, "90 seats are given; 82 are needed and 99 with headroom"),
        ({"traffic__shrinkage": 0.3}, "118 people on the rota"),
        ({"traffic__direction": "mixed"}, "50% of the calls are outbound"),
        (
            {"traffic__direction": "outbound", "traffic__outbound": {"lines_per_agent": 2.0}},
            "more than one line is dialled",
        ),
        ({"industry": "ecommerce"}, "multiplied by 1.5"),
        ({"working": "centralised"}, "means one place, and 40 seats stand outside"),
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


def test_one_record_server_is_said() -> None:
    assert "one record server" in said(size(asked()))


def test_every_assumption_has_a_source_and_a_date() -> None:
    assumptions = size(asked()).assumptions
    assert {"headroom", "call_recorded_per_vcpu", "busy_hours_per_day"} <= {item.what for item in assumptions}
    for item in assumptions:
        assert item.unit
        assert len(item.source) > 10
        assert item.source.endswith(")")


@pytest.mark.parametrize("name", ["capacity", "codecs", "editions", "features", "industries", "law", "working"])
def test_every_figure_of_the_data_has_a_source_and_a_date(name: str) -> None:
    def entries(node: Any) -> list[dict[str, Any]]:
        inner = [found for value in node.values() if isinstance(value, dict) for found in entries(value)]
        return inner or [node]

    for entry in entries(data(name)):
        assert len(entry["source"]) > 4
        assert entry["date"]


def test_every_edition_and_industry_has_data() -> None:
    assert set(data("editions")) == set(spec.Edition)
    assert set(data("industries")) == set(spec.Industry)
    assert set(data("working")) == set(spec.Working)


def test_a_spread_centre_without_a_seat_outside_is_said() -> None:
    assert "no seat stands outside" in said(size(asked("onprem", working="distributed")))
