"""Phones, people and the calls they make; each call is made once and looked at by many tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from seatworks.environment import Environment
from seatworks.plan.model import CloudOutputs, Plan
from tests.calls import call as calls
from tests.calls.call import Heard
from tests.calls.office import Agents, Keys, Office
from tests.calls.phones import PhoneError, Standin
from tests.calls.trail import Every, Trail


def pytest_addoption(parser: pytest.Parser) -> None:
    """How hard test_load.py tries, and which number is dialled."""
    parser.addoption(
        "--calls", help="concurrent calls of the load test, or max: the most held (default: what the plan is sized for)"
    )
    parser.addoption("--dial", help="the number that callers dial; without it the first one, with a menu before others")
    parser.addoption("--hold", type=int, default=60, help="seconds that all calls of the load test are up together")


@pytest.fixture(scope="session")
def machine(where: Environment) -> Iterator[Callable[[str], Standin]]:
    """A stand-in by name; whatever was started there is stopped at the end."""
    open_: dict[str, Standin] = {}

    def connect(name: str) -> Standin:
        if name not in open_:
            open_[name] = Standin(name, ["ssh", "-F", str(where.ssh_config), "-o", "BatchMode=yes", name])
        return open_[name]

    yield connect
    for standin in open_.values():
        standin.close()


@pytest.fixture(scope="session")
def keys(vault: dict[str, Any]) -> Keys:
    """What phones and the auditor need of the environment's secrets."""
    return Keys(vault["vault_seat_passwords"], vault["vault_ca_certificate"], vault["vault_recording"]["identity"])


@pytest.fixture(scope="session")
def office(
    plan: Plan, outputs: CloudOutputs, keys: Keys, machine: Callable[[str], Standin], pytestconfig: pytest.Config
) -> Office:
    """The people: callers behind the carrier, agents at their seats."""
    return Office(plan, outputs, keys, machine, pytestconfig.getoption("--dial"))


@pytest.fixture(scope="session")
def trail(plan: Plan, every: Every, where: Environment) -> Trail:
    """What calls leave behind."""
    return Trail(plan, every, where.ssh_config, where.build / "recordings")


@pytest.fixture(scope="session")
def made(office: Office, trail: Trail) -> Iterator[Callable[[int], Heard]]:
    """Make the scenario of that number, once; asking again gives the same call, or the same failure."""
    agents = Agents(office, trail.reachable)
    scenarios = office.scenarios()
    kept: dict[int, Heard | PhoneError] = {}

    def make(number: int) -> Heard:
        if number not in kept:
            began_at = time.time()
            scenario, following = scenarios[number], scenarios[min(number + 1, len(scenarios) - 1)]
            try:
                agent = agents.at(scenario)
                result = calls.make(office, scenario, agent, lambda: agents.prepare(following))
                kept[number] = Heard(result, trail, office.keys)
            except PhoneError as failure:
                kept[number] = PhoneError(f"{failure}\n{trail.journal(['call', 'refused', 'auth'], began_at)}")
        found = kept[number]
        if isinstance(found, PhoneError):
            raise PhoneError(str(found))
        return found

    yield make
    agents.leave()
