"""Every key of the specification is carried out, or has one value only, or is said to size and price only.

A key is carried out when another value of it changes what a host or the cloud is told. A key that is new in the schema
fails here until it has another value below, and until something comes of it.
"""

from __future__ import annotations

import copy
import dataclasses
import io
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from rich.console import Console

from seatworks import decide, inventory, preflight, report, show
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.plan.planning_only import reasons
from seatworks.report import view
from seatworks.report.page import load_words
from seatworks.spec.model import Part, Spec
from seatworks.tables import table
from tests.managed import managed_values
from tests.specs import values, written

# Parts of the plan by which the cloud is made (stacks/). Hosts are told by the variables of their roles alone.
MADE = (
    "name", "target", "region", "cloud_network", "networks", "hosts", "flows", "vpn", "guard", "database", "recording",
    "nat_gateways", "endpoints", "peaks", "connect",
)  # fmt: skip

_GATEWAY = {
    "gateways": [{"name": "gw1", "model": "MX100G", "address": "10.20.0.50", "spans": 8}],
    "trunks.2": {"name": "telecom", "kind": "e1", "spans": 2, "gateway": "gw1"},
}
_TWO = {**_GATEWAY, "gateways.1": {"name": "gw2", "model": "MX100G", "address": "10.20.0.52", "spans": 8}}
_PEAK = {"seats.peak_days": [{"first": "2027-01-25", "last": "2027-02-10"}], "seats.peak_extra": 20}
_OTHER_MENU = {"service.menus.other": {"prompts": ["hello"], "default": "sales"}}
_QUEUES = {"service.numbers.0": {"number": "01012345678", "queue": "support"}}
_LIVE = {"target": "live", "management": {"networks": ["10.0.5.0/24"]}}
_HOURS = {"service.hours": {"time_zone": "Europe/Berlin", "opens": "08:00", "closes": "20:00"}}
_MIXED = {"traffic.direction": "mixed"}
_CALLS = {"traffic.busy_hour_calls": 20_000}

_CONCURRENT = {"traffic.busy_hour_calls": None, "traffic.peak_concurrent_calls": 70}
_VPN = {"cloud.link": "vpn", "cloud.link_network": None}
_ALONE = {"cloud": None, "seats.cloud": None, "service.queues.support.seats": ["onprem"]}
_ALONE |= {"service.queues.sales.seats": ["onprem"]}
_SIP = {"trunks.2.address": "198.51.100.30", "trunks.2.spans": None, "trunks.2.gateway": None}
_OURS = {
    "trunks": [{"name": f"c{n}", "kind": "sip", "address": f"198.51.100.{n}"} for n in (1, 2)],
    "service.hours": None,
    "service.menus.main.text": None,
    "service.menus.main.prompts": ["hello"],
    "service.numbers": [{"number": "+4930", "menu": "main"}],
}
_MANY = {**_CALLS, **_MIXED}


@dataclasses.dataclass(frozen=True)
class With:
    """A value that other keys must go along with."""

    value: Any
    also: dict[str, Any]


