"""Alarms, and what they measure in logs."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, request
from lab.kinds._tags import tag_list
from stacks.values import Properties


def _dimensions(value: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": entry} for name, entry in sorted(value.items())]


def _queries(value: list[Properties]) -> list[dict[str, Any]]:
    return [
        {
            **request(_QUERY, entry),
            **({"MetricStat": _measured(entry["metric"])} if "metric" in entry else {}),
            "ReturnData": entry.get("returnData", False),
        }
        for entry in value
    ]


def _measured(metric: Properties) -> dict[str, Any]:
    return {"Metric": request(_METRIC, metric), **request(_STATISTIC, metric)}


_QUERY = members("id", "expression", "label")
_METRIC = members("namespace", "metricName", dimensions=Member("Dimensions", out=_dimensions))
_STATISTIC = members("period", "stat")
_ALARM = members(
    "alarmDescription", "comparisonOperator", "datapointsToAlarm", "evaluationPeriods", "metricName", "namespace",
    "period", "statistic", "threshold", "treatMissingData",
    name="AlarmName",
    alarmActions="AlarmActions",
    okActions="OKActions",
    dimensions=Member("Dimensions", out=_dimensions),
    metricQueries=Member("Metrics", out=_queries),
)  # fmt: skip
_TRANSFORMATION = {
    "name": "metricName", "namespace": "metricNamespace", "value": "metricValue", "defaultValue": "defaultValue",
}  # fmt: skip
_FILTER = members(
    name="filterName",
    pattern="filterPattern",
    logGroupName="logGroupName",
    metricTransformation=Member("metricTransformations", out=lambda entry: [_transformation(entry)]),
)


def _transformation(entry: Properties) -> Properties:
    # The provider writes numbers as text; the interface wants the default as a number.
    found = {name: entry[key] for key, name in _TRANSFORMATION.items() if key in entry}
    if "defaultValue" in found:
        found["defaultValue"] = float(found["defaultValue"])
    return found


def _alarm(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("cloudwatch").put_metric_alarm(**request(_ALARM, inputs), Tags=tag_list(inputs))
    return inputs["name"], {"arn": account.arn("cloudwatch", f"alarm:{inputs['name']}")}


def _filter(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("logs").put_metric_filter(**request(_FILTER, inputs))
    return inputs["name"], {}


def _no_filter(account: Account, id_: str, outputs: Properties) -> None:
    account.client("logs").delete_metric_filter(filterName=id_, logGroupName=outputs["logGroupName"])


ALARMS = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        create=_alarm,
        delete=lambda account, id_, _: account.client("cloudwatch").delete_alarms(AlarmNames=[id_]),
        in_place=set(_ALARM) - {"name"},
        named="name",
        tags=True,
        required=("comparisonOperator", "evaluationPeriods"),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Kind(
        create=_filter,
        delete=_no_filter,
        in_place=("pattern", "metricTransformation"),
        named="name",
        required=("logGroupName", "metricTransformation", "pattern"),
    ),
}
