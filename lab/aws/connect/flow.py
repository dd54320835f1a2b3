"""Whether a flow is one that the service takes: its language has few actions, each with branches that must be there.

Written from the flow language's reference (docs.aws.amazon.com/connect, flow-language-actions) and from what the
service is known to refuse, for the actions that a rehearsal may meet. It knows nothing of who writes flows here.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

VERSION = "2019-10-30"
_ANY = "NoMatchingError"


@dataclass(frozen=True, slots=True)
class _Action:
    """Which branches an action must have, and which parameters; `ends`: it has no branch at all."""

    errors: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    ends: bool = False
    branches: bool = False


ACTIONS = {
    "MessageParticipant": _Action((_ANY,), one_of=("Text", "SSML", "PromptId", "Media")),
    "GetParticipantInput": _Action(
        ("InputTimeLimitExceeded", "NoMatchingCondition", _ANY), one_of=("Text", "SSML", "PromptId"), branches=True
    ),
    "CheckHoursOfOperation": _Action((_ANY,), answers=("True", "False"), branches=True),
    "UpdateContactTargetQueue": _Action((_ANY,), one_of=("QueueId",)),
    "TransferContactToQueue": _Action(("QueueAtCapacity", _ANY)),
    "UpdateContactTextToSpeechVoice": _Action((_ANY,), one_of=("TextToSpeechVoice",)),
    "UpdateContactRecordingBehavior": _Action(one_of=("RecordingBehavior",)),
    "UpdateFlowLoggingBehavior": _Action(one_of=("FlowLoggingBehavior",)),
    "DisconnectParticipant": _Action(ends=True),
    "EndFlowExecution": _Action(ends=True),
}


def problems(document: Any, queues: Set[str], hours: Set[str]) -> list[str]:
    """Everything that is wrong with a flow. `queues` and `hours` are the identifiers that its instance has."""
    if not isinstance(document, dict) or not isinstance(document.get("Actions"), list):
        return ["the content has no Actions"]
    found = [f"Version must be {VERSION}"] if document.get("Version") != VERSION else []
    actions: list[dict[str, Any]] = document["Actions"]
    names = [str(action.get("Identifier")) for action in actions]
    if len(set(names)) != len(names):
        found.append("two actions bear the same Identifier")
    if document.get("StartAction") not in names:
        found.append(f"StartAction {document.get('StartAction')} is no action")
    for action in actions:
        found += [f"{action.get('Identifier')}: {each}" for each in _action(action, set(names), queues, hours)]
    return found


def _action(action: dict[str, Any], names: Set[str], queues: Set[str], hours: Set[str]) -> Iterator[str]:
    kind, parameters = ACTIONS.get(str(action.get("Type"))), action.get("Parameters")
    if kind is None:
        yield f"Type {action.get('Type')} is not known"
        return
    if not isinstance(parameters, dict):
        yield "Parameters are missing"
        return
    if kind.one_of and sum(bool(parameters.get(name)) for name in kind.one_of) != 1:
        yield f"exactly one of {', '.join(kind.one_of)} must be given"
    yield from _references(parameters, queues, hours)
    if "InputTimeLimitSeconds" in parameters and not str(parameters["InputTimeLimitSeconds"]).isdigit():
        yield "InputTimeLimitSeconds is not a number written as text"
    yield from _branches(kind, action.get("Transitions", {}), names)


def _references(parameters: dict[str, Any], queues: Set[str], hours: Set[str]) -> Iterator[str]:
    for name, known in (("QueueId", queues), ("HoursOfOperationId", hours)):
        if name in parameters and str(parameters[name]).rpartition("/")[2] not in known:
            yield f"{name} {parameters[name]} is not in this instance"


def _branches(kind: _Action, transitions: dict[str, Any], names: Set[str]) -> Iterator[str]:
    conditions, errors = transitions.get("Conditions", []), transitions.get("Errors", [])
    if kind.ends:
        if transitions.get("NextAction") or conditions or errors:
            yield "it ends the flow and has no Transitions"
        return
    for target in (transitions.get("NextAction"), *(each.get("NextAction") for each in (*conditions, *errors))):
        if target is not None and target not in names:
            yield f"NextAction {target} is no action"
    if not kind.errors and not transitions.get("NextAction"):
        yield "NextAction is missing"
    given = [each.get("ErrorType") for each in errors]
    yield from (f"Action is missing required error. Error: {each}" for each in kind.errors if each not in given)
    yield from (f"Error {each} does not belong to it" for each in given if each not in kind.errors)
    if conditions and not kind.branches:
        yield "it takes no Conditions"
    operands = [tuple(each.get("Condition", {}).get("Operands", ())) for each in conditions]
    if any(
        each.get("Condition", {}).get("Operator") != "Equals" or len(o) != 1
        for each, o in zip(conditions, operands, strict=True)
    ):
        yield "a condition is not Equals with one operand"
    if len(set(operands)) != len(operands):
        yield "two conditions have the same operand"
    if kind.answers and {each for operand in operands for each in operand} != set(kind.answers):
        yield f"the conditions must be {' and '.join(kind.answers)}"
