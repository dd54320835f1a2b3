"""Who sits where: callers behind the carrier, agents at their seats, and which of them a call brings together."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from seatworks.causes import LOOK_AT
from seatworks.plan.model import CloudOutputs, Host, Menu, Number, Plan, Queue, Seat, Site
from tests.calls import audio
from tests.calls.phones import Line, Phone, PhoneError, Standin, wait_until

REGISTER_S = 10.0
# Half a second beside a whole one: a call detail row that counts whole seconds is then never off by a full one.
TALK_S = 6.5
SHORT_TALK_S = 2.5
# A seat is rung once the call servers have asked its edge about it, which they do every 10 s.
REACHABLE_S = 25.0


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets that people carry. They are in no representation, as failed tests show those."""

    passwords: dict[str, str] = field(repr=False)
    authority: str = field(repr=False)
    identity: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Which key the caller presses, where that leads, who is there to answer and who hangs up."""

    name: str
    digit: str | None
    queue: Queue
    seat: Seat
    edge: Host
    caller_hangs_up: bool
    caller_hz: int
    agent_hz: int
    talk_s: float = TALK_S


class Office:
    """The plan, its secrets and the stand-ins: whatever is needed to place people at phones."""

    def __init__(
        self,
        plan: Plan,
        outputs: CloudOutputs,
        keys: Keys,
        machine: Callable[[str], Standin],
        dial: str | None = None,
    ) -> None:
        """`machine` gives a stand-in by name; `dial` is a number of the plan, for callers who want just that one."""
        self.plan = plan
        self._dial = dial
        self.keys = keys
        self._outputs = outputs
        self.machine = machine

    @property
    def number(self) -> Number:
        """The number that callers dial: one with a menu when there is one. Raises ValueError for one nobody has."""
        return min(
            (number for number in self.plan.numbers if self._dial in (None, number.number)),
            key=lambda number: number.menu is None,
        )

    @property
    def menu(self) -> Menu | None:
        """The menu behind the number."""
        return next((menu for menu in self.plan.menus if menu.name == self.number.menu), None)

    def queue(self, name: str) -> Queue:
        """The queue of that name."""
        return next(queue for queue in self.plan.queues if queue.name == name)

    def address(self, host: Host) -> str:
        """Where a host is met from outside its site."""
        return self._outputs.public_addresses[host.name] if host.public else str(host.address)

    @property
    def entry(self) -> Host:
        """The edge that the carrier sends calls to."""
        return self.plan.running("trunk")[0]

    def seats(self, queue: Queue, site: Site) -> list[Seat]:
        """The queue's seats that usually sit at a site, and that servers of the whole year ring."""
        lasting = self.plan.served_by(self.plan.group("call")[0])
        return [seat for seat in lasting if seat.site == site and site in queue.sites]

    def scenarios(self) -> list[Scenario]:
        """The calls that are made: one for each of the menu's first two keys, and one with a key it does not know."""
        digits: list[tuple[str | None, str]] = [*self.menu.digits] if self.menu else []
        if not digits:
            digits = [(None, self.number.queue or self.plan.queues[0].name)]
        first_digit, first_name = digits[0]
        second_digit, second_name = digits[1] if len(digits) > 1 else digits[0]
        first, second = self.queue(first_name), self.queue(second_name)
        near = (self.seats(first, Site.ONPREM) or self.seats(first, Site.CLOUD))[0]
        others = [*self.seats(second, Site.CLOUD), *self.seats(second, Site.ONPREM)]
        far = next(seat for seat in others if seat != near)
        near_edges = self.plan.running("kamailio", near.site)
        far_edges = self.plan.running("kamailio", far.site)
        calls = [
            Scenario(
                "the first key",
                first_digit,
                first,
                near,
                near_edges[0],
                True,
                audio.CALLER_TONES_HZ[0],
                audio.AGENT_TONES_HZ[0],
            ),
            Scenario(
                "the second key",
                second_digit,
                second,
                far,
                far_edges[-1],
                False,
                audio.CALLER_TONES_HZ[1],
                audio.AGENT_TONES_HZ[1],
            ),
        ]
        unknown = next((key for key in "9876543210*#" if self.menu and key not in dict(self.menu.digits)), None)
        if self.menu and unknown:
            default = self.queue(self.menu.default)
            # Somebody who sits there already, if the queue rings them.
            known = [
                (each.seat, each.edge, each.agent_hz) for each in reversed(calls) if each.seat.site in default.sites
            ]
            other = (self.seats(default, Site.ONPREM) or self.seats(default, Site.CLOUD))[0]
            hz = audio.AGENT_TONES_HZ[0]
            seat, edge, agent_hz = (*known, (other, self.plan.running("kamailio", other.site)[0], hz))[0]
            key, tone_hz = "a key the menu does not know", audio.CALLER_TONES_HZ[2]
            calls.append(Scenario(key, unknown, default, seat, edge, True, tone_hz, agent_hz, SHORT_TALK_S))
        return calls

    def line(self, seat: Seat, edge: Host) -> Line:
        """How a seat's phone is connected: on site by UDP to the edge, elsewhere by TLS and SRTP to its public name."""
        codec = {"g711": "pcma,pcmu", "g722": "g722,pcma"}[self.plan.seat_codec]
        word = self.keys.passwords[seat.user]
        if seat.site is Site.ONPREM:
            proxy = f"{self.address(edge)}:{self.plan.ports.sip}"
            return Line(seat.user, self.plan.domain, proxy, password=word, codecs=codec)
        name = f"{edge.name}.{self.plan.domain}"
        return Line(
            seat.user,
            self.plan.domain,
            f"{name}:{self.plan.ports.sips}",
            "tls",
            word,
            encrypted=True,
            codecs=codec,
            names={name: self.address(edge)},
        )

    def phone(self, seat: Seat, line: Line, tone_hz: int, name: str = "") -> Phone:
        """A seat's phone on the stand-in of its site. It answers by itself."""
        machine = self.machine("phones-onprem" if seat.site is Site.ONPREM else "phones-internet")
        name = name or f"seat-{seat.user}"
        return Phone(machine, name, line, tone_hz=tone_hz, answers=True, authority=self.keys.authority)

    def caller(self, tone_hz: int) -> Phone:
        """A caller behind the carrier's trunk, with a number that nobody else has."""
        trunk = self.plan.trunks[0]
        number = f"0139{secrets.randbelow(10**7):07d}"
        line = Line(
            number,
            str(trunk.address),
            f"{self.address(self.entry)}:{self.plan.ports.sip}",
            listen=f"{trunk.address}:{trunk.port}",
        )
        return Phone(self.machine("carrier"), f"caller-{number}", line, tone_hz=tone_hz)

    @property
    def dialled(self) -> str:
        """The address the carrier sends a call for the number to."""
        return f"sip:{self.number.number}@{self.address(self.entry)}:{self.plan.ports.sip}"


