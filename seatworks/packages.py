"""Debian packages of the roles: which they name, and whether the site's choice of a source for them is whole."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from seatworks.errors import Problem, SeatworksError

ROLES = Path(__file__).resolve().parents[1] / "roles"
# Variables of role asterisk; the role itself looks again, whoever runs it.
_SOURCE, _REPOSITORY, _KEY = "asterisk_package_source", "asterisk_site_repository", "asterisk_site_key"
_BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_SEALED = "$ANSIBLE_VAULT"


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


class _Given(NamedTuple):
    """A variable that a person has set: its value as written, and where."""

    value: str
    place: str

    @property
    def settled_later(self) -> bool:
        """Whether only Ansible knows the value."""
        return "{{" in self.value or _SEALED in self.value


def problems(folder: Path) -> list[Problem]:
    """What keeps packages from a site's own repository from being found or verified, all at once.

    Read from the variables beside the specification, in `folder`: group_vars and host_vars. A file that is encrypted as
    a whole is not read, and may hold what seems to be missing.
    """
    found, given, sealed = list[Problem](), dict[str, list[_Given]](), False
    for path in _files(folder):
        text = path.read_text(encoding="utf-8")
        if text.startswith(_SEALED):
            sealed = True
            continue
        try:
            for name, value in _variables(path, text):
                given.setdefault(name, []).append(value)
        except yaml.YAMLError as wrong:
            found.append(Problem(str(path), f"is no YAML: {' '.join(str(wrong).split())}", "correct it"))
    for choice in given.get(_SOURCE, ()):
        if choice.value not in ("forky", "site") and not choice.settled_later:
            found.append(Problem(choice.place, f"{_SOURCE} is {choice.value!r}", "write forky or site"))
    own = next((choice for choice in given.get(_SOURCE, ()) if choice.value == "site"), None)
    if own:
        found += _lacking(own, given, sealed=sealed)
    return found


def _lacking(own: _Given, given: dict[str, list[_Given]], *, sealed: bool) -> Iterator[Problem]:
    """What a repository of the site's own must come with."""
    for name, remedy in (
        (_REPOSITORY, "give its address"),
        (_KEY, "give the public key that signs it, as in build/packages/seatworks-packages.asc"),
    ):
        if not sealed and not any(each.value.strip() for each in given.get(name, ())):
            yield Problem(own.place, f"{_SOURCE} is site, and {name} is not given", remedy)
    for key in given.get(_KEY, ()):
        if key.value.strip() and not key.settled_later and not key.value.strip().startswith(_BEGIN):
            yield Problem(key.place, f"{_KEY} is no public key", f"give the whole text, from {_BEGIN} on")


def _files(folder: Path) -> Iterator[Path]:
    for part in ("group_vars", "host_vars"):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file() and not path.name.startswith(".") and path.suffix in ("", ".yml", ".yaml", ".json"):
                yield path


def _variables(path: Path, text: str) -> Iterator[tuple[str, _Given]]:
    """Plain values of a file, those with a tag of Ansible's as they are written."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(value, yaml.ScalarNode):
            yield str(key.value), _Given(str(value.value), f"{path}:{key.start_mark.line + 1}")