# Another value for each key: the example, what it is changed to first, and the other value.
Case = tuple[str, dict[str, Any], Any]
OTHER: dict[str, Case] = {
    "name": ("hybrid", {}, "another"),
    "target": ("cloud", {}, With("live", {"management": {"networks": ["10.0.5.0/24"]}})),
    "mode": ("hybrid", {}, With("onprem", _ALONE)),
    "edition": ("hybrid", {}, "basic"),
    "protection_level": ("hybrid", {}, 2),
    "availability": ("cloud", {}, 99.95),
    "industry": ("hybrid", _CALLS, "ecommerce"),
    "working": ("hybrid", {}, "distributed"),
    "seats.onprem": ("hybrid", {}, 81),
    "seats.cloud": ("hybrid", {}, 21),
    "seats.peak_extra": ("hybrid", {}, 21),
    "seats.peak_days[].first": ("cloud", _PEAK, "2027-01-20"),
    "seats.peak_days[].last": ("cloud", _PEAK, "2027-02-20"),
    "seats.peak_time_zone": ("cloud", _PEAK, "Europe/Berlin"),
    "traffic.direction": ("hybrid", _CALLS, "mixed"),
    "traffic.busy_hour_calls": ("hybrid", {}, 20_000),
    "traffic.peak_concurrent_calls": ("hybrid", _CONCURRENT, 900),
    "traffic.peak_factor": ("hybrid", _CALLS, 3.0),
    "traffic.talk_s": ("hybrid", {}, 3600),
    "traffic.wrap_up_s": ("hybrid", _CALLS, 600),
    "traffic.ivr_s": ("hybrid", _CALLS, 600),
    "traffic.patience_s": ("hybrid", _CALLS, 30),
    "traffic.service_level.share": ("hybrid", _CALLS, 0.99),
    "traffic.service_level.within_s": ("hybrid", _CALLS, 5),
    "traffic.blocking": ("hybrid", _CALLS, 0.00001),
    "traffic.shrinkage": ("hybrid", _CALLS, 0.5),
    "traffic.outbound.share": ("hybrid", _MANY, 0.05),
    "traffic.outbound.answer_rate": ("hybrid", _MANY, 0.05),
    "traffic.outbound.ring_s": ("hybrid", _MANY, 120),
    "traffic.outbound.lines_per_agent": ("hybrid", _MANY, 5.0),
    "traffic.media.seats": ("hybrid", {}, "g722"),
    "traffic.media.encrypted": ("onprem", {}, False),
    "recording.share": ("hybrid", {}, 0.5),
    "recording.retention_days": ("hybrid", {}, 365),
    "service.domain": ("hybrid", {}, "calls.example.com"),
    "service.numbers[].number": ("hybrid", {}, "01087654321"),
    "service.numbers[].menu": ("hybrid", _OTHER_MENU, "other"),
    "service.numbers[].queue": ("hybrid", _QUEUES, "sales"),
    "service.numbers[].country": ("connect", {}, "GB"),
    "service.numbers[].toll_free": ("connect", {}, True),
    "service.menus.*.prompts": ("hybrid", {}, ["hello-world"]),
    "service.menus.*.text": ("connect", {}, "Something else."),
    "service.menus.*.digits": ("hybrid", {}, {"3": "support"}),
    "service.menus.*.default": ("hybrid", {}, "sales"),
    "service.menus.*.wait_s": ("hybrid", {}, 9),
    "service.queues.*.strategy": ("hybrid", {}, "ringall"),
    "service.queues.*.seats": ("hybrid", {}, ["cloud"]),
    "service.hours.time_zone": ("connect", _HOURS, "Europe/London"),
    "service.hours.days": ("connect", _HOURS, ["monday"]),
    "service.hours.opens": ("connect", _HOURS, "09:00"),
    "service.hours.closes": ("connect", _HOURS, "19:00"),
    "service.hours.closed_text": ("connect", _HOURS, "Closed."),
    "service.language": ("connect", {}, "en-GB"),
    "trunks[].name": ("hybrid", {}, "other"),
    "trunks[].kind": ("hybrid", _GATEWAY, With("sip", _SIP)),
    "trunks[].address": ("hybrid", {}, "198.51.100.99"),
    "trunks[].port": ("hybrid", {}, 5080),
    "trunks[].channels": ("hybrid", {}, 77),
    "trunks[].spans": ("hybrid", _GATEWAY, 3),
    "trunks[].gateway": ("hybrid", _TWO, "gw2"),
    "gateways[].name": ("hybrid", _GATEWAY, With("other", {"trunks.2.gateway": "other"})),
    "gateways[].model": ("hybrid", _GATEWAY, "Other"),
    "gateways[].address": ("hybrid", _GATEWAY, "10.20.0.51"),
    "gateways[].spans": ("hybrid", _GATEWAY, 4),
    "cloud.platform": ("connect", {}, With("instances", _OURS)),
    "cloud.region": ("cloud", {}, "cn-northwest-1"),
    "cloud.zones": ("cloud", {}, ["cn-north-1a", "cn-north-1d"]),
    "cloud.network": ("hybrid", {}, "10.61.0.0/16"),
    "cloud.link": ("hybrid", {}, With("vpn", {"cloud.link_network": None})),
    "cloud.link_network": ("hybrid", {}, "10.99.0.0/24"),
    "cloud.backup_region": ("cloud", {}, "cn-northwest-1"),
    "cloud.database": ("cloud", {"cloud.database": "instances"}, "managed"),
    "onprem.network": ("hybrid", {}, "10.21.0.0/24"),
    "onprem.seats_network": ("hybrid", {}, "10.21.8.0/24"),
    "onprem.public_address": ("hybrid", {}, "192.0.2.99"),
    "onprem.router_address": ("hybrid", _VPN, "192.0.2.98"),
    "onprem.hosts": ("hybrid", {}, {"edge1": "10.20.0.77"}),
    "onprem.racks": ("hybrid", {}, 2),
    "onprem.rooms": ("hybrid", {}, 2),
    "onprem.links": ("hybrid", {}, 2),
    "onprem.repair_contract": ("hybrid", {}, True),
    "management.networks": ("cloud", _LIVE, ["10.0.6.0/24"]),
    "time_servers": ("hybrid", {}, ["ntp.example.com"]),
}


