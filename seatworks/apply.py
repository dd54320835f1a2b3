#!/usr/bin/env python3
"""Configures this host from the bundle it lies in, as a deploy does from afar: the same roles, run here.

Needs root, Debian 13 and its Python, and the site's Debian mirror; no Internet, no package index, no checkout.
Ends with 0: configured; 2: wrong arguments; 3: nothing was touched; 5: a task failed, run it again.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import getpass
import hashlib
import json
import os
import platform
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

BUNDLE = Path(__file__).resolve().parent
MANIFEST = "manifest.json"
VAULT = "inventory/group_vars/all/vault.yml"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DPKG_LOCK, DPKG_WAIT_S = Path("/var/lib/dpkg/lock-frontend"), 600
NOT_READY, NOT_CONFIGURED = 3, 5


def say(text: str) -> None:
    """A line for people and for the journal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def stop(*problems: str, remedy: str = "", code: int = NOT_READY) -> NoReturn:
    """End with every problem, and what to do about them."""
    for problem in problems:
        say(f"✗ {problem}")
    if remedy:
        say(f"  → {remedy}")
    sys.exit(code)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def intact(bundle: Path) -> dict[str, Any]:
    """The manifest, after every file was held against it."""
    try:
        manifest: dict[str, Any] = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
        listed: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError):
        stop(f"{MANIFEST} is missing or damaged", remedy="unpack the bundle again")
    there = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file() or path.is_symlink()}
    wrong = [f"{name} is missing" for name in sorted(listed.keys() - there)]
    wrong += [f"{name} is not part of the bundle" for name in sorted(there - listed.keys() - {MANIFEST})]
    wrong += [f"{name} is damaged" for name in sorted(listed.keys() & there) if digest(bundle / name) != listed[name]]
    if wrong:
        stop(*wrong, remedy="copy the bundle again and unpack it into an empty folder")
    return manifest


def is_own(address: str) -> bool:
    """Whether this host has the address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError as refused:
            if refused.errno != errno.EADDRNOTAVAIL:
                raise
            return False
    return True


def fits(manifest: dict[str, Any], name: str | None) -> str:
    """The host this is: the one named, else the one whose address it has. Stop unless the bundle can configure it."""
    hosts: dict[str, str] = manifest["hosts"]
    if name is not None and name not in hosts:
        stop(f"{name} is not in this bundle", remedy=f"its hosts: {', '.join(hosts)}", code=2)
    wrong = []
    if os.geteuid() != 0:
        wrong.append("only root can configure a host")
    if (python := ".".join(platform.python_version_tuple()[:2])) != manifest["python"]:
        wrong.append(
            f"this is Python {python}, the bundle is for Debian's {manifest['python']}: install Debian 13 (trixie)"
        )
    if (machine := platform.machine()) != manifest["machine"]:
        wrong.append(f"the processor is {machine}, the bundle is for {manifest['machine']}")
    own = [each for each, address in hosts.items() if is_own(address)]
    if name is None and len(own) != 1:
        wrong.append(f"this host has the address of {len(own)} hosts of the bundle: say which it is with --host")
    elif name is not None and name not in own:
        wrong.append(f"this host does not have {name}'s address {hosts[name]}: another host, or no network yet")
    if wrong:
        stop(*wrong)
    return name or own[0]


def password_of(source: str) -> bytes:
    """The vault password: the line of a file, or of standard input (-); a person is asked and does not see it."""
    try:
        if source != "-":
            found = Path(source).read_bytes().strip()
        elif sys.stdin.isatty():
            found = getpass.getpass("Vault password: ").encode()
        else:
            found = sys.stdin.buffer.read().strip()
    except OSError as refused:
        stop(f"the vault password cannot be read: {refused}")
    if not found:
        stop("the vault password is empty")
    return found


@contextlib.contextmanager
def alone(home: Path) -> Iterator[int]:
    """Hold the lock while the block runs, and as long as a process lives that was handed it."""
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    lock = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 64, 0).decode().strip() or "another process"
        stop(f"this host is being configured by {holder} or the Ansible that it started", remedy="wait until it ends")
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"process {os.getpid()}".encode(), 0)
    try:
        yield lock
    finally:
        os.close(lock)


def environment(bundle: Path, home: Path, manifest: dict[str, Any]) -> Path:
    """The Python of a virtual environment with the bundle's wheels; made anew when they or Debian's Python changed."""
    venv = home / "venv"
    stamp = venv / "stamp"
    wheels = {name: value for name, value in manifest["files"].items() if name.startswith("wheels/")}
    wanted = hashlib.sha256(json.dumps([wheels, sys.version], sort_keys=True).encode()).hexdigest()
    python = venv / "bin" / "python"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    say(f"preparing {venv}")
    shutil.rmtree(venv, ignore_errors=True)
    pip = next((bundle / "wheels").glob("pip-*.whl"))
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    settings["PIP_CONFIG_FILE"] = os.devnull
    for command in (
        # Debian's Python has venv without pip unless python3-venv is installed; the bundle brings its own.
        [sys.executable, "-m", "venv", "--without-pip", str(venv)],
        [
            *(str(python), f"{pip}/pip", "--disable-pip-version-check", "install", "--quiet", "--no-cache-dir"),
            *("--root-user-action=ignore", "--no-index", "--find-links", str(bundle / "wheels"), "ansible-core"),
        ],
    ):
        done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip().splitlines()[-5:]
            stop(f"{venv} cannot be made", *said, remedy="make room on the disk, then run it again")
    # Last, and whole or not at all: an environment without it is made anew.
    fresh = stamp.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(wanted)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(stamp)
    return python


def taken(lock: BinaryIO) -> bool:
    """Whether we have got a lock of dpkg's kind."""
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def mend() -> None:
    """Finish an installation of packages that was cut off: until then the roles could install nothing.

    One that is under way (Debian's own upgrades at a boot) is waited for.
    """
    # As apt does: who holds the frontend's lock tells dpkg so.
    settings = {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive", "DPKG_FRONTEND_LOCKED": "1"}
    command = ["dpkg", "--configure", "-a"]
    with DPKG_LOCK.open("a+b") as lock:
        deadline = time.monotonic() + DPKG_WAIT_S
        while not taken(lock):
            if time.monotonic() > deadline:
                stop(f"packages are being installed on this host for {DPKG_WAIT_S} s now", remedy="see who does it")
            time.sleep(1)
        done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-5:]
        stop("packages of this host are half installed", *said, remedy="repair them: dpkg --configure -a")


