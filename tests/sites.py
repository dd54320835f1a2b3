"""Deployments of the shipped examples in the emulated account, made once and read by many tests."""

from __future__ import annotations

import dataclasses
import importlib
import json
import secrets
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.aws.account import Account
from lab.cloud import engine
from lab.cloud.engine import StandIn
from lab.cloud.key import ensure_key
from lab.cloud.state import State, StateFile
from seatworks import plan as planning
from seatworks.environment import Environment, write
from seatworks.plan.model import CloudOutputs, Plan
from stacks.engine import Summary
from stacks.program import settings_of
from tests import once
from tests.aws import CHECKED
from tests.cloud.regions import plan_in
from tests.examples import managed_plan_of, peak_plan_of, plan_of, vpn_plan_of
from tests.managed import managed as answered

# The SDK loads its modules when they are first used and then warns of each of its own deprecated classes.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    for module in (
        "autoscaling",
        "cloudtrail",
        "cloudwatch",
        "ec2",
        "iam",
        "kms",
        "rds",
        "route53",
        "s3",
        "sqs",
        "vpc",
    ):
        hasattr(importlib.import_module(f"pulumi_aws.{module}"), "any name")


@dataclass(frozen=True, slots=True)
class Deployed:
    """One example after its first `up`."""

    plan: Plan
    where: Environment
    summary: Summary
    outputs: CloudOutputs
    resources: list[dict[str, Any]]
    said: tuple[str, ...]

    def of(self, type_: str) -> list[dict[str, Any]]:
        """The resources of one type, such as `ec2/instance:Instance`."""
        return [resource for resource in self.resources if resource["type"] == f"aws:{type_}"]

    def one(self, type_: str, name: str) -> dict[str, Any]:
        """The resource of that type and name."""
        (found,) = [resource for resource in self.of(type_) if resource["name"] == name]
        return found


def place(plan: Plan, root: Path) -> Environment:
    """An environment below `root` with its plan written and its key made, for a deploy and for a preview."""
    where = Environment(plan.name, plan.target, root)
    for file in (where.attempted_file, where.preview_file):
        write(file, planning.dump(plan))
    ensure_key(where)
    # As `seatworks preview` does, which writes nothing where the deployment lies.
    public = where.ssh_key.with_suffix(".pub")
    write(where.preview / "ssh" / public.name, public.read_text(encoding="utf-8"))
    return where


def deploy(plan: Plan, root: Path, settings: Mapping[str, str] = engine.OWN) -> Deployed:
    """Run the real program for a plan, in an account that starts empty, with these settings of the stack."""
    where = place(plan, root)
    said: list[str] = []
    summary, outputs = StandIn(settings).up(plan, where, said.append)
    resources = json.loads((where.build / "resources.json").read_text(encoding="utf-8"))
    return Deployed(plan, where, summary, outputs, resources, tuple(said))


def copied(deployed: Deployed, plan: Plan, root: Path) -> Deployed:
    """The same deployment below another root, so that it may be changed."""
    where = place(plan, root)
    for name in ("cloud-state.json", "cloud-state.key", "ssh/id_ed25519.pub", "vault-password"):
        # Key and password are there when a secret is.
        if (found := deployed.where.build / name).is_file():
            (where.build / name).write_bytes(found.read_bytes())
    return dataclasses.replace(deployed, plan=plan, where=where)


def shared(factory: pytest.TempPathFactory, name: str, plan: Plan) -> Deployed:
    """A deployment that is made once for all workers of a run. Read only."""
    return once.made(factory, name, lambda root: deploy(plan, root))


@pytest.fixture(scope="session")
def hybrid_plan() -> Plan:
    """The plan of the shipped hybrid example."""
    return plan_of("hybrid")


@pytest.fixture(scope="session")
def cloud_plan() -> Plan:
    """The plan of the shipped cloud example."""
    return plan_of("cloud")


