"""Ansible's door to the plan: `ansible-playbook -i inventories/<environment> site.yml` needs no step before it."""

from __future__ import annotations

import pathlib
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.template import trust_as_template

from seatworks import environment, inventory, secrets
from seatworks import plan as planning
from seatworks.errors import SeatworksError
from seatworks.plan.model import Target

DOCUMENTATION = """
name: seatworks
short_description: Hosts, groups, role inputs and secrets of a Seatworks specification
description:
  - Reads seatworks.yml, builds the plan, and emits one group per role with that role's inputs.
  - The secrets of the target become variables of all hosts.
options:
  plugin:
    description: Always seatworks.
    required: true
    choices: [seatworks]
  target:
    description: Which deployment of the environment is meant; without it the one that the specification names.
    type: str
    choices: [lab, live]
    env:
      - name: SEATWORKS_TARGET
  plan:
    description:
      - File of a plan that is taken as it is; without it one is built from the specification.
      - The SSH configuration lies beside it, as ssh/config.
    type: path
    env:
      - name: SEATWORKS_PLAN
"""


def _trusted(value: Any) -> Any:
    if isinstance(value, str):
        return trust_as_template(value) if inventory.is_reference(value) else value
    if isinstance(value, list):
        return [_trusted(each) for each in value]
    if isinstance(value, dict):
        return {key: _trusted(each) for key, each in value.items()}
    return value


class InventoryModule(BaseInventoryPlugin):  # type: ignore[misc]
    """Reads a file named seatworks.yml."""

    NAME = "seatworks"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and pathlib.Path(path).name == "seatworks.yml"

    def parse(self, inventory_data: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory_data, loader, path, cache)
        self.set_options(direct={"plugin": self.NAME})
        target, file = self.get_option("target"), self.get_option("plan")
        try:
            where = environment.Environment.of_specification(pathlib.Path(path), Target(target) if target else None)
            plan = planning.load(pathlib.Path(file).read_text(encoding="utf-8")) if file else where.plan()
            ssh_config = pathlib.Path(file).parent / "ssh" / "config" if file else where.ssh_config
            built = inventory.build(plan, where.outputs(), ssh_config)
            vault = secrets.read(where)
        except SeatworksError as wrong:
            raise AnsibleParserError(str(wrong)) from wrong
        for group in sorted(built.groups):
            inventory_data.add_group(group)
        for name, secret in vault.items():
            inventory_data.set_variable("all", name, secret)
        for name, variables in built.hosts.items():
            inventory_data.add_host(name)
            for key, value in variables.items():
                inventory_data.set_variable(name, key, _trusted(value))
        for group, names in built.groups.items():
            for name in names:
                inventory_data.add_host(name, group)