def settings_of(bundle: Path, home: Path) -> dict[str, str]:
    """Environment of Ansible: the project's ansible.cfg, the bundle's inventory, the password from standard input."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    return kept | {
        "ANSIBLE_CONFIG": str(bundle / "ansible.cfg"),
        "ANSIBLE_HOME": str(home / "ansible"),
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_VARS_ENABLED": "host_group_vars",
        "ANSIBLE_VAULT_PASSWORD_FILE": "/dev/stdin",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_NOCOLOR": "1",
        "HOME": pwd.getpwuid(os.geteuid()).pw_dir,
        "LC_ALL": "C.UTF-8",
        "PATH": PATH,
        # Nothing is written into the bundle: it is held against its manifest again.
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the program; what the system refuses, and Ctrl-C, are said in a line."""
    try:
        return run(arguments)
    except OSError as refused:
        stop(str(refused), remedy="repair that, then run it again")
    except KeyboardInterrupt:
        stop("stopped", remedy="run it again, it goes on from here", code=130)


def run(arguments: list[str] | None) -> int:
    """Check the bundle, make ready, run the roles on this host."""
    parser = argparse.ArgumentParser(prog="apply", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--host", help="which host of the deployment this is; without it, its address says so")
    parser.add_argument("--vault-password-file", required=True, metavar="FILE", help="- : read it from standard input")
    parser.add_argument("--check", action="store_true", help="only say what would change")
    parser.add_argument("--home", type=Path, default=Path("/opt/seatworks"), help="what outlives the bundle")
    asked = parser.parse_args(arguments)

    manifest = intact(BUNDLE)
    host = fits(manifest, asked.host)
    password = password_of(asked.vault_password_file)
    with alone(asked.home) as lock:
        python = environment(BUNDLE, asked.home, manifest)
        settings = settings_of(BUNDLE, asked.home)

        def ansible(*words: str, quiet: bool) -> int:
            command = [str(python), "-m", "ansible", *words]
            out = subprocess.DEVNULL if quiet else None
            # Ansible keeps the lock even when this process is killed.
            return subprocess.run(
                command, cwd=BUNDLE, env=settings, input=password, stdout=out, stderr=out, pass_fds=(lock,), check=False
            ).returncode

        if ansible("vault", "view", VAULT, quiet=True) != 0:
            stop(
                "the vault password does not open the secrets of this bundle",
                remedy="give the password of the computer that made it",
            )
        if not asked.check:
            mend()
        say(f"{host}: bundle of {manifest['environment']}, seatworks {manifest['seatworks']}")
        words = ["--inventory", "inventory/hosts.yml", "--limit", host]
        if code := ansible(
            "playbook", *words, *(["--check", "--diff"] if asked.check else []), "site.yml", quiet=False
        ):
            stop(f"{host} is not configured: ansible-playbook ended with {code}", code=NOT_CONFIGURED)
    say(f"{host}: {'looked at' if asked.check else 'configured'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
