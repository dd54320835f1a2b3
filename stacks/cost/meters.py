"""What of each resource the provider bills by the hour or the month, as items of the price books.

Three kinds of types. Metered: how much is billed follows from the properties, and stands here. By use: what is billed
is known only when it has been used (`make plan` counts voice, recordings and logs). Free: named too, so that a type
that stands nowhere here can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stacks.values import Properties

# Of every gp3 volume; more of either is billed (price list of AWS for EBS).
GP3_FREE_IOPS, GP3_FREE_MBPS = 3000, 125


@dataclass(frozen=True, slots=True)
class Meter:
    """So many of an item of the price books, named without cloud and region, all the time."""

    item: str
    count: Decimal


Meters = Iterator[Meter]


def instance(given: Properties) -> Meters:
    """A machine with its disks, and the public address that it gets with them."""
    yield Meter(f"ec2.{given['instanceType']}", Decimal(1))
    for disk in (given.get("rootBlockDevice", {}), *given.get("ebsBlockDevices", [])):
        yield from _disk(disk, "volumeType", "volumeSize")
    if given.get("associatePublicIpAddress") is True:
        yield Meter("public_address", Decimal(1))


def template(given: Properties) -> Meters:
    """One machine of a launch template."""
    yield Meter(f"ec2.{given['instanceType']}", Decimal(1))
    for mapping in given.get("blockDeviceMappings", []):
        yield from _disk(mapping.get("ebs", {}), "volumeType", "volumeSize")
    if any(card.get("associatePublicIpAddress") in (True, "true") for card in given.get("networkInterfaces", [])):
        yield Meter("public_address", Decimal(1))


def volume(given: Properties) -> Meters:
    """A disk of its own."""
    yield from _disk(given, "type", "size")


def database(given: Properties) -> Meters:
    """A managed database: in two zones the machine and its disk are there twice, under one price for the machine."""
    both = given.get("multiAz") is True
    kind = str(given["instanceClass"]).removeprefix("db.")
    yield Meter(f"rds.{kind}.{given['engine']}{'.two_zones' if both else ''}", Decimal(1))
    size = Decimal(str(given.get("allocatedStorage", 0)))
    yield Meter(f"rds.{given.get('storageType', 'gp2')}", size * (2 if both else 1))
    if given.get("manageMasterUserPassword") is True:
        yield Meter("secret", Decimal(1))


def balancer(given: Properties) -> Meters:
    """A load balancer, and the addresses that it takes for itself; what passes through it is billed by use."""
    yield Meter("nlb" if given.get("loadBalancerType") == "network" else "alb", Decimal(1))
    own = len(given.get("subnets", [])) or sum("allocationId" not in place for place in given.get("subnetMappings", []))
    if own and not given.get("internal", False):
        yield Meter("public_address", Decimal(own))


def watched(given: Properties) -> Meters:
    """An alarm: one price for each metric that it looks at."""
    metrics = [query for query in given.get("metricQueries", []) if "metric" in query]
    yield Meter("alarm", Decimal(len(metrics) or 1))


def endpoint(given: Properties) -> Meters:
    """A private door to a service: one in every subnet. Gateways are free."""
    if given.get("vpcEndpointType") == "Interface":
        yield Meter("endpoint", Decimal(len(given.get("subnetIds", [])) or 1))


def connection(given: Properties) -> Meters:
    """A VPN connection, and the secret that keeps its keys; what passes through it is billed as traffic out."""
    yield Meter("vpn", Decimal(1))
    if given.get("presharedKeyStorage") == "SecretsManager":
        yield Meter("secret", Decimal(1))


def _one(item: str) -> Callable[[Properties], Meters]:
    return lambda _given: iter((Meter(item, Decimal(1)),))


def _disk(given: Mapping[str, Any], type_: str, size: str) -> Meters:
    if size not in given:
        return
    kind = given.get(type_, "gp2")
    yield Meter(f"ebs.{kind}", Decimal(str(given[size])))
    if kind == "gp3":
        for key, free, item in (("iops", GP3_FREE_IOPS, "iops"), ("throughput", GP3_FREE_MBPS, "throughput")):
            more = int(given.get(key, 0)) - free
            if more > 0:
                yield Meter(f"ebs.gp3.{item}", Decimal(more))


METERED: Mapping[str, Callable[[Properties], Meters]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": watched,
    "aws:ebs/volume:Volume": volume,
    "aws:ec2/eip:Eip": _one("public_address"),
    "aws:ec2/instance:Instance": instance,
    "aws:ec2/natGateway:NatGateway": _one("nat"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
    "aws:ec2/vpnConnection:VpnConnection": connection,
    "aws:kms/key:Key": _one("kms.key"),
    "aws:kms/replicaKey:ReplicaKey": _one("kms.key"),
    "aws:lb/loadBalancer:LoadBalancer": balancer,
    "aws:rds/instance:Instance": database,
    "aws:route53/healthCheck:HealthCheck": _one("dns.health_check"),
    "aws:route53/zone:Zone": _one("dns.zone"),
    "aws:secretsmanager/secret:Secret": _one("secret"),
}

# An Auto Scaling group is billed as the machines that it holds.
GROUP = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

BY_USE = frozenset(
    {
        "aws:backup/plan:Plan",
        "aws:backup/vault:Vault",
        "aws:cfg/recorder:Recorder",
        "aws:cfg/rule:Rule",
        "aws:cloudtrail/trail:Trail",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:connect/instance:Instance",
        "aws:connect/phoneNumber:PhoneNumber",
        "aws:ec2/flowLog:FlowLog",
        "aws:guardduty/detector:Detector",
        "aws:guardduty/detectorFeature:DetectorFeature",
        "aws:lambda/function:Function",
        "aws:s3/bucket:Bucket",
        "aws:securityhub/account:Account",
        "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue",
        "aws:accessanalyzer/analyzer:Analyzer",
    }
)

# Free of charge. A type that is in none of these tables is told as of unknown cost.
_FREE = {
    "autoscaling": "lifecycleHook notification policy schedule",
    "backup": "selection vaultLockConfiguration vaultNotifications vaultPolicy",
    "cfg": "deliveryChannel recorderStatus retentionConfiguration",
    "cloudwatch": "eventTarget logMetricFilter logResourcePolicy logStream",
    "connect": (
        "botAssociation contactFlow contactFlowModule hoursOfOperation instanceStorageConfig queue quickConnect"
        " phoneNumberContactFlowAssociation routingProfile securityProfile user userHierarchyGroup"
        " userHierarchyStructure"
    ),
    "ebs": "encryptionByDefault snapshotBlockPublicAccess",
    "ec2": (
        "customerGateway defaultNetworkAcl defaultRouteTable defaultSecurityGroup defaultVpc eipAssociation"
        " imageBlockPublicAccess instanceMetadataDefaults internetGateway keyPair launchTemplate networkAcl"
        " networkAclAssociation networkAclRule networkInterface placementGroup route routeTable routeTableAssociation"
        " securityGroup subnet volumeAttachment vpc vpcDhcpOptions vpcDhcpOptionsAssociation vpcEndpointPolicy"
        " vpcEndpointRouteTableAssociation vpcEndpointSubnetAssociation vpnConnectionRoute vpnGateway"
        " vpnGatewayAttachment vpnGatewayRoutePropagation"
    ),
    "iam": (
        "accountPasswordPolicy instanceProfile openIdConnectProvider policy role rolePolicies rolePoliciesExclusive"
        " rolePolicy rolePolicyAttachment rolePolicyAttachmentsExclusive serviceLinkedRole"
    ),
    "kms": "alias grant keyPolicy",
    "lambda": "permission",
    "lb": "listener listenerRule targetGroup targetGroupAttachment",
    "rds": "optionGroup parameterGroup subnetGroup",
    "route53": "record vpcAssociationAuthorization zoneAssociation",
    "s3": (
        "accountPublicAccessBlock"
        " bucketLifecycleConfiguration bucketLogging bucketNotification bucketObjectLockConfiguration"
        " bucketOwnershipControls bucketPolicy bucketPublicAccessBlock bucketServerSideEncryptionConfiguration"
        " bucketVersioning bucketObjectv2"
    ),
    "secretsmanager": "secretPolicy secretRotation secretVersion",
    "sns": "topicPolicy topicSubscription",
    "sqs": "queuePolicy",
    "ssm": "document parameter",
    "vpc": "securityGroupEgressRule securityGroupIngressRule securityGroupVpcAssociation",
}


def is_free(type_: str) -> bool:
    """Whether this type is known to be free of charge. Everything of no cloud is: components, providers."""
    if not type_.startswith("aws:"):
        return True
    module, _, name = type_.split(":")[1].partition("/")
    return name in _FREE.get(module, "").split()
