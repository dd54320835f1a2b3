"""What an account answers in one region when nobody says otherwise: who may share disks and images, how machines
give away their credentials; and what GuardDuty looks at.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.aws.account import Account
from lab.kinds._kind import Create, Kind
from lab.kinds._members import members, request
from stacks.values import Properties

_METADATA = members("httpEndpoint", "httpPutResponseHopLimit", "httpTokens", "instanceMetadataTags")
_NO_PREFERENCE = {
    "HttpEndpoint": "no-preference",
    "HttpPutResponseHopLimit": -1,
    "HttpTokens": "no-preference",
    "InstanceMetadataTags": "no-preference",
}


def _regional(put: Callable[[Account, Properties], object]) -> Create:
    """How something is made that a region has once."""

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        put(account, inputs)
        return account.region, {}

    return create


def _share_snapshots(account: Account, new: Properties) -> None:
    ec2 = account.client("ec2")
    if new["state"] == "unblocked":
        ec2.disable_snapshot_block_public_access()
    else:
        ec2.enable_snapshot_block_public_access(State=new["state"])


def _share_images(account: Account, new: Properties) -> None:
    ec2 = account.client("ec2")
    if new["state"] == "unblocked":
        ec2.disable_image_block_public_access()
    else:
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState=new["state"])


def _metadata(account: Account, new: Properties) -> None:
    account.client("ec2").modify_instance_metadata_defaults(**{**_NO_PREFERENCE, **request(_METADATA, new)})


def _feature(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("guardduty").update_detector(
        DetectorId=inputs["detectorId"], Features=[{"Name": inputs["name"], "Status": inputs["status"]}]
    )
    return f"{inputs['detectorId']}/{inputs['name']}", {}


DEFAULTS = {
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": Kind(
        create=_regional(_share_snapshots),
        delete=lambda account, _id, _outputs: _share_snapshots(account, {"state": "unblocked"}),
        in_place=("state",),
        required=("state",),
    ),
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": Kind(
        create=_regional(_share_images),
        # The provider leaves it as it is.
        delete=lambda _account, _id, _outputs: None,
        in_place=("state",),
        required=("state",),
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": Kind(
        create=_regional(_metadata),
        delete=lambda account, _id, _outputs: _metadata(account, {}),
        in_place=_METADATA,
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Kind(
        create=_feature,
        # It goes with its detector, as with the real provider.
        delete=lambda _account, _id, _outputs: None,
        in_place=("status",),
        required=("detectorId", "name", "status"),
    ),
}
