"""What the inventory says to a host is exactly what the roles on that host understand."""

from __future__ import annotations

import re

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from seatworks import inventory
from seatworks.environment import Environment
from seatworks.plan.model import CloudOutputs
from tests.examples import managed_plan_of, vpn_plan_of
from tests.repository import tree

REFERENCE = re.compile(r"\{\{ vault_[a-z_]+(\['[a-z0-9-]+'\])?(\.[a-z_]+)? \}\}")
SECRET = re.compile(r"password(?!_encryption)|private|_key$|recipient|certificate")


MADE = {"cloud with a managed database": managed_plan_of, "hybrid with a VPN": vpn_plan_of}


@pytest.fixture(scope="module", params=(*tree.ENVIRONMENTS, *MADE))
def plan(request):
    if request.param in MADE:
        return MADE[request.param]()
    return Environment.find(request.param, tree.ROOT).plan()


@pytest.fixture(scope="module")
def built(plan, tmp_path_factory):
    public = {host.name: f"203.0.113.{100 + n}" for n, host in enumerate(plan.hosts) if host.public}
    outputs = CloudOutputs(region=plan.region or "", public_addresses=public)
    found = inventory.build(plan, outputs, tmp_path_factory.mktemp("ssh") / "config")
    itself = inventory.local(plan, outputs, plan.peak_hosts)
    for group, names in itself.groups.items():
        found.groups.setdefault(group, []).extend(names)
    found.hosts.update(itself.hosts)
    return found


def leaves(value, name):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, key if isinstance(key, str) else name)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each, name)
    else:
        yield name, value


def test_roles_accept_every_variable(plan, built):
    wrong = []
    for host in plan.hosts:
        given = {name: value for name, value in built.hosts[host.name].items() if not name.startswith("ansible_")}
        for role in ("packages", *host.roles):
            declared = tree.options(role)
            own = {name: given.pop(name) for name in tuple(given) if name.startswith(f"{role}_")}
            result = ArgumentSpecValidator(tree.validator_spec(declared)).validate(own)
            wrong += [f"{host.name} {role}: {message}" for message in result.error_messages]
        wrong += [f"{host.name}: no role on it reads {name}" for name in given]
    assert not wrong


def test_values_are_plain_and_present(built):
    for host, variables in built.hosts.items():
        for name, value in leaves(variables, "?"):
            assert type(value) in (str, int, float, bool), f"{host} {name} is {value!r}"


def test_secrets_are_references_to_the_vault(built):
    for host, variables in built.hosts.items():
        for name, value in leaves(variables, "?"):
            text = str(value)
            if "{{" in text or (SECRET.search(name) and isinstance(value, str) and value):
                assert REFERENCE.fullmatch(text), f"{host} {name} is {text!r}"


def test_the_playbook_knows_every_role_and_group(plan, built):
    plays = tree.load(tree.ROOT / "site.yml")
    applied = {role["role"]: play["hosts"] for play in plays for role in play.get("roles", ())}
    assert set(applied) == set(tree.ROLES)
    assert applied.pop("packages") == "baseline", "what every host has, before its roles"
    for role, group in applied.items():
        expected = {host.name for host in plan.running(role)}
        assert set(built.groups.get(group, ())) == expected, f"{role} runs on group {group}"
