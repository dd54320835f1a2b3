"""Network access lists of subnets, and the network that every region of an account is born with."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._tags import specification, tag
from lab.kinds.vpc import vpc_outputs
from stacks.values import Properties

_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1"}
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
    _rules(account, id_, inputs)
    _give(account, id_, inputs)
    return id_, {"arn": account.arn("ec2", f"network-acl/{id_}")}


def _rules(account: Account, id_: str, inputs: Properties) -> None:
    ec2 = account.client("ec2")
    for entry in _found(account, id_)["Entries"]:
        if entry["RuleNumber"] != _LAST:
            ec2.delete_network_acl_entry(NetworkAclId=id_, RuleNumber=entry["RuleNumber"], Egress=entry["Egress"])
    for direction, out in _EGRESS.items():
        for rule in inputs.get(direction, []):
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


def _give(account: Account, id_: str, properties: Properties) -> None:
    """Put subnets under a list. They are under one always, so each is moved."""
    ec2 = account.client("ec2")
    for subnet in properties.get("subnetIds", []):
        under = [{"Name": "association.subnet-id", "Values": [subnet]}]
        for link in ec2.describe_network_acls(Filters=under)["NetworkAcls"][0]["Associations"]:
            if link["SubnetId"] == subnet and link["NetworkAclId"] != id_:
                ec2.replace_network_acl_association(AssociationId=link["NetworkAclAssociationId"], NetworkAclId=id_)


def _no_list(account: Account, id_: str, outputs: Properties) -> None:
    _give(account, str(vpc_outputs(account, outputs["vpcId"])["defaultNetworkAclId"]), outputs)
    account.client("ec2").delete_network_acl(NetworkAclId=id_)


def _default_list(account: Account, inputs: Properties) -> tuple[str, Properties]:
    id_ = inputs["defaultNetworkAclId"]
    _rules(account, id_, inputs)
    tag(account, id_, inputs)
    return id_, {"arn": account.arn("ec2", f"network-acl/{id_}")}


def _default_vpc(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ec2 = account.client("ec2")
    found = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    id_ = (found[0] if found else ec2.create_default_vpc()["Vpc"])["VpcId"]
    tag(account, id_, inputs)
    return id_, vpc_outputs(account, id_)


ACLS = {
    "aws:ec2/networkAcl:NetworkAcl": Kind(
        create=_list,
        delete=_no_list,
        in_place=("ingress", "egress", "subnetIds"),
        tags=True,
        required=("vpcId",),
    ),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": Kind(
        create=_default_list,
        # It belongs to the VPC and goes with it, as with the real provider.
        delete=lambda _account, _id, _outputs: None,
        in_place=("ingress", "egress"),
        tags=True,
        required=("defaultNetworkAclId",),
    ),
    "aws:ec2/defaultVpc:DefaultVpc": Kind(
        create=_default_vpc,
        # It is AWS's, and stays.
        delete=lambda _account, _id, _outputs: None,
        tags=True,
    ),
}
