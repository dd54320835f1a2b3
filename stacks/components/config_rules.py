"""What AWS Config asks of the account day and night: the rules of stacks/policy, of whatever anybody makes by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that AWS maintains. `parameters` is JSON; `elsewhere`: not offered in the regions in China."""

    name: str
    identifier: str
    says: str
    parameters: str = ""
    elsewhere: bool = False

    def serves(self, partition: str) -> bool:
        """Whether AWS offers it in this partition."""
        return not (self.elsewhere and partition == "aws-cn")


CHECKS = (
    Check("disks-encrypted", "ENCRYPTED_VOLUMES", "Disks of instances are encrypted."),
    Check("disks-by-default", "EC2_EBS_ENCRYPTION_BY_DEFAULT", "New disks are encrypted whoever makes them."),
    Check("snapshots-private", "EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK", "Nobody outside can restore a disk."),
    Check("metadata-by-token", "EC2_IMDSV2_CHECK", "Instances give credentials only to requests with a token."),
    Check("ssh-closed", "INCOMING_SSH_DISABLED", "SSH is not open to the Internet."),
    Check("default-closed", "VPC_DEFAULT_SECURITY_GROUP_CLOSED", "Default security groups let nothing through."),
    Check("network-logged", "VPC_FLOW_LOGS_ENABLED", "Networks write down their connections."),
    Check("buckets-unreadable", "S3_BUCKET_PUBLIC_READ_PROHIBITED", "Strangers cannot read a bucket."),
    Check("buckets-unwritable", "S3_BUCKET_PUBLIC_WRITE_PROHIBITED", "Strangers cannot write to a bucket."),
    Check("buckets-tls-only", "S3_BUCKET_SSL_REQUESTS_ONLY", "Buckets refuse requests without TLS."),
    Check("buckets-versioned", "S3_BUCKET_VERSIONING_ENABLED", "What is overwritten in a bucket can be brought back."),
    Check("calls-logged", "MULTI_REGION_CLOUD_TRAIL_ENABLED", "Calls in every region are written down."),
    Check("calls-sealed", "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", "The record of calls shows any change to it."),
    Check("calls-encrypted", "CLOUD_TRAIL_ENCRYPTION_ENABLED", "The record of calls is encrypted with a key."),
    Check("logs-encrypted", "CLOUDWATCH_LOG_GROUP_ENCRYPTED", "Logs are encrypted with a key."),
    Check("topics-encrypted", "SNS_ENCRYPTED_KMS", "Messages are encrypted with a key."),
    Check("keys-rotate", "CMK_BACKING_KEY_ROTATION_ENABLED", "Keys are renewed every year."),
    Check("keys-stay", "KMS_CMK_NOT_SCHEDULED_FOR_DELETION", "No key is about to be deleted."),
    Check("secrets-keyed", "SECRETSMANAGER_USING_CMK", "Secrets are encrypted with a key of the account."),
    Check(
        "secrets-renewed", "SECRETSMANAGER_SECRET_PERIODIC_ROTATION", "Secrets are changed at least once a year.",
        '{"maxDaysSinceRotation":"365"}',
    ),
    Check("databases-encrypted", "RDS_STORAGE_ENCRYPTED", "Databases are encrypted."),
    Check("databases-private", "RDS_INSTANCE_PUBLIC_ACCESS_CHECK", "No database has a public address."),
    Check("databases-stay", "RDS_INSTANCE_DELETION_PROTECTION_ENABLED", "No database is deleted by mistake."),
    Check("databases-copied", "DB_INSTANCE_BACKUP_ENABLED", "Databases are copied every day."),
    Check("copies-private", "RDS_SNAPSHOTS_PUBLIC_PROHIBITED", "Nobody outside can restore a database."),
    Check("copies-encrypted", "BACKUP_RECOVERY_POINT_ENCRYPTED", "Copies are encrypted.", elsewhere=True),
    # Accounts in China have no root user that signs in.
    Check("root-second-factor", "ROOT_ACCOUNT_MFA_ENABLED", "The root user has a second factor.", elsewhere=True),
    Check("root-without-key", "IAM_ROOT_ACCESS_KEY_CHECK", "The root user has no access key."),
    Check("users-second-factor", "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS", "Users sign in with a second factor."),
    Check(
        "passwords-strong", "IAM_PASSWORD_POLICY", "Passwords are long and changed regularly.",
        '{"MaxPasswordAge":"90","MinimumPasswordLength":"14","PasswordReusePrevention":"24","RequireLowercaseCharacters":'
        '"true","RequireNumbers":"true","RequireSymbols":"true","RequireUppercaseCharacters":"true"}',
    ),
    Check("rights-bounded", "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", "No policy allows everything."),
)  # fmt: skip
