"""VPC, subnets, routes, endpoints and flow logs."""

from __future__ import annotations

from typing import Any

from stacks.engine.account import Account
from stacks.engine.provider import Kind
from stacks.engine.values import Properties


def tag_list(inputs: Properties, key: str = "tagsAll") -> list[dict[str, str]]:
    """Tags as the EC2 and KMS interfaces take them."""
    return [{"Key": name, "Value": value} for name, value in sorted(inputs.get(key, {}).items())]


def specification(kind: str, inputs: Properties) -> list[dict[str, Any]]:
    """The tags of an EC2 resource at its creation."""
    return [{"ResourceType": kind, "Tags": tag_list(inputs)}] if inputs.get("tagsAll") else []


def retag(account: Account, id_: str, new: Properties, old: Properties) -> None:
    """Bring the tags of an EC2 resource to their new values."""
    gone = [{"Key": name} for name in old.get("tagsAll", {}).keys() - new["tagsAll"].keys()]
    if gone:
        account.client("ec2").delete_tags(Resources=[id_], Tags=gone)
    account.client("ec2").create_tags(Resources=[id_], Tags=tag_list(new))


def arn(account: Account, service: str, resource: str, *, owner: bool = True) -> str:
    """The ARN of a resource in the lab's account."""
    identity = account.client("sts").get_caller_identity()
    partition = str(identity["Arn"]).split(":")[1]
    return f"arn:{partition}:{service}:{account.region}:{identity['Account'] if owner else ''}:{resource}"


def _vpc(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ec2 = account.client("ec2")
    made = ec2.create_vpc(CidrBlock=inputs["cidrBlock"], TagSpecifications=specification("vpc", inputs))["Vpc"]
    id_ = made["VpcId"]
    _names(account, id_, inputs, {})
    guard = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [id_]}])["SecurityGroups"][0]
    return id_, {"arn": arn(account, "ec2", f"vpc/{id_}"), "defaultSecurityGroupId": guard["GroupId"]}


def _names(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    ec2 = account.client("ec2")
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport={"Value": new.get("enableDnsSupport", True)})
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": new.get("enableDnsHostnames", False)})


