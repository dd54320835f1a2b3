"""The commands as a person types them: exit codes, one clear message, nothing touched."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seatworks import cli
from seatworks import plan as planning
from seatworks.drift import Finding, Part
from seatworks.plan.model import Target
from tests.conftest import ROOT
from tests.examples import NAMES, plan_of


def seatworks(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed program, run in a folder."""
    program = Path(sys.executable).with_name("seatworks")
    return subprocess.run(
        [program, *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def entered(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, without a second for its start. What it does not catch is raised here."""
    with contextlib.chdir(folder):
        ended = CliRunner().invoke(cli.app, words)
    if ended.exception and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return subprocess.CompletedProcess(words, ended.exit_code, ended.stdout, ended.stderr)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the specifications alone."""
    for name in NAMES:
        target = tmp_path / "inventories" / name
        target.mkdir(parents=True)
        shutil.copy(ROOT / "inventories" / name / "seatworks.yml", target)
    return tmp_path


def test_plan_shows_hosts_and_figures_and_writes_the_documents(project: Path) -> None:
    done = seatworks(project, "plan", "hybrid")
    assert done.returncode == 0, done.stderr
    assert "cloud-edge1" in done.stdout
    assert (project / "build" / "hybrid" / "plan.html").is_file()
    assert planning.load((project / "build" / "hybrid" / "plan.json").read_text()) == plan_of("hybrid")


def test_json_is_one_document_and_nothing_else(project: Path) -> None:
    done = seatworks(project, "plan", "onprem", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "onprem"


@pytest.mark.parametrize("command", ["plan", "preview", "drift", "deploy", "bundle"])
def test_a_refused_specification_ends_with_2_and_touches_nothing(project: Path, command: str) -> None:
    file = project / "inventories" / "hybrid" / "seatworks.yml"
    file.write_text(file.read_text().replace("mode: hybrid", "mode: hybird\nsets: 3"))
    done = entered(project, command, "hybrid")
    assert done.returncode == 2, done.stderr
    assert "hybird" in done.stderr
    assert "sets" in done.stderr
    assert "2 problems" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "build").exists()


@pytest.mark.parametrize("command", ["plan", "preview", "deploy", "verify", "destroy"])
def test_an_unknown_environment_ends_with_2_and_names_the_known_ones(project: Path, command: str) -> None:
    done = entered(project, command, "nowhere")
    assert done.returncode == 2
    assert "ENV is one of cloud, hybrid, onprem" in done.stderr


def test_verifying_what_is_not_deployed_ends_with_6_and_the_remedy(project: Path) -> None:
    done = seatworks(project, "verify", "onprem")
    assert done.returncode == 6
    assert "make deploy ENV=onprem" in done.stderr


def test_the_schema_is_printed_as_json(project: Path) -> None:
    done = entered(project, "schema")
    assert json.loads(done.stdout)["properties"]["seats"]


def test_without_a_command_the_commands_are_listed(project: Path) -> None:
    done = entered(project)
    assert "deploy" in done.stdout + done.stderr


@pytest.mark.lengthy
@pytest.mark.parametrize("words", [["drift", "hybrid"], ["drift", "hybrid", "--json"]])
def test_drift_ends_with_six_when_something_differs_and_with_nought_when_nothing_does(project, monkeypatch, words):
    monkeypatch.chdir(project)
    found = [Finding(Part.HOSTS, "edge1", "kamailio.service runs", "it has failed", "read the journal")]
    monkeypatch.setattr("seatworks.survey.survey", lambda *_: tuple(found))
    ended = CliRunner().invoke(cli.app, words)
    assert ended.exit_code == 6
    assert "kamailio.service runs" in ended.stdout
    if "--json" in words:
        assert json.loads(ended.stdout)["findings"][0]["place"] == "edge1"
    found.clear()
    assert CliRunner().invoke(cli.app, words).exit_code == 0


def test_a_broken_specification_keeps_nobody_from_seeing_that_nothing_stands(project: Path) -> None:
    (project / "inventories" / "hybrid" / "seatworks.yml").write_text("name: 7\n")
    done = seatworks(project, "destroy", "hybrid")
    assert (done.returncode, done.stderr) == (0, "nothing of hybrid stands\n")


@pytest.mark.lengthy
def test_a_folder_of_an_earlier_version_is_moved_by_the_first_command_and_a_mixed_one_by_a_person(
    project: Path,
) -> None:
    folder = project / "build" / "hybrid"
    folder.mkdir(parents=True)
    deployed = planning.dump(dataclasses.replace(plan_of("hybrid"), target=Target.LIVE))
    (folder / "deployed.json").write_text(deployed)
    (folder / "cloud.json").write_text("{}")
    (folder / "cloud-state.json").write_text("{}")
    for command in ("plan", "preview", "deploy", "verify", "destroy", "drift"):
        refused = seatworks(project, command, "hybrid")
        assert refused.returncode == 3, refused.stderr
        assert "seatworks adopt hybrid --as live" in refused.stderr
    done = seatworks(project, "adopt", "hybrid", "--as", "live")
    assert done.returncode == 0, done.stderr
    assert (folder / "live" / "cloud.json").is_file()
    assert (folder / "lab" / "cloud-state.json").is_file()
    both = seatworks(project, "destroy", "hybrid")
    assert both.returncode == 3
    assert "stands twice" in both.stderr
    (folder / "lab" / "cloud-state.json").unlink()
    # Moved back, it is a folder of one target.
    for path in (folder / "live").iterdir():
        path.rename(folder / path.name)
    shutil.rmtree(folder / "live")
    moved = seatworks(project, "destroy", "hybrid")
    assert moved.returncode == 3
    assert moved.stderr.startswith("build/hybrid: moved to build/hybrid/live/, each target has its folder\n")
    assert "nobody is here to be asked" in moved.stderr
