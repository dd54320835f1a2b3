"""Ansible's door to the plan: `ansible-playbook -i inventories/<environment> site.yml` needs no step before it."""

from __future__ import annotations

import pathlib
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.template import trust_as_template

from seatworks import environment, inventory
from seatworks.errors import SeatworksError

DOCUMENTATION = """
name: seatworks
short_description: Hosts, groups and role inputs of a Seatworks specification
description: Reads seatworks.yml, builds the plan, and emits one group per role with that role's inputs.
options:
  plugin:
    description: Always seatworks.
    required: true
    choices: [seatworks]
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
        try:
            where = environment.Environment.of_specification(pathlib.Path(path))
            built = inventory.build(where.plan(), where.outputs(), where.ssh_config)
        except SeatworksError as wrong:
            raise AnsibleParserError(str(wrong)) from wrong
        for group in sorted(built.groups):
            inventory_data.add_group(group)
        for name, variables in built.hosts.items():
            inventory_data.add_host(name)
            for key, value in variables.items():
                inventory_data.set_variable(name, key, _trusted(value))
        for group, names in built.groups.items():
            for name in names:
                inventory_data.add_host(name, group)
