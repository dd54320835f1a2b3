"""Spans, bandwidth and recordings agree with published and measured values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatworks.sizing import Figures, e1_spans
from seatworks.sizing.voice import packet_kbps, recording_mb_per_hour

FORMATS = {
    "wav PCM16 8k mono": "wav-pcm16-mono",
    "wav u-law/a-law 8k mono": "wav-alaw-mono",
    "wav a-law 8k stereo": "wav-alaw-stereo",
}

ANSWERS: dict[str, Callable[[dict[str, Any]], float]] = {
    "e1_count": lambda x: e1_spans(Figures(), x["channels"]),
    "bandwidth_kbps": lambda x: packet_kbps(
        x["payload_bytes"] + x["ip_udp_rtp_bytes"] + x["l2_bytes"] + x["extra_bytes"], x["ptime_ms"]
    ),
    "storage_mb_per_hour": lambda x: recording_mb_per_hour(FORMATS[x["format"]]),
}
CASES = [
    case
    for case in json.loads((Path(__file__).parent / "cases/sizing_cases.json").read_text(encoding="utf-8"))
    if case["kind"] in ANSWERS
]


def test_each_kind_has_a_case() -> None:
    assert {case["kind"] for case in CASES} == set(ANSWERS)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_known_value_is_found(number: int) -> None:
    case = CASES[number]
    allowed = case["tolerance"].get("abs", 0) + case["tolerance"].get("rel", 0) * abs(case["expected"])
    assert abs(ANSWERS[case["kind"]](case["inputs"]) - case["expected"]) <= allowed, case
