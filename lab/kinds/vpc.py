"""VPC, subnets, routes, endpoints and flow logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, properties, request
from stacks.values import Properties


def tag_list(inputs: Properties, key: str = "tagsAll") -> list[dict[str, str]]:
    """Tags as the EC2 and KMS interfaces take them."""
    return [{"Key": name, "Value": value} for name, value in sorted(inputs.get(key, {}).items())]


def tags_in(entries: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The reverse of `tag_list`: tags as a resource's `tagsAll` has them. Those that AWS sets itself are left out."""
    found = {str(entry["Key"]): str(entry["Value"]) for entry in entries}
    return {name: value for name, value in sorted(found.items()) if not name.startswith("aws:")}


def specification(kind: str, inputs: Properties) -> list[dict[str, Any]]:
    """The tags of an EC2 resource at its creation."""
    return [{"ResourceType": kind, "Tags": tag_list(inputs)}] if inputs.get("tagsAll") else []


def retag(account: Account, id_: str, new: Properties, old: Properties) -> None:
    """Bring the tags of an EC2 resource to their new values."""
    gone = [{"Key": name} for name in old.get("tagsAll", {}).keys() - new["tagsAll"].keys()]
    if gone:
        account.client("ec2").delete_tags(Resources=[id_], Tags=gone)
    if new.get("tagsAll"):
        account.client("ec2").create_tags(Resources=[id_], Tags=tag_list(new))


def arn(account: Account, service: str, resource: str, *, owner: bool = True) -> str:
    """The ARN of a resource in the lab's account."""
    identity = account.client("sts").get_caller_identity()
    partition = str(identity["Arn"]).split(":")[1]
    return f"arn:{partition}:{service}:{account.region}:{identity['Account'] if owner else ''}:{resource}"


# What a route leads to: one of these.
_TARGETS = members(
    *("gatewayId", "natGatewayId", "networkInterfaceId", "vpcPeeringConnectionId", "transitGatewayId"),
    vpcEndpointId=Member("VpcEndpointId", answer="GatewayId"),
)
_VPC = members("cidrBlock", "instanceTenancy")
_SUBNET = members("vpcId", "cidrBlock", "availabilityZone")
_FLOW_LOG = members(
    *("trafficType", "logDestinationType", "maxAggregationInterval", "logFormat"),
    iamRoleArn="DeliverLogsPermissionArn",
)
_ENDPOINT = members(
    *("vpcId", "serviceName", "vpcEndpointType", "routeTableIds", "subnetIds", "privateDnsEnabled"),
    policy="PolicyDocument",
    securityGroupIds=Member("SecurityGroupIds", answer="Groups", back=lambda groups: [g["GroupId"] for g in groups]),
)
_NAMES = {"enableDnsSupport": True, "enableDnsHostnames": False}


