"""Templates of roles as Ansible writes them, without Ansible: rule 9 of the templates keeps them plain enough."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import yaml

from seatworks import inventory
from seatworks.plan.model import CloudOutputs, Host, Plan
from tests.conftest import ROOT

TEMPLATES = ROOT / "templates"
# Addresses that a cloud would hand back, by host.
PUBLIC = {"cloud-edge1": "52.80.0.1", "cloud-edge2": "52.80.0.2"}


@functools.cache
def environment() -> jinja2.Environment:
    """Jinja with the settings that Ansible's module `template` has."""
    return jinja2.Environment(  # noqa: S701 - no HTML
        loader=jinja2.FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )


@functools.cache
def _of_role(role: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in ("defaults", "vars"):
        path = ROOT / f"roles/{role}/{kind}/main.yml"
        if path.is_file():
            found |= yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return found


def told(plan: Plan, host: Host, outputs: CloudOutputs | None = None) -> dict[str, Any]:
    """What the roles of a host read: their defaults and constants, and over them what the inventory says."""
    found: dict[str, Any] = {}
    for role in host.roles:
        found |= _of_role(role)
    known = outputs or CloudOutputs(public_addresses=PUBLIC)
    build = inventory.local(plan, known, [host]) if host.peak else None
    built = build or inventory.build(plan, known, Path("/x/build/hybrid/lab/ssh/config"))
    return found | built.hosts[host.name]


def rendered(plan: Plan, host: str, template: str, **more: Any) -> str:
    """A template of a role as it reaches a host. `more`: what Ansible knows beside the inventory."""
    return environment().get_template(template).render(told(plan, plan.host(host)) | more)


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """Sections of a configuration of Asterisk with their lines. A name that comes twice is given twice."""
    name, lines = "", list[str]()
    for line in text.splitlines():
        if found := re.match(r"\[([^]]+)]", line):
            yield name, lines
            name, lines = found[1], []
        elif line and not line.startswith(";"):
            lines.append(line)
    yield name, lines
