"""A deployment that the real Pulumi CLI makes in the lab's account: a project of its own, state in a folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatworks.environment import write
from seatworks.plan.model import Plan, Target
from stacks.live import install
from tests import optional
from tests.sites import place

ROOT = Path(__file__).resolve().parents[2]
# Seconds in which a command of the CLI must end.
LONGEST_S = 300
# What the real plugins of the CLI are called, and what stands in for them.
TOOLS = {"pulumi-resource-aws": "tests.pulumi.provider", "pulumi-language-python": "tests.pulumi.language"}
PASSPHRASE = "only the tests know it"  # noqa: S105 - of a state that lives as long as a test


@dataclass(slots=True)
class Site:
    """One project. `environment` is what its commands run with; `client` asks the account that they work in."""

    root: Path
    url: str
    region: str
    plan: Plan
    environment: dict[str, str] = field(default_factory=dict)

    def stacks(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`python -m stacks ...`, as `make deploy` calls it."""
        return self._run([sys.executable, "-m", "stacks", *arguments], self.root, check=check)

    def pulumi(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`pulumi ...` in stacks/seats, without any of our own commands."""
        command = [str(install.find()), "--non-interactive", *arguments]
        return self._run(command, self.root / "stacks" / "seats", check=check)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`python -m stacks ...`, begun and not waited for."""
        return subprocess.Popen(
            [sys.executable, "-m", "stacks", *arguments],
            cwd=self.root, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def client(self, service: str) -> Any:
        """A client of the account."""
        import boto3

        keys = {"aws_access_key_id": "lab", "aws_secret_access_key": "lab"}
        return boto3.client(service, region_name=self.region, endpoint_url=self.url, **keys)

    def replan(self, plan: Plan) -> None:
        """Another plan for the same environment."""
        self.plan = plan
        place(plan, self.root)

    def state(self) -> str:
        """The stack's state as it lies on the disk."""
        (path,) = (self.root / "state" / ".pulumi" / "stacks" / "seats").glob(f"{self.plan.name}.json")
        return path.read_text(encoding="utf-8")

    def resources(self) -> list[dict[str, Any]]:
        """Every resource of the stack's state."""
        found: list[dict[str, Any]] = json.loads(self.state())["checkpoint"]["latest"].get("resources", [])
        return found

    def _run(self, command: list[str], folder: Path, *, check: bool) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done


@contextlib.contextmanager
def site(plan: Plan, root: Path) -> Iterator[Site]:
    """A project with that plan, live, whose account ends with it."""
    optional.needs("pulumi", there=install.find() is not None)
    shutil.copytree(ROOT / "stacks", root / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Pulumi.hybrid.yaml", "Pulumi.cloud.yaml"):
        (root / "stacks" / "seats" / name).unlink()
    (root / "inventories" / plan.name).mkdir(parents=True)
    live = dataclasses.replace(plan, target=Target.LIVE)
    # Who has no vault has no business with a stack that stands.
    write(place(live, root).vault, "")
    region = str(plan.region)
    command = [sys.executable, "-m", "tests.pulumi.held", region]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as account:
        assert account.stdout is not None
        assert account.stdin is not None
        try:
            url = account.stdout.readline().strip()
            yield Site(root, url, region, live, _environment(root, url, region))
        finally:
            account.stdin.close()
            account.wait(30)


def _environment(root: Path, url: str, region: str) -> dict[str, str]:
    """What commands run with: our plugin and our helper for Python on PATH, and nothing of the user's own."""
    tools = root / "tools"
    tools.mkdir()
    for name, module in TOOLS.items():
        script = tools / name
        script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -u -m {module} "$@"\n')
        script.chmod(0o755)
    state = root / "state"
    state.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PULUMI_"))}
    return {
        **kept,
        "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([str(root), str(ROOT)]),
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab",
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_HOME": str(root / "home"),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
