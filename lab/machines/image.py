"""Image layers: read-only folders that machines boot from, stacked with overlayfs and kept between environments.

base (Debian) < common (packages of every host) < one for each set of roles; tools (stand-ins) lies on base.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.machines import mirror, wanted
from lab.machines.files import locked, remove, try_lock
from lab.machines.layout import COMMON_ROLES, Machine, Software
from lab.machines.places import cache
from lab.machines.progress import say
from lab.machines.scripts import BASE, PACKAGES, SCRIPT_FORMAT
from seatworks.errors import HostsError, Problem
from seatworks.run import CommandError, run

SUITE = "trixie"
# What a Debian server has after its installation, and what Ansible needs.
BASE_PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "python3", "python3-apt", "ca-certificates"),
    *("iproute2", "iputils-ping", "netbase", "procps"),
)
TOOLS_PACKAGES = ("baresip-core", "nftables", "python3", "sip-tester", "sox", "tcpdump")
_LISTS_LIVE_S = 20 * 3600
_UNUSED_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: what it adds to the one below."""

    name: str
    below: Layer | None
    packages: tuple[str, ...]
    sources: tuple[tuple[str, str], ...] = ()
    suite: str = SUITE

    @property
    def key(self) -> str:
        """Changes with everything the content is made from, except the day it was built."""
        lower = self.below.key if self.below else ""
        facts = [SCRIPT_FORMAT, self.suite, mirror.url(), self.packages, self.sources, lower]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]

    @property
    def folder(self) -> Path:
        return cache() / "layers" / f"{self.name}-{self.key}"

    def stack(self) -> tuple[Layer, ...]:
        """This layer and those below, top first."""
        return (self, *(self.below.stack() if self.below else ()))


def base(suite: str = SUITE, extra: Sequence[str] = ()) -> Layer:
    """A plain Debian."""
    return Layer("base" if suite == SUITE else f"base-{suite}", None, (*BASE_PACKAGES, *extra), suite=suite)


def layer_for(machine: Machine, root: Path) -> Layer:
    """The layer a machine boots from; packages are those the project at `root` says."""
    if machine.software is Software.TOOLS:
        return Layer("tools", base(), TOOLS_PACKAGES)
    if machine.software is Software.BARE:
        return base()
    shared = wanted.of_roles(COMMON_ROLES, root, mirror.url())
    common = Layer("common", base(), shared.packages, shared.sources)
    # Roles that only write files do not make another layer.
    adding = [role for role in machine.roles if wanted.of_roles((role,), root, mirror.url()).packages]
    if not adding:
        return common
    own = wanted.of_roles(adding, root, mirror.url())
    return Layer("-".join(adding), common, own.packages, own.sources)


def build(layers: Sequence[Layer]) -> None:
    """Build what is missing, the lower ones first, several at once. Raises HostsError naming each that failed."""
    top = cache() / "layers"
    top.mkdir(parents=True, exist_ok=True)
    _sweep(top)
    for folder in {each.folder for layer in layers for each in layer.stack()}:
        _mark(folder).touch()
    _prune(top)
    todo = {each.folder: each for layer in layers for each in layer.stack() if not each.folder.is_dir()}
    for depth in sorted({len(layer.stack()) for layer in todo.values()}):
        floor = [layer for layer in todo.values() if len(layer.stack()) == depth]
        with ThreadPoolExecutor(max_workers=min(len(floor), os.cpu_count() or 1)) as pool:
            problems = [problem for problem in pool.map(_try, floor) if problem]
        if problems:
            raise HostsError(*problems)


def _try(layer: Layer) -> Problem | None:
    try:
        with locked(
            _mark(layer.folder),
            wait_s=1800,
            busy=f"another process builds the image layer {layer.name}",
        ):
            if not layer.folder.is_dir():
                _make(layer)
    except CommandError as wrong:
        tail = " ".join(wrong.output.strip().splitlines()[-6:])
        return Problem(f"image layer {layer.name}", tail or str(wrong), f"check that {mirror.url()} answers, run again")
    return None


def _make(layer: Layer) -> None:
    """In a mount and process namespace of its own: a killed build leaves a folder, no mount and no process."""
    began = time.monotonic()
    say(f"image {layer.name}: building")
    fresh = layer.folder.parent / f".new-{layer.folder.name}"
    remove(fresh)
    archives = cache() / "packages" / layer.name
    for folder in (fresh / "work", fresh / "upper", fresh / "root", archives / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    lowers = ":".join(str(each.folder) for each in layer.stack()[1:])
    lists_are_fresh = layer.below is not None and not layer.sources and _age_s(layer.stack()[-1]) < _LISTS_LIVE_S
    settings = {
        "FRESH": str(fresh),
        "LOWERS": lowers,
        "ARCHIVES": str(archives),
        "SUITE": layer.suite,
        "MIRROR": mirror.url(),
        "SECURITY": mirror.security_url(layer.suite) or "",
        "PACKAGES": " ".join(layer.packages),
        "UPDATE": "" if lists_are_fresh else "yes",
        "DEBIAN_FRONTEND": "noninteractive",
        # What dpkg does by itself, and no wait for the disk after each file: the layer is written out once, at its end.
        "DPKG_FORCE": "security-mac,downgrade,unsafe-io",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "HOME": "/root",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }
    for path, text in layer.sources:
        place = fresh / "upper" / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    run(
        [
            *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"),
            *(
                "--pid",
                "--fork",
                "--kill-child",
                "--uts",
                "bash",
                "-euo",
                "pipefail",
                "-c",
                PACKAGES if lowers else BASE,
            ),
        ],
        env=settings,
        timeout_s=1500,
    )
    run(["sync", "--file-system", fresh])
    (fresh / "upper").rename(layer.folder)
    remove(fresh)
    say(f"image {layer.name}: built in {time.monotonic() - began:.0f} s")


def _age_s(layer: Layer) -> float:
    return time.time() - layer.folder.stat().st_ctime


def _mark(folder: Path) -> Path:
    """The lock of a layer; its time is when the layer was last asked for."""
    return folder.parent / f".lock-{folder.name}"


def _prune(top: Path) -> None:
    """Take away layers that nobody asked for in a month and no machine stands on: packages have changed since."""
    mounted = Path("/proc/self/mounts").read_text(encoding="utf-8")
    for folder in top.glob("[!.]*"):
        mark = _mark(folder)
        asked_for = (mark if mark.exists() else folder).stat().st_mtime
        if time.time() - asked_for < _UNUSED_S or str(folder) in mounted:
            continue
        with mark.open("a") as stream:
            if try_lock(stream.fileno()):
                say(f"image {folder.name}: not used for a month, removed")
                remove(folder)
                remove(mark)


def _sweep(top: Path) -> None:
    """Take away what killed builds left; what somebody still builds is locked."""
    for trash in top.glob(".new-*"):
        with (top / trash.name.replace(".new-", ".lock-", 1)).open("a") as stream:
            if try_lock(stream.fileno()):
                remove(trash)
