"""What the lab's provider reads back is what the account holds: nothing invented, nothing missed, from an id alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab.cloud.state import Record, in_order
from lab.kinds import KINDS
from stacks.likeness import alike
from tests.rehearsal.others import AS_IT_IS, OTHERS
from tests.sites import Deployed, Standing, standing

# What does not end when it is deleted, and is gone with what it belongs to.
LASTING = {
    *("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"),
    *("aws:guardduty/detectorFeature:DetectorFeature", "aws:s3/bucketVersioning:BucketVersioning"),
    "aws:secretsmanager/secretVersion:SecretVersion",
}
# What belongs to the account: the network that AWS put there, and a setting that the provider leaves.
STAYING = {"cloud-born", "cloud-images"}


@pytest.fixture
def stands(deployed: Deployed) -> Iterator[Standing]:
    """Each example in its account."""
    yield from standing(deployed)


@pytest.fixture
def centre(peak: Deployed) -> Iterator[Standing]:
    """The cloud example with a peak in its account."""
    yield from standing(peak)


def test_every_resource_is_read_as_it_was_recorded(stands: Standing) -> None:
    assert {record.urn: stands.drift(record) for record in stands.records if stands.drift(record)} == {}
    assert all(stands.read(record) | record.outputs == stands.read(record) for record in stands.records)


def test_an_identifier_alone_gives_all_that_was_asked_for(stands: Standing) -> None:
    for record in stands.records:
        found = stands.provider.read(record.type, record.id, {}) or {}
        missed = {key for key, value in record.inputs.items() if not alike(found.get(key), value)} - {"tags"}
        untold = set(KINDS[record.type].untold)
        assert missed == untold & record.inputs.keys(), record.urn
        unknown = record.outputs.keys() - found.keys() - untold - {"tags"}
        assert not unknown, record.urn


def test_what_an_identifier_gives_needs_no_change_to_become_what_is_asked(stands: Standing) -> None:
    for record in stands.records:
        found = stands.provider.read(record.type, record.id, {}) or {}
        asked = stands.provider.asked(record.type, found, record.inputs)
        assert stands.provider.compare(record.type, asked, record.inputs).changed == (), record.urn


def test_a_resource_that_is_gone_is_read_as_nothing(centre: Standing) -> None:
    for record in reversed(in_order(centre.records)):
        centre.provider.delete(record.type, record.name, record.id, record.outputs)
        if record.type not in LASTING and record.name not in STAYING:
            assert centre.provider.read(record.type, record.id, {}) is None, record.urn
    left = [record for record in centre.records if centre.provider.read(record.type, record.id, {}) is not None]
    assert {record.name for record in left} == STAYING


def another(centre: Standing, record: Record, key: str) -> Any:
    """Another value for a property that changes in place."""
    old, given = record.inputs.get(key), OTHERS.get(record.type.removeprefix("aws:"), {}).get(key)
    if callable(given):
        return given(centre, record)
    if given is not None:
        return given
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        return old + 1
    if isinstance(old, str) and old.startswith("{"):
        document = json.loads(old)
        return json.dumps({**document, "Statement": [{**each, "Sid": "Other"} for each in document["Statement"][:1]]})
    assert key in {"description", "comment"}, f"give another value for {key} of {record.type} in OTHERS"
    return f"{old}, or not"


def changes(centre: Standing) -> Iterator[tuple[Record, str]]:
    """A record for every property that changes in place and that the example gives, or OTHERS has a value for."""
    of_type: dict[str, list[Record]] = {}
    for record in centre.records:
        of_type.setdefault(record.type, []).append(record)
    for type_, records in of_type.items():
        others = OTHERS.get(type_.removeprefix("aws:"), {})
        for key in sorted({*KINDS[type_].changes, *(("tagsAll",) if KINDS[type_].tags else ())}):
            giving = [record for record in records if key in record.inputs]
            if key not in KINDS[type_].untold and others.get(key) is not AS_IT_IS and (giving or key in others):
                yield (giving or records)[0], key


def test_every_change_in_place_arrives_in_the_account_and_can_be_taken_back(centre: Standing) -> None:
    tried = list(changes(centre))
    assert len(tried) > 40
    for record, key in tried:
        value = {"Deployment": "another"} if key == "tagsAll" else another(centre, record, key)
        for inputs in ({**record.inputs, key: value}, record.inputs):
            record.outputs = centre.provider.update(record.type, record.name, record.id, record.outputs, inputs, [key])
            assert centre.drift(record) == (), f"{key} of {record.urn}"
            wanted = {**KINDS[record.type].defaults, **inputs}.get(key)
            assert alike(centre.read(record).get(key), wanted), f"{key} of {record.urn}"


Deed = Callable[[Standing, Record], object]


@pytest.mark.parametrize(
    ("type_", "deed", "seen"),
    [
        pytest.param(
            "ec2/vpc:Vpc",
            lambda s, r: s.client("ec2").create_tags(Resources=[r.id], Tags=[{"Key": "Owner", "Value": "x"}]),
            ("tagsAll",),
            id="a-tag-more",
        ),
        pytest.param(
            "ec2/subnet:Subnet",
            lambda s, r: s.client("ec2").modify_subnet_attribute(SubnetId=r.id, MapPublicIpOnLaunch={"Value": True}),
            ("mapPublicIpOnLaunch",),
            id="public-addresses-by-default",
        ),
        pytest.param(
            "ec2/defaultSecurityGroup:DefaultSecurityGroup",
            lambda s, r: s.client("ec2").authorize_security_group_ingress(
                GroupId=r.id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
            ),
            ("ingress",),
            id="a-rule-in-the-group-that-is-to-have-none",
        ),
        pytest.param(
            "ec2/instance:Instance",
            lambda s, r: s.client("ec2").stop_instances(InstanceIds=[r.id]),
            ("instanceState",),
            id="a-machine-stopped",
        ),
        pytest.param(
            "ec2/instance:Instance",
            lambda s, r: s.client("ec2").modify_instance_attribute(InstanceId=r.id, InstanceType={"Value": "t3.nano"}),
            ("instanceType",),
            id="a-smaller-machine",
        ),
        pytest.param(
            "s3/bucketVersioning:BucketVersioning",
            lambda s, r: s.client("s3").put_bucket_versioning(
                Bucket=r.id, VersioningConfiguration={"Status": "Suspended"}
            ),
            ("versioningConfiguration",),
            id="versions-no-longer-kept",
        ),
        pytest.param(
            "s3/bucket:Bucket",
            lambda s, r: s.client("s3").delete_bucket_tagging(Bucket=r.id),
            ("tagsAll",),
            id="a-bucket-without-tags",
        ),
        pytest.param(
            "kms/key:Key",
            lambda s, r: s.client("kms").disable_key_rotation(KeyId=r.id),
            ("enableKeyRotation",),
            id="a-key-that-is-not-rotated",
        ),
        pytest.param(
            "kms/key:Key",
            lambda s, r: s.client("kms").disable_key(KeyId=r.id),
            ("isEnabled",),
            id="a-key-switched-off",
        ),
        pytest.param(
            "cloudtrail/trail:Trail",
            lambda s, r: s.client("cloudtrail").stop_logging(Name=r.outputs["name"]),
            ("enableLogging",),
            id="a-trail-that-records-nothing",
        ),
        pytest.param(
            "cloudwatch/logGroup:LogGroup",
            lambda s, r: s.client("logs").delete_retention_policy(logGroupName=r.id),
            ("retentionInDays",),
            id="logs-kept-for-ever",
        ),
        pytest.param(
            "iam/rolePolicy:RolePolicy",
            lambda s, r: s.client("iam").put_role_policy(
                RoleName=r.outputs["role"],
                PolicyName=r.outputs["name"],
                PolicyDocument=r.outputs["policy"].replace("s3:PutObject", "s3:GetObject"),
            ),
            ("policy",),
            id="another-right",
        ),
        pytest.param(
            "iam/role:Role",
            lambda s, r: s.client("iam").update_role(RoleName=r.id, Description="somebody else's"),
            ("description",),
            id="another-description",
        ),
    ],
)
def test_what_somebody_changes_by_hand_is_seen(centre: Standing, type_: str, deed: Deed, seen: tuple[str, ...]) -> None:
    for record in (record for record in centre.records if record.type == f"aws:{type_}"):
        deed(centre, record)
        if centre.drift(record) == seen:
            return
    pytest.fail(f"nothing of {type_} is read otherwise")


def test_a_policy_in_another_spelling_is_the_same_policy(centre: Standing) -> None:
    record = next(record for record in centre.records if record.type == "aws:s3/bucketPolicy:BucketPolicy")
    document = json.loads(record.inputs["policy"])
    for statement in document["Statement"]:
        if isinstance(statement["Resource"], list):
            statement["Resource"].reverse()
        statement["Action"] = [statement["Action"]]
    text = json.dumps(document, sort_keys=True, indent=4)
    centre.client("s3").put_bucket_policy(Bucket=record.id, Policy=text)
    assert centre.drift(record) == ()
    assert centre.read(record)["policy"] == record.outputs["policy"]
