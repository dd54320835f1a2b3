"""Specifications made from the shipped examples, for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from seatworks.environment import Environment
from seatworks.plan.model import Target
from tests.conftest import ROOT


def values(name: str = "hybrid", **changes: Any) -> dict[str, Any]:
    """A shipped example with changes: `values(seats__cloud=5)` changes seats.cloud. None takes a key away."""
    found: dict[str, Any] = yaml.safe_load((ROOT / f"inventories/{name}/seatworks.yml").read_text(encoding="utf-8"))
    for path, value in changes.items():
        *outer, key = path.split("__")
        node = found
        for step in outer:
            node = node[step]
        node[key] = value
        if value is None:
            del node[key]
    return found


def written(folder: Path, given: dict[str, Any]) -> Environment:
    """An environment below `folder` with these values as its specification."""
    path = folder / "inventories" / given["name"] / "seatworks.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    # JSON is YAML, and quotes every text.
    path.write_text(json.dumps(given, ensure_ascii=False, indent=2, default=str), encoding="utf-8")
    return Environment(given["name"], Target(given.get("target", "lab")), folder)


def environment(folder: Path, name: str = "hybrid", **changes: Any) -> Environment:
    """A shipped example with changes, as an environment below `folder`."""
    return written(folder, values(name, **changes))
