"""GuardDuty: tags and features of a detector can be changed one by one, and it is asked for findings and members.

IAM: the role that Config makes bears Config's own spelling. Security Hub: its ARN is of the partition it stands in, and
it says which standards it holds the account to. Macie is off until somebody switches it on.
"""

from __future__ import annotations

import functools
import json
from typing import Any
from urllib.parse import unquote

# Features that the older part of an answer tells too, and where.
_SOURCES: dict[str, tuple[str, ...]] = {
    "S3_DATA_EVENTS": ("s3Logs",),
    "EKS_AUDIT_LOGS": ("kubernetes", "auditLogs"),
    "EBS_MALWARE_PROTECTION": ("malwareProtection", "scanEc2InstanceWithFindings", "ebsVolumes"),
}


def extend() -> None:
    """Add what the emulator leaves out, once in a process."""
    from moto.guardduty.responses import GuardDutyResponse

    if not hasattr(GuardDutyResponse, "tag_resource"):
        _detectors()
        _standards()
        _macie()
        from moto.iam.models import SERVICE_NAME_CONVERSION

        SERVICE_NAME_CONVERSION["config"] = "Config"


def _detectors() -> None:
    from moto.guardduty import urls
    from moto.guardduty.models import Detector, GuardDutyBackend
    from moto.guardduty.responses import GuardDutyResponse

    def of(backend: GuardDutyBackend, path: str) -> Detector:
        return backend.get_detector(unquote(path).rpartition("/")[2])

    def tag_resource(self: GuardDutyResponse) -> str:
        detector = of(self.guardduty_backend, self.path)
        detector.tags = {**detector.tags, **self._get_param("tags")}
        return "{}"

    def untag_resource(self: GuardDutyResponse) -> str:
        detector = of(self.guardduty_backend, self.path)
        for key in self.querystring.get("tagKeys", []):
            detector.tags.pop(key, None)
        return "{}"

    def list_tags_for_resource(self: GuardDutyResponse) -> str:
        return json.dumps({"tags": of(self.guardduty_backend, self.path).tags})

    def list_findings(self: GuardDutyResponse) -> str:
        # Nobody attacks the emulator.
        self.guardduty_backend.get_detector(self.path.split("/")[-2])
        return json.dumps({"findingIds": []})

    def list_members(self: GuardDutyResponse) -> str:
        self.guardduty_backend.get_detector(self.path.split("/")[-2])
        return json.dumps({"members": []})

    for method in (tag_resource, untag_resource, list_tags_for_resource, list_findings, list_members):
        setattr(GuardDutyResponse, method.__name__, method)
    for path in ("tags/(?P<resource_arn>.+)$", "detector/(?P<id>[^/]+)/findings$", "detector/(?P<id>[^/]+)/member$"):
        urls.url_paths["{0}/" + path] = GuardDutyResponse.dispatch
    changed, told = Detector.update, Detector.to_json

    @functools.wraps(changed)
    def update(self: Any, enable: Any, frequency: Any, data_sources: Any, features: Any) -> None:
        kept = {entry["name"]: entry for entry in [*self.features, *(features or [])]}
        changed(self, enable, frequency, data_sources, list(kept.values()))

    @functools.wraps(told)
    def to_json(self: Any) -> dict[str, Any]:
        answer = told(self)
        for feature in self.features:
            *places, last = _SOURCES.get(feature["name"], ("",))
            if last:
                holder = functools.reduce(lambda at, key: at.setdefault(key, {}), places, answer["dataSources"])
                holder[last] = {"status": feature["status"]}
        return answer

    setattr(Detector, changed.__name__, update)
    setattr(Detector, told.__name__, to_json)


def _standards() -> None:
    from moto.securityhub import urls
    from moto.securityhub.models import SecurityHubBackend
    from moto.securityhub.responses import SecurityHubResponse
    from moto.utilities.utils import get_partition

    enabled = SecurityHubBackend.enable_security_hub

    @functools.wraps(enabled)
    def enable(self: Any, enable_default_standards: bool = True, tags: Any = None) -> Any:
        self.seatworks_standards = enable_default_standards
        return enabled(self, enable_default_standards, tags)

    described = SecurityHubBackend.describe_hub

    @functools.wraps(described)
    def describe(self: Any, hub_arn: str | None = None) -> Any:
        partition = get_partition(self.region_name)
        # The emulator knows it under the common partition.
        found = described(self, hub_arn and hub_arn.replace(f"arn:{partition}:", "arn:aws:", 1))
        return {**found, "HubArn": found["HubArn"].replace("arn:aws:", f"arn:{partition}:", 1)}

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": getattr(self.securityhub_backend, "tags", {})})

    def get_enabled_standards(self: Any) -> str:
        backend = self.securityhub_backend
        backend.describe_hub()
        start = f"arn:{get_partition(self.region)}:securityhub:{self.region}"
        # The two that come with the hub.
        names = ("aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/1.2.0")
        found = [
            {
                "StandardsSubscriptionArn": f"{start}:{self.current_account}:subscription/{name}",
                "StandardsArn": f"{start}::standards/{name}",
                "StandardsInput": {},
                "StandardsStatus": "READY",
            }
            for name in names
            if backend.seatworks_standards
        ]
        return json.dumps({"StandardsSubscriptions": found})

    def list_enabled_products_for_import(self: Any) -> str:
        self.securityhub_backend.describe_hub()
        return json.dumps({"ProductSubscriptions": []})

    setattr(SecurityHubBackend, enabled.__name__, enable)
    setattr(SecurityHubBackend, described.__name__, describe)
    for method in (list_tags_for_resource, get_enabled_standards, list_enabled_products_for_import):
        setattr(SecurityHubResponse, method.__name__, method)
    for path in ("standards/get$", "productSubscriptions$", "tags/(?P<resource_arn>.+)$"):
        urls.url_paths["{0}/" + path] = SecurityHubResponse.dispatch


def _macie() -> None:
    from moto.core.exceptions import JsonRESTError
    from moto.macie2.models import MacieBackend

    made, told = MacieBackend.__init__, MacieBackend.get_macie_session

    @functools.wraps(made)
    def off(self: Any, region_name: str, account_id: str) -> None:
        made(self, region_name, account_id)
        self.macie_session = None

    @functools.wraps(told)
    def session(self: Any) -> Any:
        if self.macie_session is None:
            refusal = JsonRESTError("AccessDeniedException", "Macie is not enabled.")
            refusal.code = 403
            raise refusal
        return told(self)

    setattr(MacieBackend, made.__name__, off)
    setattr(MacieBackend, told.__name__, session)
