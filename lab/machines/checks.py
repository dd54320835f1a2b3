"""What the lab needs of this computer, and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from lab.machines import image, mirror
from lab.machines.places import cache, state_root
from lab.machines.progress import say
from seatworks.errors import PreflightError, Problem
from seatworks.run import CommandError, run

# Program -> Debian package that has it. None of them starts a network service.
PROGRAMS = {
    "debootstrap": "debootstrap",
    "ip": "iproute2",
    "nft": "nftables",
    "socat": "socat",
    "ssh": "openssh-client",
    "systemd-nspawn": "systemd-container",
}
# Signatures of the mirror are checked with it.
KEYRING = ("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring")
FREE_GB = 6


def missing_packages() -> list[str]:
    """Debian packages that the lab needs and this computer has not."""
    missing = {package for program, package in PROGRAMS.items() if not shutil.which(program, path=PATH)}
    if not Path(KEYRING[0]).is_file():
        missing.add(KEYRING[1])
    return sorted(missing)


PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def install() -> None:
    """Install what is missing with apt-get."""
    packages = missing_packages()
    if not packages:
        say("nothing is missing")
        return
    if os.geteuid() != 0:
        raise PreflightError(Problem("this computer", "lets only root install packages", "run it with sudo"))
    say(f"installing {' '.join(packages)}")
    settings = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "-q", "update"], env=settings)
    run(["apt-get", "-q", "-y", "--no-install-recommends", "install", *packages], env=settings, timeout_s=900)


def find(*, needs_mirror: bool = True) -> list[Problem]:
    """Everything that would keep the lab from working here; empty when it can start."""
    if sys.platform != "linux":
        return [Problem("this computer", f"runs {sys.platform}", "rehearse on Linux, in a virtual machine if need be")]
    found = []
    if packages := missing_packages():
        found.append(
            Problem(
                "this computer",
                f"lacks {', '.join(packages)}",
                f"run: python -m lab install, or apt-get install {' '.join(packages)}",
            )
        )
    if os.geteuid() != 0:
        remedy = "run the command as root, for example: sudo -E make deploy"
        return [*found, Problem("this computer", "lets only root start machines", remedy)]
    for folder in (cache(), state_root()):
        folder.mkdir(parents=True, exist_ok=True)
        free_gb = shutil.disk_usage(folder).free / 1e9
        if free_gb < FREE_GB:
            found.append(Problem(str(folder), f"has {free_gb:.1f} GB free", f"make room: {FREE_GB} GB are needed"))
    if not Path("/dev/net/tun").exists():
        found.append(Problem("/dev/net/tun", "is not there; the site-to-cloud link needs it", "run: modprobe tun"))
    if not packages:
        found += _kernel()
    if needs_mirror and not image.base().folder.is_dir():
        release = f"{mirror.url()}/dists/{image.SUITE}/InRelease"
        if not mirror.answers(release):
            found.append(
                Problem(
                    release, "cannot be reached", "check the network, or name a mirror near you in SEATWORKS_MIRROR"
                )
            )
    return found


def _kernel() -> list[Problem]:
    """Try once, in namespaces that vanish, what every machine needs of the kernel."""
    found = []
    with tempfile.TemporaryDirectory(dir=state_root()) as name:
        for folder in ("lower", "upper", "work", "root"):
            (Path(name) / folder).mkdir()
        options = f"lowerdir={name}/lower,upperdir={name}/upper,workdir={name}/work"
        trial = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "overlay", "trial", "-o", options]
        try:
            run([*trial, f"{name}/root"])
        except CommandError as wrong:
            remedy = "set SEATWORKS_LAB_STATE to a folder on a plain disk (ext4, xfs), or load the module overlay"
            found.append(Problem(str(state_root()), f"cannot hold machines: {_last(wrong)}", remedy))
    try:
        run(["unshare", "--net", "nft", "add", "table", "ip", "trial"])
    except CommandError as wrong:
        remedy = "run as root of a computer or of a privileged container, with the module nf_tables"
        found.append(Problem("this computer", f"makes no networks of their own: {_last(wrong)}", remedy))
    return found


def _last(wrong: CommandError) -> str:
    return "".join(wrong.output.strip().splitlines()[-1:])
