"""GuardDuty: tags of a detector can be changed. IAM: the role that Config makes bears Config's own spelling.

Security Hub: its ARN is of the partition it stands in.
"""

from __future__ import annotations

import json
from urllib.parse import unquote


def extend() -> None:
    """Add what the emulator leaves out."""
    from moto.guardduty import urls
    from moto.guardduty.models import Detector, GuardDutyBackend
    from moto.guardduty.responses import GuardDutyResponse
    from moto.iam.models import SERVICE_NAME_CONVERSION

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

    for method in (tag_resource, untag_resource, list_tags_for_resource):
        setattr(GuardDutyResponse, method.__name__, method)
    urls.url_paths["{0}/tags/(?P<resource_arn>.+)$"] = GuardDutyResponse.dispatch
    SERVICE_NAME_CONVERSION["config"] = "Config"
