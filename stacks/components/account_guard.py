"""What an account has once: made only where the account belongs to this deployment (seats:ownsAccount).

A second detector, recorder or hub in the same region is refused by AWS, and a password policy or a default of the
account concerns whoever else works in it. So none of this is done silently to an account that was there before.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from stacks.components.config_rules import CHECKS
from stacks.components.network_acls import close
from stacks.components.place import Place

# GB/T 22239-2019 8.1.4.1 a asks for complex passwords that are changed regularly; lengths and counts are those of
# CIS AWS Foundations 3.0, 1.8 and 1.9.
PASSWORD_LENGTH, PASSWORD_DAYS, PASSWORDS_REMEMBERED = 14, 90, 24

# What GuardDuty looks at besides calls, connections and names. For the regions in China AWS describes the first two
# (https://www.amazonaws.cn/en/documentation-overview/guardduty/).
WATCHED = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS")
WATCHED_ELSEWHERE = ("EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS")


@dataclass(frozen=True, slots=True)
class OwnAccountArgs:
    """The account, the bucket and key of its records (which let Config write), and where findings are told."""

    place: Place
    audit_bucket: pulumi.Output[str]
    audit_key_arn: pulumi.Output[str]
    topic_arn: pulumi.Output[str]


class OwnAccount(pulumi.ComponentResource):
    """GuardDuty, Config with its rules, Security Hub, and the defaults of account and region."""

    def __init__(self, name: str, args: OwnAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:OwnAccount", name, None, opts)
        self._here = pulumi.ResourceOptions(parent=self)
        self._defaults(name)
        self._threats(name, args.place.partition)
        recording = self._recorder(name, args)
        after = pulumi.ResourceOptions(parent=self, depends_on=[recording])
        for check in CHECKS:
            if not check.serves(args.place.partition):
                continue
            aws.cfg.Rule(
                f"{name}-{check.name}",
                name=f"seatworks-{name}-{check.name}",
                description=check.says,
                source={"owner": "AWS", "source_identifier": check.identifier},
                input_parameters=check.parameters or None,
                opts=after,
            )
        # Its standards read what Config records.
        aws.securityhub.Account(f"{name}-hub", enable_default_standards=True, opts=after)
        self._told(name, "threat", "A threat that GuardDuty found, of medium severity or more.", args, {
            "source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 4]}]},
        })  # fmt: skip
        self._told(name, "breach", "Something in the account came to break a rule of Config.", args, {
            "source": ["aws.config"],
            "detail-type": ["Config Rules Compliance Change"],
            "detail": {"newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]}},
        })  # fmt: skip
        self.register_outputs({})

    def _defaults(self, name: str) -> None:
        aws.iam.AccountPasswordPolicy(
            f"{name}-passwords",
            minimum_password_length=PASSWORD_LENGTH,
            max_password_age=PASSWORD_DAYS,
            password_reuse_prevention=PASSWORDS_REMEMBERED,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            allow_users_to_change_password=True,
            opts=self._here,
        )
        aws.s3.AccountPublicAccessBlock(
            f"{name}-closed",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._here,
        )
        aws.ebs.EncryptionByDefault(f"{name}-disks", enabled=True, opts=self._here)
        aws.ebs.SnapshotBlockPublicAccess(f"{name}-snapshots", state="block-all-sharing", opts=self._here)
        aws.ec2.ImageBlockPublicAccess(f"{name}-images", state="block-new-sharing", opts=self._here)
        aws.ec2.InstanceMetadataDefaults(
            f"{name}-metadata", http_tokens="required", http_put_response_hop_limit=1, opts=self._here
        )
        # The network that AWS puts into every region: nothing of ours stands there, and nothing shall.
        unused = {"Name": f"{name}-unused"}
        born = aws.ec2.DefaultVpc(f"{name}-born", tags=unused, opts=self._here)
        aws.ec2.DefaultSecurityGroup(f"{name}-born", vpc_id=born.id, tags=unused, opts=self._here)
        close(self, f"{name}-born", born.default_network_acl_id, unused)

    def _threats(self, name: str, partition: str) -> None:
        detector = aws.guardduty.Detector(
            f"{name}-threats", enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=self._here
        )
        for feature in WATCHED if partition == "aws-cn" else (*WATCHED, *WATCHED_ELSEWHERE):
            aws.guardduty.DetectorFeature(
                f"{name}-{feature.lower().replace('_', '-')}",
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                opts=self._here,
            )

    def _recorder(self, name: str, args: OwnAccountArgs) -> aws.cfg.RecorderStatus:
        role = aws.iam.ServiceLinkedRole(f"{name}-recorder", aws_service_name="config.amazonaws.com", opts=self._here)
        recorder = aws.cfg.Recorder(
            f"{name}-recorder",
            name=f"seatworks-{name}",
            role_arn=role.arn,
            recording_group={"all_supported": True, "include_global_resource_types": True},
            opts=self._here,
        )
        channel = aws.cfg.DeliveryChannel(
            f"{name}-recorder",
            name=f"seatworks-{name}",
            s3_bucket_name=args.audit_bucket,
            s3_kms_key_arn=args.audit_key_arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder]),
        )
        return aws.cfg.RecorderStatus(
            f"{name}-recorder",
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )

    def _told(self, name: str, what: str, says: str, args: OwnAccountArgs, pattern: dict[str, object]) -> None:
        tell(f"{name}-{what}", says, pattern, args.topic_arn, self._here)


def tell(
    name: str, says: str, pattern: dict[str, object], topic_arn: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> None:
    """Events of the account that fit `pattern` are told through the topic."""
    rule = aws.cloudwatch.EventRule(
        name,
        name=f"seatworks-{name}",
        description=says,
        event_pattern=pulumi.Output.json_dumps(pattern),
        opts=opts,
    )
    aws.cloudwatch.EventTarget(name, rule=rule.name, target_id="alarms", arn=topic_arn, opts=opts)
