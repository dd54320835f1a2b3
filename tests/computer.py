"""A fresh Debian computer with systemd as its process 1, stood in for by a machine in which the lab runs again.

It shares the network of this computer, so that package registries can be reached; its own services that would
touch that network are off. It has what a person installs first, and nothing that the lab itself needs.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.machines import image, machine, processes, starter
from lab.machines.files import remove, write
from lab.machines.places import cache, state_root
from lab.machines.starter import Box
from seatworks.errors import HostsError, Problem
from seatworks.run import Completed, run

# What the README tells a person to install.
FIRST_PACKAGES = ("git", "make", "python3")
HOME = "/root/project"
_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
# They would set up this computer's network, devices or kernel, or listen on its addresses.
_OFF = (
    *("systemd-networkd.service", "systemd-networkd.socket", "systemd-sysctl.service", "systemd-udevd.service"),
    *("systemd-udevd-control.socket", "systemd-udevd-kernel.socket", "systemd-udev-trigger.service"),
    *("systemd-modules-load.service", "systemd-binfmt.service", "ssh.service", "ssh.socket"),
)
_PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "SEATWORKS_MIRROR", "CI")
# A systemd that may write to /proc/sys raises them as it starts; they are this computer's own.
_KERNEL_LIMITS = ("fs/file-max", "fs/nr_open", "net/unix/max_dgram_qlen")
_BOOT_S = 60


@dataclass(frozen=True, slots=True)
class Computer:
    """A running computer; the project lies in `HOME`."""

    box: Box

    def run(self, command: str, *, timeout_s: float = 300) -> Completed:
        """Run shell text there as root, in the project's folder. Raises CommandError."""
        settings = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        settings |= {"PIP_CERT": str(_BUNDLE), "SSL_CERT_FILE": str(_BUNDLE), "HOME": "/root", "LANG": "C.UTF-8"}
        return run(
            [
                *self._enter(),
                *("systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--working-directory={HOME}"),
                *(f"--setenv={name}={value}" for name, value in settings.items()),
                *("bash", "-euo", "pipefail", "-c", command),
            ],
            timeout_s=timeout_s,
        )

    def is_up(self) -> bool:
        """Whether its systemd has started everything it was asked to."""
        leader = _leader(self.box)
        if leader is None:
            return False
        # Exit code 1 of the question: it is still starting, or something did not start.
        said = run([*self._enter(), "systemctl", "is-system-running"], success=(0, 1)).stdout.strip()
        return said in ("running", "degraded")

    def _enter(self) -> list[str]:
        leader = _leader(self.box)
        if leader is None:
            raise HostsError(Problem(self.box.name, "does not run", f"look into {self.box.console}"))
        spaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd")
        return ["nsenter", f"--target={leader}", *spaces]


@contextlib.contextmanager
def computer(suite: str, name: str, project: Path) -> Iterator[Computer]:
    """Boot a fresh Debian `suite` with the files of `project`; it is gone when the block ends."""
    folder = state_root().parent / "computers" / name
    box = _box(name, folder)
    how = starter.choose()
    _destroy(box, how)
    below = image.base(suite)
    layer = image.Layer(f"computer-{suite}", below, FIRST_PACKAGES, suite=suite)
    image.build([layer])
    limits = {path: path.read_text(encoding="utf-8") for path in (Path("/proc/sys", name) for name in _KERNEL_LIMITS)}
    try:
        _make(folder, layer, project, name)
        how.boot(box)
        found = Computer(box)
        deadline = time.monotonic() + _BOOT_S
        while not found.is_up():
            if time.monotonic() > deadline:
                raise HostsError(Problem(name, f"is not up after {_BOOT_S} s", f"look into {box.console}"))
            time.sleep(0.3)
        yield found
    finally:
        _destroy(box, how)
        for path, value in limits.items():
            path.write_text(value, encoding="utf-8")


def _box(name: str, folder: Path) -> Box:
    known = f"computer-{name}"
    command = (
        *("systemd-nspawn", "--quiet", f"--directory={folder / 'root'}", "--boot", "--register=no", "--keep-unit"),
        *(f"--machine={known}", f"--hostname={name}", "--resolv-conf=copy-host", "--timezone=off", "--link-journal=no"),
        # What it takes to run machines inside a machine.
        *("--capability=all", "--system-call-filter=@mount @keyring @privileged bpf", "--bind=/dev/net/tun"),
        # Layers are shared; and overlayfs cannot lie on the overlay that this computer's disk is.
        *(f"--bind={cache()}:/root/.cache/seatworks/lab", f"--bind={folder / 'state'}:/var/lib/seatworks"),
    )
    return Box(known, folder, command, None, (("SYSTEMD_NSPAWN_API_VFS_WRITABLE", "yes"),))


def _make(folder: Path, layer: image.Layer, project: Path, name: str) -> None:
    for each in ("upper", "work", "root", "state"):
        (folder / each).mkdir(parents=True)
    folder.chmod(0o700)
    machine.mount(folder, layer.stack())
    root = folder / "root"
    write(root / "etc/hostname", f"{name}\n")
    write(root / "etc/hosts", Path("/etc/hosts").read_text(encoding="utf-8") + f"127.0.1.1 {name}\n")
    for unit in _OFF:
        link = root / "etc/systemd/system" / unit
        remove(link)
        link.symlink_to("/dev/null")
    if _BUNDLE.is_file():
        (root / str(_BUNDLE).lstrip("/")).unlink(missing_ok=True)
        shutil.copy(_BUNDLE, root / str(_BUNDLE).lstrip("/"))
    copy_project(project, root / HOME.lstrip("/"))


def copy_project(project: Path, target: Path) -> None:
    """Copy what git knows or would take: a clean clone, with today's changes."""
    listed = run(["git", "-C", project, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).stdout
    for name in listed.split("\0"):
        if name and (project / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, target / name)


def _leader(box: Box) -> int | None:
    """Process 1 of the computer, seen from outside."""
    for pid, words in processes.everything():
        if words[0] == "systemd-nspawn" and f"--machine={box.name}" in words:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
            return int(children[0]) if children else None
    return None


def _destroy(box: Box, how: starter.Starter) -> None:
    how.cut(box)
    if box.root.is_dir():
        while box.root.is_mount():
            run(["umount", box.root])
    remove(box.folder)
    machine.forget(box.name)
