"""The first step on a fresh computer: one clear message for what is not supported."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from seatworks import bootstrap
from tests.conftest import ROOT


def test_another_system_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(SystemExit) as ended:
        bootstrap.check_computer()
    assert ended.value.code == 3
    assert capsys.readouterr().err == "✗ Darwin is not supported\n  → run this on Debian 12 or 13\n"


@pytest.mark.parametrize("version", [(3, 10, 2), (3, 14, 0)])
def test_another_python_is_refused_with_the_remedy(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit):
        bootstrap.check_computer()
    assert f"Python {version[0]}.{version[1]} is not supported" in capsys.readouterr().err


def test_the_fingerprint_follows_the_dependencies(monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap.fingerprint()
    assert before == bootstrap.fingerprint()
    monkeypatch.setattr(sys, "version", "another")
    assert bootstrap.fingerprint() != before


def test_a_prepared_environment_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stamp = tmp_path / "stamp"
    stamp.write_text(bootstrap.fingerprint())
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was started"))
    assert bootstrap.main() == 0
    assert capsys.readouterr().err == ""


def test_make_lists_every_command() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    for command in ("plan", "preview", "deploy", "verify", "load", "destroy", "bundle", "test", "lint", "bench"):
        assert f"make {command} " in listed
