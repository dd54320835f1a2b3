"""Debian packages of the roles: which they name, and whether the site's choice of a source for them is whole."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import yaml

from seatworks.errors import SeatworksError

ROLES = Path(__file__).resolve().parents[1] / "roles"


def of_roles(roles: Iterable[str], folder: Path = ROLES) -> tuple[str, ...]:
    """What these roles install, sorted: `__<role>_packages` in their own vars/main.yml.

    Raises SeatworksError for a role that does not exist.
    """
    return tuple(sorted({package for role in roles for package in _of_role(folder / role)}))


@functools.cache
def _of_role(role: Path) -> tuple[str, ...]:
    if not role.is_dir():
        raise SeatworksError.of("there is no such role", place=str(role), remedy="correct the plan, or add the role")
    constants = role / "vars" / "main.yml"
    found = yaml.safe_load(constants.read_text(encoding="utf-8")) if constants.is_file() else None
    return tuple((found or {}).get(f"__{role.name}_packages", ()))
