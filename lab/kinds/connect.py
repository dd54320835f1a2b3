"""Amazon Connect: instance, storage, hours, queues, profiles, users, flows, numbers.

The identifier of what an instance holds is `<instance>:<own id>`, as the provider has it, so it can be imported by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Change, Kind
from lab.kinds._members import Member, Members, members, properties, request, to_members, to_properties
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
_TAGS = Member("Tags", out=dict, back=dict)
_INSTANCE = members("identityManagementType", "instanceAlias", "directoryId", "inboundCallsEnabled",
                    "outboundCallsEnabled", tagsAll=_TAGS)  # fmt: skip


def _connect(account: Account) -> Any:
    return account.client("connect")


def _retag(account: Account, _id: str, new: Properties, old: Properties) -> None:
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        _connect(account).untag_resource(resourceArn=old["arn"], tagKeys=gone)
    _connect(account).tag_resource(resourceArn=old["arn"], tags=new["tagsAll"])


def _instance(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = _connect(account).create_instance(**request(_INSTANCE, inputs))
    # Two of these are part of the request; the others are features that are set afterwards.
    for name in _ATTRIBUTES.keys() - _INSTANCE.keys():
        if name in inputs:
            _feature(name)(account, made["Id"], inputs, {})
    return made["Id"], {"arn": made["Arn"], "status": "ACTIVE"}


def _feature(name: str) -> Change:
    def change(account: Account, id_: str, new: Properties, _old: Properties) -> None:
        value = str(new.get(name, False)).lower()
        _connect(account).update_instance_attribute(InstanceId=id_, AttributeType=_ATTRIBUTES[name], Value=value)

    return change


def _read_instance(account: Account, id_: str, known: Properties) -> Properties:
    connect = _connect(account)
    answer = connect.describe_instance(InstanceId=id_)["Instance"]
    listed = connect.list_instance_attributes(InstanceId=id_)["Attributes"]
    told = {each["AttributeType"]: each["Value"] == "true" for each in listed}
    # Features that nobody asked for have the service's own values.
    features = {name: told[kind] for name, kind in _ATTRIBUTES.items() if kind in told and (name in known or not known)}
    tags = connect.list_tags_for_resource(resourceArn=answer["Arn"])["tags"]
    found = {**properties(_INSTANCE, answer), **features, "tagsAll": tags}
    return {**found, "arn": answer["Arn"], "status": answer["InstanceStatus"]}


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


def _read_storage(account: Account, id_: str, _known: Properties) -> Properties:
    key = _storage_key(id_)
    answer = _connect(account).describe_instance_storage_config(**key)["StorageConfig"]
    config = to_properties({name: value for name, value in answer.items() if name != "AssociationId"})
    return {
        "instanceId": key["InstanceId"], "resourceType": key["ResourceType"], "associationId": key["AssociationId"],
        "storageConfig": config,
    }  # fmt: skip


def _move_storage(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    _connect(account).update_instance_storage_config(
        **_storage_key(id_), StorageConfig=_storage_config(new["storageConfig"])
    )


def _inner(
    sort: str, own: str, table: Members, changes: Mapping[str, tuple[str, tuple[str, ...]]], required: tuple[str, ...],
    *, arn: str = "", read: Callable[[Any, dict[str, str]], Properties] = lambda _connect, _key: {},
    more: Mapping[str, Change] | None = None, secret: tuple[str, ...] = (),
) -> Kind:  # fmt: skip
    """Something that an instance holds, by the calls Create, Describe and Delete of its sort (`Queue`).

    `own` is the output that bears its id, `arn` the member of Describe's answer with its ARN. `changes`: property ->
    (call, all properties that this call takes). `read` tells what Describe does not. `secret` properties are told by
    no call.
    """
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in sort).lstrip("_")
    id_name = f"{sort}Id"

    def key(id_: str) -> dict[str, str]:
        instance, _, mine = id_.partition(":")
        return {"InstanceId": instance, id_name: mine}

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        made = getattr(_connect(account), f"create_{snake}")(InstanceId=inputs["instanceId"], **request(table, inputs))
        return f"{inputs['instanceId']}:{made[id_name]}", {own: made[id_name], "arn": made[f"{sort}Arn"]}

    def tell(account: Account, id_: str, _known: Properties) -> Properties:
        connect, asked = _connect(account), key(id_)
        answer = getattr(connect, f"describe_{snake}")(**asked)[sort]
        told = {name: value for name, value in properties(table, answer).items() if name not in secret}
        found = {**told, "instanceId": asked["InstanceId"], own: asked[id_name], "arn": answer[arn or f"{sort}Arn"]}
        return {**found, **read(connect, asked)}

    def delete(account: Account, id_: str, _outputs: Properties) -> None:
        getattr(_connect(account), f"delete_{snake}")(**key(id_))

    def changing(call: str, names: tuple[str, ...]) -> Change:
        def change(account: Account, id_: str, new: Properties, _old: Properties) -> None:
            getattr(_connect(account), call)(**key(id_), **request(table, new, *names))

        return change

    # One call for several properties is one function, so that it is asked once.
    by_call = {call: changing(call, names) for call, names in changes.values()}
    return Kind(
        create,
        delete,
        read=tell,
        changes={name: by_call[call] for name, (call, _) in changes.items()} | dict(more or {}),
        named="name",
        tags=_retag,
        required=("instanceId", *required),
    )


def _taken(*names: str, call: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return dict.fromkeys(names, (call, names))


def _queues_out(configs: list[Properties]) -> list[dict[str, Any]]:
    return [
        {
            "QueueReference": {"QueueId": each["queueId"], "Channel": each["channel"]},
            "Priority": each["priority"],
            "Delay": each["delay"],
        }
        for each in configs
    ]


def _read_queues(connect: Any, key: dict[str, str]) -> Properties:
    listed = connect.list_routing_profile_queues(**key)["RoutingProfileQueueConfigSummaryList"]
    names = ("channel", "delay", "priority", "queueId")
    return {"queueConfigs": [{name: each[name[0].upper() + name[1:]] for name in names} for each in listed]}


def _change_queues(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    """Take all and give the new ones: what the account has is asked, not remembered."""
    instance, _, mine = id_.partition(":")
    connect, key = _connect(account), {"InstanceId": instance, "RoutingProfileId": mine}
    held = connect.list_routing_profile_queues(**key)["RoutingProfileQueueConfigSummaryList"]
    wanted = _queues_out(new.get("queueConfigs", []))
    keep = [each["QueueReference"] for each in wanted]
    gone = [{"QueueId": each["QueueId"], "Channel": each["Channel"]} for each in held]
    if gone := [each for each in gone if each not in keep]:
        connect.disassociate_routing_profile_queues(**key, QueueReferences=gone)
    if wanted:
        connect.associate_routing_profile_queues(**key, QueueConfigs=wanted)


def _read_permissions(connect: Any, key: dict[str, str]) -> Properties:
    pages = connect.get_paginator("list_security_profile_permissions").paginate(**key)
    return {"permissions": [each for page in pages for each in page["Permissions"]]}


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


def _read_number(account: Account, id_: str, _known: Properties) -> Properties:
    answer = _connect(account).describe_phone_number(PhoneNumberId=id_)["ClaimedPhoneNumberSummary"]
    return {
        "arn": answer["PhoneNumberArn"],
        "phoneNumber": answer["PhoneNumber"],
        "countryCode": answer["PhoneNumberCountryCode"],
        "type": answer["PhoneNumberType"],
        "targetArn": answer["TargetArn"],
        "description": answer.get("PhoneNumberDescription") or None,
        "tagsAll": answer.get("Tags", {}),
    }


def _describe_number(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    text = new.get("description", "")
    _connect(account).update_phone_number_metadata(PhoneNumberId=id_, PhoneNumberDescription=text)


def _tie(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ids = {name: inputs[name] for name in ("phoneNumberId", "instanceId", "contactFlowId")}
    _connect(account).associate_phone_number_contact_flow(**to_members(ids))
    return ",".join(ids.values()), {}


def _untie(account: Account, id_: str, _outputs: Properties) -> None:
    number, instance, _ = id_.split(",")
    _connect(account).disassociate_phone_number_contact_flow(PhoneNumberId=number, InstanceId=instance)


def _read_tie(account: Account, id_: str, _known: Properties) -> Properties | None:
    number, instance, flow = id_.split(",")
    found = _connect(account).batch_get_flow_association(
        InstanceId=instance, ResourceIds=[number], ResourceType="VOICE_PHONE_NUMBER"
    )["FlowAssociationSummaryList"]
    if not any(each["FlowId"].rpartition("/")[2] == flow for each in found):
        return None
    return {"phoneNumberId": number, "instanceId": instance, "contactFlowId": flow}


CONNECT = {
    "aws:connect/instance:Instance": Kind(
        create=_instance,
        delete=lambda account, id_, _: _connect(account).delete_instance(InstanceId=id_),
        read=_read_instance,
        changes={name: _feature(name) for name in _ATTRIBUTES},
        tags=_retag,
        required=("identityManagementType", "inboundCallsEnabled", "outboundCallsEnabled"),
    ),
    "aws:connect/instanceStorageConfig:InstanceStorageConfig": Kind(
        create=_storage,
        delete=lambda account, id_, _: _connect(account).disassociate_instance_storage_config(**_storage_key(id_)),
        read=_read_storage,
        changes={"storageConfig": _move_storage},
        required=("instanceId", "resourceType", "storageConfig"),
    ),
    "aws:connect/hoursOfOperation:HoursOfOperation": _inner(
        "HoursOfOperation",
        "hoursOfOperationId",
        members("name", "description", "timeZone", configs="Config", tagsAll=_TAGS),
        _taken("name", "description", "timeZone", "configs", call="update_hours_of_operation"),
        ("timeZone", "configs"),
    ),
    "aws:connect/queue:Queue": _inner(
        "Queue",
        "queueId",
        members("name", "description", "hoursOfOperationId", "maxContacts", "outboundCallerConfig", tagsAll=_TAGS),
        _taken("name", "description", call="update_queue_name")
        | _taken("hoursOfOperationId", call="update_queue_hours_of_operation")
        | _taken("maxContacts", call="update_queue_max_contacts")
        | _taken("outboundCallerConfig", call="update_queue_outbound_caller_config"),
        ("hoursOfOperationId",),
    ),
    "aws:connect/routingProfile:RoutingProfile": _inner(
        "RoutingProfile",
        "routingProfileId",
        members("name", "description", "defaultOutboundQueueId", "mediaConcurrencies", tagsAll=_TAGS)
        | {"queueConfigs": Member("QueueConfigs", out=_queues_out)},
        _taken("name", "description", call="update_routing_profile_name")
        | _taken("defaultOutboundQueueId", call="update_routing_profile_default_outbound_queue")
        | _taken("mediaConcurrencies", call="update_routing_profile_concurrency"),
        ("description", "defaultOutboundQueueId", "mediaConcurrencies"),
        read=_read_queues,
        more={"queueConfigs": _change_queues},
    ),
    "aws:connect/securityProfile:SecurityProfile": _inner(
        "SecurityProfile",
        "securityProfileId",
        members("description", "permissions", name="SecurityProfileName", tagsAll=_TAGS),
        _taken("description", "permissions", call="update_security_profile"),
        (),
        arn="Arn",
        read=_read_permissions,
    ),
    "aws:connect/user:User": _inner(
        "User",
        "userId",
        members("password", "identityInfo", "phoneConfig", "directoryUserId", "securityProfileIds", "routingProfileId",
                name="Username", tagsAll=_TAGS),
        _taken("identityInfo", call="update_user_identity_info")
        | _taken("phoneConfig", call="update_user_phone_config")
        | _taken("routingProfileId", call="update_user_routing_profile")
        | _taken("securityProfileIds", call="update_user_security_profiles"),
        ("phoneConfig", "routingProfileId", "securityProfileIds"),
        arn="Arn",
        secret=("password",),
    ),
    "aws:connect/contactFlow:ContactFlow": _inner(
        "ContactFlow",
        "contactFlowId",
        members("name", "description", "type", "content", tagsAll=_TAGS),
        _taken("name", "description", call="update_contact_flow_name")
        | _taken("content", call="update_contact_flow_content"),
        ("content",),
        arn="Arn",
    ),
    "aws:connect/phoneNumber:PhoneNumber": Kind(
        create=_number,
        delete=lambda account, id_, _: _connect(account).release_phone_number(PhoneNumberId=id_),
        read=_read_number,
        changes={"description": _describe_number},
        tags=_retag,
        required=("countryCode", "type", "targetArn"),
        chosen=("phoneNumber",),
    ),
    "aws:connect/phoneNumberContactFlowAssociation:PhoneNumberContactFlowAssociation": Kind(
        create=_tie,
        delete=_untie,
        read=_read_tie,
        required=("instanceId", "phoneNumberId", "contactFlowId"),
    ),
}  # fmt: skip
