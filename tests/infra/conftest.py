"""tests/infra/test_<role>.py runs once for every host of the plan that runs the role."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatworks import inventory
from seatworks.environment import Environment
from seatworks.plan.model import CloudOutputs, Host, Plan
from tests.conftest import Every, deployed

# A step on every host that no plan names as a role: asked where its neighbour runs.
_EVERYWHERE = {"packages": "baseline"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--roles", help="only the checks of these roles, with commas between them")


def members(config: pytest.Config, module: str) -> tuple[Host, ...]:
    """The hosts of the deployed plan that run the role a test module is named after: all that stand, or --peak.

    None for a role that --roles leaves out.
    """
    plan, peak = deployed(config), config.getoption("--peak")
    asked = {peak} if peak else {host.name for host in plan.standing}
    role = module.removeprefix("test_")
    only = config.getoption("--roles")
    if only and role not in only.split(","):
        return ()
    return tuple(host for host in plan.running(_EVERYWHERE.get(role, role)) if host.name in asked)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A role that no host of this plan runs, or that nobody asks about, has nothing to be asked."""
    if collection_path.name.startswith("test_") and not members(config, collection_path.stem):
        return True
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "member" in metafunc.fixturenames or "host" in metafunc.fixturenames:
        hosts = members(metafunc.config, metafunc.module.__name__.rpartition(".")[2])
        metafunc.parametrize("member", hosts, ids=[host.name for host in hosts], scope="module")


@pytest.fixture(scope="module")
def host(member: Host, every: Every) -> Any:
    """The host under test, over SSH."""
    return every(member.name)


@pytest.fixture(scope="module")
def inputs(member: Host, plan: Plan, outputs: CloudOutputs, where: Environment) -> dict[str, Any]:
    """What the plan gives to the roles of the host under test."""
    if member.peak:
        return inventory.local(plan, outputs, [member]).hosts[member.name]
    return inventory.build(plan, outputs, where.ssh_config).hosts[member.name]


@pytest.fixture(autouse=True)
def _name_the_host(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """The report groups checks by host."""
    if "member" in request.fixturenames:
        found: Host = request.getfixturevalue("member")
        record_property("host", found.name)