@pytest.fixture(scope="session")
def hybrid(hybrid_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The hybrid example, deployed. Read only."""
    return shared(tmp_path_factory, "hybrid", hybrid_plan)


@pytest.fixture(scope="session")
def cloud(cloud_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The cloud example, deployed. Read only."""
    return shared(tmp_path_factory, "cloud", cloud_plan)


@pytest.fixture(scope="session")
def hybrid_abroad(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The hybrid example outside of China, deployed. Read only."""
    return shared(tmp_path_factory, "hybrid-abroad", plan_in("hybrid", "eu-central-1"))


@pytest.fixture(scope="session")
def cloud_abroad(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The cloud example outside of China, deployed. Read only."""
    return shared(tmp_path_factory, "cloud-abroad", plan_in("cloud", "eu-central-1"))


@pytest.fixture(scope="session")
def managed_plan() -> Plan:
    """The plan of the cloud example with a managed database."""
    return managed_plan_of()


@pytest.fixture(scope="session")
def managed(managed_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The cloud example with a managed database, deployed. Read only."""
    return shared(tmp_path_factory, "managed", managed_plan)


@pytest.fixture(scope="session", autouse=True)
def vault_password(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The password of vaults is the tests' own, not this computer's."""
    with pytest.MonkeyPatch.context() as patch:
        # There already: this computer may have vaults, for which none may be made.
        patch.setenv("SEATWORKS_VAULT_PASSWORD_FILE", str(once.made(tmp_path_factory, "vault", _password)))
        yield


def _password(folder: Path) -> Path:
    file = folder / "password"
    file.write_text(f"{secrets.token_urlsafe(48)}\n", encoding="utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture(scope="session")
def peak_plan() -> Plan:
    """The plan of the cloud example with days of a peak."""
    return peak_plan_of()


@pytest.fixture(scope="session")
def peak(peak_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The cloud example with days of a peak, deployed. Read only."""
    return shared(tmp_path_factory, "peak", peak_plan)


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The hybrid example outside of China with its sites joined by a VPN, deployed. Read only."""
    return shared(tmp_path_factory, "joined", vpn_plan_of("eu-central-1"))


@pytest.fixture(scope="session")
def joined_in_china(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """The hybrid example with its sites joined by a VPN, deployed. Read only."""
    return shared(tmp_path_factory, "joined-in-china", vpn_plan_of())


@pytest.fixture(params=["joined", "cloud", "managed"])
def deployed(request: pytest.FixtureRequest) -> Deployed:
    """Sites that have, together, every kind of resource: a hybrid one with a VPN, and clouds. Read only."""
    found: Deployed = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def china() -> Iterator[Account]:
    """An empty account, met in Beijing."""
    with Account("cn-north-1", CHECKED) as account:
        yield account


@pytest.fixture
def europe() -> Iterator[Account]:
    """An empty account, met in Frankfurt."""
    with Account("eu-central-1", CHECKED) as account:
        yield account


@pytest.fixture(scope="session")
def contact_centre(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The cloud example, answered by Amazon Connect."""
    return answered(tmp_path_factory.mktemp("connect")).plan()


def _quiet(_line: str) -> None:
    """Say nothing."""


@dataclass(slots=True)
class Trial:
    """An environment of its own for small programs."""

    plan: Plan
    where: Environment

    def state(self) -> State:
        """What the engine remembers."""
        return StateFile(self.where.build).load()

    def run(self, program: Callable[[], None], *, preview: bool = False) -> tuple[Summary, State]:
        """Bring the account to what the program asks, or say what that would do."""
        settings = settings_of(self.where)
        return engine.run(self.plan, self.where, self.state(), _quiet, program, preview=preview, settings=settings)


@pytest.fixture
def trial(hybrid_plan: Plan, tmp_path: Path) -> Trial:
    """An empty account for small programs."""
    return Trial(hybrid_plan, place(hybrid_plan, tmp_path))
