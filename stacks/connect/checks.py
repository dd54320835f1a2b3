"""What an account says of a deployed centre: that each number leads to its flow, and each caller to the queue planned.

Everything is asked of the account, nothing is taken from our own records but which instance it is. No call is made
here: that a caller hears somebody is shown by a call alone (`calls`).
"""

# ruff: noqa: RUF001 - Chinese has punctuation of its own.

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from seatworks.errors import SeatworksError
from seatworks.plan.connect import Connect, Flow
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.results import Check, Outcome
from stacks.connect.pace import Pace
from stacks.connect.walk import Caller, End, walk

AREA = "connect"
_KEYS = "0123456789*#"


@dataclass(frozen=True, slots=True)
class Held:
    """What the account holds: numbers (whole number to the id of its flow), flows and queues by name."""

    numbers: Mapping[str, str]
    flows: Mapping[str, str]
    documents: Mapping[str, Mapping[str, Any]]
    queues: Mapping[str, str]


def prove(plan: Plan, asked: Connect, outputs: CloudOutputs, connect: Any, pace: Pace) -> tuple[Check, ...]:
    """Every check that the account can answer. `connect` is a boto3 client of the service."""
    return tuple(_checks(plan, asked, outputs, connect, pace))


def _checks(plan: Plan, asked: Connect, outputs: CloudOutputs, connect: Any, pace: Pace) -> Iterator[Check]:
    instance = outputs.connect_instance
    yield _check(
        "the instance is active and takes calls", "实例已启用，可接来电", partial(_active, connect, pace, instance)
    )
    held = look(connect, pace, instance)
    for number in asked.numbers:
        whole = outputs.phone_numbers.get(number.number, number.number)
        yield _check(
            f"number {whole} is answered by flow {number.flow}",
            f"号码 {whole} 由流程 {number.flow} 接听",
            partial(_tied, held, whole, held.flows.get(number.flow)),
        )
    for flow in asked.flows:
        for kind in expected(flow, held.queues):
            yield _check(
                f"{flow.name}: {kind.sentence}",
                f"{flow.name}：{kind.sentence_zh}",
                partial(_ends, held.documents.get(flow.name), kind.caller, kind.end),
            )
    if plan.recording.share > 0:
        yield _check(
            f"recordings go to {outputs.recordings_bucket} under the deployment's key",
            f"录音存入 {outputs.recordings_bucket}，用本部署的密钥加密",
            partial(_stored, connect, pace, outputs),
        )
    count = plan.seat_count()
    yield _check(
        f"{count} users may sign in and take calls",
        f"{count} 个用户可登录并接听来电",
        partial(_people, plan, connect, pace, instance),
    )


