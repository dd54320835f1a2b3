"""A running centre takes changes of its file: each arrives in what runs, while a call is up that keeps its voice.

After each deploy all checks of tests/infra have passed, which ask what every program holds in memory, for what went
away too. Here people try it: they dial what is new, and what is gone.
"""

from __future__ import annotations

import copy
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
import testinfra

from lab import leftovers
from seatworks.environment import Environment
from seatworks.plan.model import Plan, Target
from tests.calls.office import REGISTER_S
from tests.calls.phones import Phone, Standin, wait_until
from tests.conftest import ROOT
from tests.drills.conftest import DEPLOY_LIMIT_S, Ended, on, seatworks, unchanged
from tests.drills.steady import People, machines
from tests.infra.test_kamailio import CONTROL, ask
from tests.specs import values, written

pytestmark = [pytest.mark.lab, pytest.mark.slow]
ENV = "changes"
EDGES = ("edge1", "edge2")
DRAINING = f"{CONTROL} htable.get state draining"

Test = TypeVar("Test", bound=Callable[..., None])
# What each drill that data/changes.yml names is shown by.
DRILLS: dict[str, str] = {}


def shows(*areas: str) -> Callable[[Test], Test]:
    """A test that shows these rows of the table of changes."""

    def note(test: Test) -> Test:
        DRILLS.update(dict.fromkeys(areas, test.__name__))
        return test

    return note


# Seats are numbered in the order of the file; those that are added last are the last.
NEW_SEATS = [str(user) for user in range(1121, 1131)]
NEW_NUMBER = "01087654321"


@dataclass
class Centre:
    """The running centre: its file, and the people who use it."""

    where: Environment
    given: dict[str, Any]
    machine: Callable[[str], Standin]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """As it was deployed last."""
        found = self.where.deployed()
        assert found
        return found

    @property
    def people(self) -> People:
        """Who may call and answer now."""
        return People(self.plan, self.where, self.machine)

    def every(self, name: str) -> testinfra.host.Host:
        """A host, to be asked."""
        return testinfra.get_host(f"ssh://{name}?ssh_config={self.where.ssh_config}")

    def becomes(self, given: dict[str, Any], what: str, come: Callable[[], object] = dict) -> None:
        """Deploy another file with a call up all the while; a deploy that ends well was called and answered.

        Others `come` when the call is up, so that it does not ring them.
        """
        call = self.people.call()
        try:
            come()
            written(ROOT, given)
            began_at = time.monotonic()
            done = seatworks("deploy", ENV)
            self.seconds[what] = time.monotonic() - began_at
            assert done.code == 0, done.output[-6000:]
            self.given = given
            call.end()
        finally:
            call.leave()

    def kept(self) -> bool:
        """Whether a deploy of the same file changes nothing."""
        return unchanged(ENV, seatworks("deploy", ENV))


