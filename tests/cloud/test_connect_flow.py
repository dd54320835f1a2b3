"""A planned flow becomes a document that the service takes, and every caller ends where the plan says."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from lab.aws.connect.flow import problems
from seatworks.errors import VerifyError
from seatworks.plan.connect import Connect, Flow
from stacks.connect.checks import expected
from stacks.connect.flow import content, document
from stacks.connect.walk import Caller, End, walk
from tests.managed import managed

QUEUES = {"support": "arn:aws:connect:eu-central-1:1:instance/i/queue/q1", "sales": "arn:x:queue/q2"}
HOURS = "arn:aws:connect:eu-central-1:1:instance/i/operating-hours/h1"
IDS, HOUR_IDS = {"q1", "q2"}, {"h1"}


@pytest.fixture
def asked(tmp_path: Path) -> Connect:
    """What the plan asks of Amazon Connect."""
    found = managed(tmp_path).plan().connect
    assert found is not None
    return found


@pytest.fixture
def main(asked: Connect) -> Flow:
    """The flow of the menu."""
    return asked.flow("menu-main")


@pytest.mark.parametrize("name", ["menu-main", "queue-sales"])
@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("hours", [True, False])
def test_every_flow_is_one_that_the_service_takes(asked: Connect, name: str, recorded: bool, hours: bool) -> None:
    flow = dataclasses.replace(asked.flow(name), recorded=recorded, checks_hours=hours)
    assert problems(document(flow, QUEUES, HOURS), IDS, HOUR_IDS) == []


def test_the_same_flow_is_the_same_text(main: Flow) -> None:
    assert content(main, QUEUES, HOURS) == content(main, dict(reversed(QUEUES.items())), HOURS)


@pytest.mark.parametrize(
    ("caller", "queue"),
    [(Caller("1"), "support"), (Caller("2"), "sales"), (Caller("9"), "support"), (Caller(), "support")],
)
def test_a_key_leads_to_its_queue_and_anything_else_to_the_default(main: Flow, caller: Caller, queue: str) -> None:
    end = walk(document(main, QUEUES, HOURS), caller)
    assert end == End(QUEUES[queue], ("For support press 1, for sales press 2.",), recorded=True)


def test_outside_the_hours_the_caller_is_told_so_and_the_call_ends(main: Flow) -> None:
    end = walk(document(main, QUEUES, HOURS), Caller("1", within_hours=False))
    assert end == End(None, (main.closed_text,), recorded=False)


def test_a_caller_whom_no_queue_takes_is_told_so(main: Flow) -> None:
    end = walk(document(main, QUEUES, HOURS), Caller("2", full=True))
    assert end.queue is None
    assert end.heard[-1] == main.failed_text


def test_what_the_plan_expects_is_what_a_walk_finds(asked: Connect) -> None:
    for flow in asked.flows:
        for kind in expected(flow, QUEUES):
            assert walk(document(flow, QUEUES, HOURS), kind.caller) == kind.end


def test_a_flow_that_goes_round_is_found(main: Flow) -> None:
    round_and_round = document(main, QUEUES, HOURS)
    action(round_and_round, "voice")["Transitions"]["NextAction"] = "voice"
    with pytest.raises(VerifyError, match="goes round in it for ever"):
        walk(round_and_round, Caller("1"))


def test_a_flow_that_leads_nowhere_is_found(main: Flow) -> None:
    lost = document(main, QUEUES, HOURS)
    action(lost, "to-sales")["Transitions"]["NextAction"] = "nowhere"
    with pytest.raises(VerifyError, match="leads to nowhere"):
        walk(lost, Caller("2"))


def action(of: dict[str, Any], name: str) -> dict[str, Any]:
    """One action of a document."""
    (found,) = [each for each in of["Actions"] if each["Identifier"] == name]
    return found


def _drop_error(of: dict[str, Any], name: str, error: str) -> None:
    leads = action(of, name)["Transitions"]
    leads["Errors"] = [each for each in leads["Errors"] if each["ErrorType"] != error]


MISTAKES = {
    "StartAction nowhere": lambda of: of.update(StartAction="nowhere"),
    "Version must be": lambda of: of.update(Version="2020-01-01"),
    "bear the same Identifier": lambda of: of["Actions"].append(copy.deepcopy(of["Actions"][0])),
    "is not known": lambda of: action(of, "end").update(Type="HangUp"),
    "NextAction lost is no action": lambda of: action(of, "voice")["Transitions"].update(NextAction="lost"),
    "required error. Error: QueueAtCapacity": lambda of: _drop_error(of, "transfer", "QueueAtCapacity"),
    "required error. Error: InputTimeLimitExceeded": lambda of: _drop_error(of, "menu", "InputTimeLimitExceeded"),
    "must be True and False": lambda of: action(of, "hours")["Transitions"]["Conditions"].pop(),
    "same operand": lambda of: action(of, "menu")["Transitions"]["Conditions"].append(
        action(of, "menu")["Transitions"]["Conditions"][0]
    ),
    "ends the flow and has no": lambda of: action(of, "end").update(Transitions={"NextAction": "voice"}),
    "takes no Conditions": lambda of: action(of, "closed")["Transitions"].update(
        Conditions=[{"NextAction": "end", "Condition": {"Operator": "Equals", "Operands": ["1"]}}]
    ),
    "is not in this instance": lambda of: action(of, "to-sales")["Parameters"].update(QueueId="another"),
    "exactly one of Text": lambda of: action(of, "failed")["Parameters"].clear(),
    "not a number": lambda of: action(of, "menu")["Parameters"].update(InputTimeLimitSeconds="soon"),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_a_mistake_in_a_flow_is_refused_as_the_service_refuses_it(main: Flow, said: str) -> None:
    wrong = document(main, QUEUES, HOURS)
    MISTAKES[said](wrong)
    assert any(said in each for each in problems(wrong, IDS, HOUR_IDS))
