"""tests/infra/test_<role>.py runs once for every host of the plan that runs the role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seatworks import plan as planning
from seatworks.plan.model import Host
from tests.conftest import Every, environment_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "member" not in metafunc.fixturenames and "host" not in metafunc.fixturenames:
        return
    where = environment_of(metafunc.config)
    plan = planning.load(where.plan_file.read_text(encoding="utf-8"))
    role = metafunc.module.__name__.rpartition(".")[2].removeprefix("test_")
    hosts = plan.running(role)
    metafunc.parametrize("member", hosts, ids=[host.name for host in hosts], scope="module")


@pytest.fixture(scope="module")
def host(member: Host, every: Every) -> Any:
    """The host under test, over SSH."""
    return every(member.name)


@pytest.fixture(autouse=True)
def _name_the_host(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """The report groups checks by host."""
    if "member" in request.fixturenames:
        found: Host = request.getfixturevalue("member")
        record_property("host", found.name)
