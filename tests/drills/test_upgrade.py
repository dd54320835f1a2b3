"""A deployment of the last release goes on under this version: found, moved, proved, deployed again, taken away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import leftovers
from seatworks.environment import Environment
from seatworks.plan.model import Target
from seatworks.results import Phase, Results
from tests.conftest import ROOT
from tests.drills.conftest import DEPLOY_LIMIT_S, Ended, report_of

pytestmark = [pytest.mark.lab, pytest.mark.slow]
ENV = "hybrid"
# The last commit of release 0.1.0, which kept both targets of an environment in one folder.
RELEASE = "460732462038dc938d5a4177e6d9634729c9eed5"


class Site:
    """The folder of a project, in which one version takes the place of another as an administrator's checkout does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.where = Environment(ENV, Target.LAB, root)

    def take(self, version: str | None) -> None:
        """Check a version out: a commit, or what lies here."""
        for path in self.root.iterdir():
            if path.name not in {"build", "inventories", "password"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if version:
            packed = subprocess.run(["git", "archive", version], cwd=ROOT, capture_output=True, check=True).stdout
            subprocess.run(["tar", "--extract", "--directory", self.root], input=packed, check=True)
            return
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.root / name)

    def seatworks(self, *words: str) -> Ended:
        """A command of the version that is checked out."""
        done = subprocess.run(
            [sys.executable, "-c", "from seatworks.cli import main; main()", *words],
            cwd=self.root,
            env={
                **os.environ,
                "PYTHONPATH": str(self.root),
                "SEATWORKS_VAULT_PASSWORD_FILE": str(self.root / "password"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEPLOY_LIMIT_S,
            check=False,
        )
        return Ended(done.returncode, done.stdout)

    def results(self) -> Results:
        """What the last run found."""
        return report_of(self.where.build)

    def phase(self, name: str) -> Phase:
        """One phase of the last run."""
        return next(phase for phase in self.results().phases if phase.name == name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The hybrid example, deployed by the last release; from then on this version is checked out."""
    made = Site(tmp_path_factory.mktemp("upgrade"))
    try:
        made.take(RELEASE)
        first = made.seatworks("deploy", ENV)
        assert first.code == 0, first.output[-6000:]
        assert (made.root / "build" / ENV / "deployed.json").is_file()
        made.take(None)
        yield made
    finally:
        taken = made.seatworks("destroy", ENV)
    assert taken.code == 0, taken.output
    assert f"{ENV}: the rehearsal is taken away" in taken.output
    assert leftovers(ENV) == []
    assert made.seatworks("destroy", ENV).output == f"nothing of {ENV} stands\n"


def test_what_the_last_release_deployed_is_moved_and_proved_where_it_stands(site: Site) -> None:
    proved = site.seatworks("verify", ENV)
    assert proved.output.count(f"build/{ENV}: moved to build/{ENV}/lab/") == 1
    assert proved.code == 0, proved.output[-6000:]
    assert site.results().accepted
    assert not (site.root / "build" / ENV / "deployed.json").exists()


def test_a_deploy_of_this_version_changes_only_what_is_new_and_is_accepted(site: Site) -> None:
    again = site.seatworks("deploy", ENV)
    assert again.code == 0, again.output[-6000:]
    assert site.results().accepted
    last = site.seatworks("deploy", ENV)
    assert last.code == 0, last.output[-6000:]
    assert "changed=0 on 9 hosts" in site.phase("hosts").detail
