"""Log groups."""

from __future__ import annotations

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, request
from stacks.values import Properties

_GROUP = members(name="logGroupName", kmsKeyId="kmsKeyId", logGroupClass="logGroupClass")


def _log_group(account: Account, inputs: Properties) -> tuple[str, Properties]:
    logs, name = account.client("logs"), inputs["name"]
    logs.create_log_group(**request(_GROUP, inputs), tags=inputs.get("tagsAll", {}))
    logs.put_retention_policy(logGroupName=name, retentionInDays=inputs["retentionInDays"])
    return name, {"arn": account.arn("logs", f"log-group:{name}")}


LOGS = {
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        create=_log_group,
        delete=lambda account, id_, _: account.client("logs").delete_log_group(logGroupName=id_),
        in_place=("retentionInDays",),
        named="name",
        tags=True,
        required=("kmsKeyId", "retentionInDays"),
    ),
}
