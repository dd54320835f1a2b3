"""What an account or one of its regions has once: watchers, the record of what stands, and defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, request
from lab.kinds._tags import tag_list
from stacks.values import Properties

_DETECTOR = members(enable="enable", findingPublishingFrequency="findingPublishingFrequency")
_PASSWORDS = members(
    "allowUsersToChangePassword", "hardExpiry", "maxPasswordAge", "minimumPasswordLength", "passwordReusePrevention",
    "requireLowercaseCharacters", "requireNumbers", "requireSymbols", "requireUppercaseCharacters",
)  # fmt: skip
# The interface of Config writes the members of recorders and channels as the provider does.
_RECORDER = members(
    name="name",
    roleArn="roleARN",
    recordingGroup=Member("recordingGroup", out=dict),
)
_CHANNEL = members(name="name", s3BucketName="s3BucketName", s3KmsKeyArn="s3KmsKeyArn", snsTopicArn="snsTopicARN")
_RULE = members("description", "inputParameters", name="ConfigRuleName", source="Source")


def _detector(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("guardduty").create_detector(
        Enable=inputs.get("enable", True),
        FindingPublishingFrequency=inputs.get("findingPublishingFrequency", "SIX_HOURS"),
        Tags=inputs.get("tagsAll", {}),
    )
    return made["DetectorId"], {"arn": account.arn("guardduty", f"detector/{made['DetectorId']}")}


def _put_recorder(account: Account, _id: str, new: Properties) -> None:
    account.client("config").put_configuration_recorder(ConfigurationRecorder=request(_RECORDER, new))


def _put_channel(account: Account, _id: str, new: Properties) -> None:
    account.client("config").put_delivery_channel(DeliveryChannel=request(_CHANNEL, new))


def _put_status(account: Account, id_: str, new: Properties) -> None:
    config = account.client("config")
    change = config.start_configuration_recorder if new["isEnabled"] else config.stop_configuration_recorder
    change(ConfigurationRecorderName=id_)


def _rule(account: Account, inputs: Properties) -> tuple[str, Properties]:
    config = account.client("config")
    config.put_config_rule(ConfigRule=request(_RULE, inputs), Tags=tag_list(inputs))
    made = config.describe_config_rules(ConfigRuleNames=[inputs["name"]])["ConfigRules"][0]
    return inputs["name"], {"arn": made["ConfigRuleArn"], "ruleId": made["ConfigRuleId"]}


def _hub(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("securityhub").enable_security_hub(EnableDefaultStandards=inputs.get("enableDefaultStandards", True))
    return account.number, {"arn": account.arn("securityhub", "hub/default")}


def _put_passwords(account: Account, _id: str, new: Properties) -> None:
    account.client("iam").update_account_password_policy(**request(_PASSWORDS, new))


def _put_disks(account: Account, _id: str, new: Properties) -> None:
    ec2 = account.client("ec2")
    change = ec2.enable_ebs_encryption_by_default if new.get("enabled", True) else ec2.disable_ebs_encryption_by_default
    change()


def _service_role(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("iam").create_service_linked_role(
        AWSServiceName=inputs["awsServiceName"], Description=inputs.get("description", "")
    )["Role"]
    return made["Arn"], {"arn": made["Arn"], "name": made["RoleName"], "uniqueId": made["RoleId"]}


def _one(put: Callable[[Account, str, Properties], object], id_: Callable[[Account, Properties], str]) -> Any:
    """How a setting is made that is there once and has no identifier of its own."""

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        found = id_(account, inputs)
        put(account, found, inputs)
        return found, {}

    return create


def _named(_account: Account, inputs: Properties) -> str:
    return str(inputs["name"])


ACCOUNT_WIDE = {
    "aws:guardduty/detector:Detector": Kind(
        create=_detector,
        delete=lambda account, id_, _: account.client("guardduty").delete_detector(DetectorId=id_),
        in_place=_DETECTOR,
        tags=True,
    ),
    "aws:cfg/recorder:Recorder": Kind(
        create=_one(_put_recorder, _named),
        delete=lambda account, id_, _: account.client("config").delete_configuration_recorder(
            ConfigurationRecorderName=id_
        ),
        in_place=("roleArn", "recordingGroup"),
        named="name",
        required=("roleArn",),
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Kind(
        create=_one(_put_channel, _named),
        delete=lambda account, id_, _: account.client("config").delete_delivery_channel(DeliveryChannelName=id_),
        in_place=set(_CHANNEL) - {"name"},
        named="name",
        required=("s3BucketName",),
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Kind(
        create=_one(_put_status, _named),
        delete=lambda account, id_, _: account.client("config").stop_configuration_recorder(
            ConfigurationRecorderName=id_
        ),
        in_place=("isEnabled",),
        required=("name", "isEnabled"),
    ),
    "aws:cfg/rule:Rule": Kind(
        create=_rule,
        delete=lambda account, id_, _: account.client("config").delete_config_rule(ConfigRuleName=id_),
        in_place=set(_RULE) - {"name"},
        named="name",
        tags=True,
        required=("source",),
    ),
    "aws:securityhub/account:Account": Kind(
        create=_hub,
        delete=lambda account, _id, _: account.client("securityhub").disable_security_hub(),
        # Asked once, when it is switched on; no interface tells it.
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Kind(
        create=_one(_put_passwords, lambda _account, _inputs: "iam-account-password-policy"),
        delete=lambda account, _id, _: account.client("iam").delete_account_password_policy(),
        in_place=_PASSWORDS,
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Kind(
        create=_one(_put_disks, lambda account, _inputs: account.region),
        delete=lambda account, _id, _: account.client("ec2").disable_ebs_encryption_by_default(),
        in_place=("enabled",),
    ),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": Kind(
        create=_service_role,
        delete=lambda account, id_, _: account.client("iam").delete_service_linked_role(
            RoleName=id_.rpartition("/")[2]
        ),
        required=("awsServiceName",),
    ),
}
