"""Events that are told: rules, and where they lead."""

from __future__ import annotations

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, request
from lab.kinds._tags import tag_list
from stacks.values import Properties

_RULE = members("description", "eventPattern", "name", "state")


def _rule(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("events").put_rule(**request(_RULE, inputs), Tags=tag_list(inputs))
    return inputs["name"], {"arn": made["RuleArn"]}


def _target(account: Account, inputs: Properties) -> tuple[str, Properties]:
    wanted = {"Id": inputs["targetId"], "Arn": inputs["arn"]}
    account.client("events").put_targets(Rule=inputs["rule"], Targets=[wanted])
    return f"{inputs['rule']}-{inputs['targetId']}", {}


def _no_target(account: Account, _id: str, outputs: Properties) -> None:
    account.client("events").remove_targets(Rule=outputs["rule"], Ids=[outputs["targetId"]])


EVENTS = {
    "aws:cloudwatch/eventRule:EventRule": Kind(
        create=_rule,
        delete=lambda account, id_, _: account.client("events").delete_rule(Name=id_),
        in_place=("description", "eventPattern", "state"),
        named="name",
        tags=True,
        required=("eventPattern",),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Kind(
        create=_target,
        delete=_no_target,
        in_place=("arn",),
        required=("rule", "targetId", "arn"),
    ),
}
