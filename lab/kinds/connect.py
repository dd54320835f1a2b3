"""Amazon Connect: instance, storage, hours, queues, profiles, users, flows, numbers.

The identifier of what an instance holds is `<instance>:<own id>`, as the provider has it, so it can be imported by it.
"""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, Members, members, request, to_members
from seatworks.errors import CloudError, Problem
from stacks.values import Properties

_ATTRIBUTES = {
    "inboundCallsEnabled": "INBOUND_CALLS",
    "outboundCallsEnabled": "OUTBOUND_CALLS",
    "contactFlowLogsEnabled": "CONTACTFLOW_LOGS",
    "contactLensEnabled": "CONTACT_LENS",
    "autoResolveBestVoicesEnabled": "AUTO_RESOLVE_BEST_VOICES",
    "earlyMediaEnabled": "EARLY_MEDIA",
    "multiPartyConferenceEnabled": "MULTI_PARTY_CONFERENCE",
}
# Names of tags are the deployment's own words: they stay as they are.
_TAGS = Member("Tags", out=dict)
_INSTANCE = members("identityManagementType", "instanceAlias", "directoryId", "inboundCallsEnabled",
                    "outboundCallsEnabled", tagsAll=_TAGS)  # fmt: skip


def _connect(account: Account) -> Any:
    return account.client("connect")


