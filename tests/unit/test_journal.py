"""The journal of a deploy, whatever its end."""

from __future__ import annotations

import pytest

from seatworks.errors import CloudError, Problem
from seatworks.journal import Journal
from seatworks.results import Check, Outcome


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