def registered(phone: Phone, edge: str) -> None:
    """Wait until the edge has accepted the phone. Raises PhoneError."""
    hint = f"{LOOK_AT}the journal of kamailio on {edge}: journalctl -u kamailio"
    event = phone.told("REGISTER_OK", "REGISTER_FAIL", within_s=REGISTER_S)
    if event is None:
        raise PhoneError(f"{edge} gives a seat no answer within {REGISTER_S:.0f} s\n{hint}\n{phone.story()}")
    if event.kind != "REGISTER_OK":
        raise PhoneError(f"the seat was refused: {event.text} by {edge}\n{hint}\n{phone.story()}")


class Agents:
    """Agents who sit down at their phones when a call needs them, and stay until told to leave."""

    def __init__(self, office: Office, reachable: Callable[[str, str], bool]) -> None:
        """`reachable` tells whether a call server would ring a seat."""
        self._office = office
        self._reachable = reachable
        self._present: dict[str, Phone] = {}
        self._registered: set[str] = set()

    def prepare(self, scenario: Scenario) -> None:
        """The scenario's agent sits down, while others may still talk."""
        user = scenario.seat.user
        if user not in self._present:
            line = self._office.line(scenario.seat, scenario.edge)
            self._present[user] = self._office.phone(scenario.seat, line, scenario.agent_hz)

    def at(self, scenario: Scenario) -> Phone:
        """The scenario's agent, registered and alone, so that nobody else can be rung. Raises PhoneError."""
        server, user = scenario.queue.home, scenario.seat.user
        for other in [other for other in self._present if other != user]:
            self._present.pop(other).stop()
            self._registered.discard(other)
        self.prepare(scenario)
        if user not in self._registered:
            registered(self._present[user], scenario.edge.name)
            self._registered.add(user)
        if not wait_until(lambda: self._reachable(server, user), REACHABLE_S):
            story = self._present[user].story()
            hint = f"{LOOK_AT}what {server} knows: asterisk -rx 'pjsip show contacts'; then the journal of kamailio"
            raise PhoneError(f"{server} does not see seat {user} within {REACHABLE_S:.0f} s\n{hint}\n{story}")
        return self._present[user]

    def leave(self) -> None:
        """All go home."""
        for phone in self._present.values():
            phone.stop()
        self._present.clear()
