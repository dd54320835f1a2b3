"""Variables beside the inventory, without the vault of the live site: a rehearsal has secrets of its own.

Ansible would open every file of group_vars/all/ whatever is played, so a computer without the password of the live site
could rehearse nothing. The inventory plugin gives the secrets of the target instead.
"""

from __future__ import annotations

import pathlib
from typing import Any

from ansible.plugins.vars.host_group_vars import VarsModule as HostGroupVars

from seatworks.environment import live_vault

DOCUMENTATION = """
name: seatworks_vars
short_description: group_vars and host_vars, without the vault of a live site
description: What host_group_vars of Ansible loads, but for group_vars/all/vault.yml beside a seatworks.yml.
extends_documentation_fragment: [vars_plugin_staging]
"""


class VarsModule(HostGroupVars):  # type: ignore[misc]
    """host_group_vars of Ansible, with one file left out."""

    def load_found_files(self, loader: Any, data: dict[str, Any], found_files: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = super().load_found_files(
            loader, data, [each for each in found_files if not _is_vault(each)]
        )
        return found


def _is_vault(path: str | bytes) -> bool:
    file = pathlib.Path(path.decode() if isinstance(path, bytes) else path)
    specification = file.parents[2] / "seatworks.yml"
    return file == live_vault(specification) and specification.is_file()