def _vpc(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_vpc(**request(_VPC, inputs), TagSpecifications=specification("vpc", inputs))
    id_ = made["Vpc"]["VpcId"]
    _names(account, id_, inputs, {})
    return id_, vpc_outputs(account, id_)


def vpc_outputs(account: Account, id_: str) -> Properties:
    """What a VPC is born with: the identifiers of its default security group and of its default access list."""
    ec2, own = account.client("ec2"), {"Name": "vpc-id", "Values": [id_]}
    guard = ec2.describe_security_groups(Filters=[own, {"Name": "group-name", "Values": ["default"]}])
    access = ec2.describe_network_acls(Filters=[own, {"Name": "default", "Values": ["true"]}])
    return {
        "arn": arn(account, "ec2", f"vpc/{id_}"),
        "defaultSecurityGroupId": guard["SecurityGroups"][0]["GroupId"],
        "defaultNetworkAclId": access["NetworkAcls"][0]["NetworkAclId"],
    }


def _read_vpc(account: Account, id_: str, _known: Properties) -> Properties:
    ec2 = account.client("ec2")
    found = ec2.describe_vpcs(VpcIds=[id_])["Vpcs"][0]
    names = {
        name: ec2.describe_vpc_attribute(VpcId=id_, Attribute=name)[name[0].upper() + name[1:]]["Value"]
        for name in _NAMES
    }
    return {**_told(found, _VPC), **names, **vpc_outputs(account, id_)}


def _told(found: Mapping[str, Any], table: Mapping[str, Member]) -> Properties:
    return {**properties(table, found), "tagsAll": tags_in(found.get("Tags", []))}


def _names(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    ec2, wanted = account.client("ec2"), {**_NAMES, **new}
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport={"Value": wanted["enableDnsSupport"]})
    ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": wanted["enableDnsHostnames"]})


def _subnet(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("subnet", inputs)
    made = account.client("ec2").create_subnet(**request(_SUBNET, inputs), TagSpecifications=tags)["Subnet"]
    _public_by_default(account, made["SubnetId"], inputs, {})
    return made["SubnetId"], _subnet_outputs(account, made)


def _subnet_outputs(account: Account, found: Mapping[str, Any]) -> Properties:
    return {
        "arn": arn(account, "ec2", f"subnet/{found['SubnetId']}"),
        "availabilityZoneId": found.get("AvailabilityZoneId", ""),
    }


def _read_subnet(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("ec2").describe_subnets(SubnetIds=[id_])["Subnets"][0]
    public = {"mapPublicIpOnLaunch": found["MapPublicIpOnLaunch"]}
    return {**_told(found, _SUBNET), **public, **_subnet_outputs(account, found)}


def _public_by_default(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    value = {"Value": new.get("mapPublicIpOnLaunch", False)}
    account.client("ec2").modify_subnet_attribute(SubnetId=id_, MapPublicIpOnLaunch=value)


def _gateway(account: Account, inputs: Properties) -> tuple[str, Properties]:
    ec2 = account.client("ec2")
    made = ec2.create_internet_gateway(TagSpecifications=specification("internet-gateway", inputs))
    id_ = made["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=inputs["vpcId"])
    return id_, {"arn": arn(account, "ec2", f"internet-gateway/{id_}")}


def _read_gateway(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("ec2").describe_internet_gateways(InternetGatewayIds=[id_])["InternetGateways"][0]
    attached = [attachment["VpcId"] for attachment in found["Attachments"]]
    name = {"arn": arn(account, "ec2", f"internet-gateway/{id_}")}
    return {**_told(found, {}), "vpcId": attached[0] if attached else None, **name}


def _no_gateway(account: Account, id_: str, outputs: Properties) -> None:
    ec2 = account.client("ec2")
    ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=outputs["vpcId"])
    ec2.delete_internet_gateway(InternetGatewayId=id_)


def _table(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("route-table", inputs)
    made = account.client("ec2").create_route_table(VpcId=inputs["vpcId"], TagSpecifications=tags)
    id_ = made["RouteTable"]["RouteTableId"]
    return id_, {"arn": arn(account, "ec2", f"route-table/{id_}")}


def _read_table(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("ec2").describe_route_tables(RouteTableIds=[id_])["RouteTables"][0]
    return {**_told(found, members("vpcId")), "arn": arn(account, "ec2", f"route-table/{id_}")}


def _route(account: Account, inputs: Properties) -> tuple[str, Properties]:
    table, destination = inputs["routeTableId"], inputs["destinationCidrBlock"]
    account.client("ec2").create_route(
        RouteTableId=table, DestinationCidrBlock=destination, **request(_TARGETS, inputs)
    )
    return f"r-{table}_{destination}", {"state": "active"}


def _read_route(account: Account, id_: str, _known: Properties) -> Properties | None:
    table, _, destination = id_.removeprefix("r-").partition("_")
    found = account.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    for route in (route for each in found for route in each["Routes"]):
        if route.get("DestinationCidrBlock") == destination:
            target = properties(_TARGETS, route)
            target["gatewayId" if str(target["vpcEndpointId"]).startswith("vpce-") else "vpcEndpointId"] = None
            return {"routeTableId": table, "destinationCidrBlock": destination, "state": route["State"], **target}
    return None


def _association(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").associate_route_table(RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"])
    return made["AssociationId"], {}


def _read_association(account: Account, id_: str, _known: Properties) -> Properties | None:
    wanted = [{"Name": "association.route-table-association-id", "Values": [id_]}]
    for table in account.client("ec2").describe_route_tables(Filters=wanted)["RouteTables"]:
        for link in table["Associations"]:
            if link["RouteTableAssociationId"] == id_:
                return properties(members("routeTableId", "subnetId"), link)
    return None


def _flow_log(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_flow_logs(
        ResourceIds=[inputs["vpcId"]],
        ResourceType="VPC",
        LogGroupName=inputs["logDestination"].split(":log-group:")[1],
        TagSpecifications=specification("vpc-flow-log", inputs),
        **request(_FLOW_LOG, inputs),
    )
    id_ = made["FlowLogIds"][0]
    return id_, {"arn": arn(account, "ec2", f"vpc-flow-log/{id_}")}


def _read_flow_log(account: Account, id_: str, _known: Properties) -> Properties | None:
    for found in account.client("ec2").describe_flow_logs(FlowLogIds=[id_])["FlowLogs"]:
        return {
            **_told(found, _FLOW_LOG),
            "vpcId": found["ResourceId"],
            "logDestination": arn(account, "logs", f"log-group:{found['LogGroupName']}"),
            "arn": arn(account, "ec2", f"vpc-flow-log/{id_}"),
        }
    return None


def _endpoint(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("vpc-endpoint", inputs)
    made = account.client("ec2").create_vpc_endpoint(**request(_ENDPOINT, inputs), TagSpecifications=tags)
    id_ = made["VpcEndpoint"]["VpcEndpointId"]
    return id_, {"arn": arn(account, "ec2", f"vpc-endpoint/{id_}")}


def _read_endpoint(account: Account, id_: str, _known: Properties) -> Properties | None:
    for found in account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[id_])["VpcEndpoints"]:
        # A deleted endpoint is still described for a while.
        if str(found["State"]).lower() not in {"deleting", "deleted"}:
            told = {key: None if value == [] else value for key, value in _told(found, _ENDPOINT).items()}
            if told["vpcEndpointType"] == "Gateway":
                # It has no names of its own, whatever the answer says of them.
                told["privateDnsEnabled"] = None
            return {**told, "arn": arn(account, "ec2", f"vpc-endpoint/{id_}")}
    return None


def _door_rule(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    ec2 = account.client("ec2")
    if new.get("policy"):
        ec2.modify_vpc_endpoint(VpcEndpointId=id_, PolicyDocument=new["policy"])
    else:
        ec2.modify_vpc_endpoint(VpcEndpointId=id_, ResetPolicy=True)


NETWORK = {
    "aws:ec2/vpc:Vpc": Kind(
        create=_vpc,
        delete=lambda account, id_, _: account.client("ec2").delete_vpc(VpcId=id_),
        read=_read_vpc,
        changes={"enableDnsSupport": _names, "enableDnsHostnames": _names},
        tags=retag,
        required=("cidrBlock",),
        defaults=_NAMES,
    ),
    "aws:ec2/subnet:Subnet": Kind(
        create=_subnet,
        delete=lambda account, id_, _: account.client("ec2").delete_subnet(SubnetId=id_),
        read=_read_subnet,
        changes={"mapPublicIpOnLaunch": _public_by_default},
        tags=retag,
        required=("vpcId", "cidrBlock", "availabilityZone"),
        defaults={"mapPublicIpOnLaunch": False},
    ),
    "aws:ec2/internetGateway:InternetGateway": Kind(
        create=_gateway,
        delete=_no_gateway,
        read=_read_gateway,
        tags=retag,
        required=("vpcId",),
    ),
    "aws:ec2/routeTable:RouteTable": Kind(
        create=_table,
        delete=lambda account, id_, _: account.client("ec2").delete_route_table(RouteTableId=id_),
        read=_read_table,
        tags=retag,
        required=("vpcId",),
    ),
    "aws:ec2/route:Route": Kind(
        create=_route,
        delete=lambda account, _id, outputs: account.client("ec2").delete_route(
            RouteTableId=outputs["routeTableId"], DestinationCidrBlock=outputs["destinationCidrBlock"]
        ),
        read=_read_route,
        required=("routeTableId", "destinationCidrBlock"),
        defaults=dict.fromkeys(_TARGETS),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(
        create=_association,
        delete=lambda account, id_, _: account.client("ec2").disassociate_route_table(AssociationId=id_),
        read=_read_association,
        required=("routeTableId", "subnetId"),
    ),
    "aws:ec2/flowLog:FlowLog": Kind(
        create=_flow_log,
        delete=lambda account, id_, _: account.client("ec2").delete_flow_logs(FlowLogIds=[id_]),
        read=_read_flow_log,
        tags=retag,
        required=("vpcId", "logDestination", "iamRoleArn"),
        defaults={"maxAggregationInterval": 600},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(
        create=_endpoint,
        delete=lambda account, id_, _: account.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id_]),
        read=_read_endpoint,
        changes={"policy": _door_rule},
        tags=retag,
        required=("vpcId", "serviceName"),
    ),
}
