"""The account: where things stand, what they are, who may do what, and what is written down about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seatworks.plan.model import Site
from seatworks.plan.peak import group_name
from stacks.policy.documents import Statement, allowing, listed
from stacks.policy.model import Asked, Finding, Resource, entries, holds, of
from stacks.values import UNKNOWN

# Types that AWS lets carry tags and that the provider's default tags reach.
TAGGED = frozenset(
    f"aws:{type_}"
    for type_ in (
        "autoscaling/group:Group", "backup/plan:Plan", "backup/vault:Vault", "cfg/rule:Rule", "cloudtrail/trail:Trail",
        "cloudwatch/eventRule:EventRule", "cloudwatch/logGroup:LogGroup", "cloudwatch/metricAlarm:MetricAlarm",
        "connect/contactFlow:ContactFlow", "connect/hoursOfOperation:HoursOfOperation", "connect/instance:Instance",
        "connect/phoneNumber:PhoneNumber", "connect/queue:Queue", "connect/routingProfile:RoutingProfile",
        "connect/securityProfile:SecurityProfile", "connect/user:User",
        "ebs/volume:Volume", "ec2/customerGateway:CustomerGateway", "ec2/defaultNetworkAcl:DefaultNetworkAcl",
        "ec2/defaultSecurityGroup:DefaultSecurityGroup", "ec2/defaultVpc:DefaultVpc", "ec2/eip:Eip",
        "ec2/flowLog:FlowLog", "ec2/instance:Instance", "ec2/internetGateway:InternetGateway", "ec2/keyPair:KeyPair",
        "ec2/launchTemplate:LaunchTemplate", "ec2/natGateway:NatGateway", "ec2/networkAcl:NetworkAcl",
        "ec2/networkInterface:NetworkInterface", "ec2/routeTable:RouteTable",
        "ec2/securityGroup:SecurityGroup", "ec2/subnet:Subnet", "ec2/vpc:Vpc", "ec2/vpcEndpoint:VpcEndpoint",
        "ec2/vpnConnection:VpnConnection", "ec2/vpnGateway:VpnGateway",
        "guardduty/detector:Detector", "iam/instanceProfile:InstanceProfile", "iam/role:Role", "kms/key:Key",
        "rds/instance:Instance", "rds/parameterGroup:ParameterGroup", "rds/subnetGroup:SubnetGroup",
        "route53/healthCheck:HealthCheck", "route53/zone:Zone", "s3/bucket:Bucket",
        "secretsmanager/secret:Secret",
        "sns/topic:Topic", "sqs/queue:Queue", "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    )
)  # fmt: skip
_TYPED = ("ec2/instance:Instance", "ec2/launchTemplate:LaunchTemplate", "ec2/launchConfiguration:LaunchConfiguration")
_IAM = (
    "iam/policy:Policy", "iam/rolePolicy:RolePolicy", "iam/userPolicy:UserPolicy", "iam/groupPolicy:GroupPolicy",
)  # fmt: skip
_ATTACHMENTS = (
    "iam/rolePolicyAttachment:RolePolicyAttachment",
    "iam/userPolicyAttachment:UserPolicyAttachment",
    "iam/groupPolicyAttachment:GroupPolicyAttachment",
    "iam/policyAttachment:PolicyAttachment",
)
# "arn:aws-cn:s3:::bucket", and "cn-north-1" as a word or with the letter of a zone.
_PARTITION = re.compile(r"\barn:(aws[a-z-]*):")
_REGION = re.compile(
    r"\b((?:af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:gov-|iso[a-z]?-)?"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d)(?=[a-z]?\b)"
)
# What a second copy in another region of the country consists of.
_COPIED = {
    f"aws:{type_}"
    for type_ in (
        "backup/vault:Vault", "backup/vaultLockConfiguration:VaultLockConfiguration", "kms/alias:Alias", "kms/key:Key",
    )
}  # fmt: skip
_PROSE = {"description", "comment", "tags", "tagsAll", "volumeTags"}


def tagged(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Resources that do not say whose they are, who looks after them and how they are graded."""
    plan = asked.plan
    wanted = {"Deployment": plan.name, "ManagedBy": "seatworks", "ProtectionLevel": str(plan.protection_level)}
    for resource in resources:
        if resource.type not in TAGGED:
            continue
        tags = _tags(resource)
        lacking = [] if tags is UNKNOWN else [key for key, value in wanted.items() if not holds(tags.get(key), value)]
        if lacking:
            yield Finding(
                resource,
                f"lacks the tags {', '.join(f'{key}={wanted[key]}' for key in lacking)}",
                "make it with the provider of stacks/seats/__main__.py, whose default tags these are",
            )


def _tags(resource: Resource) -> Any:
    """The tags of a resource; of a group those that its machines get too."""
    tags = resource.properties.get("tagsAll", resource.properties.get("tags")) or {}
    if isinstance(tags, list):
        return {entry.get("key"): entry.get("value") for entry in entries(tags) if entry.get("propagateAtLaunch")}
    return tags


