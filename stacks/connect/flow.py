"""A planned flow as a document of Amazon Connect's flow language. Pure: the same flow gives the same bytes.

Every branch ends: a caller comes to a queue, or is told why not and the call ends. Errors of the service lead on to
the next sensible step, never into silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from seatworks.plan.connect import Flow

VERSION = "2019-10-30"
Action = dict[str, Any]


def document(flow: Flow, queues: Mapping[str, str], hours: str) -> dict[str, Any]:
    """The flow. `queues` gives the ARN of every queue that it leads to, `hours` the ARN of the opening hours."""
    first = "menu" if flow.digits else "greeting" if flow.text else _to(flow.default)
    opening = "recording" if flow.recorded else first
    actions = [
        _say_with(flow.voice, "hours" if flow.checks_hours else opening),
        *(_hours(hours, opening) if flow.checks_hours else ()),
        *(_recording(first) if flow.recorded else ()),
        *_answer(flow),
        *(_aim(queue, queues[queue]) for queue in flow.queues),
        _transfer(),
        *(_tell("closed", flow.closed_text) if flow.checks_hours else ()),
        *_tell("failed", flow.failed_text),
        {"Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}},
    ]
    return {"Version": VERSION, "StartAction": "voice", "Actions": actions}


def content(flow: Flow, queues: Mapping[str, str], hours: str) -> str:
    """The document as the interface takes it."""
    return json.dumps(document(flow, queues, hours), ensure_ascii=False, sort_keys=True)


def _action(name: str, kind: str, parameters: Action, then: str, errors: Sequence[tuple[str, str]] = ()) -> Action:
    """One action with where it leads: `then` when it went well, each error where it says."""
    return {
        "Identifier": name,
        "Type": kind,
        "Parameters": parameters,
        "Transitions": {
            "NextAction": then,
            "Errors": [{"ErrorType": error, "NextAction": target} for error, target in errors],
            "Conditions": [],
        },
    }


def _conditions(action: Action, targets: Sequence[tuple[str, str]]) -> Action:
    action["Transitions"]["Conditions"] = [
        {"NextAction": target, "Condition": {"Operator": "Equals", "Operands": [operand]}}
        for operand, target in targets
    ]
    return action


def _to(queue: str) -> str:
    return f"to-{queue}"


def _say_with(voice: str, then: str) -> Action:
    parameters = {"TextToSpeechVoice": voice}
    # Without the voice another one reads the text: no reason to lose the call.
    return _action("voice", "UpdateContactTextToSpeechVoice", parameters, then, [("NoMatchingError", then)])


def _hours(hours: str, opening: str) -> tuple[Action]:
    # Whether it is open cannot be told: the caller is served rather than sent away.
    action = _action(
        "hours", "CheckHoursOfOperation", {"HoursOfOperationId": hours}, opening, [("NoMatchingError", opening)]
    )
    return (_conditions(action, (("True", opening), ("False", "closed"))),)


def _recording(then: str) -> tuple[Action]:
    parameters = {"RecordingBehavior": {"RecordedParticipants": ["Agent", "Customer"]}}
    return (_action("recording", "UpdateContactRecordingBehavior", parameters, then),)


def _answer(flow: Flow) -> tuple[Action, ...]:
    """The menu, or the greeting of a queue that has no menu."""
    default = _to(flow.default)
    if not flow.digits:
        return _tell("greeting", flow.text, default) if flow.text else ()
    parameters = {"Text": flow.text or "", "StoreInput": "False", "InputTimeLimitSeconds": str(flow.wait_s)}
    nothing = [(error, default) for error in ("InputTimeLimitExceeded", "NoMatchingCondition", "NoMatchingError")]
    menu = _action("menu", "GetParticipantInput", parameters, default, nothing)
    return (_conditions(menu, [(digit, _to(queue)) for digit, queue in flow.digits]),)


def _aim(queue: str, arn: str) -> Action:
    errors = [("NoMatchingError", "failed")]
    return _action(_to(queue), "UpdateContactTargetQueue", {"QueueId": arn}, "transfer", errors)


def _transfer() -> Action:
    errors = [("QueueAtCapacity", "failed"), ("NoMatchingError", "failed")]
    return _action("transfer", "TransferContactToQueue", {}, "end", errors)


def _tell(name: str, text: str, then: str = "end") -> tuple[Action]:
    return (_action(name, "MessageParticipant", {"Text": text}, then, [("NoMatchingError", then)]),)
