"""Look at a deployment as it stands: its plan, its account and its hosts. Nothing is changed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from seatworks import deploy, drift, playbook
from seatworks.drift import Finding, Part, Socket
from seatworks.environment import Environment
from seatworks.errors import CloudError, Problem
from seatworks.plan.model import Host, Plan, Protocol
from seatworks.run import CommandError, run

Say = Callable[[str], None]

# One line per fact. Only root sees which program listens; without that right the sockets are told all the same.
_ASK = (
    'systemctl list-units --state=failed --plain --no-legend | while read -r unit _; do echo failed "$unit"; done; '
    "(sudo -n ss -Hlntup 2>/dev/null || ss -Hlntup) | while read -r protocol _ _ _ local _ by; do "
    'echo listens "$protocol" "$local" "$by"; done; '
    "read -r first last < /proc/sys/net/ipv4/ip_local_port_range; echo lends $first $last"
)


def survey(now: Plan, where: Environment, say: Say) -> tuple[Finding, ...]:
    """Every difference between the plan, the account and the hosts.

    Raises CloudError when the account cannot be asked, HostsError when the roles cannot be compared with hosts that
    do answer.
    """
    standing = where.recorded()
    found = [*drift.of_plan(standing, now)]
    if standing is None:
        return tuple(found)
    if where.deployed() is None:
        begun = "its last deploy was cut off or failed"
        found.append(Finding(Part.PLAN, now.name, "a deployment", begun, f"make deploy ENV={now.name}"))
    deploy.prepare_access(standing, where)
    say("== account")
    found += _account(where)
    say("== hosts")
    return (*found, *_hosts(standing, where, say))


def _account(where: Environment) -> tuple[Finding, ...]:
    command = [sys.executable, "-m", deploy.ENGINES[where.target], "drift", where.name, "--json"]
    try:
        said = run(command, cwd=where.root, success=(0, 6)).stdout
    except CommandError as wrong:
        raise CloudError(Problem("stacks drift", wrong.output.strip() or f"ended with {wrong.code}")) from None
    return drift.load(json.loads(said)["findings"])


def _hosts(plan: Plan, where: Environment, say: Say) -> tuple[Finding, ...]:
    remedy = f"ssh -F {where.ssh_config.relative_to(where.root)}"
    with ThreadPoolExecutor(max_workers=len(plan.standing)) as pool:
        answers = dict(zip(plan.standing, pool.map(lambda host: _ask(host, where), plan.standing), strict=True))
    found = [
        Finding(Part.HOSTS, host.name, "answers over SSH", "no answer", f"{remedy} {host.name}")
        for host, answer in answers.items()
        if answer is None
    ]
    for host, answer in answers.items():
        found += facts(plan, host, answer) if answer is not None else ()
    reached = [host.name for host, answer in answers.items() if answer is not None]
    if not reached:
        return tuple(found)
    file = where.deployed_file if where.deployed_file.is_file() else where.attempted_file
    summary = playbook.play(file, where, check=True, arguments=["--limit", ",".join(reached)], say=say)
    return (*found, *drift.of_check(plan, summary.would_change))


def facts(plan: Plan, host: Host, answer: str) -> tuple[Finding, ...]:
    """What the answer of a host means."""
    failed, sockets, lent = [], [], drift.LENT
    for line in answer.splitlines():
        match line.split(maxsplit=3):
            case ["failed", unit, *_]:
                failed.append(unit)
            case ["lends", first, last]:
                lent = range(int(first), int(last) + 1)
            case ["listens", protocol, local, *by]:
                address, _, port = local.rpartition(":")
                # users:(("kamailio",pid=812,fd=5),…)
                program = by[0].split('"')[1] if by and '"' in by[0] else ""
                sockets.append(Socket(Protocol(protocol), address, int(port), program))
    return drift.of_host(plan, host, failed, sockets, lent)


def _ask(host: Host, where: Environment) -> str | None:
    try:
        return run(["ssh", "-F", where.ssh_config, "-o", "BatchMode=yes", host.name, _ASK], timeout_s=30).stdout
    except CommandError:
        return None
