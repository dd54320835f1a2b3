"""One file with which the hosts of an environment configure themselves: no checkout, no package index, no SSH.

An air-gapped site carries it on a disk, a server of the peak fetches it at its first boot. Same plan, secrets, roles
and wheels: same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import io
import json
import os
import tarfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seatworks import apply, authority, environment, inputs, inventory, secrets, wheels
from seatworks.environment import Environment
from seatworks.errors import PreflightError, Problem, SpecError
from seatworks.plan.model import Host, Plan, Site, Target

NAME = "bundle.tar.gz"
PROGRAM = "apply"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written: the file, its SHA-256, its size in bytes, the hosts that can use it."""

    path: Path
    sha256: str
    size: int
    hosts: tuple[str, ...]


def write(plan: Plan, where: Environment, names: Sequence[str] = (), *, password: str | None = None) -> Bundle:
    """Write build/<env>/<target>/bundle.tar.gz for the hosts `names` (default: all), and its checksum beside it.

    Its secrets are encrypted with `password`, or else with the vault password. Raises SpecError for a host that the
    plan does not have, PreflightError when something that belongs in is missing.
    """
    hosts = _hosts(plan, where, names)
    secrets.ensure(plan, where)
    authority.ensure(plan, where)
    files = _files(plan, where, hosts, password)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = {
        "seatworks": importlib.metadata.version("seatworks"),
        "environment": plan.name,
        "python": wheels.PYTHON,
        "machine": wheels.MACHINE,
        "hosts": {host.name: str(host.address) for host in hosts},
        "files": sums,
    }
    files[apply.MANIFEST] = (json.dumps(manifest, indent=1) + "\n").encode()
    packed = _pack(files)
    where.build.mkdir(parents=True, exist_ok=True)
    made = Bundle(where.build / NAME, hashlib.sha256(packed).hexdigest(), len(packed), tuple(manifest["hosts"]))
    fresh = made.path.with_name(f".{NAME}.{os.getpid()}")
    fresh.write_bytes(packed)
    fresh.replace(made.path)
    made.path.with_name(f"{NAME}.sha256").write_text(f"{made.sha256}  {NAME}\n", encoding="utf-8")
    return made


def _hosts(plan: Plan, where: Environment, names: Sequence[str]) -> list[Host]:
    """Servers that somebody enters; those of `names`."""
    own = {host.name: host for host in plan.servers if host.roles and not host.managed}
    if not own:
        raise SpecError(Problem(plan.name, "has no hosts of its own", "there is nothing that a bundle could configure"))
    if strange := [name for name in names if name not in own]:
        problems = (Problem(name, "is not a host of the plan", f"its hosts: {', '.join(own)}") for name in strange)
        raise SpecError(*problems)
    if any(host.site is Site.CLOUD for host in own.values()) and not where.outputs_file.is_file():
        raise PreflightError(
            Problem(
                str(where.outputs_file.relative_to(where.root)),
                "is missing: the addresses that the cloud gives out are not known yet",
                f"deploy the cloud part first: make deploy ENV={where.name}",
            )
        )
    return [host for name, host in own.items() if not names or name in names]


def _files(plan: Plan, where: Environment, hosts: Sequence[Host], password: str | None) -> dict[str, bytes]:
    """Every file of the bundle but its manifest, by its place in it."""
    built = inventory.local(plan, where.outputs(), hosts)
    own = _variables(where, built.hosts)
    if password and (closed := [name for name, content in own.items() if b"$ANSIBLE_VAULT" in content]):
        raise PreflightError(
            *(
                Problem(
                    name.replace("inventory/", f"inventories/{where.name}/", 1),
                    "is encrypted with the vault password, which servers that configure themselves do not get",
                    "put the value into group_vars/all/vault.yml under a name that begins with vault_, and refer to it",
                )
                for name in closed
            )
        )
    meant = [built.hosts, *(content.decode() for content in own.values())]
    files = {
        PROGRAM: Path(apply.__file__).read_bytes(),
        "ansible.cfg": (where.root / "ansible.cfg").read_bytes(),
        "site.yml": (where.root / "site.yml").read_bytes(),
        "inventory/hosts.yml": _document(built).encode(),
        **own,
        apply.VAULT: secrets.sealed_part(secrets.read(where), meant, where, password).encode(),
    }
    roles = sorted(path.name for path in (where.root / "roles").iterdir() if path.is_dir())
    for folder in (where.root / "roles", *(where.root / "templates" / role for role in roles)):
        files |= {path.relative_to(where.root).as_posix(): path.read_bytes() for path in _kept(folder)}
    for wheel in wheels.ensure():
        files[f"wheels/{wheel.name}"] = wheel.read_bytes()
    if plan.database.managed and plan.target is Target.LIVE:
        files[f"files/{inputs.AUTHORITY}"] = where.authority_file.read_bytes()
    return files


def _variables(where: Environment, names: Collection[str]) -> dict[str, bytes]:
    """What the site has set beside the specification, for every group and for these hosts."""
    folder, vault = where.specification.parent, environment.live_vault(where.specification)
    found = {path.relative_to(folder): path.read_bytes() for path in _kept(folder) if path != vault}
    return {
        f"inventory/{path.as_posix()}": content
        for path, content in found.items()
        if path.parts[0] == "group_vars" or (path.parts[0] == "host_vars" and path.parts[1].split(".")[0] in names)
    }


def _kept(folder: Path) -> Iterator[Path]:
    """Files below a folder, without those of editors and of Python."""
    for path in folder.rglob("*"):
        inner = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "__")) or part.endswith("~") for part in inner.parts):
            yield path


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Plain YAML; what people wrote and Ansible would take for a template is marked as none."""

    def ignore_aliases(self, data: object) -> bool:
        """The same list twice is written twice."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    template = "{" in text and not inventory.is_reference(text)
    return dumper.represent_scalar("!unsafe" if template else "tag:yaml.org,2002:str", text)


_Dumper.add_representer(str, _text)


def _document(built: inventory.Inventory) -> str:
    groups: dict[str, Any] = {group: {"hosts": {name: {} for name in names}} for group, names in built.groups.items()}
    document = {"all": {"hosts": built.hosts, "children": groups}}
    return str(yaml.dump(document, Dumper=_Dumper, allow_unicode=True, width=1000))


def _pack(files: dict[str, bytes]) -> bytes:
    """A tar of regular files: sorted, of root, without a date. gzip, because Debian needs nothing more to unpack it."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if name == PROGRAM else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
