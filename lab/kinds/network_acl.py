"""Network access lists of subnets, and the network that every region of an account is born with."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds.vpc import arn, retag, specification, tags_in, vpc_outputs
from stacks.values import Properties

_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1"}
_NAMES = {number: name for name, number in _PROTOCOLS.items()}
# The last rule of every list, which nobody can change: all else is refused.
_LAST = 32767
_EGRESS = {"ingress": False, "egress": True}


def _found(account: Account, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = account.client("ec2").describe_network_acls(NetworkAclIds=[id_])["NetworkAcls"][0]
    return found


def _list(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_network_acl(
        VpcId=inputs["vpcId"], TagSpecifications=specification("network-acl", inputs)
    )
    id_ = made["NetworkAcl"]["NetworkAclId"]
    _rules(account, id_, inputs, {})
    _subnets(account, id_, inputs, {})
    return id_, {"arn": arn(account, "ec2", f"network-acl/{id_}")}


def _rules(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    ec2 = account.client("ec2")
    for entry in _found(account, id_)["Entries"]:
        if entry["RuleNumber"] != _LAST:
            ec2.delete_network_acl_entry(NetworkAclId=id_, RuleNumber=entry["RuleNumber"], Egress=entry["Egress"])
    for direction, out in _EGRESS.items():
        for rule in new.get(direction) or []:
            ec2.create_network_acl_entry(NetworkAclId=id_, Egress=out, **_request(rule))


def _request(rule: Properties) -> dict[str, Any]:
    protocol = _PROTOCOLS.get(rule["protocol"], rule["protocol"])
    asked = {
        "RuleNumber": rule["ruleNo"],
        "Protocol": protocol,
        "RuleAction": rule["action"],
        "CidrBlock": rule["cidrBlock"],
    }
    if rule["protocol"] == "icmp":
        asked["IcmpTypeCode"] = {"Type": rule["icmpType"], "Code": rule["icmpCode"]}
    elif protocol != "-1":
        asked["PortRange"] = {"From": rule["fromPort"], "To": rule["toPort"]}
    return asked


def _rule(entry: dict[str, Any]) -> Properties:
    protocol = _NAMES.get(entry["Protocol"], entry["Protocol"])
    ports = entry.get("PortRange") if protocol in {"tcp", "udp"} else None
    told: Properties = {
        "ruleNo": entry["RuleNumber"],
        "protocol": protocol,
        "action": entry["RuleAction"],
        "cidrBlock": entry["CidrBlock"],
        "fromPort": ports["From"] if ports else 0,
        "toPort": ports["To"] if ports else 0,
    }
    if protocol == "icmp":
        told |= {"icmpType": entry["IcmpTypeCode"]["Type"], "icmpCode": entry["IcmpTypeCode"]["Code"]}
    return told


def _told(account: Account, id_: str) -> Properties:
    found = _found(account, id_)
    entries = sorted(found["Entries"], key=lambda entry: int(entry["RuleNumber"]))
    rules = {
        direction: [_rule(entry) for entry in entries if entry["Egress"] is out and entry["RuleNumber"] != _LAST]
        for direction, out in _EGRESS.items()
    }
    tags = {"tagsAll": tags_in(found.get("Tags", []))}
    return {
        **{key: value or None for key, value in rules.items()},
        **tags,
        "arn": arn(account, "ec2", f"network-acl/{id_}"),
    }


def _read_list(account: Account, id_: str, _known: Properties) -> Properties:
    found = _found(account, id_)
    subnets = sorted(link["SubnetId"] for link in found["Associations"])
    return {**_told(account, id_), "vpcId": found["VpcId"], "subnetIds": subnets or None}


def _subnets(account: Account, id_: str, new: Properties, old: Properties) -> None:
    wanted = set(new.get("subnetIds") or [])
    _give(account, id_, wanted)
    _give(account, _default_of(account, new["vpcId"]), set(old.get("subnetIds") or []) - wanted)


def _give(account: Account, id_: str, subnets: set[str]) -> None:
    """Put subnets under a list. They are under one always, so each is moved."""
    ec2 = account.client("ec2")
    for subnet in sorted(subnets):
        under = [{"Name": "association.subnet-id", "Values": [subnet]}]
        for link in ec2.describe_network_acls(Filters=under)["NetworkAcls"][0]["Associations"]:
            if link["SubnetId"] == subnet and link["NetworkAclId"] != id_:
                ec2.replace_network_acl_association(AssociationId=link["NetworkAclAssociationId"], NetworkAclId=id_)


def _default_of(account: Account, vpc_id: str) -> str:
    return str(vpc_outputs(account, vpc_id)["defaultNetworkAclId"])


def _no_list(account: Account, id_: str, outputs: Properties) -> None:
    _subnets(account, id_, {"vpcId": outputs["vpcId"]}, outputs)
    account.client("ec2").delete_network_acl(NetworkAclId=id_)


def _default_list(account: Account, inputs: Properties) -> tuple[str, Properties]:
    id_ = inputs["defaultNetworkAclId"]
    _rules(account, id_, inputs, {})
    if inputs.get("tagsAll"):
        retag(account, id_, inputs, {})
    return id_, {"arn": arn(account, "ec2", f"network-acl/{id_}")}


def _default_vpc(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ec2 = account.client("ec2")
    found = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    id_ = (found[0] if found else ec2.create_default_vpc()["Vpc"])["VpcId"]
    if inputs.get("tagsAll"):
        retag(account, id_, inputs, {})
    return id_, vpc_outputs(account, id_)


def _read_default_vpc(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("ec2").describe_vpcs(VpcIds=[id_])["Vpcs"][0]
    return {"tagsAll": tags_in(found.get("Tags", [])), **vpc_outputs(account, id_)} if found["IsDefault"] else None


ACLS = {
    "aws:ec2/networkAcl:NetworkAcl": Kind(
        create=_list,
        delete=_no_list,
        read=_read_list,
        changes={"ingress": _rules, "egress": _rules, "subnetIds": _subnets},
        tags=retag,
        required=("vpcId",),
        defaults={"ingress": None, "egress": None},
    ),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": Kind(
        create=_default_list,
        # It belongs to the VPC and goes with it, as with the real provider.
        delete=lambda _account, _id, _outputs: None,
        read=lambda account, id_, _known: {**_told(account, id_), "defaultNetworkAclId": id_},
        changes={"ingress": _rules, "egress": _rules},
        tags=retag,
        required=("defaultNetworkAclId",),
        defaults={"ingress": None, "egress": None},
    ),
    "aws:ec2/defaultVpc:DefaultVpc": Kind(
        create=_default_vpc,
        # It is AWS's, and stays.
        delete=lambda _account, _id, _outputs: None,
        read=_read_default_vpc,
        tags=retag,
    ),
}
