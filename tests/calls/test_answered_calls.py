"""Somebody calls, presses a key, and an agent answers: both hear each other, and the call leaves its traces.

The first call is answered on site (in the cloud, when there are no seats on site) and ended by the caller; the second
is answered at a seat in the cloud over TLS and SRTP (on site at the other edge, when there are none) and ended by
the agent.
"""

from __future__ import annotations

from collections.abc import Callable

import pyrage
import pytest

from seatworks.causes import spoken
from seatworks.plan.model import Plan
from tests.calls import audio
from tests.calls.call import Heard

Evidence = Callable[[str, object], None]

CONVERSATION_S = 5.0
# Rows and recordings count from their own first packet; a phone hears of it a moment later.
NEAR_S = 1.2


@pytest.fixture(params=[0, 1], ids=["first-key-caller-hangs-up", "second-key-agent-hangs-up"])
def call(request: pytest.FixtureRequest, made: Callable[[int], Heard]) -> Heard:
    """One of the two calls."""
    return made(request.param)


def test_carrier_calls_queue_and_agent_answers(call: Heard, evidence: Evidence) -> None:
    scenario, result = call.scenario, call.result
    invite = next(m for m in result.agent_trace if m.first_line.startswith("INVITE "))
    evidence("pressed", scenario.digit)
    evidence("answered by", f"seat {scenario.seat.user} ({scenario.seat.site}) at {scenario.edge.name}")
    evidence("seat's transport", invite.transport)
    evidence("taken after", f"{result.answered_at - result.dialled_at:.2f} s")
    evidence("agent reached after", f"{result.agent_at - result.pressed_at:.2f} s")
    assert result.answered_at < result.pressed_at < result.agent_at, call.because("the order of the call is wrong")


def test_caller_hears_the_menu(call: Heard, evidence: Evidence) -> None:
    result = call.result
    menu = result.caller_heard_between(result.answered_at, result.pressed_at)
    heard_s = audio.audible_s(menu)
    evidence("menu heard", f"{heard_s:.1f} s of {menu.duration_s:.1f} s")
    assert heard_s >= 0.3, call.because("the caller hears silence where the menu should be")
    assert audio.tone_s(menu, call.scenario.agent_hz) == 0, call.because("an agent talks before the menu was left")


def test_caller_hears_agent_and_agent_hears_caller(call: Heard, evidence: Evidence) -> None:
    result, scenario = call.result, call.scenario
    by_caller_s = audio.tone_s(result.caller_heard, scenario.agent_hz)
    by_agent_s = audio.tone_s(result.agent_heard, scenario.caller_hz)
    for who, sound, hz, heard_s in (
        ("caller hears agent", result.caller_heard, scenario.agent_hz, by_caller_s),
        ("agent hears caller", result.agent_heard, scenario.caller_hz, by_agent_s),
    ):
        whole_s = audio.longest_tone_s(sound, hz)
        evidence(who, f"{hz} Hz for {heard_s:.1f} s of {result.talk_s:.1f} s, {whole_s:.1f} s of it without a gap")
    assert by_caller_s >= CONVERSATION_S, call.because(f"the caller hears the agent for {by_caller_s:.1f} s only")
    assert by_agent_s >= CONVERSATION_S, call.because(f"the agent hears the caller for {by_agent_s:.1f} s only")


def test_nobody_hears_himself(call: Heard) -> None:
    result, scenario = call.result, call.scenario
    assert audio.tone_s(result.caller_heard, scenario.caller_hz) == 0, call.because("the caller hears an echo")
    assert audio.tone_s(result.agent_heard, scenario.agent_hz) == 0, call.because("the agent hears an echo")


