"""Zones, records and health checks of Route 53."""

from __future__ import annotations

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, request, told
from lab.kinds._tags import tag_list
from stacks.values import Properties

# What sets a record apart from others of its name and type.
_ONE_OF = members("setIdentifier", "healthCheckId", multivalueAnswerRoutingPolicy="MultiValueAnswer")
_CHECK = members(
    "type",
    ipAddress="IPAddress",
    **{name: Member(name[:1].upper() + name[1:], out=int) for name in ("port", "requestInterval", "failureThreshold")},
)


def _zone(account: Account, inputs: Properties) -> tuple[str, Properties]:
    dns = account.client("route53")
    own = {"VPCId": inputs["vpcs"][0]["vpcId"], "VPCRegion": account.region} if inputs.get("vpcs") else None
    made = dns.create_hosted_zone(
        Name=inputs["name"],
        CallerReference=inputs["name"],
        HostedZoneConfig={"Comment": inputs.get("comment", ""), "PrivateZone": own is not None},
        **({"VPC": own} if own else {}),
    )
    id_ = str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")
    _tag(account, id_, inputs, "hostedzone")
    return id_, {"zoneId": id_, "arn": _arn(account, id_)}


def _arn(account: Account, id_: str, kind: str = "hostedzone") -> str:
    return f"arn:{account.partition}:route53:::{kind}/{id_}"


def _tag(account: Account, id_: str, inputs: Properties, kind: str) -> None:
    if inputs.get("tagsAll"):
        account.client("route53").change_tags_for_resource(ResourceType=kind, ResourceId=id_, AddTags=tag_list(inputs))


def _record(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _change(account, "CREATE", inputs)
    # As the provider writes it, so that a record can be imported by it.
    parts = [inputs["zoneId"], inputs["name"], inputs["type"], *([inputs["setIdentifier"]] if _set(inputs) else [])]
    return "_".join(parts), {"fqdn": inputs["name"]}


def _set(inputs: Properties) -> bool:
    """Whether it is one of several records of that name and type."""
    return bool(inputs.get("setIdentifier"))


def _change(account: Account, action: str, inputs: Properties) -> None:
    entry = {
        "Name": inputs["name"],
        "Type": inputs["type"],
        "TTL": int(inputs["ttl"]),
        "ResourceRecords": [{"Value": answer} for answer in inputs["records"]],
        **request(_ONE_OF, inputs),
    }
    changes = {"Changes": [{"Action": action, "ResourceRecordSet": entry}]}
    account.client("route53").change_resource_record_sets(HostedZoneId=inputs["zoneId"], ChangeBatch=changes)


def _find(account: Account, id_: str) -> Properties | None:
    zone, _, rest = id_.partition("_")
    found = account.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    for entry in found:
        name, type_ = str(entry["Name"]).removesuffix("."), entry["Type"]
        if "_".join([name, type_, *([entry["SetIdentifier"]] if "SetIdentifier" in entry else [])]) == rest:
            return {
                "zoneId": zone,
                "name": name,
                "type": type_,
                "ttl": entry.get("TTL"),
                "records": [answer["Value"] for answer in entry.get("ResourceRecords", [])],
                "fqdn": name,
                **told(_ONE_OF, entry),
            }
    return None


def _delete_record(account: Account, id_: str, _outputs: Properties) -> None:
    # Route 53 takes a record away only when it is named exactly as it is now.
    if found := _find(account, id_):
        _change(account, "DELETE", {key: value for key, value in found.items() if value is not None})


def _check(account: Account, inputs: Properties) -> tuple[str, Properties]:
    # Route 53 makes one check of a reference, however often it is asked.
    reference = f"{inputs['ipAddress']}:{inputs['port']}:{inputs['type']}"
    wanted = request(_CHECK, inputs)
    made = account.client("route53").create_health_check(CallerReference=reference, HealthCheckConfig=wanted)
    id_ = made["HealthCheck"]["Id"]
    _tag(account, id_, inputs, "healthcheck")
    return id_, {"arn": _arn(account, id_, "healthcheck")}


NAMES = {
    "aws:route53/healthCheck:HealthCheck": Kind(
        create=_check,
        delete=lambda account, id_, _: account.client("route53").delete_health_check(HealthCheckId=id_),
        in_place=("ipAddress", "port", "failureThreshold"),
        tags=True,
        required=("type", "ipAddress", "port"),
    ),
    "aws:route53/zone:Zone": Kind(
        create=_zone,
        delete=lambda account, id_, _: account.client("route53").delete_hosted_zone(Id=id_),
        in_place=("comment",),
        tags=True,
        required=("name",),
    ),
    "aws:route53/record:Record": Kind(
        create=_record,
        delete=_delete_record,
        in_place=("ttl", "records", "healthCheckId"),
        required=("zoneId", "name", "type", "ttl", "records"),
    ),
}
