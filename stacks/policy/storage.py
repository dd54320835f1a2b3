"""What holds data: encrypted, private, kept as long as the plan says, and not deleted by mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from stacks.policy.documents import refuses_plain_http, statements
from stacks.policy.model import Asked, Finding, Resource, entries, given, holds, of
from stacks.values import UNKNOWN

BUCKET = "s3/bucket:Bucket"
LOGGING = "s3/bucketLogging:BucketLogging"
_KEPT_SECRET = "secretsmanager/secret:Secret"  # noqa: S105 - a type, not a password
_GROUP = "cloudwatch/logGroup:LogGroup"
_DATABASES = ("rds/instance:Instance", "rds/cluster:Cluster")
# Types that are encrypted or not by one property of their own.
_ENCRYPTED = {
    "ebs/volume:Volume": "encrypted",
    "efs/fileSystem:FileSystem": "encrypted",
    **dict.fromkeys(_DATABASES, "storageEncrypted"),
}
# Types that name a key, or are encrypted with one that everybody in the account may use.
_KEYED = {
    _GROUP: "kmsKeyId",
    **dict.fromkeys(_DATABASES, "kmsKeyId"),
    "cloudtrail/trail:Trail": "kmsKeyId",
    "connect/instanceStorageConfig:InstanceStorageConfig": "storageConfig.s3Config.encryptionConfig.keyId",
    "backup/vault:Vault": "kmsKeyArn",
    _KEPT_SECRET: "kmsKeyId",
    "sns/topic:Topic": "kmsMasterKeyId",
    "sqs/queue:Queue": "kmsMasterKeyId",
}
_CLOSED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def takes_access_logs(resources: Sequence[Resource], bucket: Resource) -> bool:
    """Whether S3 writes the access records of other buckets to this one."""
    return any(log.refers("targetBucket", bucket) for log in of(resources, LOGGING))


def disks_encrypted(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Disks of machines, volumes, file systems and databases that are not encrypted."""
    for resource in resources:
        kind = resource.type.removeprefix("aws:")
        if kind == "ec2/instance:Instance":
            right = holds(resource.at("rootBlockDevice.encrypted"), True) and all(
                holds(disk.get("encrypted"), True) for disk in entries(resource.at("ebsBlockDevices"))
            )
        elif kind == "ec2/launchTemplate:LaunchTemplate":
            mappings = resource.at("blockDeviceMappings")
            disks = [entry.get("ebs") or {} for entry in entries(mappings)]
            right = mappings is UNKNOWN or (
                bool(disks) and all(disk is UNKNOWN or holds(disk.get("encrypted"), True, "true") for disk in disks)
            )
        else:
            right = kind not in _ENCRYPTED or holds(resource.at(_ENCRYPTED[kind]), True)
        if not right:
            yield Finding(
                resource, "keeps data on a disk that is not encrypted", "set encrypted to true for every disk"
            )


