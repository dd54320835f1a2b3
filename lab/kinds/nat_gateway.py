"""Address translators (NAT gateways)."""

from __future__ import annotations

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, properties, request
from lab.kinds.vpc import retag, specification
from stacks.values import Properties

_MEMBERS = members("subnetId", "allocationId", "connectivityType")
_GONE = {"deleting", "deleted"}


def _make(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("natgateway", inputs)
    made = account.client("ec2").create_nat_gateway(**request(_MEMBERS, inputs), TagSpecifications=tags)
    id_ = made["NatGateway"]["NatGatewayId"]
    found = _read(account, id_, {})
    return id_, {key: found[key] for key in ("publicIp", "privateIp", "networkInterfaceId")} if found else {}


def _read(account: Account, id_: str, _known: Properties) -> Properties | None:
    for found in account.client("ec2").describe_nat_gateways(NatGatewayIds=[id_])["NatGateways"]:
        if str(found["State"]).lower() not in _GONE:
            address = found["NatGatewayAddresses"][0]
            return {
                **properties(members("subnetId", "connectivityType"), found),
                **properties(members("allocationId", "publicIp", "privateIp", "networkInterfaceId"), address),
                "tagsAll": {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
            }
    return None


TRANSLATORS = {
    "aws:ec2/natGateway:NatGateway": Kind(
        create=_make,
        delete=lambda account, id_, _: account.client("ec2").delete_nat_gateway(NatGatewayId=id_),
        read=_read,
        tags=retag,
        required=("subnetId",),
    )
}