def _subnet(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_subnet(
        VpcId=inputs["vpcId"],
        CidrBlock=inputs["cidrBlock"],
        AvailabilityZone=inputs["availabilityZone"],
        TagSpecifications=specification("subnet", inputs),
    )["Subnet"]
    _public_by_default(account, made["SubnetId"], inputs, {})
    return made["SubnetId"], {
        "arn": arn(account, "ec2", f"subnet/{made['SubnetId']}"),
        "availabilityZoneId": made.get("AvailabilityZoneId", ""),
    }


def _public_by_default(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    value = {"Value": new.get("mapPublicIpOnLaunch", False)}
    account.client("ec2").modify_subnet_attribute(SubnetId=id_, MapPublicIpOnLaunch=value)


def _gateway(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ec2 = account.client("ec2")
    made = ec2.create_internet_gateway(TagSpecifications=specification("internet-gateway", inputs))
    id_ = made["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=inputs["vpcId"])
    return id_, {"arn": arn(account, "ec2", f"internet-gateway/{id_}")}


def _no_gateway(account: Account, id_: str, outputs: Properties) -> None:
    ec2 = account.client("ec2")
    ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=outputs["vpcId"])
    ec2.delete_internet_gateway(InternetGatewayId=id_)


def _table(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("route-table", inputs)
    made = account.client("ec2").create_route_table(VpcId=inputs["vpcId"], TagSpecifications=tags)
    id_ = made["RouteTable"]["RouteTableId"]
    return id_, {"arn": arn(account, "ec2", f"route-table/{id_}")}


def _route(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("ec2").create_route(
        RouteTableId=inputs["routeTableId"],
        DestinationCidrBlock=inputs["destinationCidrBlock"],
        GatewayId=inputs["gatewayId"],
    )
    return f"r-{inputs['routeTableId']}_{inputs['destinationCidrBlock']}", {"state": "active"}


def _has_route(account: Account, _id: str, outputs: Properties) -> bool:
    found = account.client("ec2").describe_route_tables(RouteTableIds=[outputs["routeTableId"]])["RouteTables"]
    wanted = outputs["destinationCidrBlock"]
    return any(route.get("DestinationCidrBlock") == wanted for table in found for route in table["Routes"])


def _has_association(account: Account, id_: str, outputs: Properties) -> bool:
    found = account.client("ec2").describe_route_tables(RouteTableIds=[outputs["routeTableId"]])["RouteTables"]
    return any(link.get("RouteTableAssociationId") == id_ for table in found for link in table["Associations"])


def _association(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").associate_route_table(RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"])
    return made["AssociationId"], {}


def _flow_log(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_flow_logs(
        ResourceIds=[inputs["vpcId"]],
        ResourceType="VPC",
        TrafficType=inputs["trafficType"],
        LogDestinationType=inputs["logDestinationType"],
        LogGroupName=inputs["logDestination"].split(":log-group:")[1],
        DeliverLogsPermissionArn=inputs["iamRoleArn"],
        MaxAggregationInterval=inputs["maxAggregationInterval"],
        TagSpecifications=specification("vpc-flow-log", inputs),
    )
    id_ = made["FlowLogIds"][0]
    return id_, {"arn": arn(account, "ec2", f"vpc-flow-log/{id_}")}


def _endpoint(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_vpc_endpoint(
        VpcId=inputs["vpcId"],
        ServiceName=inputs["serviceName"],
        VpcEndpointType=inputs["vpcEndpointType"],
        RouteTableIds=inputs["routeTableIds"],
        TagSpecifications=specification("vpc-endpoint", inputs),
    )["VpcEndpoint"]
    return made["VpcEndpointId"], {"arn": arn(account, "ec2", f"vpc-endpoint/{made['VpcEndpointId']}")}


def _has_endpoint(account: Account, id_: str, _outputs: Properties) -> bool:
    found = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"]
    # A deleted endpoint is still described for a while.
    return any(str(endpoint["State"]).lower() not in {"deleting", "deleted"} for endpoint in found)


NETWORK = {
    "aws:ec2/vpc:Vpc": Kind(
        create=_vpc,
        delete=lambda account, id_, _: account.client("ec2").delete_vpc(VpcId=id_),
        exists=lambda account, id_, _: account.client("ec2").describe_vpcs(VpcIds=[id_])["Vpcs"],
        changes={"enableDnsSupport": _names, "enableDnsHostnames": _names},
        tags=retag,
        required=("cidrBlock",),
    ),
    "aws:ec2/subnet:Subnet": Kind(
        create=_subnet,
        delete=lambda account, id_, _: account.client("ec2").delete_subnet(SubnetId=id_),
        exists=lambda account, id_, _: account.client("ec2").describe_subnets(SubnetIds=[id_])["Subnets"],
        changes={"mapPublicIpOnLaunch": _public_by_default},
        tags=retag,
        required=("vpcId", "cidrBlock", "availabilityZone"),
    ),
    "aws:ec2/internetGateway:InternetGateway": Kind(
        create=_gateway,
        delete=_no_gateway,
        exists=lambda account, id_, _: account.client("ec2").describe_internet_gateways(InternetGatewayIds=[id_])[
            "InternetGateways"
        ],
        tags=retag,
        required=("vpcId",),
    ),
    "aws:ec2/routeTable:RouteTable": Kind(
        create=_table,
        delete=lambda account, id_, _: account.client("ec2").delete_route_table(RouteTableId=id_),
        exists=lambda account, id_, _: account.client("ec2").describe_route_tables(RouteTableIds=[id_])["RouteTables"],
        tags=retag,
        required=("vpcId",),
    ),
    "aws:ec2/route:Route": Kind(
        create=_route,
        delete=lambda account, _id, outputs: account.client("ec2").delete_route(
            RouteTableId=outputs["routeTableId"], DestinationCidrBlock=outputs["destinationCidrBlock"]
        ),
        exists=_has_route,
        required=("routeTableId", "destinationCidrBlock", "gatewayId"),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(
        create=_association,
        delete=lambda account, id_, _: account.client("ec2").disassociate_route_table(AssociationId=id_),
        exists=_has_association,
        required=("routeTableId", "subnetId"),
    ),
    "aws:ec2/flowLog:FlowLog": Kind(
        create=_flow_log,
        delete=lambda account, id_, _: account.client("ec2").delete_flow_logs(FlowLogIds=[id_]),
        exists=lambda account, id_, _: account.client("ec2").describe_flow_logs(FlowLogIds=[id_])["FlowLogs"],
        tags=retag,
        required=("vpcId", "logDestination", "iamRoleArn"),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(
        create=_endpoint,
        delete=lambda account, id_, _: account.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id_]),
        exists=_has_endpoint,
        tags=retag,
        required=("vpcId", "serviceName"),
    ),
}
