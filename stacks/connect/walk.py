"""A caller's way through a flow document, whoever wrote it: which texts are read, and in which queue the caller ends.

It follows the branches of the flow language as its reference says, one caller at a time, and makes no call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatworks.errors import Problem, VerifyError


@dataclass(frozen=True, slots=True)
class Caller:
    """What one caller does and meets: the key pressed in a menu (None: none), and whether it is within the hours.

    `full`: the queues take nobody more.
    """

    key: str | None = None
    within_hours: bool = True
    full: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Where the caller ended: the queue's id or ARN as the document has it, None when the call was ended.

    `heard` are the texts that were read, `recorded` whether the conversation will be.
    """

    queue: str | None
    heard: tuple[str, ...]
    recorded: bool


_STRAIGHT = {"MessageParticipant", "UpdateContactTextToSpeechVoice", "UpdateContactTargetQueue",
             "UpdateContactRecordingBehavior", "UpdateFlowLoggingBehavior"}  # fmt: skip


def walk(document: Mapping[str, Any], caller: Caller) -> End:
    """Follow one caller. Raises VerifyError for a flow that has no end, or an action that is not known here."""
    actions = {action["Identifier"]: action for action in document["Actions"]}
    here, queue, heard, recorded = document["StartAction"], None, list[str](), False
    # A way longer than the flow has actions comes by one of them twice, and would again.
    for _ in range(len(actions) + 1):
        if here not in actions:
            raise VerifyError(Problem("flow", f"leads to {here}, which is no action of it"))
        action = actions[here]
        kind, parameters = action["Type"], action["Parameters"]
        if kind in ("MessageParticipant", "GetParticipantInput"):
            heard.append(str(parameters.get("Text") or parameters.get("SSML") or parameters.get("PromptId")))
        if kind == "UpdateContactRecordingBehavior":
            recorded = bool(parameters["RecordingBehavior"].get("RecordedParticipants"))
        if kind == "UpdateContactTargetQueue":
            queue = parameters["QueueId"]
        if kind == "TransferContactToQueue" and not caller.full:
            return End(queue, tuple(heard), recorded)
        if kind in ("DisconnectParticipant", "EndFlowExecution"):
            return End(None, tuple(heard), recorded)
        here = _next(action, caller)
    raise VerifyError(Problem("flow", f"a caller who presses {caller.key or 'nothing'} goes round in it for ever"))


def _next(action: Mapping[str, Any], caller: Caller) -> str:
    kind, leads = action["Type"], action["Transitions"]
    if kind == "GetParticipantInput":
        if caller.key is None:
            return _error(leads, "InputTimeLimitExceeded")
        return _condition(leads, caller.key) or _error(leads, "NoMatchingCondition")
    if kind == "CheckHoursOfOperation":
        return _condition(leads, str(caller.within_hours)) or _error(leads, "NoMatchingError")
    if kind == "TransferContactToQueue":
        return _error(leads, "QueueAtCapacity")
    if kind in _STRAIGHT:
        return str(leads["NextAction"])
    raise VerifyError(Problem("flow", f"{kind} is an action that the walk does not know"))


def _condition(leads: Mapping[str, Any], operand: str) -> str | None:
    for each in leads.get("Conditions", ()):
        if each["Condition"]["Operator"] == "Equals" and operand in each["Condition"]["Operands"]:
            return str(each["NextAction"])
    return None


def _error(leads: Mapping[str, Any], name: str) -> str:
    for each in leads.get("Errors", ()):
        if each["ErrorType"] == name:
            return str(each["NextAction"])
    return str(leads.get("NextAction"))
