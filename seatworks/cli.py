"""The command line: arguments, messages and exit codes; no logic."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from seatworks import deploy as deploying
from seatworks import environment, lock, report, show
from seatworks import plan as planning
from seatworks import spec as specification
from seatworks.environment import Environment
from seatworks.errors import SeatworksError
from seatworks.plan.model import Plan, Target

app = typer.Typer(
    name="seatworks",
    help="One file describes a contact centre; these commands build it and prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_messages = Console(stderr=True, highlight=False, soft_wrap=True)
_screen = Console(highlight=False)

Name = Annotated[str, typer.Argument(metavar="ENV", help="A folder of inventories/, for example hybrid.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def say(text: str) -> None:
    """A line of progress, on stderr."""
    _messages.print(text, markup=False)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Known errors become messages and their exit code; Ctrl-C says how to go on."""
    try:
        yield
    except SeatworksError as wrong:
        for problem in wrong.problems:
            place = f"{problem.place}: " if problem.place else ""
            _messages.print(f"✗ {place}{problem.message}", markup=False, style="red")
            if problem.remedy:
                _messages.print(f"  → {problem.remedy}", markup=False)
        if len(wrong.problems) > 1:
            say(f"{len(wrong.problems)} problems")
        raise typer.Exit(wrong.exit_code) from None
    except KeyboardInterrupt:
        say("stopped; run the same command again, it goes on from here")
        raise typer.Exit(130) from None


def _open(name: str, target: str | None = None) -> tuple[Environment, Plan]:
    if target:
        os.environ["SEATWORKS_TARGET"] = target
    where = Environment.find(name)
    return where, where.plan()


Aim = Annotated[str | None, typer.Option("--target", help="lab or live, instead of what the file says.")]


@app.command()
def plan(name: Name, as_json: Json = False) -> None:
    """Size the deployment and show its hosts, flows and figures; writes build/ENV/plan.{json,html}."""
    with _plain_errors():
        where, planned = _open(name)
        deploying.write_plan(planned, where)
        environment.write(where.build / "plan.html", report.plan_page(planned, where.notes()))
        if as_json:
            sys.stdout.write(planning.dump(planned))
            return
        _screen.print(show.plan_table(planned))
        for note in where.notes():
            say(f"note: {note}")
        say(f"written: {where.build.relative_to(where.root)}/plan.json and plan.html")


@app.command()
def preview(name: Name, target: Aim = None) -> None:
    """Show what a deploy would change, and change nothing."""
    with _plain_errors():
        where, planned = _open(name, target)
        with lock.hold(where, "preview"):
            deploying.preview(planned, where, say)


@app.command()
def deploy(name: Name, target: Aim = None) -> None:
    """Build the deployment and accept it only after real calls; writes build/ENV/report.{html,json}."""
    with _plain_errors():
        where, planned = _open(name, target)
        with lock.hold(where, "deploy"):
            journal = deploying.Journal(name, say)
            try:
                deploying.apply(planned, where, journal)
            finally:
                _report(planned, where, journal)
        say(f"{name}: deployed, called, answered, heard and recorded")


@app.command()
def verify(name: Name) -> None:
    """Check every host and make the acceptance calls again."""
    _prove(name, ("checks", "calls"), "verify")


@app.command()
def load(
    name: Name,
    calls: Annotated[
        int | None, typer.Option(min=1, help="Calls at once; default: what the plan is sized for.")
    ] = None,
) -> None:
    """Hold the sized number of calls for a minute and count what arrived."""
    _prove(name, ("load",), "load", [f"--calls={calls}"] if calls else [])


def _prove(name: str, parts: tuple[str, ...], purpose: str, arguments: Sequence[str] = ()) -> None:
    with _plain_errors():
        where, planned = _open(name)
        with lock.hold(where, purpose):
            journal = deploying.Journal(name, say)
            try:
                deploying.prove(where, journal, parts, arguments)
            finally:
                _report(planned, where, journal)


@app.command()
def destroy(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask (live).")] = False,
    data: Annotated[bool, typer.Option("--data", help="Delete recordings and databases too (live).")] = False,
) -> None:
    """Take away what deploy made."""
    with _plain_errors():
        where, planned = _open(name)
        if planned.target is Target.LIVE and not yes:
            typer.confirm(f"Take away the live deployment {name}?", abort=True)
        with lock.hold(where, "destroy"):
            deploying.destroy(planned, where, data=data, confirmed=True)
        say(f"{name}: taken away")


@app.command()
def schema() -> None:
    """Print the JSON Schema of seatworks.yml."""
    sys.stdout.write(specification.schema_text())


def _report(planned: Plan, where: Environment, journal: deploying.Journal) -> None:
    if not journal.phases:
        return
    resources_file = where.build / "resources.json"
    resources = json.loads(resources_file.read_text(encoding="utf-8")) if resources_file.is_file() else []
    report.write(planned, where.outputs(), resources, journal.results(), where.build)
    say(f"report: {Path('build') / where.name / 'report.html'}")


def main() -> None:
    """Entry point of the `seatworks` program."""
    app()
