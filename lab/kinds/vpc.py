"""VPC, subnets, routes, address translators (NAT gateways), endpoints and flow logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, request, told
from lab.kinds._tags import specification
from stacks.values import Properties

# What a route leads to: one of these.
_TARGETS = members(
    *("gatewayId", "natGatewayId", "networkInterfaceId", "vpcPeeringConnectionId", "transitGatewayId", "vpcEndpointId"),
)
_VPC = members("cidrBlock", "instanceTenancy")
_SUBNET = members("vpcId", "cidrBlock", "availabilityZone")
_FLOW_LOG = members(
    *("trafficType", "logDestinationType", "maxAggregationInterval", "logFormat"),
    iamRoleArn="DeliverLogsPermissionArn",
)
_ENDPOINT = members(
    *("vpcId", "serviceName", "vpcEndpointType", "routeTableIds", "subnetIds", "securityGroupIds", "privateDnsEnabled"),
    policy="PolicyDocument",
)
_NAT = members("subnetId", "allocationId", "connectivityType")
_NAT_TOLD = members("publicIp", "privateIp", "networkInterfaceId")
_NAMES = {"enableDnsSupport": True, "enableDnsHostnames": False}


def _vpc(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_vpc(**request(_VPC, inputs), TagSpecifications=specification("vpc", inputs))
    id_ = made["Vpc"]["VpcId"]
    _names(account, id_, inputs)
    return id_, vpc_outputs(account, id_)


def vpc_outputs(account: Account, id_: str) -> Properties:
    """What a VPC is born with: the identifiers of its default security group and of its default access list."""
    ec2, own = account.client("ec2"), {"Name": "vpc-id", "Values": [id_]}
    guard = ec2.describe_security_groups(Filters=[own, {"Name": "group-name", "Values": ["default"]}])
    access = ec2.describe_network_acls(Filters=[own, {"Name": "default", "Values": ["true"]}])
    return {
        "arn": account.arn("ec2", f"vpc/{id_}"),
        "defaultSecurityGroupId": guard["SecurityGroups"][0]["GroupId"],
        "defaultNetworkAclId": access["NetworkAcls"][0]["NetworkAclId"],
    }


def _names(account: Account, id_: str, inputs: Properties) -> None:
    ec2, wanted = account.client("ec2"), {**_NAMES, **inputs}
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport={"Value": wanted["enableDnsSupport"]})
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": wanted["enableDnsHostnames"]})


def _subnet(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("subnet", inputs)
    made = account.client("ec2").create_subnet(**request(_SUBNET, inputs), TagSpecifications=tags)["Subnet"]
    if inputs.get("mapPublicIpOnLaunch"):
        account.client("ec2").modify_subnet_attribute(SubnetId=made["SubnetId"], MapPublicIpOnLaunch={"Value": True})
    return made["SubnetId"], _subnet_outputs(account, made)


def _subnet_outputs(account: Account, found: Mapping[str, Any]) -> Properties:
    return {
        "arn": account.arn("ec2", f"subnet/{found['SubnetId']}"),
        "availabilityZoneId": found.get("AvailabilityZoneId", ""),
    }


def _gateway(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ec2 = account.client("ec2")
    made = ec2.create_internet_gateway(TagSpecifications=specification("internet-gateway", inputs))
    id_ = made["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=inputs["vpcId"])
    return id_, {"arn": account.arn("ec2", f"internet-gateway/{id_}")}


def _no_gateway(account: Account, id_: str, outputs: Properties) -> None:
    ec2 = account.client("ec2")
    ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=outputs["vpcId"])
    ec2.delete_internet_gateway(InternetGatewayId=id_)


def _table(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("route-table", inputs)
    made = account.client("ec2").create_route_table(VpcId=inputs["vpcId"], TagSpecifications=tags)
    id_ = made["RouteTable"]["RouteTableId"]
    return id_, {"arn": account.arn("ec2", f"route-table/{id_}")}


def _route(account: Account, inputs: Properties) -> tuple[str, Properties]:
    table, destination = inputs["routeTableId"], inputs["destinationCidrBlock"]
    account.client("ec2").create_route(
        RouteTableId=table, DestinationCidrBlock=destination, **request(_TARGETS, inputs)
    )
    return f"r-{table}_{destination}", {"state": "active"}


def _association(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").associate_route_table(RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"])
    return made["AssociationId"], {}


def _flow_log(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_flow_logs(
        ResourceIds=[inputs["vpcId"]],
        ResourceType="VPC",
        LogGroupName=inputs["logDestination"].split(":log-group:")[1],
        TagSpecifications=specification("vpc-flow-log", inputs),
        **request(_FLOW_LOG, inputs),
    )
    id_ = made["FlowLogIds"][0]
    return id_, {"arn": account.arn("ec2", f"vpc-flow-log/{id_}")}


def _nat(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ec2, tags = account.client("ec2"), specification("natgateway", inputs)
    id_ = ec2.create_nat_gateway(**request(_NAT, inputs), TagSpecifications=tags)["NatGateway"]["NatGatewayId"]
    (found,) = ec2.describe_nat_gateways(NatGatewayIds=[id_])["NatGateways"]
    return id_, told(_NAT_TOLD, found["NatGatewayAddresses"][0])


def _endpoint(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("vpc-endpoint", inputs)
    made = account.client("ec2").create_vpc_endpoint(**request(_ENDPOINT, inputs), TagSpecifications=tags)
    id_ = made["VpcEndpoint"]["VpcEndpointId"]
    return id_, {"arn": account.arn("ec2", f"vpc-endpoint/{id_}")}


NETWORK = {
    "aws:ec2/vpc:Vpc": Kind(
        create=_vpc,
        delete=lambda account, id_, _: account.client("ec2").delete_vpc(VpcId=id_),
        in_place=("enableDnsSupport", "enableDnsHostnames"),
        tags=True,
        required=("cidrBlock",),
    ),
    "aws:ec2/subnet:Subnet": Kind(
        create=_subnet,
        delete=lambda account, id_, _: account.client("ec2").delete_subnet(SubnetId=id_),
        in_place=("mapPublicIpOnLaunch",),
        tags=True,
        required=("vpcId", "cidrBlock", "availabilityZone"),
    ),
    "aws:ec2/internetGateway:InternetGateway": Kind(
        create=_gateway,
        delete=_no_gateway,
        tags=True,
        required=("vpcId",),
    ),
    "aws:ec2/routeTable:RouteTable": Kind(
        create=_table,
        delete=lambda account, id_, _: account.client("ec2").delete_route_table(RouteTableId=id_),
        tags=True,
        required=("vpcId",),
    ),
    "aws:ec2/natGateway:NatGateway": Kind(
        create=_nat,
        delete=lambda account, id_, _: account.client("ec2").delete_nat_gateway(NatGatewayId=id_),
        tags=True,
        required=("subnetId",),
    ),
    "aws:ec2/route:Route": Kind(
        create=_route,
        delete=lambda account, _id, outputs: account.client("ec2").delete_route(
            RouteTableId=outputs["routeTableId"], DestinationCidrBlock=outputs["destinationCidrBlock"]
        ),
        required=("routeTableId", "destinationCidrBlock"),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(
        create=_association,
        delete=lambda account, id_, _: account.client("ec2").disassociate_route_table(AssociationId=id_),
        required=("routeTableId", "subnetId"),
    ),
    "aws:ec2/flowLog:FlowLog": Kind(
        create=_flow_log,
        delete=lambda account, id_, _: account.client("ec2").delete_flow_logs(FlowLogIds=[id_]),
        tags=True,
        required=("vpcId", "logDestination", "iamRoleArn"),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(
        create=_endpoint,
        delete=lambda account, id_, _: account.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id_]),
        in_place=("policy",),
        tags=True,
        required=("vpcId", "serviceName"),
    ),
}
