"""Databases that the cloud runs: instances, their parameters and their place in the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, request
from lab.kinds._tags import tag_list
from stacks.values import Properties

_GROUP = members(
    description="DBSubnetGroupDescription",
    name="DBSubnetGroupName",
    subnetIds="SubnetIds",
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
    dbSubnetGroupName="DBSubnetGroupName",
    enabledCloudwatchLogsExports="EnableCloudwatchLogsExports",
    iamDatabaseAuthenticationEnabled="EnableIAMDatabaseAuthentication",
    identifier="DBInstanceIdentifier",
    instanceClass="DBInstanceClass",
    maintenanceWindow="PreferredMaintenanceWindow",
    manageMasterUserPassword="ManageMasterUserPassword",
    masterUserSecretKmsKeyId="MasterUserSecretKmsKeyId",
    multiAz="MultiAZ",
    parameterGroupName="DBParameterGroupName",
    performanceInsightsEnabled="EnablePerformanceInsights",
    performanceInsightsKmsKeyId="PerformanceInsightsKMSKeyId",
    port="Port",
    username="MasterUsername",
    vpcSecurityGroupIds="VpcSecurityGroupIds",
)  # fmt: skip
# What the provider itself heeds, when it deletes or changes; the account knows nothing of it.
_OURS = ("allowMajorVersionUpgrade", "applyImmediately", "deleteAutomatedBackups", "finalSnapshotIdentifier",
         "skipFinalSnapshot")  # fmt: skip
_FIXED = {"engine", "identifier", "username", "storageEncrypted", "kmsKeyId", "dbSubnetGroupName"}


def _subnets(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("rds").create_db_subnet_group(**request(_GROUP, inputs), Tags=tag_list(inputs))
    found = made["DBSubnetGroup"]
    return inputs["name"], {"arn": found["DBSubnetGroupArn"], "vpcId": found["VpcId"]}


def _parameters(account: Account, inputs: Properties) -> tuple[str, Properties]:
    rds = account.client("rds")
    made = rds.create_db_parameter_group(**request(_PARAMETERS, inputs), Tags=tag_list(inputs))["DBParameterGroup"]
    _set(account, inputs)
    return inputs["name"], {"arn": made["DBParameterGroupArn"]}


def _set(account: Account, inputs: Properties) -> None:
    rds = account.client("rds")
    asked = [
        {
            "ParameterName": entry["name"],
            "ParameterValue": entry["value"],
            "ApplyMethod": entry.get("applyMethod", "immediate"),
        }
        for entry in inputs.get("parameters", [])
    ]
    for first in range(0, len(asked), _BATCH):
        rds.modify_db_parameter_group(DBParameterGroupName=inputs["name"], Parameters=asked[first : first + _BATCH])


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
        in_place=("subnetIds", "description"),
        named="name",
        tags=True,
        required=("description", "subnetIds"),
    ),
    "aws:rds/parameterGroup:ParameterGroup": Kind(
        create=_parameters,
        delete=lambda account, id_, _: account.client("rds").delete_db_parameter_group(DBParameterGroupName=id_),
        in_place=("parameters",),
        named="name",
        tags=True,
        required=("family", "description"),
    ),
    "aws:rds/instance:Instance": Kind(
        create=_instance,
        delete=_no_instance,
        in_place={*_INSTANCE, *_OURS} - {*_FIXED},
        named="identifier",
        tags=True,
        required=("engine", "engineVersion", "instanceClass", "allocatedStorage", "username"),
    ),
}
