"""Another value for each property that changes in place, where a test cannot make one up by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lab.cloud.state import Record
from tests.sites import Standing

# Nothing may be asked of these but what stands.
AS_IT_IS = object()


def next_id(type_: str, key: str = "arn") -> Callable[[Standing, Record], Any]:
    """The output of a resource of that type which the record does not name yet."""

    def choose(centre: Standing, record: Record) -> Any:
        named = [*record.inputs.values(), *record.inputs.get("vpcSecurityGroupIds", [])]
        found = ({**other.outputs, "id": other.id}[key] for other in centre.records if other.type == f"aws:{type_}")
        return next(value for value in found if value not in named)

    return choose


def other_end(record: Record) -> str:
    """How a hook that nobody answers ends otherwise."""
    return "ABANDON" if record.inputs["defaultResult"] == "CONTINUE" else "CONTINUE"


def _entry(number: int, **changes: Any) -> dict[str, Any]:
    """A rule of a network access list."""
    rule = {"protocol": "-1", "action": "allow", "cidrBlock": "10.0.0.0/8", "fromPort": 0, "toPort": 0}
    return {"ruleNo": number, **rule, **changes}


OTHERS: dict[str, dict[str, Any]] = {
    "ec2/instance:Instance": {
        "instanceType": "c6i.4xlarge",
        "userData": "#cloud-config\n{}\n",
        "vpcSecurityGroupIds": lambda centre, record: [
            next_id("ec2/securityGroup:SecurityGroup", "id")(centre, record)
        ],
        "rootBlockDevice": lambda _, record: {**record.inputs["rootBlockDevice"], "volumeSize": 990},
        "volumeTags": {"Owner": "another"},
        "metadataOptions": {"httpEndpoint": "disabled", "httpPutResponseHopLimit": 2, "httpTokens": "optional"},
    },
    "ec2/networkInterface:NetworkInterface": {
        "securityGroups": lambda centre, record: [next_id("ec2/securityGroup:SecurityGroup", "id")(centre, record)],
    },
    "ec2/launchTemplate:LaunchTemplate": {
        "imageId": "ami-0d13000000000000a",
        "instanceType": "c6i.4xlarge",
        "keyName": "another",
        "userData": "I2Nsb3VkLWNvbmZpZwo=",
        "iamInstanceProfile": {"name": "another"},
        "metadataOptions": {"httpEndpoint": "disabled", "httpPutResponseHopLimit": 2, "httpTokens": "optional"},
        "networkInterfaces": [{"deviceIndex": 0, "subnetId": "subnet-1", "associatePublicIpAddress": "true"}],
        "blockDeviceMappings": [{"deviceName": "/dev/sda1", "ebs": {"encrypted": "false", "volumeSize": 9}}],
        "tagSpecifications": [{"resourceType": "instance", "tags": {"Owner": "another"}}],
    },
    "autoscaling/group:Group": {
        # A group of another size starts machines, and waits for its template's interface.
        "minSize": AS_IT_IS,
        "desiredCapacity": AS_IT_IS,
        "availabilityZones": ["cn-north-1b"],
        "launchTemplate": lambda centre, record: {
            "id": next_id("ec2/launchTemplate:LaunchTemplate", "id")(centre, record),
            "version": "$Default",
        },
        "healthCheckType": "ELB",
        "enabledMetrics": ["GroupDesiredCapacity"],
        "tags": [{"key": "Owner", "value": "another", "propagateAtLaunch": False}],
    },
    "autoscaling/lifecycleHook:LifecycleHook": {"defaultResult": lambda _, record: other_end(record)},
    "autoscaling/schedule:Schedule": {"startTime": "2027-03-01T00:00:00Z"},
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": {"ingress": AS_IT_IS, "egress": AS_IT_IS},
    "ec2/defaultNetworkAcl:DefaultNetworkAcl": {"ingress": AS_IT_IS, "egress": AS_IT_IS},
    "ec2/networkAcl:NetworkAcl": {
        "ingress": [_entry(7, protocol="udp", fromPort=53, toPort=53), _entry(9)],
        "egress": [_entry(5, action="deny"), _entry(8)],
        "subnetIds": lambda _, record: record.inputs["subnetIds"][:1],
    },
    "ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": {"state": "block-new-sharing"},
    # Off it is not there at all.
    "ec2/imageBlockPublicAccess:ImageBlockPublicAccess": {"state": AS_IT_IS},
    "ec2/instanceMetadataDefaults:InstanceMetadataDefaults": {"httpTokens": "optional"},
    "guardduty/detectorFeature:DetectorFeature": {"status": "DISABLED"},
    "s3/bucketOwnershipControls:BucketOwnershipControls": {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "bucketKeyEnabled": False}]
    },
    "s3/bucketVersioning:BucketVersioning": {"versioningConfiguration": {"status": "Suspended"}},
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "rules": [{"id": "short", "status": "Enabled", "filter": {"prefix": "a/"}, "expiration": {"days": 3}}]
    },
    "cloudtrail/trail:Trail": {
        "eventSelectors": [{"readWriteType": "WriteOnly", "includeManagementEvents": True}],
        "kmsKeyId": next_id("kms/key:Key"),
        "s3BucketName": next_id("s3/bucket:Bucket", "bucket"),
        "enableLogging": False,
        "cloudWatchLogsGroupArn": lambda centre, record: next_id("cloudwatch/logGroup:LogGroup")(centre, record) + ":*",
        "cloudWatchLogsRoleArn": next_id("iam/role:Role"),
    },
    "cloudwatch/logGroup:LogGroup": {"retentionInDays": 731},
    "kms/alias:Alias": {"targetKeyId": next_id("kms/key:Key", "keyId")},
    "kms/key:Key": {"isEnabled": False},
    "s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": {
        "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": 181}}
    },
    "s3/bucketLogging:BucketLogging": {
        # There is one bucket that S3 may deliver logs to.
        "targetBucket": AS_IT_IS,
        "targetPrefix": "elsewhere/",
    },
    "iam/accountPasswordPolicy:AccountPasswordPolicy": {"passwordReusePrevention": 12},
    # Off they are not there at all.
    "ebs/encryptionByDefault:EncryptionByDefault": {"enabled": AS_IT_IS},
    "cfg/recorderStatus:RecorderStatus": {"isEnabled": AS_IT_IS},
    "cfg/recorder:Recorder": {
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": False},
        "roleArn": next_id("iam/role:Role"),
    },
    "cfg/deliveryChannel:DeliveryChannel": {
        "s3BucketName": next_id("s3/bucket:Bucket", "bucket"),
        "s3KmsKeyArn": next_id("kms/key:Key"),
    },
    "route53/record:Record": {"records": lambda _, record: record.inputs["records"][:1]},
    "cfg/rule:Rule": {
        "inputParameters": lambda _, record: re.sub(r"\d+", "15", record.inputs["inputParameters"], count=1),
        "source": {"owner": "AWS", "sourceIdentifier": "ENCRYPTED_VOLUMES"},
    },
    "guardduty/detector:Detector": {"findingPublishingFrequency": "ONE_HOUR"},
    "secretsmanager/secret:Secret": {"kmsKeyId": next_id("kms/key:Key")},
    "sns/topic:Topic": {"displayName": "Another", "kmsMasterKeyId": next_id("kms/key:Key")},
    "cloudwatch/eventRule:EventRule": {"eventPattern": '{"source": ["aws.health"]}'},
    "cloudwatch/eventTarget:EventTarget": {"arn": "arn:aws-cn:sns:cn-north-1:123456789012:another"},
    "cloudwatch/logMetricFilter:LogMetricFilter": {
        "metricTransformation": {
            "name": "another",
            "namespace": "Seatworks/another",
            "value": "2",
            "defaultValue": "0",
        },
        "pattern": '{ $.eventName = "Another" }',
    },
    "cloudwatch/metricAlarm:MetricAlarm": {
        "alarmActions": ["arn:aws-cn:sns:cn-north-1:123456789012:another"],
        "alarmDescription": "Another",
        "comparisonOperator": "LessThanThreshold",
        "dimensions": {"InstanceId": "i-1"},
        "metricName": "Another",
        "namespace": "AWS/NAT",
        "metricQueries": AS_IT_IS,
        "okActions": ["arn:aws-cn:sns:cn-north-1:123456789012:another"],
        "statistic": "Sum",
        "treatMissingData": "breaching",
    },
    "backup/plan:Plan": {
        "name": "another",
        "rules": lambda _, record: [{**record.inputs["rules"][0], "schedule": "cron(0 3 * * ? *)"}],
    },
    # More than the most that the lock allows is refused.
    "backup/vaultLockConfiguration:VaultLockConfiguration": {"minRetentionDays": 34},
}
