"""Instances, network interfaces of their own, key pairs and public addresses."""

from __future__ import annotations

import base64
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, properties
from lab.kinds.vpc import arn, retag, specification, tag_list, tags_in
from stacks.values import Properties

_INSTANCE = members(
    *("instanceType", "subnetId", "keyName"),
    ami="ImageId",
    privateIp="PrivateIpAddress",
    primaryNetworkInterfaceId="NetworkInterfaceId",
    instanceState="State.Name",
)
_CARD = members("subnetId", "macAddress")
_METADATA = {"httpTokens": "optional", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 1}


def _instance(account: Account, inputs: Properties) -> tuple[str, Properties]:
    disk, metadata = inputs.get("rootBlockDevice", {}), inputs.get("metadataOptions", {})
    volume = {"VolumeType": disk.get("volumeType", "gp3"), "Encrypted": disk.get("encrypted", False)}
    if "kmsKeyId" in disk:
        volume["KmsKeyId"] = disk["kmsKeyId"]
    request: dict[str, Any] = {
        "ImageId": inputs["ami"],
        "InstanceType": inputs["instanceType"],
        "MinCount": 1,
        "MaxCount": 1,
        "NetworkInterfaces": [
            {
                "DeviceIndex": 0,
                "SubnetId": inputs["subnetId"],
                "PrivateIpAddress": inputs["privateIp"],
                "Groups": inputs["vpcSecurityGroupIds"],
                "AssociatePublicIpAddress": inputs.get("associatePublicIpAddress", False),
            }
        ],
        "BlockDeviceMappings": [
            {
                "DeviceName": "/dev/xvda",
                "Ebs": {
                    **volume,
                    "VolumeSize": disk.get("volumeSize", 8),
                    "DeleteOnTermination": disk.get("deleteOnTermination", True),
                },
            }
        ],
        "MetadataOptions": {
            "HttpTokens": metadata.get("httpTokens", "optional"),
            "HttpEndpoint": metadata.get("httpEndpoint", "enabled"),
            "HttpPutResponseHopLimit": metadata.get("httpPutResponseHopLimit", 1),
        },
        "TagSpecifications": [
            *specification("instance", inputs),
            *([{"ResourceType": "volume", "Tags": tag_list(inputs, "volumeTags")}] if "volumeTags" in inputs else []),
        ],
    }
    if "keyName" in inputs:
        request["KeyName"] = inputs["keyName"]
    if "userData" in inputs:
        request["UserData"] = inputs["userData"]
    if "iamInstanceProfile" in inputs:
        request["IamInstanceProfile"] = {"Name": inputs["iamInstanceProfile"]}
    made = account.client("ec2").run_instances(**request)["Instances"][0]
    id_ = made["InstanceId"]
    return id_, {
        "arn": arn(account, "ec2", f"instance/{id_}"),
        "instanceState": "running",
        "primaryNetworkInterfaceId": made["NetworkInterfaces"][0]["NetworkInterfaceId"],
    }


def _read_instance(account: Account, id_: str, _known: Properties) -> Properties | None:
    ec2 = account.client("ec2")
    (machine,) = ec2.describe_instances(InstanceIds=[id_])["Reservations"][0]["Instances"]
    if machine["State"]["Name"] in {"terminated", "shutting-down"}:
        return None
    first = next(card for card in machine["NetworkInterfaces"] if card["Attachment"]["DeviceIndex"] == 0)
    root = next(disk for disk in machine["BlockDeviceMappings"] if disk["DeviceName"] == machine["RootDeviceName"])
    volume = ec2.describe_volumes(VolumeIds=[root["Ebs"]["VolumeId"]])["Volumes"][0]
    profile = machine.get("IamInstanceProfile")
    told = ec2.describe_instance_attribute(InstanceId=id_, Attribute="userData")["UserData"].get("Value", "")
    return {
        **properties(_INSTANCE, {**machine, **first}),
        "vpcSecurityGroupIds": [group["GroupId"] for group in first["Groups"]],
        "associatePublicIpAddress": _has_passing_address(account, first),
        "iamInstanceProfile": profile["Arn"].rpartition("/")[2] if profile else None,
        "userData": base64.b64decode(told).decode() or None,
        "metadataOptions": properties(members(*_METADATA), machine["MetadataOptions"]),
        "rootBlockDevice": {
            "volumeType": volume["VolumeType"],
            "volumeSize": volume["Size"],
            "encrypted": volume["Encrypted"],
            "deleteOnTermination": root["Ebs"]["DeleteOnTermination"],
            **({"kmsKeyId": volume["KmsKeyId"]} if volume.get("KmsKeyId") else {}),
        },
        "volumeTags": tags_in(volume.get("Tags", [])) or None,
        "tagsAll": tags_in(machine.get("Tags", [])),
        "arn": arn(account, "ec2", f"instance/{id_}"),
    }


