"""Drills run the commands a person types, on real machines of a lab, and end with nothing left of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from seatworks.environment import Environment
from seatworks.plan.model import Target
from seatworks.results import Results
from tests import once
from tests.conftest import ROOT

# Longer than any deploy on two cores with every download; a drill that hangs must end.
DEPLOY_LIMIT_S = 1500


@pytest.fixture(scope="session", autouse=True)
def _packages(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The Debian packages of a rehearsal are on this computer, as after any deploy, whichever drill comes first."""
    done = once.made(tmp_path_factory, "packages", lambda _folder: lab("install"))
    assert done.code == 0, done.output


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    output: str


def seatworks(*words: str, env: dict[str, str] | None = None, limit_s: int = DEPLOY_LIMIT_S) -> Ended:
    """Run the installed program as Make does."""
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "seatworks", *words],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit_s,
        check=False,
    )
    return Ended(done.returncode, done.stdout)


def killed_in(env: str, phase: str, *, after_s: float) -> None:
    """Start a deploy and SIGKILL the whole of it some seconds into a phase."""
    log = ROOT / "build" / f"killed-{phase}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [ROOT / ".venv" / "bin" / "seatworks", "deploy", env],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + DEPLOY_LIMIT_S
            while f"== {phase}\n" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            time.sleep(after_s)
            assert process.poll() is None, log.read_text()
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def lab(*words: str) -> Ended:
    """Run the lab's own command."""
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "python", "-m", "lab", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEPLOY_LIMIT_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def on(env: str, host: str, command: str) -> Ended:
    """Run a command on a machine of the lab."""
    config = Environment(env, Target.LAB, ROOT).ssh_config
    done = subprocess.run(
        ["ssh", "-F", config, host, command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout + done.stderr)


def unchanged(env: str, again: Ended) -> bool:
    """Whether a deploy that was not the first succeeded and changed nothing: neither a resource nor a host."""
    found = {phase.name: phase.detail for phase in results_of(env).phases}
    counted = re.findall(r"^cloud: (\d+ .*)", again.output, re.MULTILINE)
    assert again.code == 0, again.output[-6000:]
    assert counted or "cloud: nothing to do" in again.output
    assert all(re.fullmatch(r"\d+ same", told) for told in counted), counted
    return re.match(r"changed=0 on [1-9]\d* hosts", found["hosts"]) is not None


def results_of(env: str) -> Results:
    """The results of the last deploy, from its report."""
    return report_of(report_folder(env))


def report_of(folder: Path) -> Results:
    """The results that a run wrote into a folder."""
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return Results.load(json.dumps(found["results"]))


def report_folder(env: str) -> Path:
    """Where the report of an environment lies."""
    return Environment(env, Target.LAB, ROOT).build
