"""What is sized is what runs: every size of a host changes a file of a role, and no file holds a size of its own.

Nothing here lists values. What depends on size is found by making a host of the plan larger, one resource at a time,
and by planning a small and a large centre; each number that then differs must differ in a rendered file.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from seatworks import inventory
from seatworks.plan.model import CloudOutputs, Host, Plan, Room
from tests.conftest import ROOT
from tests.examples import plan_of
from tests.specs import environment

Variables = Mapping[str, Any]

TEMPLATES = {
    str(path.relative_to(ROOT / "templates")): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "templates").rglob("*.j2"))
}
CONFIG = Path("/project/build/x/lab/ssh/config")
ROOM = tuple(field.name for field in dataclasses.fields(Room))
SIZES = (*(field.name for field in dataclasses.fields(Host) if field.type in (int, "int")), *ROOM)

# Which size of its host each role follows. A role that is not here writes the same on a host of any size.
FOLLOWS = {
    "asterisk": {"conversations_mib"},
    "baseline": {"journal_gib"},
    "kamailio": {"vcpus", "connections", "signalling_mib"},
    "postgresql": {"memory_gib", "disk_gb"},
    "rtpengine": {"vcpus"},
}
# What a group of hosts is bought and no setting asks for, with the reason.
UNASKED = {
    ("call", "vcpus"): "Asterisk makes a thread for each call",
    ("call", "memory_gib"): "what of it is set is in conversations_mib",
    ("call", "disk_gb"): "what of it is set is in journal_gib; recordings wait on the rest",
    ("edge", "memory_gib"): "what of it is set is in signalling_mib",
    ("edge", "disk_gb"): "what of it is set is in journal_gib",
    ("cloud-edge", "memory_gib"): "what of it is set is in signalling_mib",
    ("cloud-edge", "disk_gb"): "what of it is set is in journal_gib",
    ("db", "vcpus"): "PostgreSQL makes a process for each connection",
    ("record", "vcpus"): "files are written one after the other",
    ("record", "memory_gib"): "nothing is kept in memory",
    ("record", "disk_gb"): "what lies there goes by retention_days",
}
# Numbers of a role that the plan leaves alone, with the reason.
FIXED = {
    "firewall_log_per_second": "guards the journal against who knocks, whatever the size",
    **dict.fromkeys(
        ("asterisk_drain_s", "kamailio_drain_s", "rtpengine_drain_s"), "how long a restart waits for people who talk"
    ),
}


def constants(role: str) -> dict[str, Any]:
    """A role's own constants. Those that Ansible computes are empty here: no size goes into them."""
    return {name: "" if "{{" in str(value) else value for name, value in said(role, "vars").items()}


def said(role: str, folder: str) -> dict[str, Any]:
    path = ROOT / f"roles/{role}/{folder}/main.yml"
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}


