"""What must hold before anything is touched: this computer, and the hosts that already exist."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from seatworks import packages, secrets
from seatworks.environment import Environment
from seatworks.errors import PreflightError, Problem
from seatworks.plan.model import Host, Plan, Site, Target
from seatworks.plan.planning_only import DIRECTION
from seatworks.run import CommandError, run

FREE_GB = 2
HOST_FREE_GB = 1
# How long a machine of the cloud may take from its making to its first answer, its agent included.
BIRTH_S = 300
_AGAIN_S = 5
PYTHON = ((3, 11), (3, 13))

# What opens a line by Session Manager (Systems Manager User Guide, "Install the Session Manager plugin").
_PROGRAMS = {
    "aws": "version 2 of the AWS CLI",
    "session-manager-plugin": "AWS's Session Manager plugin (version 1.1.23 or later)",
}

# What a host keeps of its deployment, as the role baseline writes it: which vault it has its secrets from, and the
# certificate authority, which hosts of earlier versions are known by.
IDENTITY, _AUTHORITY = "/etc/seatworks/vault", "/etc/seatworks/ca.pem"

# One line per fact: `fact <name> <value>`. It runs on a host that may have nothing but a shell.
_ASK = (
    "command -v python3 >/dev/null && echo fact python yes; "
    'df -Pk / /var /srv | while read -r _ _ _ free _ place; do echo fact free "$place" "$free"; done; '
    f'[ -f {IDENTITY} ] && echo fact vault "$(cat {IDENTITY})"; '
    f'sha256sum {_AUTHORITY} 2>/dev/null | while read -r sum _; do echo fact authority "$sum"; done; '
    '. /etc/os-release; echo fact system "$ID" "$VERSION_ID"'
)


class Foreign(Problem):
    """A host has its secrets from another vault than the one that is here."""


def check(plan: Plan, where: Environment) -> None:
    """Everything that can be known before the first change. Raises PreflightError with all problems."""
    problems = [*able(plan), *computer(where), *packages.problems(where.specification.parent)]
    if where.target is Target.LAB:
        problems += lab(where)
        # Machines that stand from an earlier run; those that do not answer are healed, not asked.
        there = hosts(plan.standing, where) if where.ssh_config.is_file() else []
        problems += [problem for problem in there if isinstance(problem, Foreign)]
    else:
        problems += session(plan)
        onprem = [host for host in plan.hosts if host.site is Site.ONPREM]
        problems += hosts(onprem, where)
    if problems:
        raise PreflightError(*problems)


def computer(where: Environment) -> list[Problem]:
    """This computer, whatever the target is."""
    found = []
    if not PYTHON[0] <= sys.version_info[:2] <= PYTHON[1]:
        found.append(
            Problem("Python", f"is {sys.version_info[0]}.{sys.version_info[1]}", "use Python 3.11, 3.12 or 3.13")
        )
    free_gb = shutil.disk_usage(where.root).free / 1e9
    if free_gb < FREE_GB:
        found.append(
            Problem(str(where.root), f"has {free_gb:.1f} GB free", f"make room: at least {FREE_GB} GB are needed")
        )
    if not os.access(where.root, os.W_OK):
        found.append(Problem(str(where.root), "cannot be written to", "run as the owner of the folder"))
    return found


def able(plan: Plan) -> list[Problem]:
    """What the plan asks for and no server of ours can do yet: it is planned, and not deployed as if it were done."""
    if DIRECTION not in plan.planning_only:
        return []
    message = "is not inbound, and no outbound call can be made yet: the centre cannot dial"
    return [Problem(DIRECTION, message, "set it to inbound to deploy what answers calls; `make plan` plans the rest")]


def session(plan: Plan) -> list[Problem]:
    """What this computer needs to meet servers through Session Manager; nothing where they are met otherwise."""
    if not plan.by_session:
        return []
    without = "or name the networks that may use SSH as `management.networks`"
    return [
        Problem(program, "is not there, and servers are met through Session Manager", f"install {what}, {without}")
        for program, what in _PROGRAMS.items()
        if shutil.which(program) is None
    ]


def lab(where: Environment) -> list[Problem]:
    """What the rehearsal needs of this computer; the lab itself knows."""
    try:
        said = run([sys.executable, "-m", "lab", "check", "--json"], cwd=where.root, success=(0, 3)).stdout
    except CommandError as wrong:
        return list(wrong.problems)
    return [Problem(each.get("place", "this computer"), each["message"], each["remedy"]) for each in json.loads(said)]


def hosts(
    asked: Sequence[Host], where: Environment, patience_s: float = 0, config: Path | None = None
) -> list[Problem]:
    """Ask every host at once whether it answers, has Python, room, the right system, and no other vault's secrets.

    For `patience_s` seconds those that do not answer are asked again: a machine that was just made needs minutes to
    boot. One that answers and is not ready ends the waiting. `config` is another SSH configuration to use.
    """
    end, waiting, found = time.monotonic() + patience_s, list(asked), list[Problem]()
    vault = secrets.mark(where) if waiting else secrets.Mark()
    config = config or where.ssh_config

    def ask(host: Host) -> Problem | list[Problem]:
        return _host(host, config, vault)

    while waiting:
        with ThreadPoolExecutor(max_workers=len(waiting)) as pool:
            answers = dict(zip(waiting, pool.map(ask, waiting), strict=True))
        silent = {host: answer for host, answer in answers.items() if isinstance(answer, Problem)}
        found += [problem for answer in answers.values() if not isinstance(answer, Problem) for problem in answer]
        if found or time.monotonic() >= end:
            return [*silent.values(), *found]
        waiting = list(silent)
        if waiting:
            time.sleep(_AGAIN_S)
    return found


def _host(host: Host, config: Path, vault: secrets.Mark) -> Problem | list[Problem]:
    """What a host lacks, or that it does not answer."""
    place = f"{host.name} ({host.address})"
    try:
        said = run(["ssh", "-F", config, "-o", "BatchMode=yes", host.name, _ASK], timeout_s=30)
    except CommandError as wrong:
        reason = wrong.output.strip().splitlines()[-1:] or ["no answer"]
        return Problem(place, f"does not answer over SSH: {reason[0]}", f"check: ssh -F {config} {host.name}")
    facts = [line.split()[1:] for line in said.stdout.splitlines() if line.startswith("fact ")]
    found = []
    if ["python", "yes"] not in facts:
        found.append(Problem(place, "has no Python interpreter", "install it there: apt-get install python3"))
    free_kib = {fact[1]: int(fact[2]) for fact in facts if fact[0] == "free" and fact[2].isdigit()}
    for folder, free in free_kib.items():
        if free * 1024 < HOST_FREE_GB * 1e9:
            remedy = f"make room: {HOST_FREE_GB} GB are needed"
            found.append(Problem(place, f"has {free * 1024 / 1e9:.2f} GB free on {folder}", remedy))
    system = " ".join(word for fact in facts if fact[0] == "system" for word in fact[1:])
    if system != "debian 13":
        found.append(Problem(place, f"runs {system or 'an unknown system'}", "install Debian 13 (trixie)"))
    if _has_other_secrets(facts, vault):
        found.append(
            Foreign(
                place,
                "has its secrets from another vault" + ("" if vault.identity else ", and there is none here"),
                "bring the vault of its centre and the password (`make handover` lists what travels); a host that is "
                f"to leave that centre for this one: empty {IDENTITY} on it",
            )
        )
    return found


def _has_other_secrets(facts: Sequence[Sequence[str]], vault: secrets.Mark) -> bool:
    for name, *value in facts:
        if name == "vault":
            # An empty one: a person has said that the host is free.
            return bool(value) and value != [vault.identity]
    return any(name == "authority" and value != [vault.authority] for name, *value in facts)
