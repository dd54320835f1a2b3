"""The Python packages that a host needs to run the roles by itself, as wheels: pinned, cached, checked by hash.

`python -m seatworks.wheels` renews data/wheels.txt: what the package index offers for the pins of pyproject.toml.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from seatworks.errors import PreflightError, Problem
from seatworks.run import CommandError, run

# Hosts run Debian 13, on the processors that the plan prices.
PYTHON, MACHINE = "3.13", "x86_64"
LOCK = Path(__file__).with_name("data") / "wheels.txt"
# pip installs the others: Debian's Python brings none.
_ASKED = ("ansible-core", "jinja2", "pip")
_PLATFORMS = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+) --hash=sha256:([0-9a-f]{64})$", re.MULTILINE)
_HEAD = """\
# What a host of a deployment needs to run the roles by itself: ansible-core, what it needs, and pip to install them.
# For the Python and the processor that seatworks/wheels.py names; written by `python -m seatworks.wheels`.
"""


def ensure(lock: Path = LOCK) -> list[Path]:
    """The wheels that `lock` names, downloaded unless they are in the cache. pip's own settings name the index.

    Raises PreflightError when they cannot be had, or are not the ones whose hashes are kept.
    """
    wanted = {digest: f"{name} {version}" for name, version, digest in _PIN.findall(lock.read_text(encoding="utf-8"))}
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    if wanted.keys() - _held(cache).keys():
        with tempfile.TemporaryDirectory(dir=cache) as fresh:
            _download(["--require-hashes", "--no-deps", "--requirement", str(lock)], Path(fresh))
            for path in Path(fresh).iterdir():
                path.replace(cache / path.name)
    held = _held(cache)
    if lacking := [name for digest, name in wanted.items() if digest not in held]:
        raise PreflightError(
            Problem("wheels", f"not among what pip brought: {', '.join(lacking)}", f"renew {lock.name}")
        )
    return sorted(held[digest] for digest in wanted)


def renew(lock: Path = LOCK, project: Path = Path("pyproject.toml")) -> None:
    """Write `lock` anew from the index. Versions that `project` pins stay. Raises PreflightError."""
    pins = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    asked = [next((pin for pin in pins if pin.startswith(f"{name}==")), name) for name in _ASKED]
    with tempfile.TemporaryDirectory() as fresh:
        _download(asked, Path(fresh))
        lines = []
        for digest, path in _held(Path(fresh)).items():
            name, version = path.name.split("-")[:2]
            lines.append(f"{name.lower().replace('_', '-')}=={version} --hash=sha256:{digest}\n")
    lock.write_text(_HEAD + "".join(sorted(lines)), encoding="utf-8")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seatworks" / "wheels"


def _held(folder: Path) -> dict[str, Path]:
    """Wheels by their SHA-256."""
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in sorted(folder.glob("*.whl"))}


def _download(asked: Sequence[str], folder: Path) -> None:
    target = ["--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    target += [f"--platform={platform}_{MACHINE}" for platform in _PLATFORMS]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--dest", str(folder)]
    try:
        run([*command, *target, *asked], timeout_s=900)
    except CommandError as wrong:
        said = [line for line in wrong.output.splitlines() if line.startswith("ERROR")]
        why = "; ".join(line.removeprefix("ERROR: ") for line in said) or f"pip ended with {wrong.code}"
        raise PreflightError(
            Problem("wheels", f"cannot be downloaded: {why}", "check the network or PIP_INDEX_URL, then run it again")
        ) from None


if __name__ == "__main__":
    renew()
