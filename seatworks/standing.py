"""Which deployments of an environment stand, by what was made and never by what the specification says today."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from seatworks import migrate
from seatworks.environment import Environment, unknown
from seatworks.errors import PreflightError, Problem
from seatworks.plan.model import Plan, Site, Target
from seatworks.run import CommandError, run

# What the program registers and no account holds.
_NOT_IN_ACCOUNT = ("pulumi:pulumi:", "pulumi:providers:")


def recorded(name: str, root: Path) -> tuple[Environment, ...]:
    """The deployments of which this folder knows something that stands, also when a run of them was killed half way.

    Raises PreflightError for a folder of an earlier version that holds files of both targets.
    """
    migrate.once(root / "build" / name)
    return tuple(where for where in (Environment(name, target, root) for target in Target) if _is_recorded(where))


def choose(name: str, root: Path, asked: Target | None, command: str) -> Environment | None:
    """The deployment that a command works on: the one `asked` for, else the one that stands; None when none does.

    `command` is what a person types, for the remedy. Raises PreflightError when both stand and none was asked for, or
    when the one asked for does not stand and the other does; SpecError when there is no such environment at all.
    """
    found = list(recorded(name, root))
    recorded_lab = any(where.target is Target.LAB for where in found)
    if (asked is Target.LAB or not found) and not recorded_lab and _machines(name, root):
        # They outlive the folder: who deletes build/ has not taken them away.
        found.append(Environment(name, Target.LAB, root))
    if not found and not (root / "inventories" / name / "seatworks.yml").is_file():
        raise unknown(name, root)
    if asked:
        chosen = [where for where in found if where.target is asked]
        if found and not chosen:
            other = found[0].target
            remedy = f"{command} ENV={name} TARGET={other}"
            raise PreflightError(Problem(name, f"does not stand with target {asked}, but with target {other}", remedy))
        return chosen[0] if chosen else None
    if len(found) > 1:
        ways = " or ".join(f"{command} ENV={name} TARGET={where.target}" for where in found)
        raise PreflightError(Problem(name, "stands twice, as a rehearsal and live", f"say which: {ways}"))
    return found[0] if found else None


def has_cloud(plan: Plan) -> bool:
    """Whether the plan has something in a cloud account."""
    return plan.connect is not None or any(host.site is Site.CLOUD for host in plan.hosts)


def in_account(where: Environment) -> list[dict[str, Any]]:
    """The resources that the account holds, as the last run left them."""
    return [
        entry
        for entry in where.resources()
        if entry.get("custom") and not str(entry["type"]).startswith(_NOT_IN_ACCOUNT)
    ]


def last_had_cloud(where: Environment) -> bool:
    """Whether the last deploy, whatever its end, was of a plan with a cloud half."""
    last = where.attempted() or where.deployed()
    return last is not None and has_cloud(last)


def cloud_may_stand(where: Environment) -> bool:
    """Whether a plan that was deployed or begun had a cloud half, or something in the account is known."""
    plans = (where.attempted(), where.deployed())
    return any(plan is not None and has_cloud(plan) for plan in plans) or bool(in_account(where))


def _is_recorded(where: Environment) -> bool:
    files = (where.deployed_file, where.attempted_file, where.account_file)
    return any(file.is_file() for file in files) or bool(in_account(where))


def _machines(name: str, root: Path) -> bool:
    """Whether this computer has machines of a rehearsal of this project; the lab itself knows."""
    try:
        said = run([sys.executable, "-m", "lab", "status", name, "--json"], cwd=root).stdout
        found = json.loads(said)
    except (CommandError, ValueError):
        # A computer that cannot rehearse has none.
        return False
    return bool(found.get("project") == str(root))
