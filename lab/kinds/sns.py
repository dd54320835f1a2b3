"""Topics, and who listens to them."""

from __future__ import annotations

import json

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._tags import tag_list
from stacks.values import Properties

# The policy of a topic that was given none.
_DEFAULT = "__default_policy_ID"


def _topic(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("sns").create_topic(
        Name=inputs["name"],
        Attributes={"KmsMasterKeyId": inputs["kmsMasterKeyId"], "DisplayName": inputs.get("displayName", "")},
        Tags=tag_list(inputs),
    )
    return made["TopicArn"], {"arn": made["TopicArn"]}


def _topic_policy(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _set_topic_policy(account, inputs["arn"], inputs["policy"])
    return inputs["arn"], {}


def _set_topic_policy(account: Account, id_: str, policy: str) -> None:
    account.client("sns").set_topic_attributes(TopicArn=id_, AttributeName="Policy", AttributeValue=policy)


def _no_topic_policy(account: Account, id_: str, _outputs: Properties) -> None:
    # A topic always has a policy: what SNS gives a new one lets its owner do everything.
    _set_topic_policy(account, id_, _owners_only(account, id_))


def _owners_only(account: Account, topic: str) -> str:
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
        "Condition": {"StringEquals": {"AWS:SourceOwner": account.number}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": _DEFAULT, "Statement": [statement]})


def _subscription(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("sns").subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        ReturnSubscriptionArn=True,
    )
    return made["SubscriptionArn"], {"arn": made["SubscriptionArn"]}


MESSAGES = {
    "aws:sns/topic:Topic": Kind(
        create=_topic,
        delete=lambda account, id_, _: account.client("sns").delete_topic(TopicArn=id_),
        in_place=("kmsMasterKeyId", "displayName"),
        named="name",
        tags=True,
        required=("kmsMasterKeyId",),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Kind(
        create=_topic_policy,
        delete=_no_topic_policy,
        in_place=("policy",),
        required=("arn", "policy"),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        create=_subscription,
        delete=lambda account, id_, _: account.client("sns").unsubscribe(SubscriptionArn=id_),
        required=("topic", "protocol", "endpoint"),
    ),
}
