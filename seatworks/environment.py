"""Where the files of one environment lie, and the plan and cloud outputs read from them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatworks import plan as planning
from seatworks import sizing, spec
from seatworks.errors import Problem, SpecError
from seatworks.plan.model import CloudOutputs, Plan


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment: `inventories/<name>/` is written by people, `build/<name>/` by the program."""

    name: str
    root: Path

    @classmethod
    def find(cls, name: str, root: Path | None = None) -> Environment:
        """The environment of that name below `root` (default: the current folder). Raises SpecError."""
        top = (root or Path.cwd()).resolve()
        where = cls(name, top)
        if not where.specification.is_file():
            known = sorted(path.parent.name for path in (top / "inventories").glob("*/seatworks.yml"))
            raise SpecError(
                Problem(
                    f"inventories/{name}/seatworks.yml",
                    "there is no such file",
                    f"ENV is one of {', '.join(known)}" if known else "run this in the folder of the project",
                )
            )
        return where

    @classmethod
    def of_specification(cls, path: Path) -> Environment:
        """The environment whose specification is `path` (<root>/inventories/<name>/seatworks.yml)."""
        path = path.resolve()
        return cls(path.parent.name, path.parent.parent.parent)

    @property
    def specification(self) -> Path:
        return self.root / "inventories" / self.name / "seatworks.yml"

    @property
    def vault(self) -> Path:
        return self.root / "inventories" / self.name / "group_vars" / "all" / "vault.yml"

    @property
    def build(self) -> Path:
        return self.root / "build" / self.name

    @property
    def ssh_config(self) -> Path:
        return self.build / "ssh" / "config"

    @property
    def plan_file(self) -> Path:
        return self.build / "plan.json"

    @property
    def deployed_file(self) -> Path:
        """The plan that stands: `plan_file` is also written by who only looks at a changed specification."""
        return self.build / "deployed.json"

    @property
    def outputs_file(self) -> Path:
        return self.build / "cloud.json"

    def spec(self) -> spec.Spec:
        """The specification. Raises SpecError with every problem of the file.

        The variable SEATWORKS_TARGET (lab or live) takes the place of the target in the file, here and in every
        process that a command starts.
        """
        return spec.load(self.specification, target=os.environ.get("SEATWORKS_TARGET"))

    def plan(self) -> Plan:
        """The plan, built from the specification as it stands now. Raises SpecError."""
        asked = self.spec()
        return planning.build(asked, sizing.size(asked, self.own_figures()))

    def own_figures(self) -> dict[str, dict[str, Any]]:
        """Capacities that the site measured itself (inventories/<name>/capacity.yml). Raises SpecError."""
        return sizing.measured(self.specification.with_name("capacity.yml"))

    def deployed(self) -> Plan | None:
        """The plan as it was deployed last; None before the first deploy."""
        if not self.deployed_file.is_file():
            return None
        return planning.load(self.deployed_file.read_text(encoding="utf-8"))

    def outputs(self) -> CloudOutputs:
        """What the cloud handed back last time; empty before the first deploy."""
        if not self.outputs_file.is_file():
            return CloudOutputs()
        return planning.load_outputs(self.outputs_file.read_text(encoding="utf-8"))


def write(path: Path, text: str, *, mode: int = 0o644) -> bool:
    """Write a file whole or not at all; True when its content changed. A cut of power leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    return True
