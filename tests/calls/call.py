"""One call as people make it: dialled, answered, talked, ended; what everybody heard and what it left behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.calls import audio
from tests.calls.ladder import Message
from tests.calls.office import Keys, Office, Scenario
from tests.calls.phones import Phone, PhoneError
from tests.calls.trail import Row, Trail, opened

MENU_S = 2.0
ANSWER_S = 10.0
QUEUE_S = 30.0
CLOSE_S = 5.0


@dataclass(frozen=True, slots=True)
class CallResult:
    """A finished call. Times are seconds of the stand-ins' clock; each ladder is one phone's messages."""

    scenario: Scenario
    caller: str
    dialled_at: float
    answered_at: float
    pressed_at: float
    agent_at: float
    caller_closed_at: float
    agent_closed_at: float
    caller_heard: audio.Sound
    agent_heard: audio.Sound
    caller_trace: list[Message]
    agent_trace: list[Message]
    story: str

    @property
    def call_ids(self) -> list[str]:
        """The Call-ID of the carrier's leg and of the seat's."""
        traces = (self.caller_trace, self.agent_trace)
        invites = [next((m for m in trace if m.first_line.startswith("INVITE ")), None) for trace in traces]
        return [invite.header("Call-ID") for invite in invites if invite]

    @property
    def talk_s(self) -> float:
        """From the agent's answer to the end."""
        return min(self.caller_closed_at, self.agent_closed_at) - self.agent_at

    @property
    def duration_s(self) -> float:
        """From dialling to the end."""
        return min(self.caller_closed_at, self.agent_closed_at) - self.dialled_at

    def caller_heard_between(self, first_at: float, last_at: float) -> audio.Sound:
        """What the caller heard from one moment to another; the earpiece's file ends when the call does."""
        began_at = self.caller_closed_at - self.caller_heard.duration_s
        return self.caller_heard.between(first_at - began_at, last_at - began_at)


@dataclass
class Heard:
    """A call, and what the hosts know about it."""

    result: CallResult
    trail: Trail
    keys: Keys
    _row: Row | None = None
    _sealed: tuple[str, str, bytes] | None = None

    @property
    def scenario(self) -> Scenario:
        """What was tried."""
        return self.result.scenario

    @property
    def row(self) -> Row:
        """Its call detail row."""
        if self._row is None:
            self._row = self.trail.answered_row(self.result.caller)
        return self._row

    @property
    def sealed(self) -> tuple[str, str, bytes]:
        """The store, the path on it, and the encrypted recording."""
        if self._sealed is None:
            linkedid = self.row["linkedid"]
            store, path = self.trail.recording_path(linkedid)
            assert path, self.because(f"no store has the recording {linkedid}.wav.age")
            self._sealed = (store, path, self.trail.fetch(store, path))
        return self._sealed

    @property
    def recording(self) -> audio.Sound:
        """The recording as the auditor hears it."""
        return audio.read(opened(self.sealed[2], self.keys))

    def because(self, what: str) -> str:
        """A failed assertion's message: what is wrong, then the ladders and the journals about this call."""
        words = [*self.result.call_ids, self.result.caller]
        return f"{what}\n{self.result.story}\n{self.trail.journal(words, self.result.dialled_at)}"


def make(office: Office, scenario: Scenario, agent: Phone, meanwhile: Callable[[], None]) -> CallResult:
    """Make the call, talk, hang up; do something `meanwhile`. Raises PhoneError when a step does not happen."""
    caller = office.caller(scenario.caller_hz)
    agent.mark()
    try:
        return _make(office, scenario, caller, agent, meanwhile)
    except PhoneError as missing:
        raise PhoneError(f"{scenario.name}: {missing}\n{caller.story()}\n{agent.story()}") from None
    finally:
        caller.stop()


def _make(office: Office, scenario: Scenario, caller: Phone, agent: Phone, meanwhile: Callable[[], None]) -> CallResult:
    dialled_at = time.time()
    caller.ask("dial", office.dialled)
    answered = caller.expect("CALL_ESTABLISHED", "CALL_CLOSED", within_s=ANSWER_S, why="the call is taken")
    if answered.kind == "CALL_CLOSED":
        raise PhoneError(f"the call is taken: it was closed with {answered.text}")
    time.sleep(MENU_S)
    pressed_at = time.time()
    if scenario.digit:
        caller.ask("sndcode", scenario.digit)
    reached = agent.expect("CALL_ESTABLISHED", within_s=QUEUE_S, why=f"seat {scenario.seat.user} answers")
    meanwhile()
    time.sleep(max(0.0, reached.at + scenario.talk_s - time.time()))
    (caller if scenario.caller_hangs_up else agent).ask("hangup")
    caller_closed = caller.expect("CALL_CLOSED", within_s=CLOSE_S, why="the caller's phone is idle again")
    agent_closed = agent.expect("CALL_CLOSED", within_s=CLOSE_S, why="the agent's phone is idle again")
    return CallResult(
        scenario=scenario,
        caller=caller.line.user,
        dialled_at=dialled_at,
        answered_at=answered.at,
        pressed_at=pressed_at,
        agent_at=reached.at,
        caller_closed_at=caller_closed.at,
        agent_closed_at=agent_closed.at,
        caller_heard=caller.heard(),
        agent_heard=agent.heard(),
        caller_trace=caller.trace(),
        agent_trace=agent.trace(),
        story=f"{caller.story()}\n{agent.story()}",
    )