def _instance(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = _connect(account).create_instance(**request(_INSTANCE, inputs))
    # Two of these are part of the request; the others are features that are set afterwards.
    for name in _ATTRIBUTES.keys() - _INSTANCE.keys():
        if name in inputs:
            _connect(account).update_instance_attribute(
                InstanceId=made["Id"], AttributeType=_ATTRIBUTES[name], Value=str(inputs[name]).lower()
            )
    return made["Id"], {"arn": made["Arn"], "status": "ACTIVE"}


def _storage_config(value: Properties) -> dict[str, Any]:
    """The provider leaves capitals in `S3Config` that the rule for keys does not."""
    found: dict[str, Any] = to_members({key: entry for key, entry in value.items() if key != "s3Config"})
    return {**found, **({"S3Config": to_members(value["s3Config"])} if "s3Config" in value else {})}


def _storage(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = _connect(account).associate_instance_storage_config(
        InstanceId=inputs["instanceId"],
        ResourceType=inputs["resourceType"],
        StorageConfig=_storage_config(inputs["storageConfig"]),
    )["AssociationId"]
    return f"{inputs['instanceId']}:{made}:{inputs['resourceType']}", {"associationId": made}


def _storage_key(id_: str) -> dict[str, str]:
    instance, association, kind = id_.split(":")
    return {"InstanceId": instance, "AssociationId": association, "ResourceType": kind}


def _inner(sort: str, own: str, table: Members, in_place: tuple[str, ...], required: tuple[str, ...] = ()) -> Kind:
    """Something that an instance holds, by the calls Create and Delete of its sort (`Queue`).

    `own` is the output that bears its id.
    """
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in sort).lstrip("_")
    id_name = f"{sort}Id"

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        made = getattr(_connect(account), f"create_{snake}")(InstanceId=inputs["instanceId"], **request(table, inputs))
        return f"{inputs['instanceId']}:{made[id_name]}", {own: made[id_name], "arn": made[f"{sort}Arn"]}

    def delete(account: Account, id_: str, _outputs: Properties) -> None:
        instance, _, mine = id_.partition(":")
        getattr(_connect(account), f"delete_{snake}")(**{"InstanceId": instance, id_name: mine})

    return Kind(
        create,
        delete,
        in_place=in_place,
        named="name",
        tags=True,
        required=("instanceId", *required),
    )


def _queues_out(configs: list[Properties]) -> list[dict[str, Any]]:
    return [
        {
            "QueueReference": {"QueueId": each["queueId"], "Channel": each["channel"]},
            "Priority": each["priority"],
            "Delay": each["delay"],
        }
        for each in configs
    ]


def _number(account: Account, inputs: Properties) -> tuple[str, Properties]:
    """Look for free numbers and claim the first, as the provider does; one that is made again is claimed by name."""
    connect = _connect(account)
    found = connect.search_available_phone_numbers(
        TargetArn=inputs["targetArn"],
        PhoneNumberCountryCode=inputs["countryCode"],
        PhoneNumberType=inputs["type"],
        **({"PhoneNumberPrefix": inputs["prefix"]} if "prefix" in inputs else {}),
    )["AvailableNumbersList"]
    chosen = inputs.get("phoneNumber") or next((each["PhoneNumber"] for each in found), None)
    if chosen is None:
        asked = f"{inputs['type']} of {inputs['countryCode']} that begins with {inputs.get('prefix', 'anything')}"
        raise CloudError(
            Problem("phone number", f"no {asked} is free", "give a shorter beginning of the number, or port one")
        )
    made = connect.claim_phone_number(
        TargetArn=inputs["targetArn"],
        PhoneNumber=chosen,
        PhoneNumberDescription=inputs.get("description", ""),
        Tags=inputs.get("tagsAll", {}),
    )
    return made["PhoneNumberId"], {"arn": made["PhoneNumberArn"], "phoneNumber": chosen}


def _tie(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ids = {name: inputs[name] for name in ("phoneNumberId", "instanceId", "contactFlowId")}
    _connect(account).associate_phone_number_contact_flow(**to_members(ids))
    return ",".join(ids.values()), {}


def _untie(account: Account, id_: str, _outputs: Properties) -> None:
    number, instance, _ = id_.split(",")
    _connect(account).disassociate_phone_number_contact_flow(PhoneNumberId=number, InstanceId=instance)


CONNECT = {
    "aws:connect/instance:Instance": Kind(
        create=_instance,
        delete=lambda account, id_, _: _connect(account).delete_instance(InstanceId=id_),
        in_place=tuple(_ATTRIBUTES),
        tags=True,
        required=("identityManagementType", "inboundCallsEnabled", "outboundCallsEnabled"),
    ),
    "aws:connect/instanceStorageConfig:InstanceStorageConfig": Kind(
        create=_storage,
        delete=lambda account, id_, _: _connect(account).disassociate_instance_storage_config(**_storage_key(id_)),
        in_place=("storageConfig",),
        required=("instanceId", "resourceType", "storageConfig"),
    ),
    "aws:connect/hoursOfOperation:HoursOfOperation": _inner(
        "HoursOfOperation",
        "hoursOfOperationId",
        members("name", "description", "timeZone", configs="Config", tagsAll=_TAGS),
        ("name", "description", "timeZone", "configs"),
        ("timeZone", "configs"),
    ),
    "aws:connect/queue:Queue": _inner(
        "Queue",
        "queueId",
        members("name", "description", "hoursOfOperationId", "maxContacts", "outboundCallerConfig", tagsAll=_TAGS),
        ("name", "description", "hoursOfOperationId", "maxContacts", "outboundCallerConfig"),
        ("hoursOfOperationId",),
    ),
    "aws:connect/routingProfile:RoutingProfile": _inner(
        "RoutingProfile",
        "routingProfileId",
        members("name", "description", "defaultOutboundQueueId", "mediaConcurrencies", tagsAll=_TAGS)
        | {"queueConfigs": Member("QueueConfigs", out=_queues_out)},
        ("name", "description", "defaultOutboundQueueId", "mediaConcurrencies", "queueConfigs"),
        ("description", "defaultOutboundQueueId", "mediaConcurrencies"),
    ),
    "aws:connect/securityProfile:SecurityProfile": _inner(
        "SecurityProfile",
        "securityProfileId",
        members("description", "permissions", name="SecurityProfileName", tagsAll=_TAGS),
        ("description", "permissions"),
    ),
    "aws:connect/user:User": _inner(
        "User",
        "userId",
        members("password", "identityInfo", "phoneConfig", "directoryUserId", "securityProfileIds", "routingProfileId",
                name="Username", tagsAll=_TAGS),
        ("identityInfo", "phoneConfig", "routingProfileId", "securityProfileIds"),
        ("phoneConfig", "routingProfileId", "securityProfileIds"),
    ),
    "aws:connect/contactFlow:ContactFlow": _inner(
        "ContactFlow",
        "contactFlowId",
        members("name", "description", "type", "content", tagsAll=_TAGS),
        ("name", "description", "content"),
        ("content",),
    ),
    "aws:connect/phoneNumber:PhoneNumber": Kind(
        create=_number,
        delete=lambda account, id_, _: _connect(account).release_phone_number(PhoneNumberId=id_),
        in_place=("description",),
        tags=True,
        required=("countryCode", "type", "targetArn"),
        chosen=("phoneNumber",),
    ),
    "aws:connect/phoneNumberContactFlowAssociation:PhoneNumberContactFlowAssociation": Kind(
        create=_tie,
        delete=_untie,
        required=("instanceId", "phoneNumberId", "contactFlowId"),
    ),
}  # fmt: skip
