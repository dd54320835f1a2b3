"""Instances, network interfaces of their own, key pairs and public addresses."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, told
from lab.kinds._tags import specification, tag_list
from stacks.values import Properties

_CARD = members("subnetId", "macAddress")


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
        "arn": account.arn("ec2", f"instance/{id_}"),
        "instanceState": "running",
        "primaryNetworkInterfaceId": made["NetworkInterfaces"][0]["NetworkInterfaceId"],
    }


def _key_pair(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").import_key_pair(
        KeyName=inputs["keyName"],
        PublicKeyMaterial=inputs["publicKey"].encode(),
        TagSpecifications=specification("key-pair", inputs),
    )
    outputs = {"keyPairId": made["KeyPairId"], "fingerprint": made["KeyFingerprint"]}
    return inputs["keyName"], {**outputs, "arn": account.arn("ec2", f"key-pair/{inputs['keyName']}")}


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
    return id_, {**outputs, "arn": account.arn("ec2", f"elastic-ip/{id_}")}


def _associated(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").associate_address(AllocationId=inputs["allocationId"], InstanceId=inputs["instanceId"])
    return made["AssociationId"], {}


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
    return id_, {**told(_CARD, made), "arn": account.arn("ec2", f"network-interface/{id_}")}


COMPUTE = {
    "aws:ec2/instance:Instance": Kind(
        create=_instance,
        delete=lambda account, id_, _: account.client("ec2").terminate_instances(InstanceIds=[id_]),
        in_place=(
            "instanceType",
            "userData",
            "vpcSecurityGroupIds",
            "rootBlockDevice",
            "volumeTags",
            "metadataOptions",
        ),
        tags=True,
        required=("ami", "instanceType", "subnetId", "privateIp", "vpcSecurityGroupIds"),
    ),
    "aws:ec2/networkInterface:NetworkInterface": Kind(
        create=_card,
        delete=lambda account, id_, _: account.client("ec2").delete_network_interface(NetworkInterfaceId=id_),
        in_place=("securityGroups", "description"),
        tags=True,
        required=("subnetId", "privateIps", "securityGroups"),
    ),
    "aws:ec2/keyPair:KeyPair": Kind(
        create=_key_pair,
        delete=lambda account, id_, _: account.client("ec2").delete_key_pair(KeyName=id_),
        named="keyName",
        tags=True,
        required=("publicKey",),
    ),
    "aws:ec2/eip:Eip": Kind(
        create=_address,
        delete=lambda account, id_, _: account.client("ec2").release_address(AllocationId=id_),
        tags=True,
        chosen=("publicIp",),
    ),
    "aws:ec2/eipAssociation:EipAssociation": Kind(
        create=_associated,
        delete=lambda account, id_, _: account.client("ec2").disassociate_address(AssociationId=id_),
        required=("allocationId", "instanceId"),
    ),
}