def _has_passing_address(account: Account, card: dict[str, Any]) -> bool:
    """Whether the machine has a public address that it loses when it stops, which an Elastic IP is not."""
    address = card.get("Association", {}).get("PublicIp")
    if not address:
        return False
    wanted = [{"Name": "public-ip", "Values": [address]}]
    return not account.client("ec2").describe_addresses(Filters=wanted)["Addresses"]


def _resize(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    ec2 = account.client("ec2")
    ec2.stop_instances(InstanceIds=[id_])
    ec2.modify_instance_attribute(InstanceId=id_, InstanceType={"Value": new["instanceType"]})
    ec2.start_instances(InstanceIds=[id_])


def _tell(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    ec2 = account.client("ec2")
    ec2.stop_instances(InstanceIds=[id_])
    ec2.modify_instance_attribute(InstanceId=id_, UserData={"Value": new.get("userData", "").encode()})
    ec2.start_instances(InstanceIds=[id_])


def _guard(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    # The groups belong to the machine's first interface.
    card = _read_instance(account, id_, {})
    account.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=card["primaryNetworkInterfaceId"] if card else "", Groups=new["vpcSecurityGroupIds"]
    )


def _volumes(account: Account, id_: str) -> list[str]:
    found = account.client("ec2").describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [id_]}])
    return [volume["VolumeId"] for volume in found["Volumes"]]


def _grow(account: Account, id_: str, new: Properties, old: Properties) -> None:
    for volume in _volumes(account, id_):
        if new["rootBlockDevice"]["volumeSize"] != old["rootBlockDevice"]["volumeSize"]:
            account.client("ec2").modify_volume(VolumeId=volume, Size=new["rootBlockDevice"]["volumeSize"])


def _retag_volumes(account: Account, id_: str, new: Properties, old: Properties) -> None:
    for volume in _volumes(account, id_):
        retag(account, volume, {"tagsAll": new.get("volumeTags", {})}, {"tagsAll": old.get("volumeTags", {})})


