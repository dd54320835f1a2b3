"""Calls that stay up while something is changed: each between a carrier of its own and a seat, heard to its end."""

from __future__ import annotations

import contextlib
import secrets as random
import time
from collections.abc import Callable, Iterator

import testinfra

from seatworks import secrets
from seatworks.environment import Environment
from seatworks.plan.model import Number, Plan, Seat, Site, Trunk
from tests.calls import audio
from tests.calls.call import ANSWER_S, CLOSE_S, MENU_S, QUEUE_S
from tests.calls.office import REACHABLE_S, Keys, Office, registered
from tests.calls.phones import Line, Phone, Standin, wait_until
from tests.calls.trail import Trail, opened

# Longer than any change takes; a phone plays its tone once.
LONGEST_S = 900
# One packet in twenty may be late on a computer that also applies roles to nine machines.
HEARD = 0.95


class Call:
    """One call. `at` is where its caller stands: a carrier, and a port of it that nobody else has."""

    def __init__(self, people: People, number: Number, seat: Seat, at: tuple[Trunk, int], digit: str | None) -> None:
        """Made and answered. Raises PhoneError."""
        office, (trunk, port) = people.office, at
        self._people = people
        self.seat = seat
        self.number = f"0137{random.randbelow(10**7):07d}"
        edge = office.plan.running("kamailio", seat.site)[0]
        tone_hz = audio.AGENT_TONES_HZ[0]
        self.agent = _endless(office.phone(seat, office.line(seat, edge), tone_hz))
        registered(self.agent, edge.name)
        home = office.plan.host(number.home).name
        assert wait_until(lambda: people.trail.reachable(home, seat.user), REACHABLE_S), self.agent.story()
        self.caller = people.caller(self.number, trunk, port)
        self.caller.ask("dial", people.dialled(number))
        self.caller.expect("CALL_ESTABLISHED", within_s=ANSWER_S, why="the call is taken")
        if digit:
            time.sleep(MENU_S)
            self.caller.ask("sndcode", digit)
        self.agent.expect("CALL_ESTABLISHED", within_s=QUEUE_S, why=f"seat {seat.user} answers")
        self.began_at = time.time()

    @property
    def up(self) -> bool:
        """Whether nobody has ended it yet."""
        return self.caller.seen("CALL_CLOSED") is None and self.agent.seen("CALL_CLOSED") is None

    def end(self) -> float:
        """The caller hangs up; both heard the other all the time, and it is recorded. How long it was, in seconds."""
        assert self.up, f"{self.caller.story()}\n{self.agent.story()}"
        talked_s = time.time() - self.began_at
        self.caller.ask("hangup")
        for phone in (self.caller, self.agent):
            phone.expect("CALL_CLOSED", within_s=CLOSE_S, why="the call ends")
        for phone, tone_hz in ((self.caller, audio.AGENT_TONES_HZ[0]), (self.agent, audio.CALLER_TONES_HZ[0])):
            heard_s = audio.tone_s(phone.heard(), tone_hz)
            assert heard_s >= talked_s * HEARD, f"{phone.name} heard {heard_s:.1f} of {talked_s:.1f} s"
        self.leave()
        row = self._people.trail.answered_row(self.number)
        store, path = self._people.trail.recording_path(row["linkedid"])
        assert path, f"no store has the recording of {self.number}"
        length_s = audio.duration_s(opened(self._people.trail.fetch(store, path), self._people.office.keys))
        assert abs(length_s - talked_s) <= 1 + talked_s * (1 - HEARD), (
            f"{length_s:.1f} of {talked_s:.1f} s are recorded"
        )
        return talked_s

    def leave(self) -> None:
        """Both put their phones away."""
        self.caller.stop()
        self.agent.stop()


def _endless(phone: Phone) -> Phone:
    phone.machine.write(f"{phone.name}/tone.wav", audio.tone_wav(phone.tone_hz, LONGEST_S))
    return phone


class People:
    """Callers and seats of a deployment, as its plan has them now."""

    def __init__(self, plan: Plan, where: Environment, machine: Callable[[str], Standin]) -> None:
        vault = secrets.read(where)
        keys = Keys(vault["vault_seat_passwords"], vault["vault_ca_certificate"], vault["vault_recording"]["identity"])

        def every(name: str) -> testinfra.host.Host:
            return testinfra.get_host(f"ssh://{name}?ssh_config={where.ssh_config}")

        self.every = every
        self.machine = machine
        self.office = Office(plan, where.outputs(), keys, machine)
        self.trail = Trail(plan, every, where.ssh_config, where.build / "recordings")

    def carrier(self, trunk: Trunk) -> Standin:
        """The machine that stands for a carrier."""
        first = self.office.plan.trunks[0]
        return self.machine("carrier" if trunk.address == first.address else f"carrier-{trunk.name}")

    def caller(self, number: str, trunk: Trunk, port: int) -> Phone:
        """Somebody who calls from a carrier, from a port of it that nobody else has."""
        entry = f"{self.office.address(self.office.entry)}:{self.office.plan.ports.sip}"
        line = Line(number, str(trunk.address), entry, listen=f"{trunk.address}:{port}")
        return _endless(Phone(self.carrier(trunk), f"caller-{number}", line, tone_hz=audio.CALLER_TONES_HZ[0]))

    def dialled(self, number: Number) -> str:
        """The address that a carrier sends a call for a number to."""
        return f"sip:{number.number}@{self.office.address(self.office.entry)}:{self.office.plan.ports.sip}"

    def taker(self, port: int) -> str:
        """The call server that takes a call now. It ends in the menu: a seat may be busy for another server."""
        trunk, number = self.office.plan.trunks[1], f"0136{random.randbelow(10**7):07d}"
        caller = self.caller(number, trunk, port)
        try:
            caller.ask("dial", self.dialled(self.office.plan.numbers[0]))
            caller.expect("CALL_ESTABLISHED", within_s=ANSWER_S, why="the call is taken")
            caller.ask("hangup")
            caller.expect("CALL_CLOSED", within_s=CLOSE_S, why="the call ends")
        finally:
            caller.stop()
        (row,) = self.trail.rows(number)
        return str(row["server"])

    def call(self, port: int = 0, *, seat: int = -1, number: str = "") -> Call:
        """A call by the second carrier, so that those who prove a deploy have the first for themselves.

        `port`: a port of the carrier beside its own. `seat`: which of the site's, from the end.
        """
        plan = self.office.plan
        trunk = plan.trunks[1]
        there = [each for each in plan.seats if each.site is Site.ONPREM][seat]
        called = next((each for each in plan.numbers if each.number == number), plan.numbers[0])
        return Call(self, called, there, (trunk, port or trunk.port), self._key(called))

    def _key(self, number: Number) -> str | None:
        """The key that leads to seats of the site; None where no menu asks."""
        for menu in self.office.plan.menus:
            if menu.name == number.menu:
                return next(key for key, queue in menu.digits if Site.ONPREM in self.office.queue(queue).sites)
        return None


@contextlib.contextmanager
def machines(where: Environment) -> Iterator[Callable[[str], Standin]]:
    """Stand-ins by name; whatever was started there is stopped at the end."""
    open_: dict[str, Standin] = {}

    def machine(name: str) -> Standin:
        if name not in open_:
            open_[name] = Standin(name, ["ssh", "-F", str(where.ssh_config), "-o", "BatchMode=yes", name])
        return open_[name]

    try:
        yield machine
    finally:
        for standin in open_.values():
            standin.close()
