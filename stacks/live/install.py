"""The Pulumi CLI: the one on this computer, or the pinned one put into a cache: `python -m stacks.live.install`.

Its own download is tried first. Where only Go's module proxy is reached, it is built from its Go modules by the module
in tools/pulumi, which go.sum pins to the last byte: 8 minutes of two cores once, 4 GB of Go's caches.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import io
import os
import platform
import re
import shutil
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seatworks.errors import CloudError, Problem, SeatworksError
from seatworks.run import run

PINNED = "3.274.1"
# The releases from which the live engine is known to work. A 4 may do things otherwise.
OLDEST, NEXT = (3, 260, 0), (4, 0, 0)
MODULE = Path(__file__).resolve().parents[2] / "tools" / "pulumi"
# The only address: a mirror of Pulumi's download folder goes here.
DOWNLOADS = os.environ.get("SEATWORKS_PULUMI_DOWNLOADS", "https://get.pulumi.com/releases/sdk")
_INSTALL = "https://www.pulumi.com/docs/iac/download-install/"
_CONNECT_S, _BUILD_S = 15, 3600
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def home() -> Path:
    """Where the pinned CLI lies: its `bin` folder is below."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "seatworks" / "pulumi" / PINNED


def find() -> Path | None:
    """The CLI to use: on PATH if its version fits, or the pinned one if it is there."""
    on_path = shutil.which("pulumi")
    if on_path and fits(version(Path(on_path))):
        return Path(on_path)
    pinned = home() / "bin" / "pulumi"
    return pinned if pinned.is_file() else None


def missing() -> Problem:
    """What to say when `find` finds nothing."""
    span = f"{_shown(OLDEST)} or newer, below {_shown(NEXT)}"
    on_path = shutil.which("pulumi")
    if on_path is None:
        return Problem("pulumi", "is not installed", "run `make pulumi-cli`, or install the CLI: " + _INSTALL)
    found = version(Path(on_path))
    told = f"is {_shown(found)}" if found else "does not tell its version"
    return Problem(
        "pulumi", f"{told} ({on_path}); {span} is wanted", "run `make pulumi-cli`, or update it: " + _INSTALL
    )


@functools.cache
def version(program: Path) -> tuple[int, ...] | None:
    """The version that a CLI says it is, or None when it says nothing of the kind."""
    try:
        said = run([program, "version"], env={"PULUMI_SKIP_UPDATE_CHECK": "1"}, timeout_s=30).stdout
    except SeatworksError:
        return None
    found = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)(?:-.*)?", said.strip())
    return tuple(map(int, found.groups())) if found else None


def fits(found: tuple[int, ...] | None) -> bool:
    """Whether the live engine is known to work with this version."""
    return found is not None and OLDEST <= found < NEXT


def ensure(say: Callable[[str], None]) -> Path:
    """The CLI, put in place if need be. Raises CloudError that says why it cannot be had, and what helps."""
    if found := find():
        return found
    if shutil.which("pulumi"):
        say(f"  {missing().message}: the pinned one is put beside it")
    with _alone(home().parent):
        if found := find():
            return found
        reasons: list[Problem] = []
        for way in (_download, _build):
            try:
                _place(way, say)
                return home() / "bin" / "pulumi"
            except SeatworksError as failed:
                reasons += failed.problems
    raise CloudError(
        Problem("pulumi", f"the CLI {PINNED} can neither be downloaded nor built", f"install it: {_INSTALL}"), *reasons
    )


def _place(way: Callable[[Path, Callable[[str], None]], None], say: Callable[[str], None]) -> None:
    """Let one way fill a folder and put it in place whole, or not at all."""
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=home().parent))
    try:
        way(fresh / "bin", say)
        said = version(fresh / "bin" / "pulumi")
        if _shown(said or ()) != PINNED:
            raise CloudError(Problem("pulumi", f"what was made says that it is {_shown(said or ()) or 'nothing'}"))
        fresh.chmod(0o755)
        shutil.rmtree(home(), ignore_errors=True)
        fresh.rename(home())
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _download(folder: Path, say: Callable[[str], None]) -> None:
    """Pulumi's own release, which brings its helpers for every language."""
    system, machine = platform.system().lower(), _MACHINES.get(platform.machine().lower())
    if system not in {"linux", "darwin"} or machine is None:
        raise CloudError(Problem(DOWNLOADS, f"has nothing for {platform.system()} on {platform.machine()}"))
    name = f"pulumi-v{PINNED}-{system}-{machine}.tar.gz"
    sums = _fetched(f"{DOWNLOADS}/pulumi-{PINNED}-checksums.txt").decode()
    wanted = next((line.split()[0] for line in sums.splitlines() if line.endswith(f" {name}")), None)
    say(f"  downloading {name}")
    content = _fetched(f"{DOWNLOADS}/{name}")
    if hashlib.sha256(content).hexdigest() != wanted:
        raise CloudError(Problem(f"{DOWNLOADS}/{name}", "is not what its list of checksums says"))
    with tarfile.open(fileobj=io.BytesIO(content)) as packed:
        packed.extractall(folder.with_name("unpacked"), filter="data")
    folder.with_name("unpacked").joinpath("pulumi").rename(folder)
    folder.with_name("unpacked").rmdir()


def _fetched(url: str) -> bytes:
    if not url.startswith("https://"):
        raise CloudError(Problem(url, "is not fetched", "give an address that begins with https://"))
    try:
        with urllib.request.urlopen(url, timeout=_CONNECT_S) as answer:  # noqa: S310 - the scheme is looked at above
            content: bytes = answer.read()
            return content
    except (urllib.error.URLError, OSError) as wrong:
        raise CloudError(Problem(url, f"is not reached ({getattr(wrong, 'reason', wrong)})")) from None


def _build(folder: Path, say: Callable[[str], None]) -> None:
    """Built from its Go modules. What the caller's GOPROXY, GOFLAGS and GOSUMDB say holds."""
    if not shutil.which("go"):
        raise CloudError(Problem("go", "is not installed", "Debian: apt install golang-go; or https://go.dev/dl"))
    say(f"  building the Pulumi CLI {PINNED} from its Go modules: about 8 minutes, once")
    run(
        ["go", "build", "-trimpath", "-ldflags", f"-s -w -X {_VERSION}=v{PINNED}", "-o", folder / "pulumi", _PACKAGE],
        cwd=MODULE,
        timeout_s=_BUILD_S,
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time on this computer; what a killed one left is cleared away."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(".new-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _shown(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def main(arguments: list[str]) -> int:
    """Put the CLI in place and print where it is. Exit code 3 when it cannot be had.

    With `--if-possible` that is no failure, unless this is continuous integration.
    """
    try:
        found = ensure(_say)
    except SeatworksError as failed:
        for problem in failed.problems:
            sys.stderr.write(f"pulumi-cli: {problem}\n")
        if "--if-possible" in arguments and os.environ.get("CI") != "true":
            sys.stderr.write("pulumi-cli: the tests that need it are left out\n")
            return 0
        return 3
    sys.stdout.write(f"{found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