def bare(annotation: Any) -> Any:
    """The type inside Annotated[...] and `... | None`."""
    while get_origin(annotation) in (Annotated, Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        annotation = kinds[0]
    return annotation


def keys(model: type[Part], before: str = "") -> Iterator[tuple[str, Any]]:
    """Every key that holds a value, with its type: `trunks[].port`, `service.menus.*.text`."""
    for name, info in model.model_fields.items():
        here, kind = f"{before}{name}", bare(info.annotation)
        inner = [bare(each) for each in get_args(kind)]
        if isinstance(kind, type) and issubclass(kind, Part):
            yield from keys(kind, f"{here}.")
        elif get_origin(kind) is tuple and isinstance(inner[0], type) and issubclass(inner[0], Part):
            yield from keys(inner[0], f"{here}[].")
        elif get_origin(kind) is dict and isinstance(inner[-1], type) and issubclass(inner[-1], Part):
            yield from keys(inner[-1], f"{here}.*.")
        else:
            yield here, kind


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at `trunks.2.spans`; None takes it away. An entry behind the last of a list is added."""
    *outer, last = path.split(".")
    node: Any = data
    for step in outer:
        node = node[int(step)] if isinstance(node, list) else node.setdefault(step, {})
    if value is None:
        node.pop(last, None)
    elif not isinstance(node, list):
        node[last] = value
    elif int(last) == len(node):
        node.append(value)
    else:
        node[int(last)] = value


def place(key: str, data: dict[str, Any]) -> str:
    """Where a key stands: in the first entry of a list or mapping, of trunks in the first that has it."""
    if key.startswith("trunks[]."):
        name = key.partition(".")[2]
        e1 = name in ("spans", "gateway") or (name == "kind" and len(data["trunks"]) > 2)
        return f"trunks.{2 if e1 else 0}.{name}"
    path = key.replace("[]", ".0")
    if ".*" in path:
        section = path.split(".")[1]
        path = path.replace(".*", f".{next(iter(data['service'][section]))}")
    return path


def both(key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of a specification before and after its key has another value."""
    example, first, other = OTHER[key]
    data = managed_values() if example == "connect" else values(example)
    for path, value in first.items():
        put(data, path, value)
    changed = copy.deepcopy(data)
    put(changed, place(key, data), other.value if isinstance(other, With) else other)
    for path, value in other.also.items() if isinstance(other, With) else ():
        put(changed, path, value)
    return data, changed


def told(plan: Plan) -> dict[str, Any]:
    """What the cloud and the hosts are told: the parts of the plan that stacks make, every variable of every role."""
    outputs = CloudOutputs(public_addresses={host.name: "192.0.2.1" for host in plan.hosts if host.public})
    config = Path("/x/build/hybrid/lab/ssh/config")
    parts = {name: getattr(plan, name) for name in MADE}
    variables = inventory.build(plan, outputs, config).hosts if plan.hosts else {}
    return {**parts, "variables": variables, "peak": inventory.local(plan, outputs, plan.peak_hosts).hosts}


def test_every_key_of_the_schema_has_another_value_here_or_can_have_none() -> None:
    lacking, known = [], set()
    for key, kind in keys(Spec):
        known.add(key)
        # With one value only, every other is refused.
        single = get_origin(kind) is Literal and len(get_args(kind)) == 1
        if single == (key in OTHER):
            lacking.append(key)
    assert not lacking, f"give OTHER another value of {lacking}"
    assert set(OTHER) <= known


def said_for(key: str) -> str | None:
    """The entry of the list that speaks of a key, or of what holds it."""
    plain = key.replace("[]", "")
    return next((entry for entry in table("planning_only") if plain == entry or plain.startswith(f"{entry}.")), None)


@pytest.mark.parametrize("key", [key for key in OTHER if said_for(key) is None])
def test_another_value_of_a_key_reaches_a_host_or_the_cloud(tmp_path: Path, key: str) -> None:
    before, after = (told(written(tmp_path / name, data).plan()) for name, data in zip("ab", both(key), strict=True))
    assert before != after, f"{key}: carry it out, refuse it, or say in planning_only.yml that it only sizes and prices"


@pytest.mark.parametrize("key", [key for key in OTHER if said_for(key)])
def test_a_key_that_only_sizes_and_prices_changes_sizes_alone_and_is_said(tmp_path: Path, key: str) -> None:
    plans = [written(tmp_path / name, data).plan() for name, data in zip("ab", both(key), strict=True)]
    assert said_for(key) in plans[1].planning_only
    if key == "gateways[].address":
        # The one thing of a gateway that an edge is told.
        return
    before, after = (told(dataclasses.replace(plan, hosts=(), flows=(), trunks=())) for plan in plans)
    assert before == after


def test_the_list_names_keys_of_the_schema_with_a_source() -> None:
    every = [key.replace("[]", "") for key, _ in keys(Spec)]
    for entry, about in table("planning_only").items():
        assert any(key == entry or key.startswith(f"{entry}.") for key in every), entry
        assert {"why", "source", "date"} <= set(about) <= {"why", "source", "date", "unless", "platform"}


def test_what_only_sizes_and_prices_is_said_on_the_screen_and_on_both_pages(tmp_path: Path) -> None:
    where = written(tmp_path, both("traffic.direction")[1])
    found = decide.decide(where)
    console = Console(width=250, file=io.StringIO())
    console.print(show.plan_table(found.plan))
    screen = console.file.getvalue()
    facts = view.asked(found.plan, load_words())
    pages = {lang: report.plan_page(decide.page(found), lang) for lang in ("en", "zh")}
    assert "traffic.direction" in found.plan.planning_only
    for key, why in reasons(found.plan.planning_only):
        assert key in screen
        assert why in screen
        assert any(key in fact.label and why in fact.value for fact in facts), key
        assert key in pages["en"]
        assert why in pages["en"]
        assert key in pages["zh"]
        assert why not in pages["zh"]


def test_a_key_that_the_file_leaves_out_is_not_said(tmp_path: Path) -> None:
    data = values("hybrid", working=None, edition=None)
    plan = written(tmp_path, data).plan()
    assert not {"working", "edition", "traffic.direction", "onprem.racks", "gateways"} & set(plan.planning_only)
    assert "protection_level" in plan.planning_only


@pytest.mark.parametrize(("direction", "able"), [("inbound", True), ("outbound", False), ("mixed", False)])
def test_a_centre_that_cannot_dial_is_planned_and_not_deployed(tmp_path: Path, direction: str, able: bool) -> None:
    plan = written(tmp_path, values("hybrid", traffic__direction=direction)).plan()
    problems = preflight.able(plan)
    assert [problem.place for problem in problems] == ([] if able else ["traffic.direction"])
    assert all("no outbound call can be made yet" in problem.message and problem.remedy for problem in problems)


def test_amazon_connect_dials_by_itself(tmp_path: Path) -> None:
    plan = written(tmp_path, managed_values(traffic__direction="mixed")).plan()
    assert preflight.able(plan) == []
    assert "traffic.direction" not in plan.planning_only