def rendered(role: str, variables: Variables, templates: Mapping[str, str] = TEMPLATES) -> dict[str, str]:
    """Every file that a role writes from a template, with these variables."""
    jinja = jinja2.Environment(  # noqa: S701 - configuration, not HTML
        loader=jinja2.DictLoader(dict(templates)), trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    values = {"ansible_facts": defaultdict(str), **constants(role), **said(role, "defaults"), **variables}
    return {name: jinja.get_template(name).render(values) for name in templates if name.startswith(f"{role}/")}


def built(plan: Plan) -> dict[str, dict[str, Any]]:
    public = {host.name: f"203.0.113.{100 + n}" for n, host in enumerate(plan.hosts) if host.public}
    return inventory.build(plan, CloudOutputs(public_addresses=public), CONFIG).hosts


def larger(plan: Plan, host: Host, size: str) -> Plan:
    """The plan with one resource of one host doubled."""
    if size in ROOM:
        grown = dataclasses.replace(host, room=dataclasses.replace(host.room, **{size: 2 * getattr(host.room, size)}))
    else:
        grown = dataclasses.replace(host, **{size: 2 * getattr(host, size)})
    return dataclasses.replace(plan, hosts=tuple(grown if each is host else each for each in plan.hosts))


def differing(one: Variables, other: Variables) -> set[str]:
    """Numbers of a host that are not the same in both."""
    numbers = {name for name in one if isinstance(one[name], int | float) and not isinstance(one[name], bool)}
    return {name for name in numbers if one[name] != other[name]}


def unwritten(
    role: str, one: Variables, other: Variables, templates: Mapping[str, str] = TEMPLATES
) -> Iterator[tuple[str, str]]:
    """Numbers of a role that differ and leave every file as it is: role and name."""
    usual = rendered(role, one, templates)
    for name in sorted(differing(one, other)):
        if name.startswith(f"{role}_") and rendered(role, {**one, name: other[name]}, templates) == usual:
            yield role, name


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of("hybrid")


@pytest.fixture(scope="module")
def followed(plan: Plan) -> dict[tuple[str, str, str], bool]:
    """By group, role and size: whether a file changes when that size of a host of the group is doubled."""
    usual, found = built(plan), {}
    for host in {each.group: each for each in plan.hosts}.values():
        for size in SIZES:
            grown = built(larger(plan, host, size))[host.name]
            for role in host.roles:
                before, after = rendered(role, usual[host.name]), rendered(role, grown)
                found[host.group, role, size] = before != after
    return found


def test_the_sizes_of_a_host_are_found() -> None:
    assert {"vcpus", "memory_gib", "disk_gb", "connections"} <= set(SIZES)


def test_each_role_follows_the_sizes_that_it_has_a_use_for(followed: dict[tuple[str, str, str], bool]) -> None:
    found = defaultdict(set)
    for (_, role, size), changes in followed.items():
        if changes:
            found[role].add(size)
    assert dict(found) == FOLLOWS


def test_what_is_bought_is_asked_for_or_there_is_a_reason(
    plan: Plan, followed: dict[tuple[str, str, str], bool]
) -> None:
    asked = {(group, size) for (group, _, size), changes in followed.items() if changes}
    bought = {
        (host.group, size)
        for host in plan.hosts
        for size in SIZES
        if getattr(host.room if size in ROOM else host, size)
    }
    assert bought - asked == set(UNASKED)


@pytest.fixture(scope="module")
def small_and_large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Plan]:
    """The same centre with few seats and calls, and with many and long ones."""
    small = {"seats__onprem": 10, "seats__cloud": 10, "traffic__busy_hour_calls": 60, "traffic__talk_s": 60}
    large = {"seats__onprem": 4000, "seats__cloud": 4000, "traffic__busy_hour_calls": 9000, "traffic__talk_s": 900}
    nets = {"onprem__seats_network": "10.24.0.0/16"}
    made = [environment(tmp_path_factory.mktemp("x"), "hybrid", **each, **nets).plan() for each in (small, large)]
    return made[0], made[1]


@pytest.fixture(scope="module")
def pairs(small_and_large: tuple[Plan, Plan]) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Role, and the variables of a host of each group that runs it in the small and in the large centre."""
    small, large = small_and_large
    one, other = built(small), built(large)
    hosts = {each.group: each for each in reversed(small.hosts)}.values()
    return [(role, one[host.name], other[host.name]) for host in hosts for role in host.roles]


def test_every_number_that_depends_on_size_reaches_a_file(
    pairs: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    assert [each for role, one, other in pairs for each in unwritten(role, one, other)] == []
    numbers = {name for _, one, other in pairs for name in differing(one, other)}
    assert {name.partition("_")[0] for name in numbers} == set(FOLLOWS), "each follower differs in some number"


def test_a_number_that_is_frozen_in_a_template_is_found(
    pairs: list[tuple[str, dict[str, Any], dict[str, Any]]],
) -> None:
    tried = set()
    for role, one, other in pairs:
        for name in differing(one, other):
            if not name.startswith(f"{role}_"):
                continue
            frozen = {path: text.replace(f"{{{{ {name} }}}}", str(one[name])) for path, text in TEMPLATES.items()}
            assert frozen != TEMPLATES, name
            assert (role, name) in set(unwritten(role, one, other, frozen))
            tried.add(name)
    assert len(tried) >= len(FOLLOWS)


def test_a_role_takes_no_number_that_the_plan_never_gives(plan: Plan) -> None:
    given = {name for variables in built(plan).values() for name in variables}
    roles = sorted({role for host in plan.hosts for role in host.roles})
    kept = {name: value for role in roles for name, value in said(role, "defaults").items() if name not in given}
    numbers = {name for name, value in kept.items() if isinstance(value, int | float) and not isinstance(value, bool)}
    assert numbers == set(FIXED)


def test_the_database_takes_every_call_server(small_and_large: tuple[Plan, Plan]) -> None:
    large = small_and_large[1]
    database = next(host for host in large.hosts if "postgresql" in host.roles)
    text = rendered("postgresql", built(large)[database.name])["postgresql/seatworks.conf.j2"]
    most = int(text.partition("max_connections = ")[2].split()[0])
    # Nobody plans more addresses for call servers than a subnet has; people and the standby need a few.
    assert most >= 10 * len(large.group("call"))
