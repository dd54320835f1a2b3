"""A computer that is not ready: one clear message each, exit 3, nothing touched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.drills.conftest import Ended

pytestmark = pytest.mark.lab
PROGRAM = str(ROOT / ".venv" / "bin" / "seatworks")
NO_REGISTRY = "http://127.0.0.1:9/debian"


def deploy_as(*wrapper: str, env: dict[str, str]) -> Ended:
    """Start a deploy of the on-premises example inside a wrapper."""
    settings = [f"{name}={value}" for name, value in env.items()]
    done = subprocess.run(
        ["env", *settings, *wrapper, PROGRAM, "deploy", "onprem"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return Ended(done.returncode, done.stdout)


def test_who_is_not_root_is_told_how_to_start_it(tmp_path: Path) -> None:
    met = deploy_as("unshare", "--user", "--map-user=1000", env={"XDG_CACHE_HOME": str(tmp_path)})
    assert met.code == 3, met.output
    assert "lets only root start machines" in met.output
    assert "sudo" in met.output
    assert "== cloud" not in met.output
    assert "Traceback" not in met.output


def test_a_full_disk_and_a_registry_that_is_down_are_named_together(tmp_path: Path) -> None:
    small = tmp_path / "cache"
    small.mkdir()
    mount = f'mount -t tmpfs -o size=64m tmpfs "{small}" && exec "$@"'
    settings = {"XDG_CACHE_HOME": str(small), "SEATWORKS_MIRROR": NO_REGISTRY}
    met = deploy_as("unshare", "--mount", "sh", "-c", mount, "sh", env=settings)
    assert met.code == 3, met.output
    assert "has 0.1 GB free" in met.output
    assert f"{NO_REGISTRY}/dists/trixie/InRelease: cannot be reached" in met.output
    assert "SEATWORKS_MIRROR" in met.output
    assert "2 problems" in met.output
    assert "== cloud" not in met.output
    assert "Traceback" not in met.output
