"""What an account or one of its regions has once: watchers, the record of what stands, and defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Change, Kind
from lab.kinds._members import Member, members, properties, request
from lab.kinds._tags import gone_tags, tags_of
from lab.kinds.vpc import arn, tag_list
from stacks.values import Properties

_DETECTOR = members(enable="enable", findingPublishingFrequency="findingPublishingFrequency")
_PASSWORDS = members(
    "allowUsersToChangePassword", "hardExpiry", "maxPasswordAge", "minimumPasswordLength", "passwordReusePrevention",
    "requireLowercaseCharacters", "requireNumbers", "requireSymbols", "requireUppercaseCharacters",
)  # fmt: skip
# The interface of Config writes the members of recorders and channels as the provider does.
_GROUP = members(allSupported="allSupported", includeGlobalResourceTypes="includeGlobalResourceTypes")
_RECORDER = members(
    name="name",
    roleArn="roleARN",
    recordingGroup=Member(
        "recordingGroup",
        out=lambda group: request(_GROUP, group),
        back=lambda group: {key: value for key, value in properties(_GROUP, group).items() if value is not None},
    ),
)
_CHANNEL = members(name="name", s3BucketName="s3BucketName", s3KmsKeyArn="s3KmsKeyArn", snsTopicArn="snsTopicARN")
_RULE = members("description", "inputParameters", name="ConfigRuleName", source="Source")


def _set(put: Callable[[Account, str, Properties], object]) -> Change:
    def change(account: Account, id_: str, new: Properties, _old: Properties) -> None:
        put(account, id_, new)

    return change


def _detector(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("guardduty").create_detector(
        Enable=inputs.get("enable", True),
        FindingPublishingFrequency=inputs.get("findingPublishingFrequency", "SIX_HOURS"),
        Tags=inputs.get("tagsAll", {}),
    )
    return made["DetectorId"], {"arn": arn(account, "guardduty", f"detector/{made['DetectorId']}")}


def _put_detector(account: Account, id_: str, new: Properties) -> None:
    account.client("guardduty").update_detector(
        DetectorId=id_,
        Enable=new.get("enable", True),
        FindingPublishingFrequency=new.get("findingPublishingFrequency", "SIX_HOURS"),
    )


def _read_detector(account: Account, id_: str, _known: Properties) -> Properties | None:
    guard = account.client("guardduty")
    if id_ not in guard.list_detectors()["DetectorIds"]:
        return None
    found = guard.get_detector(DetectorId=id_)
    return {
        "enable": found["Status"] == "ENABLED",
        "findingPublishingFrequency": found["FindingPublishingFrequency"],
        "arn": arn(account, "guardduty", f"detector/{id_}"),
        "tagsAll": found.get("Tags", {}),
    }


def _retag_detector(account: Account, id_: str, new: Properties, old: Properties) -> None:
    guard, name = account.client("guardduty"), arn(account, "guardduty", f"detector/{id_}")
    if gone := gone_tags(new, old):
        guard.untag_resource(ResourceArn=name, TagKeys=gone)
    guard.tag_resource(ResourceArn=name, Tags=new["tagsAll"])


def _put_recorder(account: Account, _id: str, new: Properties) -> None:
    account.client("config").put_configuration_recorder(ConfigurationRecorder=request(_RECORDER, new))


def _read_recorder(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("config").describe_configuration_recorders(ConfigurationRecorderNames=[id_])
    return next((properties(_RECORDER, entry) for entry in found["ConfigurationRecorders"]), None)


def _put_channel(account: Account, _id: str, new: Properties) -> None:
    account.client("config").put_delivery_channel(DeliveryChannel=request(_CHANNEL, new))


def _read_channel(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("config").describe_delivery_channels(DeliveryChannelNames=[id_])
    return next((properties(_CHANNEL, entry) for entry in found["DeliveryChannels"]), None)


def _put_status(account: Account, id_: str, new: Properties) -> None:
    config = account.client("config")
    change = config.start_configuration_recorder if new["isEnabled"] else config.stop_configuration_recorder
    change(ConfigurationRecorderName=id_)


def _read_status(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("config").describe_configuration_recorder_status(ConfigurationRecorderNames=[id_])
    return next(
        ({"name": id_, "isEnabled": True} for entry in found["ConfigurationRecordersStatus"] if entry["recording"]),
        None,
    )


def _rule(account: Account, inputs: Properties) -> tuple[str, Properties]:
    config = account.client("config")
    config.put_config_rule(ConfigRule=request(_RULE, inputs), Tags=tag_list(inputs))
    made = config.describe_config_rules(ConfigRuleNames=[inputs["name"]])["ConfigRules"][0]
    return inputs["name"], {"arn": made["ConfigRuleArn"], "ruleId": made["ConfigRuleId"]}


def _put_rule(account: Account, _id: str, new: Properties) -> None:
    # AWS looks at tags only when a rule is new; the emulator takes them away when none come along.
    account.client("config").put_config_rule(ConfigRule=request(_RULE, new), Tags=tag_list(new))


def _read_rule(account: Account, id_: str, _known: Properties) -> Properties | None:
    config = account.client("config")
    rules = config.describe_config_rules(ConfigRuleNames=[id_])["ConfigRules"]
    if not rules:
        return None
    found = rules[0]
    source = {"owner": found["Source"]["Owner"], "sourceIdentifier": found["Source"]["SourceIdentifier"]}
    tags = config.list_tags_for_resource(ResourceArn=found["ConfigRuleArn"])["Tags"]
    return {
        **properties(_RULE, found),
        "source": source,
        "arn": found["ConfigRuleArn"],
        "ruleId": found["ConfigRuleId"],
        "tagsAll": tags_of(tags),
    }


def _retag_rule(account: Account, _id: str, new: Properties, old: Properties) -> None:
    config = account.client("config")
    if gone := gone_tags(new, old):
        config.untag_resource(ResourceArn=old["arn"], TagKeys=gone)
    config.tag_resource(ResourceArn=old["arn"], Tags=tag_list(new))


def _hub(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("securityhub").enable_security_hub(EnableDefaultStandards=inputs.get("enableDefaultStandards", True))
    return owner(account), {"arn": arn(account, "securityhub", "hub/default")}


def _read_hub(account: Account, _id: str, _known: Properties) -> Properties | None:
    from botocore.exceptions import ClientError

    try:
        found = account.client("securityhub").describe_hub()
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "InvalidAccessException":
            return None
        raise
    return {"autoEnableControls": found["AutoEnableControls"], "arn": arn(account, "securityhub", "hub/default")}


def _put_passwords(account: Account, _id: str, new: Properties) -> None:
    account.client("iam").update_account_password_policy(**request(_PASSWORDS, new))


def _read_passwords(account: Account, _id: str, _known: Properties) -> Properties:
    found = account.client("iam").get_account_password_policy()["PasswordPolicy"]
    return properties(_PASSWORDS, found)


def _put_disks(account: Account, _id: str, new: Properties) -> None:
    ec2 = account.client("ec2")
    change = ec2.enable_ebs_encryption_by_default if new.get("enabled", True) else ec2.disable_ebs_encryption_by_default
    change()


def _read_disks(account: Account, _id: str, _known: Properties) -> Properties | None:
    on = account.client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    return {"enabled": True} if on else None


def _service_role(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("iam").create_service_linked_role(
        AWSServiceName=inputs["awsServiceName"], Description=inputs.get("description", "")
    )["Role"]
    return made["Arn"], {"arn": made["Arn"], "name": made["RoleName"], "uniqueId": made["RoleId"]}


def _read_service_role(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("iam").get_role(RoleName=id_.rpartition("/")[2])["Role"]
    return {
        "arn": found["Arn"],
        "name": found["RoleName"],
        "uniqueId": found["RoleId"],
        "awsServiceName": id_.split("/")[-2],
        "description": found.get("Description") or None,
    }


def owner(account: Account) -> str:
    """The number of the account."""
    return str(account.client("sts").get_caller_identity()["Account"])


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
        read=_read_detector,
        changes=dict.fromkeys(_DETECTOR, _set(_put_detector)),
        tags=_retag_detector,
    ),
    "aws:cfg/recorder:Recorder": Kind(
        create=_one(_put_recorder, _named),
        delete=lambda account, id_, _: account.client("config").delete_configuration_recorder(
            ConfigurationRecorderName=id_
        ),
        read=_read_recorder,
        changes={"roleArn": _set(_put_recorder), "recordingGroup": _set(_put_recorder)},
        named="name",
        required=("roleArn",),
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Kind(
        create=_one(_put_channel, _named),
        delete=lambda account, id_, _: account.client("config").delete_delivery_channel(DeliveryChannelName=id_),
        read=_read_channel,
        changes=dict.fromkeys(set(_CHANNEL) - {"name"}, _set(_put_channel)),
        named="name",
        required=("s3BucketName",),
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Kind(
        create=_one(_put_status, _named),
        delete=lambda account, id_, _: account.client("config").stop_configuration_recorder(
            ConfigurationRecorderName=id_
        ),
        read=_read_status,
        changes={"isEnabled": _set(_put_status)},
        required=("name", "isEnabled"),
    ),
    "aws:cfg/rule:Rule": Kind(
        create=_rule,
        delete=lambda account, id_, _: account.client("config").delete_config_rule(ConfigRuleName=id_),
        read=_read_rule,
        changes=dict.fromkeys(set(_RULE) - {"name"}, _set(_put_rule)),
        named="name",
        tags=_retag_rule,
        required=("source",),
    ),
    "aws:securityhub/account:Account": Kind(
        create=_hub,
        delete=lambda account, _id, _: account.client("securityhub").disable_security_hub(),
        read=_read_hub,
        # Asked once, when it is switched on; no interface tells it.
        untold=("enableDefaultStandards",),
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Kind(
        create=_one(_put_passwords, lambda _account, _inputs: "iam-account-password-policy"),
        delete=lambda account, _id, _: account.client("iam").delete_account_password_policy(),
        read=_read_passwords,
        changes=dict.fromkeys(_PASSWORDS, _set(_put_passwords)),
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Kind(
        create=_one(_put_disks, lambda account, _inputs: account.region),
        delete=lambda account, _id, _: account.client("ec2").disable_ebs_encryption_by_default(),
        read=_read_disks,
        changes={"enabled": _set(_put_disks)},
    ),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": Kind(
        create=_service_role,
        delete=lambda account, id_, _: account.client("iam").delete_service_linked_role(
            RoleName=id_.rpartition("/")[2]
        ),
        read=_read_service_role,
        required=("awsServiceName",),
    ),
}
