"""Who did what: calls to the account's interfaces, access to recordings, and connections of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.components.kms import data_key, service_uses
from stacks.components.place import Place, policy, trust
from stacks.components.s3_bucket import PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, slots=True)
class AuditArgs:
    """The account, how long logs are kept, the bucket whose every read and write is recorded, and who notes
    the readers of the records. `takes_config`: AWS Config of this account writes to the bucket too."""

    place: Place
    retention_days: int
    recordings_bucket_arn: pulumi.Input[str]
    access_log: PrivateBucket
    takes_config: bool = False


class Audit(pulumi.ComponentResource):
    """CloudTrail with its bucket and log group, and the log group of the network's flow log, under one key."""

    bucket: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    config_bucket: pulumi.Output[str]
    call_log_group: pulumi.Output[str]
    # The group that the network's flow log goes to, and the role that writes it (ARNs).
    flow_log: tuple[pulumi.Output[str], pulumi.Output[str]]

    def __init__(self, name: str, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Audit", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        place = args.place
        trail_name, group_name, calls_name = f"seatworks-{name}", f"/seatworks/{name}/flows", f"/seatworks/{name}/calls"
        # Named, not referred to: the bucket's and the key's policy stand before the trail and the group do.
        trail_arn = place.arn("cloudtrail", f"trail/{trail_name}")
        calls_arn = place.arn("logs", f"log-group:{calls_name}")
        key = data_key(
            self,
            place,
            f"{name}-audit",
            "Audit records",
            *_key_statements(place, trail_arn, place.arn("logs", f"log-group:/seatworks/{name}/*")),
            *([service_uses(place, "config")] if args.takes_config else []),
        )
        store = PrivateBucket(
            f"{name}-audit",
            PrivateBucketArgs(
                place,
                key.arn,
                args.retention_days,
                lambda arn: (
                    *_bucket_statements(place, arn, trail_arn),
                    *(_config_statements(place, arn) if args.takes_config else ()),
                ),
                access_log=args.access_log,
            ),
            here,
        )
        self.bucket, self.key_arn = store.bucket, key.arn
        # Config tries to write before it accepts the bucket.
        self.config_bucket = store.policy.bucket
        calls = aws.cloudwatch.LogGroup(
            f"{name}-calls",
            name=calls_name,
            kms_key_id=key.arn,
            retention_in_days=args.retention_days,
            opts=place.keep(self),
        )
        self.call_log_group = calls.name
        writer, may_write = self._writer(name, place, trail_arn, calls_arn)
        aws.cloudtrail.Trail(
            f"{name}-trail",
            name=trail_name,
            s3_bucket_name=store.bucket,
            kms_key_id=key.arn,
            # The bucket is the record; the log group is what alarms look at.
            cloud_watch_logs_group_arn=pulumi.Output.concat(calls.arn, ":*"),
            cloud_watch_logs_role_arn=writer.arn,
            enable_log_file_validation=True,
            include_global_service_events=True,
            is_multi_region_trail=True,
            event_selectors=[
                {
                    "include_management_events": True,
                    "read_write_type": "All",
                    "data_resources": [
                        {
                            "type": "AWS::S3::Object",
                            "values": [pulumi.Output.concat(args.recordings_bucket_arn, "/")],
                        }
                    ],
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[store.policy, may_write]),
        )
        group = aws.cloudwatch.LogGroup(
            f"{name}-flows",
            name=group_name,
            kms_key_id=key.arn,
            retention_in_days=args.retention_days,
            opts=place.keep(self),
        )
        role = aws.iam.Role(
            f"{name}-flows",
            description=f"Writes the flow log of deployment {name}",
            assume_role_policy=trust(
                place.principal("vpc-flow-logs"), {"StringEquals": {"aws:SourceAccount": place.account}}
            ),
            opts=here,
        )
        aws.iam.RolePolicy(
            f"{name}-flows-write",
            role=role.id,
            policy=policy(
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    "Resource": [group.arn, pulumi.Output.concat(group.arn, ":*")],
                },
                # CloudWatch Logs checks this on every group before the first delivery.
                {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
            ),
            opts=here,
        )
        self.flow_log = (group.arn, role.arn)
        self.register_outputs({"bucket": self.bucket, "flow_log_group_arn": group.arn})

    def _writer(
        self, name: str, place: Place, trail_arn: pulumi.Output[str], calls_arn: pulumi.Output[str]
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        here = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-calls",
            description=f"Writes the trail of deployment {name} to its log group",
            assume_role_policy=trust(place.principal("cloudtrail"), {"StringEquals": {"aws:SourceArn": trail_arn}}),
            opts=here,
        )
        streams = place.account.apply(lambda account: f":log-stream:{account}_CloudTrail_{place.region}*")
        # CloudTrail tries to write before it accepts the role.
        may_write = aws.iam.RolePolicy(
            f"{name}-calls-write",
            role=role.id,
            policy=policy(
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": pulumi.Output.concat(calls_arn, streams),
                }
            ),
            opts=here,
        )
        return role, may_write


def _key_statements(
    place: Place, trail_arn: pulumi.Output[str], own_groups: pulumi.Output[str]
) -> Sequence[Mapping[str, Any]]:
    trail = {"Service": place.principal("cloudtrail")}
    return (
        {
            "Sid": "TrailEncrypts",
            "Effect": "Allow",
            "Principal": trail,
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}},
        },
        {
            "Sid": "LogsEncrypt",
            "Effect": "Allow",
            "Principal": {"Service": place.principal("logs", regional=True)},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": own_groups}},
        },
    )


def _bucket_statements(
    place: Place, bucket_arn: pulumi.Output[str], trail_arn: pulumi.Output[str]
) -> Sequence[Mapping[str, Any]]:
    trail = {"Effect": "Allow", "Principal": {"Service": place.principal("cloudtrail")}}
    return (
        {
            **trail,
            "Sid": "TrailLooks",
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn,
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}},
        },
        {
            **trail,
            "Sid": "TrailWrites",
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket_arn, "/AWSLogs/", place.account, "/*"),
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    )


def _config_statements(place: Place, bucket_arn: pulumi.Output[str]) -> Sequence[Mapping[str, Any]]:
    config = {"Effect": "Allow", "Principal": {"Service": place.principal("config")}}
    own = {"aws:SourceAccount": place.account}
    return (
        {
            **config,
            "Sid": "ConfigLooks",
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": bucket_arn,
            "Condition": {"StringEquals": own},
        },
        {
            **config,
            "Sid": "ConfigWrites",
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket_arn, "/AWSLogs/", place.account, "/Config/*"),
            "Condition": {"StringEquals": {**own, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    )
