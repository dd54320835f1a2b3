"""Fixtures of every test that speaks with a deployed environment (`--env`)."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import testinfra

from seatworks import causes, secrets
from seatworks import standing as deployments
from seatworks.environment import Environment
from seatworks.plan.model import CloudOutputs, Host, Plan, Target

ROOT = Path(__file__).resolve().parent.parent
Every = Callable[[str], Any]
Evidence = Callable[[str, object], None]


# A worker of the tests holds half a gigabyte of modules; with Python's own limits a third of its time goes into
# walking through them in search of garbage.
gc.set_threshold(100_000, 50, 100)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--env", help="the deployed environment that tests/infra and tests/calls ask")
    parser.addoption("--target", help="which deployment of --env: lab or live; without it the one that stands")
    parser.addoption("--peak", help="tests/infra ask this server of a peak, which stands now, and no other host")


def environment_of(config: pytest.Config) -> Environment:
    """The environment named by --env."""
    name = config.getoption("--env")
    if not name:
        raise pytest.UsageError("tests/infra and tests/calls ask a deployed environment: give --env NAME")
    target = config.getoption("--target")
    where = deployments.choose(name, ROOT, Target(target) if target else None, "pytest --env … --target …")
    if where is None:
        raise pytest.UsageError(f"{name} is not deployed")
    return where


@pytest.fixture(scope="session")
def where(pytestconfig: pytest.Config) -> Environment:
    """Where the environment's files lie."""
    return environment_of(pytestconfig)


def deployed(config: pytest.Config) -> Plan:
    """The plan of --env as it was deployed."""
    where = environment_of(config)
    found = where.recorded()
    if found is None:
        raise pytest.UsageError(f"{where.name} is not deployed")
    return found


def standing(plan: Plan, role: str) -> tuple[Host, ...]:
    """Hosts that run a role and stand all year: those of a peak may be switched off."""
    return tuple(host for host in plan.running(role) if not host.peak)


@pytest.fixture(scope="session")
def plan(pytestconfig: pytest.Config) -> Plan:
    """The plan as it was deployed."""
    return deployed(pytestconfig)


@pytest.fixture(scope="session")
def outputs(where: Environment) -> CloudOutputs:
    """What the cloud handed back."""
    return where.outputs()


@pytest.fixture(scope="session")
def vault(where: Environment) -> secrets.Vault:
    """The environment's secrets."""
    return secrets.read(where)


@pytest.fixture(scope="session")
def every(where: Environment) -> Every:
    """A host of the plan, or a stand-in of the lab, by name: `every("db1").check_output(...)`."""

    @functools.cache
    def connect(name: str) -> Any:
        return testinfra.get_host(f"ssh://{name}?ssh_config={where.ssh_config}")

    return connect


@pytest.fixture
def evidence(record_property: Evidence) -> Evidence:
    """Keep a fact with the check, for the report: `evidence("recording", "9.8 s")`. Values are kept in words."""
    return lambda name, value: record_property(name, causes.spoken(value))