def in_region(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Providers and resources that stand in another region than the plan's, or wherever the environment says."""
    for resource in resources:
        region = resource.at("region")
        if resource.type == "pulumi:providers:aws":
            right = holds(region, asked.region)
        else:
            copied = asked.copy_region if resource.type in _COPIED else None
            right = not resource.type.startswith("aws:") or holds(region, None, asked.region, copied)
        if not right:
            yield Finding(
                resource,
                f"is for {region or 'a region that the environment chooses'}, not for {asked.region}",
                "make everything with the one provider whose region is the plan's",
            )


def in_country(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Resources that name another country's regions or another partition: a copy, a replica or a role elsewhere.

    The first part of a region's name (cn, eu, us) is as near to a country as it tells.
    """
    own = "aws-cn" if asked.region.startswith("cn-") else "aws-us-gov" if asked.region.startswith("us-gov-") else "aws"
    for resource in resources:
        if not resource.type.startswith(("aws:", "pulumi:providers:aws")):
            continue
        text = "\n".join(_texts(resource.properties))
        foreign = {f"partition {name}" for name in _PARTITION.findall(text) if name != own}
        foreign |= {name for name in _REGION.findall(text) if name.split("-")[0] != asked.region.split("-")[0]}
        if foreign:
            yield Finding(
                resource,
                f"names {', '.join(sorted(foreign))}: data of {asked.region} stays in its country",
                "use a region of the same country, and Place for ARNs and principals",
            )


def planned_types(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Machines of a type that the plan did not size.

    One at a planned address has that host's type, and so has a template that is named after a host of a peak.
    """
    hosts = [host for host in asked.plan.hosts if host.site is Site.CLOUD and host.instance_type and not host.managed]
    at = {str(host.address): host.instance_type for host in hosts}
    at |= {group_name(asked.plan.name, host.name): host.instance_type for host in asked.plan.peak_hosts}
    every = {host.instance_type for host in hosts}
    for resource in of(resources, *_TYPED):
        found, place = resource.at("instanceType"), resource.at("privateIp") or resource.at("name")
        right = {at[place]} if isinstance(place, str) and place in at else every
        if not holds(found, *right):
            yield Finding(
                resource,
                f"is a {found}, which is not what the plan sized ({', '.join(sorted(map(str, right)))})",
                "take the type from the plan's host",
            )


def metadata_by_token(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Machines whose credentials can be read by a request that somebody tricks them into."""
    for resource in of(resources, *_TYPED):
        options = resource.at("metadataOptions")
        if options is not UNKNOWN and not holds(resource.at("metadataOptions.httpTokens"), "required"):
            yield Finding(resource, "answers metadata requests without a token", "set http_tokens to required (IMDSv2)")


def rights_bounded(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Policies and attachments that give all rights to everything."""
    for resource in resources:
        for statement in _given(resource):
            if _all(statement, "Action") and _all(statement, "Resource"):
                yield Finding(resource, "allows every action on everything", "name the actions and the resources")
    for tie in of(resources, *_ATTACHMENTS):
        if str(tie.at("policyArn")).endswith(":policy/AdministratorAccess"):
            yield Finding(tie, "gives AdministratorAccess", "name the actions and the resources in a policy")


def rights_narrow(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Policies that give a whole service's rights (`s3:*`) to everything in it."""
    for resource in resources:
        for statement in _given(resource):
            wide = [action for action in listed(statement.get("Action")) if str(action).endswith(":*")]
            if wide and _all(statement, "Resource"):
                yield Finding(resource, f"allows {', '.join(wide)} on everything", "name the actions or the resources")


def network_logged(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Networks whose accepted and refused connections are not written down."""
    logs = [log for log in of(resources, "ec2/flowLog:FlowLog") if holds(log.at("trafficType"), "ALL")]
    for vpc in of(resources, "ec2/vpc:Vpc"):
        if not any(log.refers("vpcId", vpc) for log in logs):
            yield Finding(vpc, "has no record of its connections", "give it a FlowLog of all traffic")


def calls_logged(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """A stack without a trail of who did what, in every region and in a form that cannot be changed unseen."""
    if not any(resource.type.startswith("aws:") for resource in resources):
        return
    remedy = "multi-region, with global services, log file validation and all management events"
    trails = list(of(resources, "cloudtrail/trail:Trail"))
    for trail in trails:
        selectors = trail.at("eventSelectors")
        right = (
            holds(trail.at("enableLogging"), None, True)
            and holds(trail.at("isMultiRegionTrail"), True)
            and holds(trail.at("includeGlobalServiceEvents"), None, True)
            and holds(trail.at("enableLogFileValidation"), True)
            and all(
                holds(selector.get("includeManagementEvents"), None, True)
                and holds(selector.get("readWriteType"), None, "All")
                for selector in entries(selectors)
            )
        )
        if not right:
            yield Finding(trail, "does not see every call, or can be changed unseen", f"make it {remedy}")
    if not trails:
        yield Finding(None, "nothing records who did what in the account", f"make a CloudTrail trail: {remedy}")


def _given(resource: Resource) -> Iterator[Statement]:
    kind = resource.type.removeprefix("aws:")
    if kind in _IAM:
        yield from allowing(resource.at("policy"))
    elif kind == "iam/role:Role":
        for inline in entries(resource.at("inlinePolicies")):
            yield from allowing(inline.get("policy"))


def _all(statement: Statement, key: str) -> bool:
    # "Allow everything but" is as good as everything.
    return (
        "*" in listed(statement.get(key))
        or f"Not{key}" in statement
        or (key == "Action" and "*:*" in listed(statement.get(key)))
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            if key not in _PROSE:
                yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
