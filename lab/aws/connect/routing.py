"""Hours, queues, routing profiles and flows."""

from __future__ import annotations

import json
import zoneinfo

from lab.aws.connect.flow import problems
from lab.aws.connect.model import refused
from lab.aws.connect.store import (
    Params,
    Sort,
    Store,
    create,
    delete,
    describe,
    holders,
    listing,
    page,
    update,
)


def _hours_fit(_store: Store, record: Params) -> None:
    if record["TimeZone"] not in zoneinfo.available_timezones():
        raise refused("InvalidParameterException", f"there is no time zone {record['TimeZone']}")


def _hours_used(store: Store, record: Params) -> str:
    used = holders(store, record, "Queue", lambda each: each["HoursOfOperationId"] == record["HoursOfOperationId"])
    return ", ".join(used)


def _queue_fits(store: Store, record: Params) -> None:
    store.one(record, "HoursOfOperation", record["HoursOfOperationId"])
    number = record.get("OutboundCallerConfig", {}).get("OutboundCallerIdNumberId")
    if number and number.rpartition("/")[2] not in store.numbers:
        raise refused("ResourceNotFoundException", f"no number {number}")


def _queue_used(store: Store, record: Params) -> str:
    def holds(profile: Params) -> bool:
        return record["QueueId"] in {profile["DefaultOutboundQueueId"], *_queues(profile)}

    return ", ".join(holders(store, record, "RoutingProfile", holds))


def _queues(profile: Params) -> list[str]:
    return [each["QueueReference"]["QueueId"] for each in profile.get("QueueConfigs", ())]


def _profile_fits(store: Store, record: Params) -> None:
    for queue in (record["DefaultOutboundQueueId"], *_queues(record)):
        store.one(record, "Queue", queue)
    channels = [each["Channel"] for each in record["MediaConcurrencies"]]
    if len(set(channels)) != len(channels):
        raise refused("InvalidParameterException", "a channel is given twice in MediaConcurrencies")


def _profile_used(store: Store, record: Params) -> str:
    return ", ".join(
        holders(store, record, "User", lambda each: each["RoutingProfileId"] == record["RoutingProfileId"])
    )


def _add_queues(store: Store, params: Params) -> None:
    profile = store.one(params, "RoutingProfile", params["RoutingProfileId"])
    for each in params.get("QueueConfigs", ()):
        store.one(params, "Queue", each["QueueReference"]["QueueId"])
    _set_queues(profile, params.get("QueueConfigs", []))


def _set_queues(profile: Params, new: list[Params]) -> None:
    """Entries of the same queue and channel are replaced."""
    kept = {_reference(each["QueueReference"]): each for each in (*profile.get("QueueConfigs", ()), *new)}
    profile["QueueConfigs"] = list(kept.values())


def _reference(entry: Params) -> tuple[str, str]:
    return entry["QueueId"], entry["Channel"]


def _drop_queues(store: Store, params: Params) -> None:
    profile = store.one(params, "RoutingProfile", params["RoutingProfileId"])
    gone = {_reference(each) for each in params.get("QueueReferences", ())}
    held = profile.get("QueueConfigs", [])
    profile["QueueConfigs"] = [each for each in held if _reference(each["QueueReference"]) not in gone]


def _list_queues(store: Store, params: Params) -> Params:
    profile = store.one(params, "RoutingProfile", params["RoutingProfileId"])
    found = []
    for each in profile.get("QueueConfigs", ()):
        queue = store.one(params, "Queue", each["QueueReference"]["QueueId"])
        entry = {"QueueName": queue["Name"], "QueueArn": queue["QueueArn"], "Priority": each["Priority"]}
        found.append({**each["QueueReference"], **entry, "Delay": each["Delay"]})
    return page(found, params, "RoutingProfileQueueConfigSummaryList")


def _flow_fits(store: Store, record: Params) -> None:
    try:
        document = json.loads(record["Content"])
    except ValueError:
        found = ["the content is not JSON"]
    else:
        queues, hours = store.all(record, "Queue"), store.all(record, "HoursOfOperation")
        found = problems(document, set(queues), set(hours))
    if found:
        told = [{"message": each} for each in found]
        raise refused("InvalidContactFlowException", "; ".join(found), problems=told)