def test_seat_from_outside_speaks_tls_and_srtp(call: Heard, evidence: Evidence) -> None:
    """A seat that is not on site may not send one readable byte of the conversation."""
    invite = next(m for m in call.result.agent_trace if m.first_line.startswith("INVITE "))
    encrypted = call.scenario.seat.site.value == "cloud"
    media = next(line for line in invite.text.splitlines() if line.startswith("m=audio"))
    evidence("signalling", invite.transport)
    evidence("media", media.split()[2])
    assert (invite.transport == "TLS") is encrypted, call.because(f"signalling came by {invite.transport}")
    assert ("RTP/SAVP" in media) is encrypted, call.because(f"media was offered as {media}")


def test_call_ends_clean_on_both_sides(call: Heard, evidence: Evidence) -> None:
    result, scenario = call.result, call.scenario
    apart_s = abs(result.caller_closed_at - result.agent_closed_at)
    evidence("hung up by", "caller" if scenario.caller_hangs_up else "agent")
    evidence("both ended within", f"{apart_s:.2f} s")
    for who, trace in (("caller", result.caller_trace), ("agent", result.agent_trace)):
        byes = [m for m in trace if m.header("CSeq").endswith(" BYE")]
        assert [m.first_line.split()[0] for m in byes][:1] == ["BYE"], call.because(f"no BYE at the {who}")
        assert any(m.first_line.startswith("SIP/2.0 200") for m in byes), call.because(f"BYE of the {who} unanswered")
    assert apart_s < 1.0, call.because(f"one phone was left in the call for {apart_s:.1f} s")


def test_call_detail_tells_key_queue_and_seat(call: Heard, evidence: Evidence) -> None:
    row, scenario = call.row, call.scenario
    found = {key: row[key] for key in ("menu_digit", "queue", "seat")}
    evidence("call detail", found)
    wanted = {"menu_digit": scenario.digit or "", "queue": scenario.queue.name, "seat": scenario.seat.user}
    assert {key: value or "" for key, value in found.items()} == wanted, call.because(f"call detail is {spoken(row)}")


def test_call_detail_times_are_what_the_phones_measured(call: Heard, evidence: Evidence) -> None:
    row, result = call.row, call.result
    evidence("duration", f"row {row['duration_s']} s, phones {result.duration_s:.1f} s")
    evidence("talk", f"row {row['talk_s']} s, phones {result.talk_s:.1f} s")
    assert abs(row["duration_s"] - result.duration_s) <= NEAR_S, call.because(
        f"duration {row['duration_s']} s is wrong"
    )
    assert abs(row["talk_s"] - result.talk_s) <= NEAR_S, call.because(f"talk time {row['talk_s']} s is wrong")


def test_recording_holds_the_whole_conversation(call: Heard, plan: Plan, evidence: Evidence) -> None:
    row, scenario, recording = call.row, call.scenario, call.recording
    caller_s = audio.tone_s(recording, scenario.caller_hz, audio.MIXED)
    agent_s = audio.tone_s(recording, scenario.agent_hz, audio.MIXED)
    evidence("recording", f"{recording.duration_s:.1f} s at {call.sealed[0]}, talk time {row['talk_s']} s")
    evidence("in it", f"caller {caller_s:.1f} s, agent {agent_s:.1f} s, kept {plan.recording.retention_days} days")
    assert abs(recording.duration_s - row["talk_s"]) <= NEAR_S, call.because("the recording has another length")
    assert caller_s >= CONVERSATION_S, call.because(f"the caller is in the recording for {caller_s:.1f} s only")
    assert agent_s >= CONVERSATION_S, call.because(f"the agent is in the recording for {agent_s:.1f} s only")


def test_recording_can_be_played_by_the_auditor_only(call: Heard, evidence: Evidence) -> None:
    store, path, sealed = call.sealed
    evidence("kept", f"{store}:{path}")
    assert sealed.startswith(b"age-encryption.org/v1\n"), call.because("the kept recording is not encrypted")
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.generate()])
    left = call.trail.left_in_spool(call.row["linkedid"])
    assert not left, call.because(f"the recording still lies on a call server: {spoken(left)}")
