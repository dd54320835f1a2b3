"""How the project reaches machines: a key, pinned host keys, and a configuration for ssh."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from lab.machines import machine
from lab.machines.files import remove, write
from lab.machines.layout import Layout
from lab.machines.places import Places, Project
from seatworks.run import run


def key(project: Project) -> None:
    """Make the project's key for this environment, unless it has one."""
    private, public = project.ssh / "id_ed25519", project.ssh / "id_ed25519.pub"
    project.ssh.mkdir(parents=True, exist_ok=True)
    if not (private.is_file() and public.is_file()):
        remove(private)
        remove(public)
        comment = f"seatworks {project.environment}"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", private])


def write_files(layout: Layout, places: Places, project: Project) -> None:
    """Write config and known_hosts for every machine of the layout."""
    addresses = {each.name: str(each.address) for each in layout.machines}
    known = "".join(f"{name} {machine.host_key(name, places)}\n" for name in addresses)
    places.run.mkdir(parents=True, exist_ok=True)
    write(project.ssh / "known_hosts", known, mode=0o600)
    write(project.ssh_config, config(addresses, places, project), mode=0o600)


def config(addresses: Mapping[str, str], places: Places, project: Project) -> str:
    """The ssh configuration: names of machines, entered through the environment's network. Pure."""
    hosts = "".join(
        f"Host {name}\n  HostName {address}\n  HostKeyAlias {name}\n\n" for name, address in addresses.items()
    )
    enter = " ".join(_proxy_command(places, "%h", "%p"))
    return (
        f"# Written by the lab for environment {project.environment}.\n{hosts}"
        f"Host {' '.join(addresses)}\n"
        "  User root\n"
        f'  IdentityFile "{project.ssh / "id_ed25519"}"\n'
        "  IdentitiesOnly yes\n"
        f'  UserKnownHostsFile "{project.ssh / "known_hosts"}"\n'
        "  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n"
        "  UpdateHostKeys no\n"
        "  BatchMode yes\n"
        "  LogLevel ERROR\n"
        "  ConnectTimeout 10\n"
        "  ServerAliveInterval 5\n"
        "  ServerAliveCountMax 6\n"
        "  ControlMaster auto\n"
        "  ControlPersist 60\n"
        f"  ControlPath {places.run}/%C\n"
        f"  ProxyCommand {enter}\n"
    )


def _proxy_command(places: Places, host: str, port: str) -> Sequence[str]:
    return places.inside("socat", "-", f"TCP:{host}:{port}")


def close(places: Places, project: Project) -> None:
    """Close connections that ssh keeps open for the next command."""
    for socket in places.run.glob("*"):
        # Control sockets are named by a hash; 255: the connection was dead already.
        if socket.is_socket() and len(socket.name) >= 40:
            run(["ssh", "-F", "none", "-S", socket, "-O", "exit", project.environment], success=(0, 255))


def forget(project: Project) -> None:
    """Take the SSH files away: what they lead to is gone."""
    shutil.rmtree(project.ssh, ignore_errors=True)