def keys_named(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Log groups, trails, vaults, secrets, topics, queues and databases without a key of the deployment."""
    for resource in resources:
        key = _KEYED.get(resource.type.removeprefix("aws:"))
        if key and not given(resource.at(key)):
            yield Finding(resource, f"has no {key}", "give it a KMS key of the deployment")


def keys_rotate(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Symmetric keys that are never renewed. Others cannot be."""
    for key in of(resources, "kms/key:Key"):
        symmetric = key.at("customerMasterKeySpec") in {None, "SYMMETRIC_DEFAULT"}
        if symmetric and not holds(key.at("enableKeyRotation"), True):
            yield Finding(key, "is never renewed", "set enable_key_rotation to true")


def buckets_encrypted(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Buckets whose objects are not encrypted with a key of the deployment unless the writer thinks of it."""

    def fits(setting: Resource) -> bool:
        rules = [entry.get("applyServerSideEncryptionByDefault") or {} for entry in entries(setting.at("rules"))]
        return setting.at("rules") is UNKNOWN or any(
            rule is UNKNOWN
            or (holds(rule.get("sseAlgorithm"), "aws:kms", "aws:kms:dsse") and given(rule.get("kmsMasterKeyId")))
            for rule in rules
        )

    type_ = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    # S3 delivers access records to no bucket whose default is a key of KMS, so there S3's own key must do.
    others = [
        entry for entry in resources if not (entry.type == f"aws:{BUCKET}" and takes_access_logs(resources, entry))
    ]
    yield from _buckets_without(
        others, type_, fits, "does not encrypt with a key of its own", "give it an encryption with aws:kms and a key"
    )


def buckets_private(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Buckets that could be made public by a policy or an access list."""
    yield from _buckets_without(
        resources,
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        lambda block: all(holds(block.at(flag), True) for flag in _CLOSED),
        "can be made public",
        "give it a BucketPublicAccessBlock with all four settings true",
    )


def buckets_tls_only(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Buckets that answer requests without TLS."""
    yield from _buckets_without(
        resources,
        "s3/bucketPolicy:BucketPolicy",
        lambda policy: policy.at("policy") is UNKNOWN or any(map(refuses_plain_http, statements(policy.at("policy")))),
        "answers requests without TLS",
        "deny every action to everybody where aws:SecureTransport is false (stacks/components/s3_bucket.py, tls_only)",
    )


def buckets_versioned(resources: Sequence[Resource], _asked: Asked) -> Iterator[Finding]:
    """Buckets in which what is overwritten or deleted is lost."""
    yield from _buckets_without(
        resources,
        "s3/bucketVersioning:BucketVersioning",
        lambda setting: holds(setting.at("versioningConfiguration.status"), "Enabled"),
        "loses what is overwritten or deleted",
        "give it a BucketVersioning that is Enabled",
    )


def buckets_kept(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Buckets that are never emptied, or in which recordings or audit records leave before their time."""
    wanted = {
        f"{asked.plan.name}-recordings": asked.plan.recording.retention_days,
        f"{asked.plan.name}-audit": asked.audit_retention_days,
        f"{asked.plan.name}-access": asked.audit_retention_days,
    }
    for bucket in of(resources, BUCKET):
        settings = _settings(resources, bucket, "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
        if any(setting.at("rules") is UNKNOWN for setting in settings):
            continue
        rules = [
            rule for setting in settings for rule in entries(setting.at("rules")) if rule.get("status") == "Enabled"
        ]
        days = wanted.get(bucket.name, 0)
        ends = [
            entry["days"] for rule in rules for entry in entries(rule.get("expiration")) if given(entry.get("days"))
        ]
        if not rules or (days and not ends):
            yield Finding(bucket, "is never emptied", f"give it a lifecycle of {days or 'some'} days")
        for end in ends:
            if end is not UNKNOWN and int(end) < days:
                yield Finding(
                    bucket,
                    f"deletes after {int(end)} days what is to be kept for {days}",
                    f"let the lifecycle expire objects after {days} days",
                )


def logs_kept(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Log groups that forget too early. One without a period never forgets."""
    for group in of(resources, _GROUP):
        days = group.at("retentionInDays")
        if given(days) and days is not UNKNOWN and int(days) < asked.audit_retention_days:
            yield Finding(
                group,
                f"keeps logs for {int(days)} days, not {asked.audit_retention_days}",
                f"set retention_in_days to {asked.audit_retention_days} (seats:auditRetentionDays)",
            )


def data_protected(resources: Sequence[Resource], asked: Asked) -> Iterator[Finding]:
    """Buckets, logs, keys and databases of a live deployment that a mistaken destroy would take along."""
    if not asked.keeps_data:
        return
    # With an instance of Amazon Connect go its users and its history; a number that was let go is somebody else's.
    managed = ("connect/instance:Instance", "connect/phoneNumber:PhoneNumber")
    held = (BUCKET, _GROUP, "backup/vault:Vault", "kms/key:Key", _KEPT_SECRET)
    for resource in of(resources, *held, *_DATABASES, *managed):
        if resource.protect is False:
            yield Finding(resource, "is not protected from deletion", "make it with the options of Place.keep")
        if not holds(resource.at("forceDestroy"), None, False):
            yield Finding(resource, "is deleted with everything in it", "set force_destroy to false")
    for database in of(resources, *_DATABASES):
        final = holds(database.at("skipFinalSnapshot"), None, False)
        if not holds(database.at("deletionProtection"), True) or not final:
            yield Finding(
                database,
                "can be deleted without a last copy",
                "set deletion_protection to true and skip_final_snapshot to false",
            )


def _settings(resources: Sequence[Resource], bucket: Resource, type_: str) -> list[Resource]:
    return [setting for setting in of(resources, type_) if setting.refers("bucket", bucket)]


def _buckets_without(
    resources: Sequence[Resource], type_: str, fits: Callable[[Resource], Any], message: str, remedy: str
) -> Iterator[Finding]:
    for bucket in of(resources, BUCKET):
        if not any(fits(setting) for setting in _settings(resources, bucket, type_)):
            yield Finding(bucket, message, remedy)
