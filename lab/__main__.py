"""Command line of the lab: `python -m lab up hybrid`, run in the project's folder."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from lab.machines import checks, environment
from lab.machines.places import Project
from seatworks.errors import PreflightError, SeatworksError


def main(words: list[str] | None = None) -> int:
    """Parse, act, and turn errors into the exit codes of the whole project."""
    given = _parser().parse_args(words)
    try:
        return _act(given)
    except SeatworksError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return wrong.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("lab: stopped\n")
        return 130


def _act(given: argparse.Namespace) -> int:
    if given.action == "check":
        return _check(as_json=given.json)
    if given.action == "install":
        checks.install()
        return 0
    project = Project(Path.cwd().resolve(), given.environment)
    if given.action == "up":
        environment.up(project, bare=given.bare, peak=given.peak)
    elif given.action == "down":
        environment.down(given.environment)
    elif given.action == "cut":
        environment.cut(given.environment, given.machine)
    elif given.action == "status":
        _show(environment.status(project), as_json=given.json)
    elif given.action == "exec":
        # List arguments; ssh passes its own exit code and signals on.
        os.execvp("ssh", ["ssh", "-F", str(project.ssh_config), given.machine, *given.command])  # noqa: S606, S607
    return 0


def _check(*, as_json: bool) -> int:
    problems = checks.find()
    if as_json:
        rows = [{"place": each.place, "message": each.message, "remedy": each.remedy} for each in problems]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    elif not problems:
        sys.stdout.write("this computer can rehearse\n")
    else:
        sys.stderr.write("\n".join(str(each) for each in problems) + "\n")
    return PreflightError.exit_code if problems else 0


def _show(status: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(status, indent=2) + "\n")
        return
    for row in status["machines"]:
        sys.stdout.write(f"{row['name']:<18} {row['state']:<8} {row['address'] or '':<16} {row['network'] or ''}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="Machines of a plan on this computer.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument("environment", help="name of the environment: build/NAME/lab/attempted.json is what stands up")
    up = actions.add_parser("up", parents=[named], help="stand the machines up, or heal what is there")
    up.add_argument("--bare", action="store_true", help="without the roles' packages: they install them themselves")
    up.add_argument("--peak", nargs="+", default=[], metavar="HOST", help="these servers of a peak too")
    actions.add_parser("down", parents=[named], help="take everything away")
    status = actions.add_parser("status", parents=[named], help="show the machines")
    status.add_argument("--json", action="store_true")
    cut = actions.add_parser("cut", parents=[named], help="take the power of machines away; `up` boots them again")
    cut.add_argument("machine", nargs="+")
    execute = actions.add_parser("exec", parents=[named], help="run a command on a machine")
    execute.add_argument("machine")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    check = actions.add_parser("check", help="say what this computer lacks")
    check.add_argument("--json", action="store_true")
    actions.add_parser("install", help="install the Debian packages the lab needs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
