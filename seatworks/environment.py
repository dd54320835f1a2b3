"""Where the files of one deployment lie, and the plans and cloud outputs read from them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatworks import migrate, sizing, spec
from seatworks import plan as planning
from seatworks.errors import Problem, SpecError
from seatworks.plan.model import CloudOutputs, Plan, Target


@dataclass(frozen=True, slots=True)
class Environment:
    """One deployment: what people write lies in `inventories/<name>/`, what is made in `build/<name>/<target>/`.

    An environment may stand twice, rehearsed and live. Nothing of the one lies where the other looks. `build/<name>/`
    itself holds what belongs to neither: the plan as the specification asks for it now, and the lock.
    """

    name: str
    target: Target
    root: Path
    # Whether this is looked at by a preview, whose plan is not the deployment's.
    looks: bool = False

    @classmethod
    def find(cls, name: str, root: Path | None = None, target: Target | None = None) -> Environment:
        """The environment of that name below `root` (default: the current folder).

        Without `target` it is the one that the specification names. Raises SpecError.
        """
        top = (root or Path.cwd()).resolve()
        file = top / "inventories" / name / "seatworks.yml"
        if not file.is_file():
            raise unknown(name, top)
        return cls.of_specification(file, target)

    @classmethod
    def of_specification(cls, path: Path, target: Target | None = None) -> Environment:
        """The environment whose specification is `path` (<root>/inventories/<name>/seatworks.yml). Raises SpecError."""
        path = path.resolve()
        name, root = path.parent.name, path.parent.parent.parent
        migrate.once(root / "build" / name)
        return cls(name, target or Target(spec.load(path).target), root)

    @property
    def specification(self) -> Path:
        return self.root / "inventories" / self.name / "seatworks.yml"

    @property
    def shared(self) -> Path:
        """Folder of what belongs to no deployment."""
        return self.root / "build" / self.name

    @property
    def plan_file(self) -> Path:
        """The plan as the specification asks for it now. Nothing that stands is read from it."""
        return self.shared / "plan.json"

    @property
    def preview(self) -> Path:
        """Folder of what a preview needs: it writes nothing where a deployment lies."""
        return self.shared / "preview"

    @property
    def preview_file(self) -> Path:
        """The plan that is being previewed."""
        return self.preview / "plan.json"

    @property
    def build(self) -> Path:
        """Folder of everything that is made for this deployment."""
        return self.shared / str(self.target)

    @property
    def attempted_file(self) -> Path:
        """The plan of the last deploy, written before anything was touched: by it cloud and machines are made."""
        return self.build / "attempted.json"

    @property
    def deployed_file(self) -> Path:
        """The plan of the last deploy that reached every host."""
        return self.build / "deployed.json"

    @property
    def given_file(self) -> Path:
        """Digests of what the last deploy that reached every host gave them; none while one is under way."""
        return self.build / "given.json"

    @property
    def cloud_plan_file(self) -> Path:
        """The plan that the cloud stack is made from: the one begun with last, unless that has no cloud any more."""
        if self.looks:
            return self.preview_file
        return self.retired_file if self.retired_file.is_file() else self.attempted_file

    @property
    def retired_file(self) -> Path:
        """The last plan with a cloud half of a site that has none any more, while data of it is left in the account."""
        return self.build / "retired.json"

    @property
    def outputs_file(self) -> Path:
        return self.build / "cloud.json"

    @property
    def resources_file(self) -> Path:
        """Every resource of the cloud stack, as the last run left it."""
        return self.build / "resources.json"

    @property
    def account_file(self) -> Path:
        """What a rehearsal's account holds."""
        return self.build / "cloud-state.json"

    @property
    def vault(self) -> Path:
        """The secrets. Those of a live site lie beside its specification, those of a rehearsal go with it."""
        if self.target is Target.LIVE:
            return live_vault(self.specification)
        return self.build / "vault.yml"

    @property
    def vault_password(self) -> Path | None:
        """The file with the password of the vault; None: the password of this computer.

        A rehearsal has one of its own, and needs nothing that opens a live site. (One that an earlier version made has
        the vault of then, and keeps it until it is taken away.)
        """
        own = self.build / "vault-password"
        if self.target is Target.LIVE or (self.vault.is_file() and not own.is_file()):
            return None
        return own

    @property
    def ssh_config(self) -> Path:
        return self.build / "ssh" / "config"

    @property
    def ssh_key(self) -> Path:
        """The deployment's own key, where it has one; its public half lies beside it."""
        return self.build / "ssh" / "id_ed25519"

    @property
    def authority_file(self) -> Path:
        """Who signs the certificates of a managed database: of the cloud's region, the same for whoever asks."""
        return self.shared / "database-authority.pem"

    def spec(self) -> spec.Spec:
        """The specification, for this target. Raises SpecError with every problem of the file."""
        return spec.load(self.specification, target=self.target)

    def plan(self) -> Plan:
        """The plan, built from the specification as it stands now. Raises SpecError."""
        asked = self.spec()
        return planning.build(asked, sizing.size(asked, self.own_figures()))

    def own_figures(self) -> dict[str, dict[str, Any]]:
        """Capacities that the site measured itself (inventories/<name>/capacity.yml). Raises SpecError."""
        return sizing.measured(self.specification.with_name("capacity.yml"))

    def deployed(self) -> Plan | None:
        """The plan as it was deployed last; None before the first deploy."""
        return _plan(self.deployed_file)

    def attempted(self) -> Plan | None:
        """The plan that the last deploy began with, whatever its end; None before the first deploy."""
        return _plan(self.attempted_file)

    def recorded(self) -> Plan | None:
        """What is taken to stand: the plan as it was deployed, else the one that a deploy began with."""
        return self.deployed() or self.attempted()

    def outputs(self) -> CloudOutputs:
        """What the cloud handed back last time; empty before the first deploy."""
        if not self.outputs_file.is_file():
            return CloudOutputs()
        return planning.load_outputs(self.outputs_file.read_text(encoding="utf-8"))

    def resources(self) -> list[dict[str, Any]]:
        """The entries of `resources_file`."""
        if not self.resources_file.is_file():
            return []
        found: list[dict[str, Any]] = json.loads(self.resources_file.read_text(encoding="utf-8"))
        return found


def unknown(name: str, root: Path) -> SpecError:
    """That there is no environment of that name, with those that there are."""
    known = sorted(path.parent.name for path in (root / "inventories").glob("*/seatworks.yml"))
    remedy = f"ENV is one of {', '.join(known)}" if known else "run this in the folder of the project"
    return SpecError(Problem(f"inventories/{name}/seatworks.yml", "there is no such file", remedy))


def live_vault(specification: Path) -> Path:
    """Where the secrets of a live site lie, encrypted with the vault password of this computer."""
    return specification.parent / "group_vars" / "all" / "vault.yml"


def _plan(file: Path) -> Plan | None:
    return planning.load(file.read_text(encoding="utf-8")) if file.is_file() else None


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
