"""The same contact centre in the other modes, so that all three can be put side by side."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

from seatworks.spec import Cloud, Mode, Onprem, SeatSite, Spec, Trunk, TrunkKind

DEFAULT_REGION = "cn-north-1"
# Of a centre that stands in one place: the share of seats that a hybrid has in the cloud.
CLOUD_SHARE = 3
# Networks of a mode that is only compared: large enough for any plan.
_SERVERS, _PHONES = IPv4Network("10.0.0.0/12"), IPv4Network("10.16.0.0/12")
_CLOUD, _LINK = "10.224.0.0/16", "10.98.0.0/16"


def alternatives(spec: Spec) -> dict[str, Spec]:
    """The specification in every mode, its own unchanged. Pure.

    Seats move with the mode: all to the cloud, all on site, or as given; a centre that stands in one place gets a third
    of its seats in the cloud as a hybrid. Traffic, lines, protection and retention stay; a centre without lines of its
    own, which the provider of a managed platform answers, gets two carriers. A centre without a cloud
    section is planned in cn-north-1.
    """
    return {str(mode): spec if spec.mode == mode else _moved(spec, mode) for mode in Mode}


def _moved(spec: Spec, mode: Mode) -> Spec:
    total = spec.seats.onprem + spec.seats.cloud
    cloud = {Mode.CLOUD: total, Mode.ONPREM: 0, Mode.HYBRID: total // CLOUD_SHARE}[mode]
    onprem = total - cloud
    sites = {
        Mode.CLOUD: (SeatSite.CLOUD,),
        Mode.ONPREM: (SeatSite.ONPREM,),
        Mode.HYBRID: (SeatSite.ONPREM, SeatSite.CLOUD),
    }[mode]
    region = spec.cloud.region if spec.cloud else DEFAULT_REGION
    changes: dict[str, Any] = {
        "mode": mode,
        "seats": spec.seats.model_copy(
            update={
                "onprem": onprem,
                "cloud": cloud,
                # Servers that come and go are the cloud's.
                "peak_days": spec.seats.peak_days if mode == Mode.CLOUD else (),
            }
        ),
        "service": spec.service.model_copy(
            update={
                "queues": {
                    name: queue.model_copy(update={"seats": sites}) for name, queue in spec.service.queues.items()
                }
            }
        ),
        "cloud": None
        if mode == Mode.ONPREM
        else Cloud.model_validate(
            {
                "region": region,
                "zones": list(spec.cloud.zones) if spec.cloud else [f"{region}a", f"{region}b"],
                "network": _CLOUD,
                "link_network": _LINK,
            }
        ),
        "onprem": None if mode == Mode.CLOUD else _site(spec),
    }
    if not spec.trunks:
        # The provider of a managed centre brings the lines; servers need carriers of their own.
        changes["trunks"] = tuple(
            Trunk.model_validate({"name": f"carrier{number}", "kind": "sip", "address": f"198.51.100.20{number}"})
            for number in (1, 2)
        )
    if mode == Mode.CLOUD:
        # Spans end on a gateway, which needs a site: the same carriers come by SIP.
        changes["gateways"] = ()
        changes["trunks"] = tuple(
            trunk
            if trunk.kind == TrunkKind.SIP
            else trunk.model_copy(
                update={
                    "kind": TrunkKind.SIP,
                    "address": IPv4Address("198.51.100.200") + index,
                    "spans": None,
                    "gateway": None,
                }
            )
            for index, trunk in enumerate(spec.trunks)
        )
    return spec.model_copy(update=changes)


def _site(spec: Spec) -> Onprem:
    known = spec.onprem or Onprem.model_validate({"public_address": "192.0.2.10"})
    # Addresses of real servers belong to the mode that they stand in.
    return known.model_copy(update={"hosts": {}, "network": _SERVERS, "seats_network": _PHONES})
