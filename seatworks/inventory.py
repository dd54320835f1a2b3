"""The plan as Ansible meets it: hosts, one group per role, and exactly the inputs that each role declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seatworks import packages
from seatworks.inputs import AUTHORITY, ROLES, At
from seatworks.plan.model import CloudOutputs, Host, Plan, Target

# Roles that act on a service of the cloud and not on the host: the computer that deploys has the right to do so.
_OF_A_SERVICE = ("database",)
_PYTHON = {"ansible_python_interpreter": "/usr/bin/python3"}


@dataclass(frozen=True, slots=True)
class Inventory:
    """`hosts`: variables by host name. `groups`: host names by role, and by group of the plan (`group_edge`)."""

    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)


def build(plan: Plan, outputs: CloudOutputs, ssh_config: Path) -> Inventory:
    """Variables for every host and role. Secrets are references to vault variables, never values.

    Hosts of a peak are left out: they configure themselves (`local`). `ssh_config` is the file that says how each host
    is reached, build/<env>/<target>/ssh/config.
    """
    inventory = _of(plan, outputs, plan.standing, ssh_config.parents[2] / AUTHORITY)
    for name, variables in inventory.hosts.items():
        variables |= {"ansible_host": name, "ansible_ssh_common_args": f"-F {ssh_config}", **_PYTHON}
        if plan.target is Target.LIVE:
            # A lab's machines are entered as root, real ones as an administrator with sudo.
            variables["ansible_become"] = True
    return inventory


def local(plan: Plan, outputs: CloudOutputs, hosts: Sequence[Host]) -> Inventory:
    """What `build` says, for hosts that configure themselves as root.

    What acts on a service of the cloud stays out. The file AUTHORITY lies among the playbook's files.
    """
    own = [replace(host, roles=tuple(role for role in host.roles if role not in _OF_A_SERVICE)) for host in hosts]
    inventory = _of(plan, outputs, own, Path(AUTHORITY))
    for variables in inventory.hosts.values():
        variables |= {"ansible_connection": "local", **_PYTHON}
    return inventory


def inputs(inventory: Inventory) -> dict[tuple[str, str], dict[str, Any]]:
    """What each role is given on each host, by host and role. A role's variables begin with its name."""
    found = {}
    for host, variables in inventory.hosts.items():
        for role in ("packages", *(role for role in ROLES if host in inventory.groups[role])):
            own = {name: value for name, value in variables.items() if name.startswith(f"{role}_")}
            if role in ROLES or own:
                found[host, role] = own
    return found


def is_reference(text: str) -> bool:
    """Whether a value is one that Ansible shall resolve. Everything else is said by people and taken as it is."""
    return "{{ vault_" in text or text.startswith("{{ lookup('")


def _of(plan: Plan, outputs: CloudOutputs, hosts: Sequence[Host], authority: Path) -> Inventory:
    # A role without a host still has its group: site.yml names them all, and a misspelt group is an error.
    inventory = Inventory(groups={role: [] for role in ROLES})
    for host in hosts:
        variables: dict[str, Any] = {}
        for role in host.roles:
            variables |= ROLES[role](At(plan, outputs, host, authority))
            inventory.groups.setdefault(role, []).append(host.name)
        if host.roles:
            variables["packages_names"] = list(packages.of_roles(host.roles))
        inventory.groups.setdefault("site_" + str(host.site), []).append(host.name)
        inventory.hosts[host.name] = variables
    return inventory
