"""Service Quotas: those of EC2 and Amazon Connect, and more for whoever asks, at once.

The emulator has the defaults of VPC alone and nobody can ask for more.
"""

from __future__ import annotations

import json
from typing import Any

# What an account has before anybody asks for more (docs.aws.amazon.com/general, ec2-service and connect_region).
_DEFAULTS = {
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5.0),
    ("ec2", "L-1216C47A"): ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5.0),
    ("connect", "L-AA17A6B9"): ("Amazon Connect instance count", 2.0),
}


def extend() -> None:
    """Add it. Done twice it is the same."""
    from moto.core.exceptions import JsonRESTError
    from moto.servicequotas.exceptions import NoSuchResource
    from moto.servicequotas.models import ServiceQuotasBackend
    from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS
    from moto.servicequotas.responses import ServiceQuotasResponse

    def default(service: str, code: str) -> dict[str, Any]:
        for quota in VPC_DEFAULT_QUOTAS:
            if (quota["ServiceCode"], quota["QuotaCode"]) == (service, code):
                return dict(quota)
        if (service, code) not in _DEFAULTS:
            raise NoSuchResource
        name, value = _DEFAULTS[service, code]
        return {"ServiceCode": service, "QuotaCode": code, "QuotaName": name, "Value": value, "Adjustable": True}

    def granted(backend: Any) -> dict[tuple[str, str], float]:
        """What was asked for in this account and region; it goes with them."""
        found: dict[tuple[str, str], float] = backend.__dict__.setdefault("seatworks_granted", {})
        return found

    def get_service_quota(self: Any, service_code: str, quota_code: str) -> dict[str, Any]:
        quota = default(service_code, quota_code)
        return {**quota, "Value": granted(self).get((service_code, quota_code), quota["Value"])}

    def get_aws_default_service_quota(self: Any) -> str:
        asked = json.loads(self.body)
        return json.dumps({"Quota": default(asked["ServiceCode"], asked["QuotaCode"])})

    def request_service_quota_increase(self: Any) -> str:
        asked = json.loads(self.body)
        service, code, wanted = asked["ServiceCode"], asked["QuotaCode"], float(asked["DesiredValue"])
        if wanted <= get_service_quota(self.backend, service, code)["Value"]:
            more = "You must provide a quota value greater than the current quota value"
            raise JsonRESTError("IllegalArgumentException", more)
        granted(self.backend)[service, code] = wanted
        told = {"ServiceCode": service, "QuotaCode": code, "DesiredValue": wanted, "Status": "APPROVED"}
        return json.dumps({"RequestedQuota": told})

    setattr(ServiceQuotasBackend, get_service_quota.__name__, get_service_quota)
    for method in (get_aws_default_service_quota, request_service_quota_increase):
        setattr(ServiceQuotasResponse, method.__name__, method)
