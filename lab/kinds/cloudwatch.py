"""Alarms, and what they measure in logs."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, properties, request
from lab.kinds._tags import gone_tags, tags_of
from lab.kinds.vpc import arn, tag_list
from stacks.values import Properties


def _dimensions(value: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": entry} for name, entry in sorted(value.items())]


def _by_name(value: list[dict[str, str]]) -> dict[str, str] | None:
    return {entry["Name"]: entry["Value"] for entry in value} or None


def _some(value: Any) -> Any:
    """An empty list is what the interface says of a list that was never given."""
    return value or None


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


def _queries_told(value: list[dict[str, Any]]) -> list[Properties] | None:
    return [
        {
            **{key: part for key, part in properties(_QUERY, entry).items() if part is not None},
            **({"metric": _metric_told(entry["MetricStat"])} if "MetricStat" in entry else {}),
            **({"returnData": True} if entry.get("ReturnData") else {}),
        }
        for entry in value
    ] or None


def _metric_told(found: dict[str, Any]) -> Properties:
    return {**properties(_METRIC, found["Metric"]), **properties(_STATISTIC, found)}


_QUERY = members("id", "expression", "label")
_METRIC = members("namespace", "metricName", dimensions=Member("Dimensions", out=_dimensions, back=_by_name))
_STATISTIC = members("period", "stat")
_ALARM = members(
    "alarmDescription", "comparisonOperator", "datapointsToAlarm", "evaluationPeriods", "metricName", "namespace",
    "period", "statistic", "threshold", "treatMissingData",
    name="AlarmName",
    alarmActions=Member("AlarmActions", back=_some),
    okActions=Member("OKActions", back=_some),
    dimensions=Member("Dimensions", out=_dimensions, back=_by_name),
    metricQueries=Member("Metrics", out=_queries, back=_queries_told),
)  # fmt: skip
_TRANSFORMATION = {
    "name": "metricName", "namespace": "metricNamespace", "value": "metricValue", "defaultValue": "defaultValue",
}  # fmt: skip
_FILTER = members(
    name="filterName",
    pattern="filterPattern",
    logGroupName="logGroupName",
    metricTransformation=Member(
        "metricTransformations",
        out=lambda entry: [_transformation(entry)],
        back=lambda entries: _told(entries[0]),
    ),
)


def _transformation(entry: Properties) -> Properties:
    # The provider writes numbers as text; the interface wants the default as a number.
    found = {name: entry[key] for key, name in _TRANSFORMATION.items() if key in entry}
    if "defaultValue" in found:
        found["defaultValue"] = float(found["defaultValue"])
    return found


def _told(entry: Properties) -> Properties:
    found = {key: entry[name] for key, name in _TRANSFORMATION.items() if entry.get(name) is not None}
    if "defaultValue" in found:
        found["defaultValue"] = f"{found['defaultValue']:g}"
    return found


def _alarm(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("cloudwatch").put_metric_alarm(**request(_ALARM, inputs), Tags=tag_list(inputs))
    return inputs["name"], {"arn": arn(account, "cloudwatch", f"alarm:{inputs['name']}")}


def _set_alarm(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("cloudwatch").put_metric_alarm(**request(_ALARM, new))


def _read_alarm(account: Account, id_: str, _known: Properties) -> Properties | None:
    cloudwatch = account.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNames=[id_])["MetricAlarms"]
    if not found:
        return None
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found[0]["AlarmArn"])["Tags"]
    return {**properties(_ALARM, found[0]), "arn": found[0]["AlarmArn"], "tagsAll": tags_of(tags)}


def _retag_alarm(account: Account, id_: str, new: Properties, old: Properties) -> None:
    cloudwatch, name = account.client("cloudwatch"), arn(account, "cloudwatch", f"alarm:{id_}")
    if gone := gone_tags(new, old):
        cloudwatch.untag_resource(ResourceARN=name, TagKeys=gone)
    cloudwatch.tag_resource(ResourceARN=name, Tags=tag_list(new))


def _filter(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _set_filter(account, inputs["name"], inputs, {})
    return inputs["name"], {}


def _set_filter(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("logs").put_metric_filter(**request(_FILTER, new))


def _read_filter(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("logs").describe_metric_filters(filterNamePrefix=id_)["metricFilters"]
    same = [entry for entry in found if entry["filterName"] == id_]
    return properties(_FILTER, same[0]) if same else None


def _no_filter(account: Account, id_: str, outputs: Properties) -> None:
    account.client("logs").delete_metric_filter(filterName=id_, logGroupName=outputs["logGroupName"])


ALARMS = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        create=_alarm,
        delete=lambda account, id_, _: account.client("cloudwatch").delete_alarms(AlarmNames=[id_]),
        read=_read_alarm,
        changes=dict.fromkeys(set(_ALARM) - {"name"}, _set_alarm),
        named="name",
        tags=_retag_alarm,
        required=("comparisonOperator", "evaluationPeriods"),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Kind(
        create=_filter,
        delete=_no_filter,
        read=_read_filter,
        changes={"pattern": _set_filter, "metricTransformation": _set_filter},
        named="name",
        required=("logGroupName", "metricTransformation", "pattern"),
    ),
}
