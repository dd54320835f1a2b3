"""Databases that the cloud runs: instances, their parameters and their place in the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, properties, request
from lab.kinds.vpc import tag_list
from stacks.values import Properties

_GROUP = members(
    description="DBSubnetGroupDescription",
    name="DBSubnetGroupName",
    subnetIds=Member(
        "SubnetIds", "Subnets", back=lambda subnets: sorted(subnet["SubnetIdentifier"] for subnet in subnets)
    ),
)
_PARAMETERS = members("description", family="DBParameterGroupFamily", name="DBParameterGroupName")
# How many parameters one request may hold.
_BATCH = 20
_INSTANCE = members(
    "allocatedStorage", "maxAllocatedStorage", "storageType", "storageEncrypted", "kmsKeyId", "engine",
    "engineVersion", "publiclyAccessible", "backupRetentionPeriod", "copyTagsToSnapshot", "deletionProtection",
    "monitoringInterval", "monitoringRoleArn", "autoMinorVersionUpgrade", "performanceInsightsRetentionPeriod",
    backupWindow="PreferredBackupWindow",
    caCertIdentifier="CACertificateIdentifier",
    dbSubnetGroupName=Member("DBSubnetGroupName", "DBSubnetGroup.DBSubnetGroupName"),
    enabledCloudwatchLogsExports=Member("EnableCloudwatchLogsExports", "EnabledCloudwatchLogsExports"),
    iamDatabaseAuthenticationEnabled=Member("EnableIAMDatabaseAuthentication", "IAMDatabaseAuthenticationEnabled"),
    identifier="DBInstanceIdentifier",
    instanceClass="DBInstanceClass",
    maintenanceWindow="PreferredMaintenanceWindow",
    manageMasterUserPassword=Member("ManageMasterUserPassword", "MasterUserSecret", back=lambda _secret: True),
    masterUserSecretKmsKeyId=Member("MasterUserSecretKmsKeyId", "MasterUserSecret.KmsKeyId"),
    multiAz="MultiAZ",
    parameterGroupName=Member(
        "DBParameterGroupName", "DBParameterGroups", back=lambda groups: groups[0]["DBParameterGroupName"]
    ),
    performanceInsightsEnabled=Member("EnablePerformanceInsights", "PerformanceInsightsEnabled"),
    performanceInsightsKmsKeyId="PerformanceInsightsKMSKeyId",
    port=Member("Port", "Endpoint.Port"),
    username="MasterUsername",
    vpcSecurityGroupIds=Member(
        "VpcSecurityGroupIds",
        "VpcSecurityGroups",
        back=lambda groups: [group["VpcSecurityGroupId"] for group in groups],
    ),
)  # fmt: skip
# What the provider itself heeds, when it deletes or changes; the account knows nothing of it.
_OURS = ("allowMajorVersionUpgrade", "applyImmediately", "deleteAutomatedBackups", "finalSnapshotIdentifier",
         "skipFinalSnapshot")  # fmt: skip
_FIXED = {"engine", "identifier", "username", "storageEncrypted", "kmsKeyId", "dbSubnetGroupName"}


def _tags(answer: Mapping[str, Any]) -> dict[str, str]:
    return {entry["Key"]: entry["Value"] for entry in answer["TagList"]}


def _retag(account: Account, _id: str, new: Properties, old: Properties) -> None:
    rds = account.client("rds")
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        rds.remove_tags_from_resource(ResourceName=old["arn"], TagKeys=gone)
    rds.add_tags_to_resource(ResourceName=old["arn"], Tags=tag_list(new))


def _subnets(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("rds").create_db_subnet_group(**request(_GROUP, inputs), Tags=tag_list(inputs))
    found = made["DBSubnetGroup"]
    return inputs["name"], {"arn": found["DBSubnetGroupArn"], "vpcId": found["VpcId"]}


def _read_subnets(account: Account, id_: str, known: Properties) -> Properties:
    rds = account.client("rds")
    (found,) = rds.describe_db_subnet_groups(DBSubnetGroupName=id_)["DBSubnetGroups"]
    tags = _tags(rds.list_tags_for_resource(ResourceName=found["DBSubnetGroupArn"]))
    told = properties(_GROUP, found)
    if sorted(known.get("subnetIds", [])) == told["subnetIds"]:
        # The account has no order of them.
        told["subnetIds"] = known["subnetIds"]
    return {**told, "arn": found["DBSubnetGroupArn"], "vpcId": found["VpcId"], "tagsAll": tags}


def _move_subnets(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("rds").modify_db_subnet_group(
        DBSubnetGroupName=id_, DBSubnetGroupDescription=new["description"], SubnetIds=new["subnetIds"]
    )


def _parameters(account: Account, inputs: Properties) -> tuple[str, Properties]:
    rds = account.client("rds")
    made = rds.create_db_parameter_group(**request(_PARAMETERS, inputs), Tags=tag_list(inputs))["DBParameterGroup"]
    _set(account, inputs["name"], inputs, {})
    return inputs["name"], {"arn": made["DBParameterGroupArn"]}


def _set(account: Account, id_: str, new: Properties, old: Properties) -> None:
    rds = account.client("rds")
    asked = [
        {
            "ParameterName": entry["name"],
            "ParameterValue": entry["value"],
            "ApplyMethod": entry.get("applyMethod", "immediate"),
        }
        for entry in new.get("parameters", [])
    ]
    for first in range(0, len(asked), _BATCH):
        rds.modify_db_parameter_group(DBParameterGroupName=id_, Parameters=asked[first : first + _BATCH])
    named = {entry["name"] for entry in new.get("parameters", [])}
    gone = sorted({entry["name"] for entry in old.get("parameters", [])} - named)
    if gone:
        back = [{"ParameterName": name, "ApplyMethod": "immediate"} for name in gone]
        rds.reset_db_parameter_group(DBParameterGroupName=id_, Parameters=back)


def _read_parameters(account: Account, id_: str, _known: Properties) -> Properties:
    rds = account.client("rds")
    (found,) = rds.describe_db_parameter_groups(DBParameterGroupName=id_)["DBParameterGroups"]
    pages = rds.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=id_, Source="user")
    own = [
        {
            "name": entry["ParameterName"],
            "value": entry["ParameterValue"],
            "applyMethod": entry.get("ApplyMethod", "immediate"),
        }
        for page in pages
        for entry in page["Parameters"]
        if "ParameterValue" in entry
    ]
    return {
        **properties(_PARAMETERS, found),
        "parameters": sorted(own, key=lambda entry: entry["name"]),
        "arn": found["DBParameterGroupArn"],
        "tagsAll": _tags(rds.list_tags_for_resource(ResourceName=found["DBParameterGroupArn"])),
    }


def _instance(account: Account, inputs: Properties) -> tuple[str, Properties]:
    rds = account.client("rds")
    made = rds.create_db_instance(**request(_INSTANCE, inputs), Tags=tag_list(inputs))["DBInstance"]
    return made["DbiResourceId"], _given(made)


def _given(found: Mapping[str, Any]) -> Properties:
    """What the account chose itself."""
    where = found["Endpoint"]
    given = {
        "arn": found["DBInstanceArn"],
        "address": where["Address"],
        "endpoint": f"{where['Address']}:{where['Port']}",
        "engineVersionActual": found["EngineVersion"],
        "resourceId": found["DbiResourceId"],
        "status": found["DBInstanceStatus"],
    }
    secret = found.get("MasterUserSecret")
    if secret:
        kept = {"kmsKeyId": secret["KmsKeyId"], "secretArn": secret["SecretArn"]}
        given["masterUserSecrets"] = [kept]
    return given


def _found(account: Account, id_: str) -> Mapping[str, Any] | None:
    """By what the account calls it; somebody who imports one knows only the name that it was given."""
    rds = account.client("rds")
    named = [{"Name": "dbi-resource-id", "Values": [id_]}]
    found = rds.describe_db_instances(Filters=named)["DBInstances"]
    if not found and not id_.startswith("db-"):
        found = rds.describe_db_instances(DBInstanceIdentifier=id_)["DBInstances"]
    return next(iter(found), None)


def _read_instance(account: Account, id_: str, known: Properties) -> Properties | None:
    found = _found(account, id_)
    if found is None:
        return None
    told = properties(_INSTANCE, found)
    asked = str(known.get("engineVersion") or str(told["engineVersion"]).partition(".")[0])
    if f"{told['engineVersion']}.".startswith(f"{asked}."):
        # A major version is asked for; which minor one it is, the service decides.
        told["engineVersion"] = asked
    if known.get("allocatedStorage", 0) < told["allocatedStorage"] <= known.get("maxAllocatedStorage", 0):
        # It grew by itself, as it may.
        told["allocatedStorage"] = known["allocatedStorage"]
    return {**told, **_given(found), "tagsAll": _tags(found)}


def _modify(account: Account, _id: str, new: Properties, old: Properties) -> None:
    changed = [name for name in _INSTANCE if name not in _FIXED and new.get(name) != old.get(name)]
    asked = request(_INSTANCE, new, *changed)
    if "EnableCloudwatchLogsExports" in asked:
        wanted, has = set(asked.pop("EnableCloudwatchLogsExports")), set(old.get("enabledCloudwatchLogsExports", []))
        asked["CloudwatchLogsExportConfiguration"] = {
            "EnableLogTypes": sorted(wanted - has),
            "DisableLogTypes": sorted(has - wanted),
        }
    if "Port" in asked:
        asked["DBPortNumber"] = asked.pop("Port")
    if asked:
        account.client("rds").modify_db_instance(
            DBInstanceIdentifier=new["identifier"],
            ApplyImmediately=bool(new.get("applyImmediately")),
            AllowMajorVersionUpgrade=bool(new.get("allowMajorVersionUpgrade")),
            **asked,
        )


def _no_instance(account: Account, _id: str, outputs: Properties) -> None:
    how: dict[str, Any] = {
        "SkipFinalSnapshot": bool(outputs.get("skipFinalSnapshot")),
        "DeleteAutomatedBackups": bool(outputs.get("deleteAutomatedBackups", True)),
    }
    if not how["SkipFinalSnapshot"] and "finalSnapshotIdentifier" in outputs:
        how["FinalDBSnapshotIdentifier"] = outputs["finalSnapshotIdentifier"]
    account.client("rds").delete_db_instance(DBInstanceIdentifier=outputs["identifier"], **how)


DATABASE = {
    "aws:rds/subnetGroup:SubnetGroup": Kind(
        create=_subnets,
        delete=lambda account, id_, _: account.client("rds").delete_db_subnet_group(DBSubnetGroupName=id_),
        read=_read_subnets,
        changes=dict.fromkeys(("subnetIds", "description"), _move_subnets),
        named="name",
        tags=_retag,
        required=("description", "subnetIds"),
    ),
    "aws:rds/parameterGroup:ParameterGroup": Kind(
        create=_parameters,
        delete=lambda account, id_, _: account.client("rds").delete_db_parameter_group(DBParameterGroupName=id_),
        read=_read_parameters,
        changes={"parameters": _set},
        named="name",
        tags=_retag,
        required=("family", "description"),
    ),
    "aws:rds/instance:Instance": Kind(
        create=_instance,
        delete=_no_instance,
        read=_read_instance,
        changes={
            **dict.fromkeys(_INSTANCE.keys() - _FIXED, _modify),
            **dict.fromkeys(_OURS, lambda _account, _id, _new, _old: None),
        },
        untold=tuple(_OURS),
        named="identifier",
        tags=_retag,
        required=("engine", "engineVersion", "instanceClass", "allocatedStorage", "username"),
    ),
}
