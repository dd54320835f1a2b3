"""How the Pulumi program is called: its folder, its settings, what it exports, and the report of its resources."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from seatworks import environment
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import CloudError, Problem
from seatworks.plan.model import CloudOutputs, Plan

# The Pulumi project.
SEATS = Path(__file__).resolve().parent / "seats"
# What each entry of the report has.
REPORTED = (
    "type", "name", "urn", "id", "parent", "custom", "protect", "provider", "inputs", "outputs", "dependencies",
    "propertyDependencies",
)  # fmt: skip


def plan_of(where: Environment) -> Plan:
    """The plan that the stack is made from. Raises CloudError when there is none."""
    file = where.cloud_plan_file
    try:
        return planning.load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        place, remedy = str(file.relative_to(where.root)), f"run: make deploy ENV={where.name} TARGET={where.target}"
        raise CloudError(Problem(place, "there is no plan", remedy)) from None


def settings_of(where: Environment) -> dict[str, str]:
    """The stack's settings as the CLI would pass them: project defaults, then Pulumi.<stack>.yaml."""
    found: dict[str, str] = {"planFile": str(where.cloud_plan_file)}
    project = YAML(typ="safe").load(SEATS / "Pulumi.yaml")
    for key, entry in project["config"].items():
        if entry.get("default", "") != "":
            found[key] = _setting(entry["default"])
    for key, value in (stack_file(where).get("config") or {}).items():
        found[str(key).removeprefix("seats:")] = _setting(value)
    return found


def stack_file(where: Environment) -> dict[str, Any]:
    """What people set for the stack: Pulumi.<stack>.yaml, empty when there is none."""
    path = SEATS / f"Pulumi.{where.name}.yaml"
    return (YAML(typ="safe").load(path) or {}) if path.is_file() else {}


def outputs_of(exported: Mapping[str, Any]) -> CloudOutputs:
    """What the program exports, as the rest of the project reads it."""
    return CloudOutputs(**{key: exported[key] for key in CloudOutputs.__dataclass_fields__ if key in exported})


def report(resources: Iterable[Mapping[str, Any]]) -> str:
    """Every registered resource as JSON, in the order of registration; secrets must be masked already."""
    rows = [{key: resource[key] for key in REPORTED} for resource in resources]
    return json.dumps(rows, indent=2, sort_keys=True) + "\n"


def write_report(where: Environment, resources: Iterable[Mapping[str, Any]]) -> None:
    """Keep the report of what stands."""
    environment.write(where.resources_file, report(resources), mode=0o600)


def _setting(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
