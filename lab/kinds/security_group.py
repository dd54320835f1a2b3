"""Security groups and their rules, with the checks that EC2 makes and the emulator does not."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind, Read
from lab.kinds._members import Member, members, properties
from lab.kinds.vpc import arn, retag, specification, tags_in
from seatworks.errors import CloudError, Problem
from stacks.values import Properties

_GROUP = members("vpcId", "description", name="GroupName")
_RULE = members(
    *("ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "securityGroupRuleId", "description"),
    securityGroupId="GroupId",
    referencedSecurityGroupId=Member("", answer="ReferencedGroupInfo.GroupId"),
)


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
    return id_, {"arn": arn(account, "ec2", f"security-group/{id_}")}


def _read_group(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("ec2").describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]
    name = {"arn": arn(account, "ec2", f"security-group/{id_}")}
    return {**properties(_GROUP, found), "tagsAll": tags_in(found.get("Tags", [])), **name}


def _read_default_group(account: Account, id_: str, known: Properties) -> Properties:
    """As a group, and with the rules that somebody gave it: it is to have none."""
    found = account.client("ec2").describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]
    told = {key: value for key, value in _read_group(account, id_, known).items() if key != "description"}
    return {
        **told,
        "ingress": [_inline(entry) for entry in found["IpPermissions"]] or None,
        "egress": [_inline(entry) for entry in found["IpPermissionsEgress"]] or None,
    }


def _inline(permission: dict[str, Any]) -> Properties:
    return {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
        "cidrBlocks": [entry["CidrIp"] for entry in permission.get("IpRanges", [])],
        "ipv6CidrBlocks": [entry["CidrIpv6"] for entry in permission.get("Ipv6Ranges", [])],
        "securityGroups": [entry["GroupId"] for entry in permission.get("UserIdGroupPairs", [])],
    }


def _close(account: Account, id_: str) -> None:
    ec2 = account.client("ec2")
    found = ec2.describe_security_groups(GroupIds=[id_])["SecurityGroups"][0]
    if found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=id_, IpPermissions=found["IpPermissions"])
    if found["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=id_, IpPermissions=found["IpPermissionsEgress"])


def _shut(account: Account, id_: str, _new: Properties, _old: Properties) -> None:
    _close(account, id_)


def _default_group(account: Account, inputs: Properties) -> tuple[str, Properties]:
    wanted = [{"Name": "vpc-id", "Values": [inputs["vpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    id_ = account.client("ec2").describe_security_groups(Filters=wanted)["SecurityGroups"][0]["GroupId"]
    _close(account, id_)
    if inputs.get("tagsAll"):
        retag(account, id_, inputs, {})
    return id_, {"arn": arn(account, "ec2", f"security-group/{id_}"), "name": "default"}


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
        return id_, {"arn": arn(account, "ec2", f"security-group-rule/{id_}"), "securityGroupRuleId": id_}

    return create


def _no_rule(direction: str) -> Callable[[Account, str, Properties], None]:
    def delete(account: Account, _id: str, outputs: Properties) -> None:
        # By what it opens: the emulator does not take rules away by their identifier.
        revoke = getattr(account.client("ec2"), f"revoke_security_group_{direction}")
        revoke(GroupId=outputs["securityGroupId"], IpPermissions=_permission(outputs))

    return delete


def _described(direction: str) -> Callable[[Account, str, Properties, Properties], None]:
    def change(account: Account, _id: str, new: Properties, _old: Properties) -> None:
        describe = getattr(account.client("ec2"), f"update_security_group_rule_descriptions_{direction}")
        describe(GroupId=new["securityGroupId"], IpPermissions=_permission(new))

    return change


def _read_rule(direction: str) -> Read:
    def read(account: Account, id_: str, _known: Properties) -> Properties | None:
        found = account.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[id_])["SecurityGroupRules"]
        for rule in found:
            if rule["IsEgress"] is (direction == "egress"):
                name = {"arn": arn(account, "ec2", f"security-group-rule/{id_}")}
                return {**properties(_RULE, rule), "tagsAll": tags_in(rule.get("Tags", [])), **name}
        return None

    return read


def _rule_kind(direction: str) -> Kind:
    return Kind(
        create=_rule(direction),
        delete=_no_rule(direction),
        read=_read_rule(direction),
        changes={"description": _described(direction)},
        tags=retag,
        required=("securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4"),
        defaults={"description": ""},
    )


FIREWALL = {
    "aws:ec2/securityGroup:SecurityGroup": Kind(
        create=_group,
        delete=lambda account, id_, _: account.client("ec2").delete_security_group(GroupId=id_),
        read=_read_group,
        named="name",
        tags=retag,
        required=("vpcId",),
        defaults={"description": "Managed by Pulumi"},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Kind(
        create=_default_group,
        # It belongs to the VPC and goes with it, as with the real provider.
        delete=lambda _account, _id, _outputs: None,
        read=_read_default_group,
        changes={"ingress": _shut, "egress": _shut},
        tags=retag,
        required=("vpcId",),
        defaults={"ingress": None, "egress": None},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule_kind("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule_kind("egress"),
}
