"""What a live centre needs to be run from another computer: each thing, where it lies, whether it is here.

No secret is read into what is said: a vault and the file of its password are named, and tried on each other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seatworks import secrets, standing
from seatworks.ansible_plugins import vault_password
from seatworks.environment import Environment
from seatworks.errors import PreflightError, SpecError


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that travels. `here`: None where this computer cannot know."""

    what: str
    lies: str
    here: bool | None
    how: str


def items(where: Environment) -> tuple[Item, ...]:
    """Everything that the administrator of a live centre needs, in the order in which it is handed over."""
    return (*_everywhere(where), *(_cloud(where) if _has_cloud(where) else ()), _way_in(where))


def missing(found: tuple[Item, ...]) -> list[str]:
    """What is not here and must be before anything is deployed from this computer."""
    return [item.what for item in found if item.here is False]


def state_backend() -> str | None:
    """Where the CLI keeps the state of stacks, None when nobody has said: PULUMI_BACKEND_URL, else the last login."""
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    credentials = home / "credentials.json"
    if credentials.is_file():
        current = json.loads(credentials.read_text(encoding="utf-8")).get("current")
        if current:
            return str(current)
    return "https://api.pulumi.com" if os.environ.get("PULUMI_ACCESS_TOKEN") else None


def _everywhere(where: Environment) -> Iterator[Item]:
    folder, vault = where.specification.parent, where.vault
    yield Item("specification", _shown(folder, where), where.specification.is_file(), "git, with all files beside it")
    yield Item("vault", _shown(vault, where), vault.is_file(), "git add -f, or a copy: it is encrypted")
    password = vault_password.place()
    how = "by another way than the vault; readable by its owner only"
    opens: bool = password.is_file()
    if opens and vault.is_file():
        try:
            secrets.read(where)
        except PreflightError:
            opens, how = False, "the one that is here does not open the vault; " + how
    yield Item("vault password", str(password), opens, how)
    recorded = where.deployed_file.is_file() or where.attempted_file.is_file()
    lies = _shown(where.build, where)
    yield Item("deployment", lies, recorded, "a copy of the folder: what was deployed, addresses, keys of hosts")


def _cloud(where: Environment) -> Iterator[Item]:
    file = where.root / "stacks" / "seats" / f"Pulumi.{where.name}.yaml"
    yield Item("settings of the stack", _shown(file, where), file.is_file(), "git")
    backend = state_backend()
    how = "a copy of the folder" if (backend or "").startswith("file:") else "the right to use it"
    lies = backend or "nobody is logged in"
    yield Item("state of the stack", lies, backend is not None, f"{how}, and `pulumi login` there")
    settings: Mapping[str, Any] = (yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.is_file() else {}
    provider = str(settings.get("secretsprovider") or "passphrase")
    if provider == "passphrase":
        known = any(os.environ.get(f"PULUMI_CONFIG_PASSPHRASE{end}") for end in ("", "_FILE"))
        yield Item("passphrase of the stack", "PULUMI_CONFIG_PASSPHRASE_FILE", known, "as the vault password")
    else:
        yield Item("key of the stack's secrets", provider, None, "the right to use it")
    account = where.outputs().account or "the deployment's"
    yield Item("rights in the account", account, None, "credentials of the person's own")


def _way_in(where: Environment) -> Item:
    if where.ssh_key.is_file():
        return Item("key of the hosts", _shown(where.ssh_key, where), True, "with the deployment")
    return Item("way into the hosts", "~/.ssh", None, "the other person's public key, let in on every host")


def _has_cloud(where: Environment) -> bool:
    """By what stands, in a new checkout by the specification."""
    if where.attempted_file.is_file() or where.deployed_file.is_file():
        return standing.cloud_may_stand(where)
    try:
        return standing.has_cloud(where.plan())
    except SpecError:
        return True


def _shown(path: Path, where: Environment) -> str:
    return str(path.relative_to(where.root))
