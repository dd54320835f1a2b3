"""Callers who press nothing known are served; callers and phones without a right are not."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from seatworks.causes import spoken
from tests.calls import audio
from tests.calls.call import Heard
from tests.calls.office import Office
from tests.calls.phones import Line

Evidence = Callable[[str, object], None]

REFUSED_S = 8.0


def test_unknown_key_leads_to_the_default_queue(made: Callable[[int], Heard], evidence: Evidence) -> None:
    call = made(2)
    evidence("pressed", call.scenario.digit)
    evidence("queue", call.row["queue"])
    assert call.row["queue"] == call.scenario.queue.name, call.because(f"call detail is {spoken(call.row)}")
    heard_s = audio.tone_s(call.result.caller_heard, call.scenario.agent_hz)
    assert heard_s >= 2.0, call.because(f"the caller hears the agent for {heard_s:.1f} s only")


def test_caller_who_is_no_trunk_is_refused(office: Office, evidence: Evidence) -> None:
    """A phone without a right, in the seats' own place, dials the number as a carrier would."""
    scenario = office.scenarios()[0]
    seat = office.line(scenario.seat, scenario.edge)
    line = Line("01399999999", seat.domain, seat.proxy, seat.transport, encrypted=seat.encrypted, names=seat.names)
    phone = office.phone(scenario.seat, line, audio.CALLER_TONES_HZ[0], name="stranger")
    try:
        phone.ask("dial", f"sip:{office.number.number}@{office.plan.domain}")
        closed = phone.expect("CALL_CLOSED", "CALL_ESTABLISHED", within_s=REFUSED_S, why="the edge refuses a stranger")
        answers = [m.first_line for m in phone.trace() if m.first_line.startswith("SIP/2.0 ")]
        evidence("answer", answers[-1] if answers else "none")
        assert closed.kind == "CALL_CLOSED", f"a stranger's call was taken\n{phone.story()}"
        assert any(answer.startswith("SIP/2.0 4") for answer in answers), f"no refusal came\n{phone.story()}"
        assert not any(answer.startswith(("SIP/2.0 18", "SIP/2.0 2")) for answer in answers), (
            f"a stranger's call rang\n{phone.story()}"
        )
    finally:
        phone.stop()


def test_seat_with_a_wrong_password_is_refused(office: Office, evidence: Evidence) -> None:
    scenario = office.scenarios()[0]
    # The last seat, which no other test needs: the edge may stop listening to it for a while.
    user = office.plan.seats[-1].user
    line = replace(office.line(scenario.seat, scenario.edge), user=user, password=secrets.token_urlsafe(18))
    phone = office.phone(scenario.seat, line, audio.AGENT_TONES_HZ[0], name="wrong-password")
    try:
        event = phone.expect("REGISTER_OK", "REGISTER_FAIL", within_s=REFUSED_S, why="the edge refuses the password")
        evidence("answer", event.text)
        assert event.kind == "REGISTER_FAIL", f"a wrong password was accepted\n{phone.story()}"
        assert event.text.startswith(("401", "403")), f"refused with {event.text}\n{phone.story()}"
    finally:
        phone.stop()
