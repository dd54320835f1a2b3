"""EC2: what a region answers when nobody says otherwise, whose snapshots are asked for, services with a private door.

The emulator lacks the first, counts the snapshots of Debian's images among the account's own, looks for services with
private doors in modules that are not installed, forgets which messages of ICMP an access list is about, and keeps the
default list of a network that is gone. KMS: that a key is of one region only is said.
"""

from __future__ import annotations

import functools
from typing import Any

_METADATA = ("HttpEndpoint", "HttpPutResponseHopLimit", "HttpTokens", "InstanceMetadataTags")
_NO_PREFERENCE = ("no-preference", "-1", -1)


def extend() -> None:
    """Add it, once in a process."""
    from moto.core.base_backend import BaseBackend
    from moto.core.responses import ActionResult
    from moto.ec2.models import vpcs
    from moto.ec2.responses import EC2Response
    from moto.kms.models import Key

    if hasattr(EC2Response, "get_instance_metadata_defaults"):
        return
    _states(EC2Response, ActionResult, "snapshot", "State", "State")
    _states(EC2Response, ActionResult, "image", "ImageBlockPublicAccessState", "ImageBlockPublicAccessState")
    _metadata(EC2Response, ActionResult)
    _owners(EC2Response)
    _messages(EC2Response)

    def services(_account_id: str, region: str) -> list[dict[str, str]]:
        zones = [f"{region}{letter}" for letter in "ab"]
        make = BaseBackend.default_vpc_endpoint_service_factory
        return [entry for service in vpcs.AWS_ENDPOINT_SERVICES for entry in make(region, zones, service)]

    setattr(vpcs.VPCBackend, "_collect_default_endpoint_services", staticmethod(services))  # noqa: B010 - theirs
    deleted = vpcs.VPCBackend.delete_vpc

    @functools.wraps(deleted)
    def with_its_list(self: Any, vpc_id: str) -> Any:
        gone = deleted(self, vpc_id)
        for id_ in [key for key, each in self.network_acls.items() if each.default and each.vpc_id == vpc_id]:
            del self.network_acls[id_]
        return gone

    setattr(vpcs.VPCBackend, deleted.__name__, with_its_list)
    made = Key.__init__

    @functools.wraps(made)
    def one_region(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        self.multi_region = bool(self.multi_region)

    setattr(Key, made.__name__, one_region)


def _settings(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = response.ec2_backend.__dict__.setdefault("seatworks_defaults", {})
    return found


def _states(responses: Any, result: Any, what: str, asked: str, told: str) -> None:
    """Whether snapshots or images may be shared with everybody: three calls."""

    def enable(self: Any) -> Any:
        _settings(self)[what] = self._get_param(asked)
        return result({told: _settings(self)[what]})

    def disable(self: Any) -> Any:
        _settings(self)[what] = "unblocked"
        return result({told: "unblocked"})

    def get(self: Any) -> Any:
        return result({told: _settings(self).get(what, "unblocked")})

    setattr(responses, f"enable_{what}_block_public_access", enable)
    setattr(responses, f"disable_{what}_block_public_access", disable)
    setattr(responses, f"get_{what}_block_public_access_state", get)


def _metadata(responses: Any, result: Any) -> None:
    def modify(self: Any) -> Any:
        kept = _settings(self).setdefault("metadata", {})
        for name in _METADATA:
            if (value := self._get_param(name)) is not None:
                kept[name] = value
        return result({"Return": True})

    def get(self: Any) -> Any:
        kept = _settings(self).get("metadata", {})
        return result({"AccountLevel": {name: kept[name] for name in kept if kept[name] not in _NO_PREFERENCE}})

    responses.modify_instance_metadata_defaults = modify
    responses.get_instance_metadata_defaults = get


def _owners(responses: Any) -> None:
    plain = responses.describe_snapshots

    @functools.wraps(plain)
    def of_owner(self: Any) -> Any:
        answer, asked = plain(self), self._get_param("OwnerIds", [])
        if asked:
            wanted = {self.current_account if owner == "self" else owner for owner in asked}
            found = [each for each in answer.result["Snapshots"] if each.owner_id in wanted]
            answer.result["Snapshots"] = found
        return answer

    responses.describe_snapshots = of_owner


def _messages(responses: Any) -> None:
    plain = responses.create_network_acl_entry

    @functools.wraps(plain)
    def with_messages(self: Any) -> Any:
        answer = plain(self)
        if asked := self._get_param("IcmpTypeCode"):
            made = self.ec2_backend.get_network_acl(self._get_param("NetworkAclId")).network_acl_entries[-1]
            made.icmp_type, made.icmp_code = asked["Type"], asked["Code"]
        return answer

    responses.create_network_acl_entry = with_messages
