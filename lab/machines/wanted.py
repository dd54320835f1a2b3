"""Which Debian packages and package sources the roles want: read from the roles themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from ruamel.yaml import YAML

from seatworks import packages as named
from seatworks.errors import SeatworksError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Packages to install, and (path on the host, text) of package sources and pins they need first."""

    packages: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]


def of_roles(roles: Iterable[str], root: Path, mirror: str) -> Wanted:
    """What these roles of the project at `root` install: `__<role>_packages` and `__<role>_apt_templates`.

    Raises SeatworksError for a role that does not exist.
    """
    packages: set[str] = set()
    sources: dict[str, str] = {}
    for role in roles:
        folder = root / "roles" / role
        packages.update(named.of_roles((role,), folder.parent))
        constants = _read(folder / "vars" / "main.yml")
        inputs = {**_read(folder / "defaults" / "main.yml"), **constants}
        # What the inventory of a rehearsal says.
        told = {f"{role}_mirror": mirror, f"{role}_mirror_past_date": True}
        inputs |= {name: value for name, value in told.items() if name in inputs}
        for template, path in constants.get(f"__{role}_apt_templates", {}).items():
            sources[path] = _render(root / "templates" / template, inputs)
    return Wanted(tuple(sorted(packages)), tuple(sorted(sources.items())))


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    found = YAML(typ="safe").load(path)
    return found if isinstance(found, dict) else {}


def _render(path: Path, inputs: dict[str, Any]) -> str:
    """As Ansible renders it."""
    known = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)  # noqa: S701 - text for apt, not a page
    try:
        return known.from_string(path.read_text(encoding="utf-8")).render(inputs)
    except jinja2.UndefinedError as missing:
        raise SeatworksError.of(f"cannot be rendered from the role's defaults: {missing}", place=str(path)) from None
