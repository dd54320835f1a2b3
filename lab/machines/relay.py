"""The only way across the environment's border: a relay to the Debian mirror, and to nothing else.

A machine knows the mirror's name as its gateway. There a listener in the namespace passes the bytes through a
Unix socket to a second process outside, which connects to the mirror.
"""

from __future__ import annotations

import os
import urllib.parse
from pathlib import Path

from lab.machines import mirror, processes
from lab.machines.files import write
from lab.machines.places import Places
from seatworks.errors import HostsError, Problem


def start(places: Places) -> None:
    """Start the halves that do not run, and restart those that lead elsewhere than asked."""
    places.run.mkdir(parents=True, exist_ok=True)
    socket = places.run / "packages"
    halves = {
        "relay-outside": [
            *("socat", f"UNIX-LISTEN:{socket},fork,mode=600,unlink-early"),
            towards_mirror(places.run),
        ],
        "relay-inside": places.inside(
            "socat", f"TCP-LISTEN:{mirror.port()},fork,reuseaddr,max-children=64", f"UNIX-CONNECT:{socket}"
        ),
    }
    for name, args in halves.items():
        # nsenter becomes the command: that is what the process is known by.
        known = args[2:] if args[0] == "nsenter" else args
        record = places.state / f"{name}.json"
        if not _serves(processes.running(record, known), socket, places if args is not known else None):
            processes.stop(record)
            processes.start(args, record, places.state / "relay.log", known=known)


def stop(places: Places) -> None:
    """End both halves."""
    for record in places.state.glob("relay-*.json"):
        processes.stop(record)


def _serves(pids: list[int], socket: Path, inside: Places | None) -> bool:
    """Whether a half runs where it is of use: by the socket that is there, in the namespace that is there."""
    if inside is None:
        return bool(pids) and socket.is_socket()
    here = inside.namespace_file.stat().st_ino
    return any(processes.network_of(pid) == here for pid in pids)


def towards_mirror(folder: Path) -> str:
    """Where the outer half connects to: the mirror, or the computer's web proxy when it has one."""
    asked = os.environ.get("http_proxy") or os.environ.get("HTTP_PROXY")
    if not asked:
        return f"TCP:{mirror.host()}:{mirror.port()}"
    proxy = urllib.parse.urlsplit(asked if "://" in asked else f"http://{asked}")
    if not proxy.hostname:
        raise HostsError(Problem("http_proxy", f"is {asked!r}", "give http://NAME:PORT"))
    login = ""
    if proxy.username:
        # In a file, because arguments can be read by everybody on the computer.
        secret = folder / "proxy-login"
        write(
            secret, f"{urllib.parse.unquote(proxy.username)}:{urllib.parse.unquote(proxy.password or '')}", mode=0o600
        )
        login = f",proxyauthfile={secret}"
    return f"PROXY:{proxy.hostname}:{mirror.host()}:{mirror.port()},proxyport={proxy.port or 8080}{login}"
