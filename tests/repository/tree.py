"""The files of the project as these tests meet them."""

from __future__ import annotations

import functools
import pathlib
import subprocess
from typing import Any

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = tuple(sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir()))
ENVIRONMENTS = tuple(sorted(path.parent.name for path in (ROOT / "inventories").glob("*/seatworks.yml")))


@functools.cache
def files() -> tuple[pathlib.Path, ...]:
    """Every file that belongs to the project: what git keeps and what it would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = filter(None, listed.stdout.split("\0"))
    return tuple(sorted(ROOT / name for name in names if (ROOT / name).is_file()))


def texts() -> tuple[pathlib.Path, ...]:
    """Files that people read: everything but sounds and pictures."""
    return tuple(path for path in files() if path.suffix not in (".wav", ".png", ".gz"))


def short(path: pathlib.Path) -> str:
    """A path as seen from the project's root."""
    return path.relative_to(ROOT).as_posix()


def load(path: pathlib.Path) -> Any:
    """The content of a YAML file; an absent or empty file is an empty mapping."""
    return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or {}


def options(role: str) -> dict[str, Any]:
    """The inputs that a role declares."""
    spec = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")
    return dict(spec["argument_specs"]["main"].get("options", {}))


def validator_spec(declared: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    """Declared inputs as Ansible's validator wants them."""
    kept = ("type", "elements", "choices")
    spec: dict[str, Any] = {}
    for name, option in declared.items():
        spec[name] = {key: option[key] for key in kept if key in option}
        spec[name]["required"] = required and option.get("required", False)
        if "options" in option:
            spec[name]["options"] = validator_spec(option["options"])
    return spec
