"""A verification that could not run is no success."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatworks import verify
from seatworks.environment import Environment
from seatworks.errors import VerifyError
from seatworks.plan.model import Target
from seatworks.results import Check, Outcome


@pytest.fixture(autouse=True)
def plain_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pytest of these projects starts without the plugins that this one has: they need none."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def fake_project(root: Path, body: str) -> Environment:
    """A project whose tests/calls holds one file."""
    folder = root / "tests" / "calls"
    folder.mkdir(parents=True)
    (folder / "conftest.py").write_text(
        "def pytest_addoption(parser): [parser.addoption(name) for name in ('--env', '--target')]\n"
    )
    (folder / "test_role.py").write_text(body)
    where = Environment("hybrid", Target.LAB, root)
    where.build.mkdir(parents=True)
    return where


def test_what_each_check_found_comes_back(tmp_path: Path) -> None:
    where = fake_project(
        tmp_path,
        "import pytest\n"
        "def test_the_service_answers(record_property): record_property('port', 5060)\n"
        "def test_it_listens(): assert False, 'closed'\n"
        "def test_it_is_left_out(): pytest.skip('no time')\n",
    )
    found = verify.check(where, "calls")
    assert [check.outcome for check in found] == [Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED]
    assert found[0].evidence == {"port": "5060"}
    assert [problem.place for problem in verify.failures(found)] == ["It listens", "It is left out"]


def test_tracebacks_are_kept_in_the_log_and_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = "def test_it_listens():\n    ports = {'sip': 5060}\n    assert not ports, 'closed'\n"
    where = fake_project(tmp_path, body)
    verify.check(where, "calls")
    assert "assert not ports, 'closed'" in verify.log_of(where, "calls").read_text(encoding="utf-8")
    shown = capsys.readouterr().err
    assert "1 failed" in shown
    assert "ports" not in shown


def test_a_run_without_a_single_check_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VerifyError):
        verify.check(fake_project(tmp_path, "value = 1\n"), "calls")


def test_a_run_that_breaks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="could not run"):
        verify.check(fake_project(tmp_path, "import nothing_of_that_name\n"), "calls")


def test_only_what_passed_counts() -> None:
    passed = Check("a", "A", "role", "edge1", Outcome.PASSED, 0.1)
    skipped = Check("b", "B", "role", "edge1", Outcome.SKIPPED, 0.1, message="no time")
    assert [str(problem) for problem in verify.failures([passed, skipped])] == ["B (edge1): no time"]
