"""A crowd's seats: on site played by SIPp, which costs least; elsewhere by baresip, which speaks TLS and SRTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from seatworks.causes import LOOK_AT
from seatworks.plan.model import Host, Seat
from tests.calls import audio
from tests.calls.figures import final
from tests.calls.office import Office
from tests.calls.pcap import tone_capture
from tests.calls.phones import PhoneError, Standin, configuration, wait_until

SCENARIOS = Path(__file__).with_name("load")
SEATS = "seats-answer-and-talk"
TONE_HZ = audio.AGENT_TONES_HZ[0]
PORT = 5060
MEDIA = 20000
EXPIRES_S = 600
REGISTER_S = 40.0
# baresip forgets commands that wait: an account is one, and so many fit.
LINES = 25
# One office is one source to the edges, which do not listen to a flood.
REGISTER_EVERY_S = 0.02


def shares(count: int, parts: int) -> list[int]:
    """`count` spread evenly."""
    return [count // parts + (1 if part < count % parts else 0) for part in range(parts)]


def spread(seats: Sequence[Seat], edges: Sequence[Host]) -> list[tuple[Host, list[Seat]]]:
    """Seats spread evenly over edges; an edge without seats is left out."""
    found = []
    first = 0
    for edge, count in zip(edges, shares(len(seats), len(edges)), strict=True):
        found.append((edge, list(seats[first : first + count])))
        first += count
    return [(edge, there) for edge, there in found if there]


def sipp(machine: Standin, scenario: str, towards: str, port: int, *more: str) -> list[str]:
    """A SIPp command on a stand-in."""
    here = str(machine.do("address_towards", other=towards))
    return ["sipp", "-sf", f"{scenario}.xml", "-i", here, "-mi", here, "-p", str(port), "-t", "u1", "-nostdin", *more]


def told(refused: Mapping[str, str], seats: int, edge: str) -> str:
    """Of `seats`, those (user: answer) that an edge did not accept: by answer, with one of them to look for."""
    answers: dict[str, list[str]] = {}
    for user, answer in refused.items():
        answers.setdefault(answer.removeprefix("SIP/2.0 "), []).append(user)
    parts = (
        f"{answer} by {edge} to {len(users)} of {seats}, {min(users)} among them" for answer, users in answers.items()
    )
    hint = f"{LOOK_AT}the journal of kamailio on {edge}: journalctl -u kamailio"
    return f"seats were refused: {'; '.join(parts)}\n{hint}"


class Seats(Protocol):
    """Seats that answer by themselves and talk until the other side hangs up."""

    machine: Standin

    def prepare(self, talk_s: float) -> None:
        """Bring what is needed to the machine."""

    def register(self) -> None:
        """Register all. Raises PhoneError."""

    def answer(self, limit_s: float) -> None:
        """From now on, answer."""

    def finish(self) -> tuple[int, int]:
        """Calls answered, and the most at once."""

    def leave(self) -> None:
        """Unregister all."""

    def story(self) -> str:
        """For a failed test: what happened last."""


class SippSeats:
    """Seats on site, over UDP, all behind one port."""

    def __init__(self, office: Office, seats: Sequence[Seat], edges: Sequence[Host]) -> None:
        self.machine = office.machine("phones-onprem")
        self._office = office
        self._count = len(seats)
        self._spread = spread(seats, edges)

    def prepare(self, talk_s: float) -> None:
        """Scenario and media."""
        self.machine.write("seats.pcap", tone_capture(TONE_HZ, talk_s))
        self.machine.write(f"{SEATS}.xml", (SCENARIOS / f"{SEATS}.xml").read_bytes())

    def register(self) -> None:
        """Register from the port at which the seats answer."""
        self._register(EXPIRES_S)

    def _register(self, expires_s: int) -> None:
        plan = self._office.plan
        for edge, seats in self._spread:
            refused = self.machine.do(
                "register",
                REGISTER_S,
                edge=f"{self._office.address(edge)}:{plan.ports.sip}",
                domain=plan.domain,
                port=PORT,
                expires_s=expires_s,
                seats={seat.user: self._office.keys.passwords[seat.user] for seat in seats},
                every_s=REGISTER_EVERY_S,
            )
            if refused:
                raise PhoneError(told(refused, len(seats), edge.name))

    def answer(self, limit_s: float) -> None:
        """Start the answering SIPp; it ends when each call has."""
        bounds = ["-m", str(self._count), "-min_rtp_port", str(MEDIA), "-timeout", str(round(limit_s))]
        stats = ["-trace_stat", "-fd", "1", "-stf", "seats.stat"]
        towards = self._office.address(self._spread[0][0])
        args = sipp(self.machine, SEATS, towards, PORT, *bounds, *stats)
        self.machine.do("start", name="seats", args=args)

    def finish(self) -> tuple[int, int]:
        """SIPp's own counters."""
        self.machine.do("wait", 15, name="seats", limit_s=10)
        self.machine.do("stop", name="seats")
        found = final(self.machine.read("seats.stat").decode())
        return found["SuccessfulCall"], found["together"]

    def leave(self) -> None:
        """Register for no time."""
        self._register(0)

    def story(self) -> str:
        """The end of SIPp's screens."""
        return self.machine.read("seats.out").decode(errors="replace")[-2500:]


class BaresipSeats:
    """Seats on the Internet, over TLS and SRTP: baresip with an account for each."""

    def __init__(self, office: Office, seats: Sequence[Seat], edges: Sequence[Host]) -> None:
        self.machine = office.machine("phones-internet")
        lines = [office.line(seat, edge) for edge, there in spread(seats, edges) for seat in there]
        self._phones = {f"crowd{n}": lines[n : n + LINES] for n in range(0, len(lines), LINES)}
        self._authority = office.keys.authority
        self._since = 0

    def prepare(self, talk_s: float) -> None:
        """The tone, and whom to trust."""
        tone = audio.tone_wav(TONE_HZ, talk_s)
        for name in self._phones:
            self.machine.write(f"{name}/tone.wav", tone)
            self.machine.write(f"{name}/ca.pem", self._authority.encode())

    def register(self) -> None:
        """Start baresip, which registers each account."""
        self._since = len(self.machine.events)
        config = configuration(authority=True, heard="/dev/null")
        for phone, lines in self._phones.items():
            names = {name: address for line in lines for name, address in line.names.items()}
            accounts = [line.account(answers=True) for line in lines]
            self.machine.do("start_phone", name=phone, config=config, accounts=accounts, names=names)
        due = sum(map(len, self._phones.values()))
        if not wait_until(lambda: self._count("REGISTER_OK") >= due, REGISTER_S):
            raise PhoneError(f"{self._count('REGISTER_OK')} of {due} seats registered\n{self.story()}")

    def _count(self, kind: str) -> int:
        return sum(event.kind == kind for event in self.machine.events[self._since :])

    def answer(self, limit_s: float) -> None:
        """They answer already; `limit_s` is the callers' affair."""

    def finish(self) -> tuple[int, int]:
        """Counted from baresip's events."""
        now = most = 0
        for event in self.machine.events[self._since :]:
            now += (event.kind == "CALL_ESTABLISHED") - (event.kind == "CALL_CLOSED")
            most = max(most, now)
        return self._count("CALL_ESTABLISHED"), most

    def leave(self) -> None:
        """Stop baresip, which unregisters each account."""
        for name in self._phones:
            self.machine.do("stop_phone", name=name)

    def story(self) -> str:
        """The end of baresip's log."""
        logs = (self.machine.read(f"{name}/log").decode(errors="replace")[-2500:] for name in self._phones)
        return "\n".join(logs)
