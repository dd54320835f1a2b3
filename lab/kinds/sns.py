"""Topics, who listens to them, and the events that are told through them."""

from __future__ import annotations

import json
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, properties, request
from lab.kinds._tags import gone_tags, tags_of
from lab.kinds.vpc import tag_list
from stacks.values import Properties

# The policy of a topic that was given none.
_DEFAULT = "__default_policy_ID"
_RULE = members("description", "eventPattern", "name", "state")


def _topic(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("sns").create_topic(
        Name=inputs["name"],
        Attributes={"KmsMasterKeyId": inputs["kmsMasterKeyId"], "DisplayName": inputs.get("displayName", "")},
        Tags=tag_list(inputs),
    )
    return made["TopicArn"], {"arn": made["TopicArn"]}


def _topic_attribute(property_: str, attribute: str) -> Any:
    def change(account: Account, id_: str, new: Properties, _old: Properties) -> None:
        account.client("sns").set_topic_attributes(
            TopicArn=id_, AttributeName=attribute, AttributeValue=new.get(property_, "")
        )

    return change


def _read_topic(account: Account, id_: str, _known: Properties) -> Properties:
    sns = account.client("sns")
    found = sns.get_topic_attributes(TopicArn=id_)["Attributes"]
    return {
        "arn": id_,
        "name": id_.rpartition(":")[2],
        "kmsMasterKeyId": found.get("KmsMasterKeyId") or None,
        "displayName": found.get("DisplayName") or None,
        "tagsAll": tags_of(sns.list_tags_for_resource(ResourceArn=id_)["Tags"]),
    }


def _retag_topic(account: Account, id_: str, new: Properties, old: Properties) -> None:
    if gone := gone_tags(new, old):
        account.client("sns").untag_resource(ResourceArn=id_, TagKeys=gone)
    account.client("sns").tag_resource(ResourceArn=id_, Tags=tag_list(new))


def _topic_policy(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _set_topic_policy(account, inputs["arn"], inputs, {})
    return inputs["arn"], {}


def _set_topic_policy(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("sns").set_topic_attributes(TopicArn=id_, AttributeName="Policy", AttributeValue=new["policy"])


def _no_topic_policy(account: Account, id_: str, _outputs: Properties) -> None:
    # A topic always has a policy: what SNS gives a new one lets its owner do everything.
    _set_topic_policy(account, id_, {"policy": _owners_only(account, id_)}, {})


def _owners_only(account: Account, topic: str) -> str:
    owner = account.client("sts").get_caller_identity()["Account"]
    actions = (
        "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
        "ListSubscriptionsByTopic", "Publish",
    )  # fmt: skip
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": _DEFAULT, "Statement": [statement]})


def _read_topic_policy(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("sns").get_topic_attributes(TopicArn=id_)["Attributes"]
    if json.loads(found["Policy"]).get("Id") == _DEFAULT:
        return None
    return {"arn": id_, "policy": found["Policy"]}


def _subscription(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("sns").subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        ReturnSubscriptionArn=True,
    )
    return made["SubscriptionArn"], {"arn": made["SubscriptionArn"]}


def _read_subscription(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("sns").get_subscription_attributes(SubscriptionArn=id_)["Attributes"]
    return {"arn": id_, "topic": found["TopicArn"], "protocol": found["Protocol"], "endpoint": found["Endpoint"]}


def _rule(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("events").put_rule(**request(_RULE, inputs), Tags=tag_list(inputs))
    return inputs["name"], {"arn": made["RuleArn"]}


def _set_rule(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("events").put_rule(**request(_RULE, new))


def _read_rule(account: Account, id_: str, _known: Properties) -> Properties:
    events = account.client("events")
    found = events.describe_rule(Name=id_)
    tags = events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
    return {**properties(_RULE, found), "arn": found["Arn"], "tagsAll": tags_of(tags)}


def _retag_rule(account: Account, _id: str, new: Properties, old: Properties) -> None:
    if gone := gone_tags(new, old):
        account.client("events").untag_resource(ResourceARN=old["arn"], TagKeys=gone)
    account.client("events").tag_resource(ResourceARN=old["arn"], Tags=tag_list(new))


def _target(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _set_target(account, "", inputs, {})
    return f"{inputs['rule']}-{inputs['targetId']}", {}


def _set_target(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("events").put_targets(Rule=new["rule"], Targets=[{"Id": new["targetId"], "Arn": new["arn"]}])


def _read_target(account: Account, id_: str, _known: Properties) -> Properties | None:
    events = account.client("events")
    for rule in events.list_rules()["Rules"]:
        if id_.startswith(f"{rule['Name']}-"):
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                if id_ == f"{rule['Name']}-{target['Id']}":
                    return {"rule": rule["Name"], "targetId": target["Id"], "arn": target["Arn"]}
    return None


def _no_target(account: Account, _id: str, outputs: Properties) -> None:
    account.client("events").remove_targets(Rule=outputs["rule"], Ids=[outputs["targetId"]])


MESSAGES = {
    "aws:sns/topic:Topic": Kind(
        create=_topic,
        delete=lambda account, id_, _: account.client("sns").delete_topic(TopicArn=id_),
        read=_read_topic,
        changes={
            "kmsMasterKeyId": _topic_attribute("kmsMasterKeyId", "KmsMasterKeyId"),
            "displayName": _topic_attribute("displayName", "DisplayName"),
        },
        named="name",
        tags=_retag_topic,
        required=("kmsMasterKeyId",),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Kind(
        create=_topic_policy,
        delete=_no_topic_policy,
        read=_read_topic_policy,
        changes={"policy": _set_topic_policy},
        required=("arn", "policy"),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        create=_subscription,
        delete=lambda account, id_, _: account.client("sns").unsubscribe(SubscriptionArn=id_),
        read=_read_subscription,
        required=("topic", "protocol", "endpoint"),
    ),
    "aws:cloudwatch/eventRule:EventRule": Kind(
        create=_rule,
        delete=lambda account, id_, _: account.client("events").delete_rule(Name=id_),
        read=_read_rule,
        changes={"description": _set_rule, "eventPattern": _set_rule, "state": _set_rule},
        named="name",
        tags=_retag_rule,
        required=("eventPattern",),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Kind(
        create=_target,
        delete=_no_target,
        read=_read_target,
        changes={"arn": _set_target},
        required=("rule", "targetId", "arn"),
    ),
}
