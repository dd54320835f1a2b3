"""Security groups and their rules, with the checks that EC2 makes and the emulator does not."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._tags import specification, tag
from seatworks.errors import CloudError, Problem
from stacks.values import Properties


def _group(account: Account, inputs: Properties) -> tuple[str, Properties]:
    if str(inputs["name"]).startswith("sg-"):
        raise CloudError(Problem(inputs["name"], "EC2 refuses names of security groups that start with sg-"))
    ec2 = account.client("ec2")
    id_ = ec2.create_security_group(
        GroupName=inputs["name"],
        Description=inputs.get("description", "Managed by Pulumi"),
        VpcId=inputs["vpcId"],
        TagSpecifications=specification("security-group", inputs),
    )["GroupId"]
    # EC2 gives a new group one rule that lets everything out; the provider takes it away at once.
    _close(account, id_)
    return id_, {"arn": account.arn("ec2", f"security-group/{id_}")}


def _close(account: Account, id_: str) -> None:
    ec2 = account.client("ec2")
    found = ec2.describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]
    if found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=id_, IpPermissions=found["IpPermissions"])
    if found["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=id_, IpPermissions=found["IpPermissionsEgress"])


def _default_group(account: Account, inputs: Properties) -> tuple[str, Properties]:
    wanted = [{"Name": "vpc-id", "Values": [inputs["vpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    id_ = account.client("ec2").describe_security_groups(Filters=wanted)["SecurityGroups"][0]["GroupId"]
    _close(account, id_)
    tag(account, id_, inputs)
    return id_, {"arn": account.arn("ec2", f"security-group/{id_}"), "name": "default"}


def _permission(inputs: Properties) -> list[dict[str, Any]]:
    first, last = inputs["fromPort"], inputs["toPort"]
    if inputs["ipProtocol"] not in {"tcp", "udp"} or not 0 <= first <= last <= 65535:
        raise CloudError(Problem(f"{inputs['ipProtocol']} {first}-{last}", "is no protocol and port range"))
    # Refuses what EC2 refuses: host bits set, prefixes out of range.
    network = IPv4Network(inputs["cidrIpv4"])
    entry = {"CidrIp": str(network), "Description": inputs.get("description", "")}
    return [{"IpProtocol": inputs["ipProtocol"], "FromPort": first, "ToPort": last, "IpRanges": [entry]}]


def _rule(direction: str) -> Callable[[Account, Properties], tuple[str, Properties]]:
    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        authorize = getattr(account.client("ec2"), f"authorize_security_group_{direction}")
        made = authorize(
            GroupId=inputs["securityGroupId"],
            IpPermissions=_permission(inputs),
            TagSpecifications=specification("security-group-rule", inputs),
        )["SecurityGroupRules"]
        id_ = made[0]["SecurityGroupRuleId"]
        return id_, {"arn": account.arn("ec2", f"security-group-rule/{id_}"), "securityGroupRuleId": id_}

    return create


def _no_rule(direction: str) -> Callable[[Account, str, Properties], None]:
    def delete(account: Account, _id: str, outputs: Properties) -> None:
        # By what it opens: the emulator does not take rules away by their identifier.
        revoke = getattr(account.client("ec2"), f"revoke_security_group_{direction}")
        revoke(GroupId=outputs["securityGroupId"], IpPermissions=_permission(outputs))

    return delete


def _rule_kind(direction: str) -> Kind:
    return Kind(
        create=_rule(direction),
        delete=_no_rule(direction),
        in_place=("description",),
        tags=True,
        required=("securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4"),
    )


FIREWALL = {
    "aws:ec2/securityGroup:SecurityGroup": Kind(
        create=_group,
        delete=lambda account, id_, _: account.client("ec2").delete_security_group(GroupId=id_),
        named="name",
        tags=True,
        required=("vpcId",),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Kind(
        create=_default_group,
        # It belongs to the VPC and goes with it, as with the real provider.
        delete=lambda _account, _id, _outputs: None,
        in_place=("ingress", "egress"),
        tags=True,
        required=("vpcId",),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule_kind("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule_kind("egress"),
}
