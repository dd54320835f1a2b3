"""The rules for a cloud site: each is broken by a mistake seeded into the real stack, and by nothing else in it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network
from typing import Any

import pytest

from lab.cloud.rules import resource
from lab.cloud.state import StateFile
from lab.kinds import KINDS
from seatworks.plan.model import Plan
from stacks.policy import monitoring, rds, vpn
from stacks.policy.account import TAGGED
from stacks.policy.documents import refuses_plain_http
from stacks.policy.model import Asked, Level, Resource
from stacks.policy.rules import RULES, violations
from stacks.values import UNKNOWN
from tests.sites import Deployed

Resources = tuple[Resource, ...]
Mistake = Callable[[Resources], Resources]

TAGS = {"Deployment": "cloud", "ManagedBy": "seatworks", "ProtectionLevel": "3"}
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
FETCHES = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws-cn:s3:::one/*",
}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def asked(plan: Plan, *, keeps_data: bool = False) -> Asked:
    """What the shipped stack files ask."""
    return Asked(plan, 365, keeps_data)


def recorded(deployed: Deployed) -> Resources:
    """Every resource that the engine recorded, as the rules see it."""
    return tuple(resource(record) for record in StateFile(deployed.where.build).load().records.values())


def changed(type_: str, name: str, **values: Any) -> Mistake:
    """One resource with other properties; None takes a property away."""

    def mistake(resources: Resources) -> Resources:
        (found,) = [entry for entry in resources if (entry.type, entry.name) == (f"aws:{type_}", name)]
        properties = {key: value for key, value in {**found.properties, **values}.items() if value is not None}
        bad = dataclasses.replace(found, properties=properties)
        return tuple(bad if entry is found else entry for entry in resources)

    return mistake


def without(type_: str, name: str) -> Mistake:
    """One resource fewer."""
    return lambda resources: tuple(e for e in resources if (e.type, e.name) != (f"aws:{type_}", name))


def added(type_: str, **properties: Any) -> Mistake:
    """One resource more, with the tags that every other has."""
    urn = f"urn:pulumi:cloud::seats::aws:{type_}::new"
    return lambda resources: (*resources, Resource(f"aws:{type_}", "new", urn, {"tagsAll": TAGS, **properties}))


def opened(group: str, protocol: str, first: int, last: int, cidr: str, why: str = "a mistake") -> Mistake:
    """One more opening of a security group of the cloud example."""

    def mistake(resources: Resources) -> Resources:
        (owner,) = [e for e in resources if e.type.endswith(":SecurityGroup") and e.name == f"cloud-{group}"]
        return added(
            INGRESS.removeprefix("aws:"), securityGroupId=owner.id, ipProtocol=protocol, fromPort=first, toPort=last,
            description=why, **{"cidrIpv6" if ":" in cidr else "cidrIpv4": cidr},
        )(resources)  # fmt: skip

    return mistake


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


# Rule, what a careless change might do, and the words that name it.
MISTAKES: list[tuple[str, Mistake, str]] = [
    ("public-ports", opened("edge", "tcp", 8443, 8443, "0.0.0.0/0"), "tcp 8443 from 0.0.0.0/0"),
    ("public-ports", opened("edge", "udp", 29999, 34999, "0.0.0.0/0"), "udp 29999-34999 from 0.0.0.0/0"),
    ("public-ports", opened("edge", "udp", 5060, 5060, "198.51.100.0/24"), "udp 5060 from 198.51.100.0/24"),
    ("public-ports", opened("edge", "tcp", 5061, 5061, "::/0"), "tcp 5061 from ::/0"),
    ("public-ports", opened("db", "tcp", 5432, 5432, "203.0.113.7/32"), "tcp 5432 from 203.0.113.7/32"),
    ("ssh-closed", opened("edge", "tcp", 22, 22, "0.0.0.0/0"), "tcp 22 from 0.0.0.0/0"),
    ("ssh-closed", opened("edge", "-1", 0, 0, "0.0.0.0/0"), "everything from 0.0.0.0/0"),
    ("openings-by-group", opened("db", "tcp", 5061, 5061, "0.0.0.0/0"), "tcp 5061 from 0.0.0.0/0"),
    ("openings-by-group", opened("db", "tcp", 5432, 5432, "10.0.0.0/8"), "towards db1, db2"),
    ("openings-described", opened("edge", "tcp", 5061, 5061, "0.0.0.0/0", why=""), "does not say why"),
    (
        "fixed-addresses",
        lambda all_: added(
            "ec2/eipAssociation:EipAssociation", instanceId=next(e.id for e in all_ if e.name == "cloud-db1")
        )(all_),
        "gives cloud-db1 a public address",
    ),
    (
        "services-private",
        changed("kms/key:Key", "cloud-audit", policy=policy({**EVERYTHING, "Principal": {"AWS": ["*"]}})),
        "lets everybody do *",
    ),
    (
        "services-private",
        changed("ec2/vpcEndpoint:VpcEndpoint", "cloud-s3", policy=policy({**EVERYTHING, "Principal": "*"})),
        "lets everybody do *",
    ),
    *(
        (
            "services-private",
            changed("ec2/vpcEndpoint:VpcEndpoint", "cloud-s3", policy=policy({**FETCHES, **more})),
            "lets everybody do s3:",
        )
        for more in (
            {"Action": "s3:PutObject"},
            {"Resource": "*"},
            {"Resource": ["arn:aws-cn:s3:::one/*", "arn:aws-cn:s3:::amazon-*"]},
        )
    ),
    (
        "services-private",
        changed("kms/key:Key", "cloud-audit", policy=policy(FETCHES)),
        "lets everybody do s3:GetObject",
    ),
    (
        "services-private",
        changed("ec2/vpcEndpoint:VpcEndpoint", "cloud-s3", policy=None),
        "lets through the keys of every account",
    ),
    (
        "disks-encrypted",
        changed("ec2/instance:Instance", "cloud-record1", rootBlockDevice={"volumeSize": 100}),
        "disk that is not encrypted",
    ),
    (
        "disks-encrypted",
        changed("ec2/instance:Instance", "cloud-record1", ebsBlockDevices=[{"encrypted": False}]),
        "disk that is not encrypted",
    ),
    ("disks-encrypted", added("ebs/volume:Volume", size=10), "disk that is not encrypted"),
    (
        "disks-encrypted",
        added(
            "ec2/launchTemplate:LaunchTemplate", instanceType="c6i.large", metadataOptions={"httpTokens": "required"}
        ),
        "disk that is not encrypted",
    ),
    ("keys-named", changed("cloudwatch/logGroup:LogGroup", "cloud-flows", kmsKeyId=None), "has no kmsKeyId"),
    ("keys-named", changed("sns/topic:Topic", "cloud-alarms", kmsMasterKeyId=None), "has no kmsMasterKeyId"),
    ("keys-rotate", changed("kms/key:Key", "cloud-recordings", enableKeyRotation=False), "is never renewed"),
    (
        "buckets-encrypted",
        changed(
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "cloud-recordings-encryption",
            rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        ),
        "does not encrypt with a key of its own",
    ),
    (
        "buckets-private",
        without("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "cloud-recordings-closed"),
        "can be made public",
    ),
    (
        "buckets-private",
        changed(
            "s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "cloud-audit-closed", restrictPublicBuckets=False
        ),
        "can be made public",
    ),
    (
        "buckets-tls-only",
        changed("s3/bucketPolicy:BucketPolicy", "cloud-recordings-policy", policy=policy()),
        "answers requests without TLS",
    ),
    (
        "buckets-versioned",
        changed(
            "s3/bucketVersioning:BucketVersioning", "cloud-audit-versions",
            versioningConfiguration={"status": "Suspended"},
        ),
        "loses what is overwritten",
    ),
    (
        "buckets-kept",
        changed(
            "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "cloud-recordings-retention",
            rules=[{"status": "Enabled", "expiration": {"days": 30}}],
        ),
        "deletes after 30 days what is to be kept for 180",
    ),
    (
        "buckets-kept",
        without("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "cloud-audit-retention"),
        "is never emptied",
    ),
    (
        "logs-kept",
        changed("cloudwatch/logGroup:LogGroup", "cloud-flows", retentionInDays=90),
        "keeps logs for 90 days, not 365",
    ),
    ("tagged", changed("ec2/vpc:Vpc", "cloud-vpc", tagsAll={**TAGS, "ManagedBy": "hand"}), "ManagedBy=seatworks"),
    ("tagged", changed("s3/bucket:Bucket", "cloud-audit", tagsAll={}), "Deployment=cloud"),
    ("in-region", added("s3/bucketObject:BucketObject", region="cn-northwest-1"), "is for cn-northwest-1"),
    (
        "in-region",
        lambda all_: (*all_, Resource("pulumi:providers:aws", "default", "urn:pulumi:cloud::seats::p::default", {})),
        "a region that the environment chooses",
    ),
    (
        "in-country",
        added("s3/bucketReplicationConfig:BucketReplicationConfig", rules=[{"bucket": "arn:aws:s3:::elsewhere"}]),
        "names partition aws",
    ),
    ("in-country", added("ec2/vpcPeeringConnection:VpcPeeringConnection", peerRegion="eu-west-1"), "names eu-west-1"),
    (
        "planned-types",
        changed("ec2/instance:Instance", "cloud-call1", instanceType="c6i.large"),
        "is a c6i.large, which is not what the plan sized (c6i.xlarge)",
    ),
    (
        "planned-types",
        changed("ec2/instance:Instance", "cloud-call1", privateIp="10.60.0.99", instanceType="c6i.32xlarge"),
        "is a c6i.32xlarge",
    ),
    (
        "metadata-by-token",
        changed("ec2/instance:Instance", "cloud-edge1", metadataOptions={"httpTokens": "optional"}),
        "without a token",
    ),
    (
        "rights-bounded",
        changed("iam/rolePolicy:RolePolicy", "cloud-record-duty", policy=policy(EVERYTHING)),
        "allows every action on everything",
    ),
    (
        "rights-bounded",
        added("iam/rolePolicy:RolePolicy", policy=policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": ["*"]})),
        "allows every action on everything",
    ),
    (
        "rights-bounded",
        added(
            "iam/rolePolicyAttachment:RolePolicyAttachment",
            policyArn="arn:aws-cn:iam::aws:policy/AdministratorAccess",
        ),
        "gives AdministratorAccess",
    ),
    (
        "rights-narrow",
        added("iam/policy:Policy", policy=policy({"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"})),
        "allows s3:* on everything",
    ),
    ("network-logged", changed("ec2/flowLog:FlowLog", "cloud-flows", trafficType="REJECT"), "no record of its"),
    ("calls-logged", changed("cloudtrail/trail:Trail", "cloud-trail", isMultiRegionTrail=False), "does not see every"),
    ("calls-logged", changed("cloudtrail/trail:Trail", "cloud-trail", enableLogging=False), "does not see every"),
    ("calls-logged", without("cloudtrail/trail:Trail", "cloud-trail"), "nothing records who did what"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "mistake", "words"), MISTAKES, ids=[f"{rule}: {words}" for rule, _, words in MISTAKES]
)
def test_a_seeded_mistake_breaks_its_rule_and_no_other(
    cloud: Deployed, rule: str, mistake: Mistake, words: str
) -> None:
    found = violations(mistake(recorded(cloud)), asked(cloud.plan))
    assert {violation.rule.id for violation in found} == {rule}
    (said,) = {str(violation.problem()) for violation in found}
    assert words in said
    assert all(violation.remedy for violation in found)


def test_the_shipped_stacks_break_no_rule(deployed: Deployed) -> None:
    assert violations(recorded(deployed), asked(deployed.plan)) == ()


def test_a_live_stack_must_protect_its_data(cloud: Deployed) -> None:
    found = violations(recorded(cloud), asked(cloud.plan, keeps_data=True))
    assert {violation.rule.id for violation in found} == {"data-protected"}
    named = {violation.resource.rpartition("::")[2] for violation in found}
    kept = (
        "s3/bucket:Bucket", "cloudwatch/logGroup:LogGroup", "kms/key:Key", "backup/vault:Vault",
        "secretsmanager/secret:Secret",
    )  # fmt: skip
    assert named == {resource["name"] for type_ in kept for resource in cloud.of(type_)}
    assert named >= {f"cloud-{name}" for name in ("recordings", "audit", "flows", "calls", "access", "copies")}
    protected = tuple(
        dataclasses.replace(entry, protect=True, properties={**entry.properties, "forceDestroy": False})
        for entry in recorded(cloud)
    )
    assert violations(protected, asked(cloud.plan, keeps_data=True)) == ()


def test_every_rule_is_broken_by_a_mistake_of_these_tests() -> None:
    # Those of what guards the site, of databases and of tunnels have tests of their own.
    apart = {monitoring.__name__, rds.__name__, vpn.__name__}
    others = {rule.id for rule in RULES if rule.check.__module__ not in apart}
    assert {rule for rule, _, _ in MISTAKES} | {"data-protected"} == others


def test_rules_say_what_they_are() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
        assert re.fullmatch(r"[A-Z][^.]+\.", rule.says)
        assert re.fullmatch(r"(8\.[12]\.\d\.\d+( [a-g])?)?", rule.clause)
    assert {rule.level for rule in RULES} == set(Level)


def test_a_rule_that_judges_a_resource_alone_finds_the_same_without_its_neighbours(cloud: Deployed) -> None:
    for name, mistake, _ in MISTAKES:
        (rule,) = [rule for rule in RULES if rule.id == name]
        if rule.alone:
            resources = mistake(recorded(cloud))
            together = list(rule.violations(resources, asked(cloud.plan)))
            assert [v for entry in resources for v in rule.violations([entry], asked(cloud.plan))] == together != []


def test_what_is_not_known_yet_breaks_no_rule(cloud: Deployed) -> None:
    """A preview knows which property comes from which resource, but hardly a value."""
    fixed = {"ipProtocol", "fromPort", "toPort", "cidrIpv4", "description", "bucket", "privateIp", "privateIps"}
    veiled = tuple(
        dataclasses.replace(
            entry,
            id="",
            properties={key: value if key in fixed else UNKNOWN for key, value in entry.properties.items()},
        )
        for entry in recorded(cloud)
    )
    assert violations(veiled, asked(cloud.plan)) == ()


def test_inline_openings_are_openings(hybrid_plan: Plan) -> None:
    entry = {"fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}
    for type_, properties in (
        ("ec2/securityGroup:SecurityGroup", {"ingress": [{**entry, "protocol": "tcp"}]}),
        ("ec2/defaultSecurityGroup:DefaultSecurityGroup", {"ingress": [{**entry, "protocol": "6"}]}),
        ("ec2/securityGroupRule:SecurityGroupRule", {**entry, "type": "ingress", "protocol": "tcp"}),
    ):
        found = broken((Resource(f"aws:{type_}", "x", "urn:x", properties),), hybrid_plan)
        assert "public-ports" in found, type_
    outward = Resource("aws:ec2/securityGroupRule:SecurityGroupRule", "x", "urn:x", {**entry, "type": "egress"})
    assert "public-ports" not in broken((outward,), hybrid_plan)


def test_management_from_outside_is_open_when_the_plan_says_so(hybrid_plan: Plan) -> None:
    properties = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "198.51.100.77/32"}
    rule = Resource(INGRESS, "x", "urn:x", properties)
    assert "ssh-closed" in broken((rule,), hybrid_plan)
    peers = tuple(
        dataclasses.replace(peer, cidrs=(*peer.cidrs, IPv4Network("198.51.100.0/24")))
        if peer.name == "management"
        else peer
        for peer in hybrid_plan.peers
    )
    assert "ssh-closed" not in broken((rule,), dataclasses.replace(hybrid_plan, peers=peers))


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::b"},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    ],
)
def test_only_a_whole_refusal_of_plain_http_counts(change: dict[str, Any]) -> None:
    whole = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    assert refuses_plain_http(whole)
    assert not refuses_plain_http({**whole, **change})


def test_every_type_that_the_lab_tags_must_carry_tags() -> None:
    assert {type_ for type_, kind in KINDS.items() if kind.tags} <= TAGGED


def broken(resources: Sequence[Resource], plan: Plan) -> set[str]:
    """The rules that these resources break."""
    return {violation.rule.id for violation in violations(resources, asked(plan))}
