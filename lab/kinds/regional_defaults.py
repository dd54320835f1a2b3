"""What an account answers in one region when nobody says otherwise: who may share disks and images, how machines
give away their credentials; and what GuardDuty looks at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, properties, request
from stacks.values import Properties

_METADATA = members("httpEndpoint", "httpPutResponseHopLimit", "httpTokens", "instanceMetadataTags")
_NO_PREFERENCE = {
    "HttpEndpoint": "no-preference",
    "HttpPutResponseHopLimit": -1,
    "HttpTokens": "no-preference",
    "InstanceMetadataTags": "no-preference",
}


def _regional(put: Callable[[Account, Properties], object]) -> dict[str, Any]:
    """How something is made and changed that a region has once."""

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        put(account, inputs)
        return account.region, {}

    return {"create": create, "change": lambda account, _id, new, _old: put(account, new)}


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


def _read_metadata(account: Account, _id: str, _known: Properties) -> Properties | None:
    found = account.client("ec2").get_instance_metadata_defaults().get("AccountLevel", {})
    return properties(_METADATA, found) if found else None


def _put_feature(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("guardduty").update_detector(
        DetectorId=new["detectorId"], Features=[{"Name": new["name"], "Status": new["status"]}]
    )


def _feature(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _put_feature(account, "", inputs, {})
    return f"{inputs['detectorId']}/{inputs['name']}", {}


def _read_feature(account: Account, id_: str, _known: Properties) -> Properties | None:
    detector, _, name = id_.partition("/")
    guard = account.client("guardduty")
    if detector not in guard.list_detectors()["DetectorIds"]:
        return None
    for found in guard.get_detector(DetectorId=detector).get("Features", []):
        if found["Name"] == name:
            return {"detectorId": detector, "name": name, "status": found["Status"]}
    return None


def _read_state(ask: Callable[[Any], str]) -> Callable[[Account, str, Properties], Properties | None]:
    def read(account: Account, _id: str, _known: Properties) -> Properties | None:
        state = ask(account.client("ec2"))
        return None if state == "unblocked" else {"state": state}

    return read


_SNAPSHOTS, _IMAGES, _TOKENS = _regional(_share_snapshots), _regional(_share_images), _regional(_metadata)

DEFAULTS = {
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": Kind(
        create=_SNAPSHOTS["create"],
        delete=lambda account, _id, _outputs: _share_snapshots(account, {"state": "unblocked"}),
        read=_read_state(lambda ec2: str(ec2.get_snapshot_block_public_access_state()["State"])),
        changes={"state": _SNAPSHOTS["change"]},
        required=("state",),
    ),
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": Kind(
        create=_IMAGES["create"],
        # The provider leaves it as it is.
        delete=lambda _account, _id, _outputs: None,
        read=_read_state(lambda ec2: str(ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"])),
        changes={"state": _IMAGES["change"]},
        required=("state",),
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": Kind(
        create=_TOKENS["create"],
        delete=lambda account, _id, _outputs: _metadata(account, {}),
        read=_read_metadata,
        changes=dict.fromkeys(_METADATA, _TOKENS["change"]),
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Kind(
        create=_feature,
        # It goes with its detector, as with the real provider.
        delete=lambda _account, _id, _outputs: None,
        read=_read_feature,
        changes={"status": _put_feature},
        required=("detectorId", "name", "status"),
    ),
}
