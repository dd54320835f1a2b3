"""The instance itself: its features, and where what it records goes."""

from __future__ import annotations

from lab.aws.connect.model import refused
from lab.aws.connect.store import Params, Store, fresh, page

# What an instance has before anybody changes it.
_AT_FIRST = {
    "CONTACTFLOW_LOGS": "false",
    "CONTACT_LENS": "true",
    "AUTO_RESOLVE_BEST_VOICES": "true",
    "USE_CUSTOM_TTS_VOICES": "false",
    "EARLY_MEDIA": "true",
    "MULTI_PARTY_CONFERENCE": "false",
}
_CALLS = {"INBOUND_CALLS": "inbound_calls_enabled", "OUTBOUND_CALLS": "outbound_calls_enabled"}


def _create(store: Store, params: Params) -> Params:
    kind, alias = params["IdentityManagementType"], params.get("InstanceAlias")
    if (kind == "EXISTING_DIRECTORY") != ("DirectoryId" in params):
        raise refused("InvalidRequestException", "DirectoryId belongs to EXISTING_DIRECTORY, and is needed there")
    if not alias and kind != "EXISTING_DIRECTORY":
        raise refused("InvalidRequestException", "InstanceAlias is needed without a directory")
    if alias and any(each.instance_alias == alias for each in store.backend.instances.values()):
        raise refused("InvalidRequestException", f"the alias {alias} is taken")
    made = store.backend.create_instance(
        kind, params["InboundCallsEnabled"], params["OutboundCallsEnabled"], alias, params.get("Tags")
    )
    # The emulator draws this identifier outside its own random numbers; here it must come back the same.
    found = store.backend.instances.pop(made["Id"])
    found.id = fresh()
    found.arn = store.arn(f"instance/{found.id}")
    store.backend.instances[found.id] = found
    store.tag(found.arn, params)
    return {"Id": found.id, "Arn": found.arn}


def _delete(store: Store, params: Params) -> Params:
    found = store.instance(params["InstanceId"])
    store.backend.delete_instance(found.id)
    store.forget(found.id)
    return {}


def _attributes(store: Store, params: Params) -> dict[str, str]:
    found = store.instance(params["InstanceId"])
    calls = {name: str(getattr(found, member)).lower() for name, member in _CALLS.items()}
    return {**_AT_FIRST, **store.attributes.get(found.id, {}), **calls}


def _attribute(store: Store, params: Params) -> Params:
    name = params["AttributeType"]
    value = _attributes(store, params).get(name)
    return {"Attribute": {"AttributeType": name, **({"Value": value} if value is not None else {})}}


def _list_attributes(store: Store, params: Params) -> Params:
    found = [{"AttributeType": name, "Value": value} for name, value in _attributes(store, params).items()]
    return page(found, params, "Attributes")


def _set_attribute(store: Store, params: Params) -> None:
    found, name, value = store.instance(params["InstanceId"]), params["AttributeType"], params["Value"].lower()
    if value not in {"true", "false"}:
        raise refused("InvalidParameterException", f"{name} is true or false")
    if name in _CALLS:
        setattr(found, _CALLS[name], value == "true")
    else:
        store.attributes.setdefault(found.id, {})[name] = value


def _bucket_exists(store: Store, name: str) -> bool:
    from moto.s3.models import s3_backends
    from moto.utilities.utils import get_partition

    held = s3_backends[store.backend.account_id][get_partition(store.backend.region_name)]
    return name in held.buckets


def _stored(store: Store, params: Params) -> Params:
    config: Params = params["StorageConfig"]
    if (config["StorageType"] == "S3") != ("S3Config" in config):
        raise refused("InvalidParameterException", "StorageType and its configuration do not fit")
    if config["StorageType"] == "S3" and not _bucket_exists(store, config["S3Config"]["BucketName"]):
        raise refused("InvalidRequestException", f"there is no bucket {config['S3Config']['BucketName']}")
    return config


def _associate(store: Store, params: Params) -> Params:
    held, kind = store.all(params, "StorageConfig"), params["ResourceType"]
    if any(each["kind"] == kind for each in held.values()):
        raise refused("ResourceConflictException", f"{kind} has a place already")
    id_ = fresh()
    held[id_] = {"kind": kind, "AssociationId": id_, **_stored(store, params)}
    return {"AssociationId": id_}


def _storage(store: Store, params: Params) -> Params:
    found = store.one(params, "StorageConfig", params["AssociationId"])
    if found["kind"] != params["ResourceType"]:
        raise refused("ResourceNotFoundException", f"no {params['ResourceType']} in {params['AssociationId']}")
    return found


def _told(record: Params) -> Params:
    return {key: value for key, value in record.items() if key != "kind"}


def _change_storage(store: Store, params: Params) -> None:
    record = _storage(store, params)
    kept = {key: record[key] for key in ("kind", "AssociationId")}
    fresh_one = {**_stored(store, params), **kept}
    record.clear()
    record.update(fresh_one)


def _disassociate(store: Store, params: Params) -> None:
    del store.all(params, "StorageConfig")[_storage(store, params)["AssociationId"]]


def _list_storage(store: Store, params: Params) -> Params:
    held = store.all(params, "StorageConfig").values()
    return page([_told(each) for each in held if each["kind"] == params["ResourceType"]], params, "StorageConfigs")


CALLS = {
    "CreateInstance": _create,
    "DeleteInstance": _delete,
    "DescribeInstanceAttribute": _attribute,
    "ListInstanceAttributes": _list_attributes,
    "UpdateInstanceAttribute": _set_attribute,
    "AssociateInstanceStorageConfig": _associate,
    "DescribeInstanceStorageConfig": lambda store, params: {"StorageConfig": _told(_storage(store, params))},
    "UpdateInstanceStorageConfig": _change_storage,
    "DisassociateInstanceStorageConfig": _disassociate,
    "ListInstanceStorageConfigs": _list_storage,
}