def _flow_used(store: Store, record: Params) -> str:
    return ", ".join(
        f"number {each['PhoneNumber']}" for each in store.numbers.values() if each.get("flow") == record["Id"]
    )


HOURS = Sort(
    "HoursOfOperation", "operating-hours", "HoursOfOperationId", "HoursOfOperationArn", "HoursOfOperationId",
    "HoursOfOperationArn", check=_hours_fit, used=_hours_used,
)  # fmt: skip
QUEUE = Sort(
    "Queue", "queue", "QueueId", "QueueArn", "QueueId", "QueueArn", start={"Status": "ENABLED"}, check=_queue_fits,
    used=_queue_used,
)  # fmt: skip
PROFILE = Sort(
    "RoutingProfile", "routing-profile", "RoutingProfileId", "RoutingProfileArn", "RoutingProfileId",
    "RoutingProfileArn", hidden=("QueueConfigs",), check=_profile_fits, used=_profile_used,
)  # fmt: skip
FLOW = Sort(
    "ContactFlow", "contact-flow", "ContactFlowId", "ContactFlowArn", start={"State": "ACTIVE", "Status": "PUBLISHED"},
    check=_flow_fits, used=_flow_used,
)  # fmt: skip

CALLS = {
    "CreateHoursOfOperation": create(HOURS),
    "DescribeHoursOfOperation": describe(HOURS, "HoursOfOperation"),
    "ListHoursOfOperations": listing(HOURS, "HoursOfOperationSummaryList"),
    "UpdateHoursOfOperation": update(HOURS, "Name", "Description", "TimeZone", "Config"),
    "DeleteHoursOfOperation": delete(HOURS),
    "CreateQueue": create(QUEUE),
    "DescribeQueue": describe(QUEUE, "Queue"),
    "ListQueues": listing(QUEUE, "QueueSummaryList"),
    "UpdateQueueName": update(QUEUE, "Name", "Description"),
    "UpdateQueueHoursOfOperation": update(QUEUE, "HoursOfOperationId"),
    "UpdateQueueMaxContacts": update(QUEUE, "MaxContacts"),
    "UpdateQueueOutboundCallerConfig": update(QUEUE, "OutboundCallerConfig"),
    "UpdateQueueStatus": update(QUEUE, "Status"),
    "DeleteQueue": delete(QUEUE),
    "CreateRoutingProfile": create(PROFILE),
    "DescribeRoutingProfile": describe(PROFILE, "RoutingProfile"),
    "ListRoutingProfiles": listing(PROFILE, "RoutingProfileSummaryList"),
    "ListRoutingProfileQueues": _list_queues,
    "UpdateRoutingProfileName": update(PROFILE, "Name", "Description"),
    "UpdateRoutingProfileConcurrency": update(PROFILE, "MediaConcurrencies"),
    "UpdateRoutingProfileDefaultOutboundQueue": update(PROFILE, "DefaultOutboundQueueId"),
    "UpdateRoutingProfileQueues": _add_queues,
    "AssociateRoutingProfileQueues": _add_queues,
    "DisassociateRoutingProfileQueues": _drop_queues,
    "DeleteRoutingProfile": delete(PROFILE),
    "CreateContactFlow": create(FLOW),
    "DescribeContactFlow": describe(FLOW, "ContactFlow"),
    "ListContactFlows": listing(
        FLOW, "ContactFlowSummaryList", ("ContactFlowType", "Type"), ("ContactFlowState", "State"),
        ("ContactFlowStatus", "Status"),
    ),
    "UpdateContactFlowContent": update(FLOW, "Content"),
    "UpdateContactFlowName": update(FLOW, "Name", "Description"),
    "UpdateContactFlowMetadata": update(FLOW, "Name", "Description"),
    "DeleteContactFlow": delete(FLOW),
}  # fmt: skip