def _metadata(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    options = new["metadataOptions"]
    account.client("ec2").modify_instance_metadata_options(
        InstanceId=id_,
        HttpTokens=options["httpTokens"],
        HttpEndpoint=options["httpEndpoint"],
        HttpPutResponseHopLimit=options["httpPutResponseHopLimit"],
    )


def _key_pair(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").import_key_pair(
        KeyName=inputs["keyName"],
        PublicKeyMaterial=inputs["publicKey"].encode(),
        TagSpecifications=specification("key-pair", inputs),
    )
    outputs = {"keyPairId": made["KeyPairId"], "fingerprint": made["KeyFingerprint"]}
    return inputs["keyName"], {**outputs, "arn": arn(account, "ec2", f"key-pair/{inputs['keyName']}")}


def _read_key_pair(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("ec2").describe_key_pairs(KeyNames=[id_], IncludePublicKey=True)["KeyPairs"][0]
    return {
        **properties(members("keyName", "keyPairId", fingerprint="KeyFingerprint"), found),
        # EC2 appends the name of the pair to the key.
        "publicKey": " ".join(found["PublicKey"].split()[:2]),
        "tagsAll": tags_in(found.get("Tags", [])),
        "arn": arn(account, "ec2", f"key-pair/{id_}"),
    }


def _retag_key(account: Account, _id: str, new: Properties, old: Properties) -> None:
    retag(account, old["keyPairId"], new, old)


def _address(account: Account, inputs: Properties) -> tuple[str, Properties]:
    # The emulator would hand out loopback addresses; the lab's Internet is TEST-NET-3. Drawn in any case: the
    # identifier comes after it, and must be the same when the address is given back.
    free = account.free_address()
    made = account.client("ec2").allocate_address(
        Domain=inputs.get("domain", "vpc"),
        Address=inputs.get("publicIp", free),
        TagSpecifications=specification("elastic-ip", inputs),
    )
    id_ = made["AllocationId"]
    outputs = {"allocationId": id_, "publicIp": made["PublicIp"]}
    return id_, {**outputs, "arn": arn(account, "ec2", f"elastic-ip/{id_}")}


def _read_address(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("ec2").describe_addresses(AllocationIds=[id_])["Addresses"][0]
    return {
        **properties(members("domain", "allocationId", "publicIp"), found),
        "tagsAll": tags_in(found.get("Tags", [])),
        "arn": arn(account, "ec2", f"elastic-ip/{id_}"),
    }


def _associated(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").associate_address(AllocationId=inputs["allocationId"], InstanceId=inputs["instanceId"])
    return made["AssociationId"], {}


def _read_associated(account: Account, id_: str, _known: Properties) -> Properties | None:
    wanted = [{"Name": "association-id", "Values": [id_]}]
    for found in account.client("ec2").describe_addresses(Filters=wanted)["Addresses"]:
        return properties(members("allocationId", "instanceId"), found)
    return None


def _card(account: Account, inputs: Properties) -> tuple[str, Properties]:
    (address,) = inputs["privateIps"]
    made = account.client("ec2").create_network_interface(
        SubnetId=inputs["subnetId"],
        PrivateIpAddress=address,
        Groups=inputs["securityGroups"],
        Description=inputs.get("description", ""),
        TagSpecifications=specification("network-interface", inputs),
    )["NetworkInterface"]
    id_ = made["NetworkInterfaceId"]
    return id_, {**properties(_CARD, made), "arn": arn(account, "ec2", f"network-interface/{id_}")}


def _change_card(account: Account, id_: str, new: Properties, old: Properties) -> None:
    ec2 = account.client("ec2")
    # EC2 takes one attribute at a time.
    ec2.modify_network_interface_attribute(NetworkInterfaceId=id_, Groups=new["securityGroups"])
    if new.get("description") != old.get("description"):
        description = {"Value": new.get("description", "")}
        ec2.modify_network_interface_attribute(NetworkInterfaceId=id_, Description=description)


def _read_card(account: Account, id_: str, _known: Properties) -> Properties:
    (found,) = account.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[id_])["NetworkInterfaces"]
    return {
        **properties(_CARD, found),
        "privateIps": [entry["PrivateIpAddress"] for entry in found["PrivateIpAddresses"]],
        "securityGroups": [group["GroupId"] for group in found["Groups"]],
        "description": found.get("Description") or None,
        "tagsAll": tags_in(found.get("TagSet", [])),
        "arn": arn(account, "ec2", f"network-interface/{id_}"),
    }


COMPUTE = {
    "aws:ec2/instance:Instance": Kind(
        create=_instance,
        delete=lambda account, id_, _: account.client("ec2").terminate_instances(InstanceIds=[id_]),
        read=_read_instance,
        changes={
            "instanceType": _resize,
            "userData": _tell,
            "vpcSecurityGroupIds": _guard,
            "rootBlockDevice": _grow,
            "volumeTags": _retag_volumes,
            "metadataOptions": _metadata,
        },
        tags=retag,
        required=("ami", "instanceType", "subnetId", "privateIp", "vpcSecurityGroupIds"),
        defaults={
            "associatePublicIpAddress": False,
            "iamInstanceProfile": None,
            "keyName": None,
            "userData": None,
            "metadataOptions": _METADATA,
            "volumeTags": None,
        },
    ),
    "aws:ec2/networkInterface:NetworkInterface": Kind(
        create=_card,
        delete=lambda account, id_, _: account.client("ec2").delete_network_interface(NetworkInterfaceId=id_),
        read=_read_card,
        changes={"securityGroups": _change_card, "description": _change_card},
        tags=retag,
        required=("subnetId", "privateIps", "securityGroups"),
        defaults={"description": None},
    ),
    "aws:ec2/keyPair:KeyPair": Kind(
        create=_key_pair,
        delete=lambda account, id_, _: account.client("ec2").delete_key_pair(KeyName=id_),
        read=_read_key_pair,
        named="keyName",
        tags=_retag_key,
        required=("publicKey",),
    ),
    "aws:ec2/eip:Eip": Kind(
        create=_address,
        delete=lambda account, id_, _: account.client("ec2").release_address(AllocationId=id_),
        read=_read_address,
        tags=retag,
        chosen=("publicIp",),
        defaults={"domain": "vpc"},
    ),
    "aws:ec2/eipAssociation:EipAssociation": Kind(
        create=_associated,
        delete=lambda account, id_, _: account.client("ec2").disassociate_address(AssociationId=id_),
        read=_read_associated,
        required=("allocationId", "instanceId"),
    ),
}