def changed(given: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A file with other values: `changed(given, service__queues__sales={…})`."""
    found = copy.deepcopy(given)
    for path, value in keys.items():
        *outer, key = path.split("__")
        node = found
        for step in outer:
            node = node[step]
        node[key] = value
    return found


def start() -> dict[str, Any]:
    """The file of the hybrid example, as an environment of its own."""
    return {**values(), "name": ENV}


@pytest.fixture(scope="module")
def first() -> Iterator[Ended]:
    written(ROOT, start())
    assert seatworks("destroy", ENV).code == 0
    try:
        yield seatworks("deploy", ENV)
        assert seatworks("destroy", ENV).code == 0
        assert leftovers(ENV) == []
    finally:
        shutil.rmtree(ROOT / "inventories" / ENV)


@pytest.fixture(scope="module")
def centre(first: Ended) -> Iterator[Centre]:
    assert first.code == 0, first.output[-6000:]
    where = Environment(ENV, Target.LAB, ROOT)
    with machines(where) as machine:
        yield Centre(where, start(), machine)


@pytest.fixture(scope="module")
def grown(centre: Centre) -> Centre:
    """More of everything that a caller meets and that people on site set, in one deploy."""
    given = changed(
        centre.given,
        service__numbers=[*centre.given["service"]["numbers"], {"number": NEW_NUMBER, "queue": "general"}],
        service__menus__main={
            "prompts": ["demo-congrats"],
            "digits": {"1": "sales", "2": "support", "5": "general"},
            "default": "general",
            "wait_s": 7,
        },
        service__queues__general={"strategy": "rrmemory", "seats": ["onprem"]},
        service__queues__sales={"strategy": "ringall", "seats": ["cloud"]},
        seats__peak_extra=30,
        trunks=[*centre.given["trunks"], {"name": "second", "kind": "sip", "address": "198.51.100.20", "port": 5080}],
        time_servers=["ntp.aliyun.com", "ntp1.aliyun.com"],
        recording__retention_days=200,
    )
    centre.becomes(given, "more of everything")
    return centre


@shows("numbers", "menus", "queues", "trunks")
def test_what_is_added_is_there_for_those_who_call(grown: Centre) -> None:
    # A number of a queue of its own, whose name Asterisk has a use of its own for.
    call = grown.people.call(number=NEW_NUMBER, seat=-2)
    time.sleep(5)
    call.end()
    # A line of the same carrier at another port.
    call = grown.people.call(5080, seat=-3)
    time.sleep(5)
    call.end()
    said = grown.every("edge1").check_output("journalctl --unit kamailio --output cat --since -60s")
    assert f"from {call.number} (trunk 198.51.100.20)" in said
    assert "second" in grown.every("edge1").check_output(f"{CONTROL} htable.get trunks s:198.51.100.20:5080")


@shows("seats")
def test_a_seat_that_is_added_can_register(grown: Centre) -> None:
    people, seat = grown.people, next(each for each in grown.plan.seats if each.user == NEW_SEATS[0])
    phone = people.office.phone(seat, people.office.line(seat, grown.plan.host("cloud-edge1")), 550)
    try:
        assert (
            phone.expect("REGISTER_OK", "REGISTER_FAIL", within_s=REGISTER_S, why="it registers").kind == "REGISTER_OK"
        )
    finally:
        phone.stop()


@shows("time", "retention")
def test_a_deploy_of_the_grown_file_changes_nothing(grown: Centre) -> None:
    assert grown.kept()


@pytest.fixture(scope="module")
def shrunk(grown: Centre) -> Iterator[Centre]:
    """The first file again, while a seat that goes is registered; its number dials another menu's queue."""
    people, seat = grown.people, next(each for each in grown.plan.seats if each.user == NEW_SEATS[0])
    line = people.office.line(seat, grown.plan.host("cloud-edge1"))
    there: list[Phone] = []

    def come() -> None:
        there.append(people.office.phone(seat, line, 550))
        there[0].expect("REGISTER_OK", within_s=REGISTER_S, why="it registers")

    grown.becomes(start(), "less of everything", come)
    there[0].stop()
    again = people.office.phone(seat, line, 550, name="gone")
    yield grown
    told = again.expect("REGISTER_OK", "REGISTER_FAIL", within_s=REGISTER_S, why="it is refused")
    again.stop()
    assert told.kind == "REGISTER_FAIL"


def invited(centre: Centre, edge: str, number: str) -> str:
    """What an edge answers a carrier that calls a number."""
    there, port = str(centre.plan.host(edge).address), str(centre.plan.ports.sip)
    own, who = str(centre.plan.trunks[0].address), "sip:13800138000@carrier.example"
    return ask(centre.every("carrier"), "udp", own, there, port, "INVITE", f"sip:{number}@{there}", who)


@pytest.mark.parametrize("edge", EDGES)
def test_what_is_taken_out_is_gone_from_the_edges(shrunk: Centre, edge: str) -> None:
    host = shrunk.every(edge)
    for table, key in (("numbers", NEW_NUMBER), ("trunks", "198.51.100.20:5080"), *(("seats", u) for u in NEW_SEATS)):
        assert "doesn't exist" in host.check_output(f"{CONTROL} htable.get {table} s:{key}"), (table, key)
    assert "not found" in host.check_output(f"{CONTROL} ul.lookup location s:{NEW_SEATS[0]}")
    assert invited(shrunk, edge, NEW_NUMBER) == "SIP/2.0 404 Not Found"


@shows("figures")
def test_a_deploy_of_the_first_file_changes_nothing_nor_does_one_with_other_figures(shrunk: Centre) -> None:
    assert shrunk.kept()
    written(ROOT, changed(shrunk.given, traffic__service_level={"share": 0.8, "within_s": 21}))
    assert shrunk.kept()


@shows("domain")
def test_a_domain_changes_when_the_calls_of_an_edge_have_ended(shrunk: Centre) -> None:
    before = started(shrunk, "edge1", "kamailio")
    call, ended = shrunk.people.call(), []

    def talk() -> None:
        assert wait_until(lambda: "value: 1" in shrunk.every("edge1").check_output(DRAINING), DEPLOY_LIMIT_S)
        ended.append(time.clock_gettime(time.CLOCK_MONOTONIC))
        call.end()

    given = changed(shrunk.given, service__domain="calls.example")
    written(ROOT, given)
    done = deployed_while(talk)
    assert done.code == 0, done.output[-6000:]
    assert before < ended[0] < started(shrunk, "edge1", "kamailio")
    shrunk.given = given
    assert shrunk.kept()


def started(centre: Centre, host: str, unit: str) -> float:
    """When a unit started last, in seconds of the clock that all machines share."""
    shown = centre.every(host).check_output(f"systemctl show {unit} --property=ExecMainStartTimestampMonotonic --value")
    return int(shown) / 1_000_000


def deployed_while(talk: Callable[[], None]) -> Ended:
    """Deploy, and meanwhile do something that the deploy waits for."""
    with ThreadPoolExecutor() as pool:
        talking = pool.submit(talk)
        done = seatworks("deploy", ENV)
        talking.result()
    return done


def test_an_edge_restarts_when_its_last_call_has_ended_and_refuses_new_ones_meanwhile(shrunk: Centre) -> None:
    before = {edge: started(shrunk, edge, "rtpengine-daemon") for edge in EDGES}
    assert on(ENV, "edge1", "echo '# by hand' >> /etc/rtpengine/rtpengine.conf").code == 0
    call, ended = shrunk.people.call(), []

    def talk() -> None:
        assert wait_until(lambda: "value: 1" in shrunk.every("edge1").check_output(DRAINING), DEPLOY_LIMIT_S)
        try:
            assert invited(shrunk, "edge1", NEW_NUMBER) == "SIP/2.0 503 Draining"
            assert invited(shrunk, "edge2", NEW_NUMBER) == "SIP/2.0 404 Not Found"
        finally:
            ended.append(time.clock_gettime(time.CLOCK_MONOTONIC))
            call.end()

    done = deployed_while(talk)
    assert done.code == 0, done.output[-6000:]
    assert before["edge1"] < ended[0] < started(shrunk, "edge1", "rtpengine-daemon")
    assert started(shrunk, "edge2", "rtpengine-daemon") == before["edge2"]


def test_a_call_server_restarts_when_its_last_call_has_ended_and_another_takes_new_ones(shrunk: Centre) -> None:
    people = shrunk.people
    home = people.office.number.home
    before = started(shrunk, home, "asterisk")
    assert on(ENV, home, "echo '; by hand' >> /etc/asterisk/asterisk.conf").code == 0
    call, ended = people.call(), []

    def talk() -> None:
        assert wait_until(lambda: shrunk.every(home).file("/run/asterisk.closed").exists, DEPLOY_LIMIT_S)
        try:
            assert people.taker(5082) != home
        finally:
            ended.append(time.clock_gettime(time.CLOCK_MONOTONIC))
            call.end()

    done = deployed_while(talk)
    assert done.code == 0, done.output[-6000:]
    assert before < ended[0] < started(shrunk, home, "asterisk")
    assert shrunk.kept()