def look(connect: Any, pace: Pace, instance: str) -> Held:
    """Read numbers, flows and queues of an instance."""
    flows = pace.pages(
        connect.list_contact_flows, "ContactFlowSummaryList", InstanceId=instance, ContactFlowTypes=["CONTACT_FLOW"]
    )
    queues = pace.pages(connect.list_queues, "QueueSummaryList", InstanceId=instance, QueueTypes=["STANDARD"])
    ties = pace.pages(
        connect.list_flow_associations, "FlowAssociationSummaryList", InstanceId=instance,
        ResourceType="VOICE_PHONE_NUMBER",
    )  # fmt: skip
    numbers = pace.pages(connect.list_phone_numbers_v2, "ListPhoneNumbersSummaryList", InstanceId=instance)
    answers = {_last(tie["ResourceId"]): _last(tie["FlowId"]) for tie in ties}
    documents = {}
    for flow in flows:
        told = pace.ask(connect.describe_contact_flow, InstanceId=instance, ContactFlowId=flow["Id"])["ContactFlow"]
        documents[flow["Name"]] = json.loads(told["Content"])
    return Held(
        numbers={each["PhoneNumber"]: answers.get(each["PhoneNumberId"], "") for each in numbers},
        flows={flow["Name"]: flow["Id"] for flow in flows},
        documents=documents,
        queues={queue["Name"]: queue["Id"] for queue in queues},
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """A kind of caller in words, and where one must end."""

    sentence: str
    sentence_zh: str
    caller: Caller
    end: End


def expected(flow: Flow, queues: Mapping[str, str]) -> Iterator[Expected]:
    """Every kind of caller that the plan knows, and where each must end. `queues` gives the id of each queue."""
    greeting = (flow.text,) if flow.text else ()

    def in_queue(queue: str) -> End:
        return End(queues.get(queue, f"queue {queue}"), greeting, flow.recorded)

    default = in_queue(flow.default)
    for digit, queue in flow.digits:
        yield Expected(
            f"key {digit} leads to queue {queue}", f"按 {digit} 进入队列 {queue}", Caller(digit), in_queue(queue)
        )
    yield Expected(
        f"nothing pressed leads to queue {flow.default}", f"未按键进入队列 {flow.default}", Caller(), default
    )
    others = [key for key in _KEYS if key not in dict(flow.digits)]
    if flow.digits and others:
        yield Expected(
            f"a key that means nothing leads to queue {flow.default}",
            f"按无效键进入队列 {flow.default}",
            Caller(others[0]),
            default,
        )
    yield Expected(
        "a caller whom no queue takes is told so",
        "队列无法接入时有语音告知",
        Caller(full=True),
        End(None, (*greeting, flow.failed_text), flow.recorded),
    )
    if flow.checks_hours:
        yield Expected(
            "outside the hours the caller is told so and not queued",
            "非工作时间有语音告知，不进入队列",
            Caller(within_hours=False),
            End(None, (flow.closed_text,), recorded=False),
        )


def _active(connect: Any, pace: Pace, instance: str) -> str:
    found = pace.ask(connect.describe_instance, InstanceId=instance)["Instance"]
    if found["InstanceStatus"] != "ACTIVE":
        return f"the instance is {found['InstanceStatus']}"
    return "" if found["InboundCallsEnabled"] else "the instance takes no inbound calls"


def _tied(held: Held, whole: str, flow: str | None) -> str:
    if whole not in held.numbers:
        return f"the account has no number {whole}"
    if flow is None:
        return "the account has no such flow"
    if held.numbers[whole] == flow:
        return ""
    other = next((name for name, id_ in held.flows.items() if id_ == held.numbers[whole]), None)
    return f"it is answered by flow {other}" if other else "no flow answers it: who dials it hears nothing"


def _ends(document: Mapping[str, Any] | None, caller: Caller, end: End) -> str:
    if document is None:
        return "the account has no such flow"
    found = walk(document, caller)
    if (_last(found.queue or ""), found.heard, found.recorded) == (end.queue or "", end.heard, end.recorded):
        return ""
    where = f"ends in queue {_last(found.queue)}" if found.queue else "the call ends"
    return f"{where}, hears {list(found.heard)}, is{'' if found.recorded else ' not'} recorded"


def _stored(connect: Any, pace: Pace, outputs: CloudOutputs) -> str:
    listed = pace.ask(
        connect.list_instance_storage_configs, InstanceId=outputs.connect_instance, ResourceType="CALL_RECORDINGS"
    )["StorageConfigs"]
    for each in listed:
        place = each.get("S3Config", {})
        if place.get("BucketName") == outputs.recordings_bucket:
            right = place.get("EncryptionConfig", {}).get("KeyId") == outputs.recordings_key_arn
            return "" if right else "they are not encrypted with that key"
    return "they go nowhere" if not listed else "they go elsewhere"


def _people(plan: Plan, connect: Any, pace: Pace, instance: str) -> str:
    users = pace.pages(connect.list_users, "UserSummaryList", InstanceId=instance)
    missing = sorted({seat.user for seat in plan.seats} - {user["Username"] for user in users})
    return f"{len(missing)} are missing, such as {missing[0]}" if missing else ""


def _check(sentence: str, sentence_zh: str, ask: Callable[[], str]) -> Check:
    """A check, in English and Chinese; `ask` says what is wrong, or nothing."""
    began = time.monotonic()
    try:
        wrong = ask()
    except SeatworksError as refused:
        wrong = str(refused)
    seconds = round(time.monotonic() - began, 3)
    outcome = Outcome.FAILED if wrong else Outcome.PASSED
    return Check(sentence, sentence, AREA, "", outcome, seconds, message=wrong, sentence_zh=sentence_zh)


def _last(arn: str) -> str:
    """The id at the end of an ARN; an id stays as it is."""
    return arn.rpartition("/")[2]
