"""Whether a real caller was answered: the one thing that no document and no list can show.

Nothing here dials. A person dials the number and another answers; the account's own record of contacts then says who
called which number, in which queue the caller waited, who answered, and where the recording lies.
"""

from __future__ import annotations

import datetime
from typing import Any

from seatworks.plan.connect import Connect
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.results import CALLS, Check, Outcome
from stacks.connect.pace import Pace

SENTENCE, SENTENCE_ZH = "a caller was answered by an agent", "有来电由坐席接听"
RECORDED, RECORDED_ZH = " and the conversation was recorded", "，且通话已录音"  # noqa: RUF001 - Chinese punctuation
# How old a call may be that still shows this deployment.
WITHIN = datetime.timedelta(hours=24)
# Requests for contacts are allowed every other second.
SEARCH_APART_S = 2.0


def answered(
    plan: Plan, asked: Connect, outputs: CloudOutputs, connect: Any, pace: Pace, now: datetime.datetime
) -> Check:
    """The check of a real call."""
    numbers = [outputs.phone_numbers.get(each.number, each.number) for each in asked.numbers]
    if found := _contact(plan, outputs, set(numbers), connect, pace, now):
        return _check(plan, Outcome.PASSED, **found)
    return _check(
        plan,
        Outcome.FAILED,
        f"no such call within {WITHIN.total_seconds() / 3600:.0f} hours: sign in as an agent, dial {numbers[0]}, "
        "answer, speak, hang up; wait some minutes for the record of it; then verify again",
    )


def unproved(plan: Plan) -> Check:
    """The check of a real call where none can be made: skipped, which does not pass."""
    nobody = "no call was made: nobody can dial into a rehearsal; a live deployment waits for a call"
    return _check(plan, Outcome.SKIPPED, nobody)


def _check(plan: Plan, outcome: Outcome, message: str = "", **evidence: str) -> Check:
    recorded = plan.recording.share > 0
    sentence, chinese = SENTENCE + RECORDED * recorded, SENTENCE_ZH + RECORDED_ZH * recorded
    return Check(sentence, sentence, CALLS, "", outcome, 0.0, evidence, message, chinese)


def _contact(
    plan: Plan, outputs: CloudOutputs, numbers: set[str], connect: Any, pace: Pace, now: datetime.datetime
) -> dict[str, str]:
    """The record of a call that shows it, newest first; empty when there is none."""
    listed = pace.pages(
        connect.search_contacts,
        "Contacts",
        InstanceId=outputs.connect_instance,
        TimeRange={"Type": "INITIATION_TIMESTAMP", "StartTime": now - WITHIN, "EndTime": now},
        SearchCriteria={"Channels": ["VOICE"], "InitiationMethods": ["INBOUND"]},
        Sort={"FieldName": "INITIATION_TIMESTAMP", "Order": "DESCENDING"},
        MaxResults=100,
    )
    for each in listed:
        if not each.get("AgentInfo", {}).get("ConnectedToAgentTimestamp"):
            continue
        told = pace.ask(connect.describe_contact, InstanceId=outputs.connect_instance, ContactId=each["Id"])["Contact"]
        dialled = told.get("SystemEndpoint", {}).get("Address", "")
        ready = [one for one in told.get("Recordings", ()) if one.get("Status") == "AVAILABLE"]
        if dialled in numbers and (ready or plan.recording.share == 0):
            return {
                "contact": each["Id"],
                "dialled": dialled,
                "answered": str(each["AgentInfo"]["ConnectedToAgentTimestamp"]),
                **({"recording": str(ready[0].get("Location", ""))} if ready else {}),
            }
    return {}
