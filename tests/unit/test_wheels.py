"""Wheels are pinned, downloaded once, and refused when they are others."""

from __future__ import annotations

import hashlib
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from seatworks import wheels
from seatworks.errors import PreflightError
from tests.conftest import ROOT


def wheel(folder: Path, name: str, version: str, needs: str = "") -> str:
    """Make an empty wheel; its line of the list."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    needed = f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return f"{name.replace('_', '-')}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place that pip looks into."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_wheels_come_from_where_pip_is_told_to_look_and_then_from_the_cache(index: Path, tmp_path: Path) -> None:
    lock = tmp_path / "wheels.txt"
    lock.write_text("# two\n" + wheel(index, "one", "1.0", needs="absent") + wheel(index, "two_more", "2.1"))
    first = wheels.ensure(lock)
    assert sorted(path.name for path in first) == ["one-1.0-py3-none-any.whl", "two_more-2.1-py3-none-any.whl"]
    for path in index.iterdir():
        path.unlink()
    assert wheels.ensure(lock) == first


def test_a_wheel_of_the_cache_that_was_damaged_is_fetched_again(index: Path, tmp_path: Path) -> None:
    lock = tmp_path / "wheels.txt"
    lock.write_text(wheel(index, "one", "1.0"))
    (kept,) = wheels.ensure(lock)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1])
    assert [path.read_bytes() for path in wheels.ensure(lock)] == [whole]


def test_another_file_under_the_same_name_is_refused(index: Path, tmp_path: Path) -> None:
    lock = tmp_path / "wheels.txt"
    lock.write_text(re.sub("[0-9a-f]{64}", "0" * 64, wheel(index, "one", "1.0")))
    with pytest.raises(PreflightError, match="cannot be downloaded: THESE PACKAGES DO NOT MATCH THE HASHES"):
        wheels.ensure(lock)


def test_no_index_is_one_message_with_the_remedy(index: Path, tmp_path: Path) -> None:
    lock = tmp_path / "wheels.txt"
    lock.write_text(wheel(index, "one", "1.0"))
    for path in index.iterdir():
        path.unlink()
    with pytest.raises(PreflightError, match=r"No matching distribution.* -> check the network or PIP_INDEX_URL"):
        wheels.ensure(lock)


def test_the_list_is_renewed_with_the_pins_of_the_project(index: Path, tmp_path: Path) -> None:
    lines = [wheel(index, "ansible_core", "1.0"), wheel(index, "jinja2", "3.0", needs="one"), wheel(index, "one", "7")]
    lines.append(wheel(index, "pip", "99"))
    wheel(index, "ansible_core", "2.0")
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["ansible-core==1.0", "jinja2==3.0", "rich"]\n')
    lock = tmp_path / "wheels.txt"
    wheels.renew(lock, project)
    written = [line for line in lock.read_text().splitlines(keepends=True) if not line.startswith("#")]
    assert written == sorted(lines)
    assert len(wheels.ensure(lock)) == 4


def test_hosts_run_what_the_project_runs() -> None:
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    locked = {line.split(" ")[0] for line in wheels.LOCK.read_text(encoding="utf-8").splitlines() if "==" in line}
    assert {pin for pin in pins if pin.startswith(("ansible-core==", "jinja2=="))} <= locked
    assert any(pin.startswith("pip==") for pin in locked)
