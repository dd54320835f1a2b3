"""One machine on disk: an overlay of its own over image layers, and the few files that make it that machine."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from lab.machines import image, mirror
from lab.machines.files import remove, write
from lab.machines.layout import Machine
from lab.machines.places import Places, Project
from lab.machines.starter import Box, Starter
from seatworks.run import run


def box(name: str, places: Places, bridge: str = "") -> Box:
    """The machine of that name as its starter knows it."""
    folder = places.machines / name
    known = f"{places.namespace}-{name}"
    command = (
        *("systemd-nspawn", "--quiet", f"--directory={folder / 'root'}", "--boot", "--register=no", "--keep-unit"),
        *(f"--machine={known}", f"--hostname={name}", f"--network-bridge={bridge}"),
        *("--resolv-conf=off", "--timezone=off", "--link-journal=no"),
    )
    return Box(known, folder, command, places.namespace_file)


def names(places: Places) -> list[str]:
    """Machines that are on disk, also half-made ones."""
    if not places.machines.is_dir():
        return []
    return sorted(folder.name for folder in places.machines.iterdir() if folder.is_dir())


def facts(machine: Machine, layer: image.Layer) -> str:
    """What a machine was made from. A machine with other facts is another machine."""
    return json.dumps(
        {
            "address": f"{machine.address}/{machine.segment.cidr.prefixlen}",
            "bridge": machine.segment.bridge,
            "gateway": str(machine.segment.gateway),
            "layers": [str(each.folder) for each in layer.stack()],
            "mirror": mirror.names(),
        },
        indent=2,
    )


def is_made(machine: Machine, layer: image.Layer, places: Places) -> bool:
    """Whether it is on disk, wholly, and as asked."""
    made = places.machines / machine.name / "machine.json"
    return made.is_file() and made.read_text(encoding="utf-8") == facts(machine, layer)


def make(machine: Machine, layer: image.Layer, places: Places) -> None:
    """Make its disk anew. Its facts are written last: without them it counts as half-made."""
    folder = places.machines / machine.name
    for each in ("upper", "work", "root"):
        (folder / each).mkdir(parents=True)
    folder.chmod(0o700)
    mount(folder, layer.stack())
    root = folder / "root"
    write(root / "etc/hostname", f"{machine.name}\n")
    write(root / "etc/machine-id", f"{uuid.uuid4().hex}\n", mode=0o444)
    lines = ["127.0.0.1 localhost", f"127.0.1.1 {machine.name}"]
    lines += [f"{machine.segment.gateway} {name}" for name in mirror.names()]
    write(root / "etc/hosts", "\n".join(lines) + "\n")
    write(
        root / "etc/systemd/network/10-host0.network",
        "[Match]\nName=host0\n\n[Network]\n"
        f"Address={machine.address}/{machine.segment.cidr.prefixlen}\nGateway={machine.segment.gateway}\n"
        "LinkLocalAddressing=no\nIPv6AcceptRA=no\n",
    )
    for kind in ("ed25519", "ecdsa", "rsa"):
        key = root / f"etc/ssh/ssh_host_{kind}_key"
        size = ["-b", "2048"] if kind == "rsa" else []
        run(["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", machine.name, "-f", key])
    write(folder / "machine.json", facts(machine, layer))


def mount(folder: Path, stack: Sequence[image.Layer]) -> None:
    """Mount the overlay of a machine's folder, unless it is."""
    root = folder / "root"
    if not root.is_mount():
        lowers = ":".join(str(layer.folder) for layer in stack)
        options = f"lowerdir={lowers},upperdir={folder / 'upper'},workdir={folder / 'work'}"
        run(["mount", "-t", "overlay", f"sw-{folder.name}", "-o", options, root])


def authorise(name: str, places: Places, project: Project) -> None:
    """Let the project's key in, also when the key is newer than the machine."""
    home = places.machines / name / "root" / "root"
    (home / ".ssh").mkdir(mode=0o700, exist_ok=True)
    write(home / ".ssh/authorized_keys", (project.ssh / "id_ed25519.pub").read_text(encoding="utf-8"), mode=0o600)


def host_key(name: str, places: Places) -> str:
    """The public key by which the machine proves who it is."""
    key = places.machines / name / "root/etc/ssh/ssh_host_ed25519_key.pub"
    return " ".join(key.read_text(encoding="utf-8").split()[:2])


def destroy(name: str, places: Places, starter: Starter) -> None:
    """Take a machine away, whatever state it is in."""
    gone = box(name, places)
    starter.cut(gone)
    if gone.root.is_dir():
        while gone.root.is_mount():
            run(["umount", gone.root])
    remove(gone.folder)
    forget(gone.name)


def forget(known: str) -> None:
    """Take away what systemd-nspawn keeps about a machine that lost its power."""
    for kept in ("propagate", "unix-export"):
        shutil.rmtree(Path("/run/systemd/nspawn") / kept / known, ignore_errors=True)


def console_tail(name: str, places: Places, lines: int = 8) -> str:
    """The end of what the machine said on its console."""
    console = box(name, places).console
    if not console.is_file():
        return "(no console)"
    return "\n".join(console.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
