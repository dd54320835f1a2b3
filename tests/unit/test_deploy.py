"""The journal of a deploy, whatever its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seatworks import deploy
from seatworks.deploy import Journal
from seatworks.environment import Environment
from seatworks.errors import CloudError, PreflightError, Problem
from seatworks.results import Check, Outcome
from seatworks.run import CommandError
from tests.examples import plan_of


def test_each_phase_is_timed_and_shown_with_its_detail() -> None:
    said: list[str] = []
    journal = Journal("hybrid", said.append)
    with journal.phase("plan") as detail:
        detail.append("9 hosts")
    (phase,) = journal.phases
    assert (phase.name, phase.outcome, phase.detail) == ("plan", Outcome.PASSED, "9 hosts")
    assert said[0] == "== plan"
    assert said[1].startswith("== plan: passed, ")


def test_a_phase_that_fails_keeps_its_problems_and_lets_the_error_go_on() -> None:
    journal = Journal("hybrid", lambda _: None)
    with pytest.raises(CloudError), journal.phase("cloud"):
        raise CloudError(Problem("edge", "no such image", "choose another region"))
    assert journal.phases[0].outcome is Outcome.FAILED
    assert journal.phases[0].detail == "edge: no such image -> choose another region"
    assert not journal.results().accepted


def test_a_deploy_is_accepted_only_when_something_was_checked_and_all_of_it_passed() -> None:
    journal = Journal("hybrid", lambda _: None)
    with journal.phase("plan"):
        pass
    assert not journal.results().accepted
    journal.checks.append(Check("a", "A", "calls", "", Outcome.PASSED, 1.0))
    assert journal.results().accepted
    journal.checks.append(Check("b", "B", "calls", "", Outcome.SKIPPED, 0.0))
    assert not journal.results().accepted


@pytest.mark.parametrize(("code", "error"), [(3, PreflightError), (4, CloudError)])
def test_a_cloud_that_lacks_something_is_told_apart_from_one_that_failed(
    code: int, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: Any, **__: Any) -> int:
        raise CommandError(["python", "-m", "stacks"], code, "cloud: AWS cn-north-1: 6 elastic addresses are needed")

    monkeypatch.setattr(deploy, "stream", ended)
    with pytest.raises(error, match="6 elastic addresses are needed") as refused:
        deploy.preview(plan_of("hybrid"), Environment("hybrid", tmp_path), lambda _: None)
    assert type(refused.value) is error
