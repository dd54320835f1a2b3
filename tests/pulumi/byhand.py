"""What the tests change by hand: how the CLI's plugin reads it from the account, and changes it back.

All other types are as they were last known, and their changes in place are recorded alone: how those are read and
changed is the real plugin's own, and never this project's to prove.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lab.aws.account import Account
from lab.kinds import KINDS
from seatworks.errors import CloudError, Problem
from stacks.likeness import alike
from stacks.values import Properties

Read = Callable[[Account, str], Properties | None]
# Brings what changed to its new value: account, id, new inputs, old outputs.
Change = Callable[[Account, str, Properties, Properties], None]
_CLOSED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@dataclass(frozen=True, slots=True)
class Held:
    """One type. `usual` says what a property is when nobody asks for it."""

    read: Read
    changes: Mapping[str, Change]
    usual: Mapping[str, Any]


def read(account: Account, type_: str, id_: str, known: Properties) -> Properties | None:
    """The properties of a resource as the account holds them, or None when it is not there."""
    held = HELD.get(type_)
    if held is None:
        if not known:
            raise CloudError(Problem(f"{type_} {id_}", "is of a type that these tests do not read"))
        return known
    try:
        found = held.read(account, id_)
    except ClientError as refused:
        if "NotFound" in refused.response["Error"]["Code"] or refused.response["Error"]["Code"].startswith("NoSuch"):
            return None
        raise
    if found is None:
        return None
    if KINDS[type_].tags:
        # Without those that all of the deployment have.
        common = known.get("tagsAll", {}).items() - known.get("tags", {}).items()
        found["tags"] = dict(sorted(found["tagsAll"].items() - common)) or None
    # What means the same stays as it was written.
    kept = {key: known[key] for key, value in found.items() if key in known and alike(known[key], value)}
    return {key: value for key, value in {**known, **found, **kept}.items() if value is not None}


def asked(type_: str, found: Properties, inputs: Properties) -> Properties:
    """The inputs that would have made what was found; of one from elsewhere all that can be asked for."""
    held, kind = HELD.get(type_), KINDS[type_]
    if held is None:
        return inputs
    keys = inputs.keys() or {*kind.required, *kind.in_place, kind.named, "tags", "tagsAll"}
    unusual = {key for key, value in held.usual.items() if found.get(key, value) != value}
    return {key: value for key, value in found.items() if key in keys or key in unusual}


def change(
    account: Account, type_: str, id_: str, outputs: Properties, inputs: Properties, changed: Collection[str]
) -> None:
    """Bring a resource of the account to new inputs."""
    table = HELD[type_].changes if type_ in HELD else {}
    for act in dict.fromkeys(table[key] for key in changed if key in table):
        act(account, id_, inputs, outputs)


def _tags(entries: list[dict[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    return dict(sorted((entry[key], entry[value]) for entry in entries if not entry[key].startswith("aws:")))


def _retag(account: Account, id_: str, new: Properties, old: Properties) -> None:
    ec2 = account.client("ec2")
    ec2.delete_tags(Resources=[id_], Tags=[{"Key": name} for name in old["tagsAll"]])
    ec2.create_tags(Resources=[id_], Tags=[{"Key": name, "Value": value} for name, value in new["tagsAll"].items()])


def _vpc(account: Account, id_: str) -> Properties:
    ec2 = account.client("ec2")
    found = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"][0]
    own = {"Name": "vpc-id", "Values": [id_]}
    guard = ec2.describe_security_groups(Filters=[own, {"Name": "group-name", "Values": ["default"]}])
    access = ec2.describe_network_acls(Filters=[own, {"Name": "default", "Values": ["true"]}])
    names = ("EnableDnsSupport", "EnableDnsHostnames")
    told = {name: ec2.describe_vpc_attribute(VpcId=id_, Attribute=name[0].lower() + name[1:])[name] for name in names}
    return {
        "cidrBlock": found["CidrBlock"],
        "enableDnsSupport": told["EnableDnsSupport"]["Value"],
        "enableDnsHostnames": told["EnableDnsHostnames"]["Value"],
        "defaultSecurityGroupId": guard["SecurityGroups"][0]["GroupId"],
        "defaultNetworkAclId": access["NetworkAcls"][0]["NetworkAclId"],
        "tagsAll": _tags(found.get("Tags", [])),
    }


def _instance(account: Account, id_: str) -> Properties | None:
    ec2 = account.client("ec2")
    (machine,) = ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"]
    if machine["State"]["Name"] in {"terminated", "shutting-down"}:
        return None
    told = ec2.describe_instance_attribute(InstanceId=id_, Attribute="userData")["UserData"].get("Value", "")
    return {
        "instanceType": machine["InstanceType"],
        "instanceState": machine["State"]["Name"],
        "userData": base64.b64decode(told).decode() or None,
        "tagsAll": _tags(machine.get("Tags", [])),
    }


def _grow(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    ec2, held = account.client("ec2"), [{"Name": "attachment.instance-id", "Values": [id_]}]
    for volume in ec2.describe_volumes(Filters=held)["Volumes"]:
        ec2.modify_volume(VolumeId=volume["VolumeId"], Size=new["rootBlockDevice"]["volumeSize"])


def _closed(account: Account, id_: str) -> Properties:
    found = account.client("s3").get_public_access_block(Bucket=id_)["PublicAccessBlockConfiguration"]
    return {"bucket": id_, **{name: found[name[0].upper() + name[1:]] for name in _CLOSED}}


def _close(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    wanted = {name[0].upper() + name[1:]: new.get(name, False) for name in _CLOSED}
    account.client("s3").put_public_access_block(Bucket=id_, PublicAccessBlockConfiguration=wanted)


def _key(account: Account, id_: str) -> Properties | None:
    kms = account.client("kms")
    found = kms.describe_key(KeyId=id_)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        return None
    return {
        "isEnabled": found["Enabled"],
        "enableKeyRotation": kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"],
        "tagsAll": _tags(kms.list_resource_tags(KeyId=id_)["Tags"], "TagKey", "TagValue"),
    }


def _enable(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    kms = account.client("kms")
    (kms.enable_key if new.get("isEnabled", True) else kms.disable_key)(KeyId=id_)


HELD = {
    "aws:ec2/vpc:Vpc": Held(_vpc, {"tagsAll": _retag}, {}),
    "aws:ec2/instance:Instance": Held(_instance, {"tagsAll": _retag, "rootBlockDevice": _grow}, {}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Held(
        _closed, dict.fromkeys(_CLOSED, _close), dict.fromkeys(_CLOSED, False)
    ),
    "aws:kms/key:Key": Held(_key, {"isEnabled": _enable}, {"isEnabled": True, "enableKeyRotation": False}),
}
