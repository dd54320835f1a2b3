"""The command line: arguments, messages and exit codes; no logic."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seatworks import environment, upkeep
from seatworks.console import Aim, Json, Name, Which, plain_errors, say, screen, standing_of
from seatworks.environment import Environment
from seatworks.errors import VerifyError
from seatworks.journal import Journal
from seatworks.plan.model import Plan, Target

# What only some commands need is imported by them: a plan on the screen does not wait for the machinery of a deploy.
if TYPE_CHECKING:
    from seatworks import takeaway

app = typer.Typer(
    name="seatworks",
    help="One file describes a contact centre; these commands build it and prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Lang(StrEnum):
    """Language of a page."""

    EN = "en"
    ZH = "zh"


class Currency(StrEnum):
    """Currency of all amounts."""

    CNY = "CNY"
    USD = "USD"


@app.command()
def plan(
    name: Name,
    as_json: Json = False,
    lang: Annotated[Lang, typer.Option(help="Language of plan.html.")] = Lang.EN,
    currency: Annotated[Currency, typer.Option(help="Currency of all amounts.")] = Currency.CNY,
    salaries: Annotated[bool, typer.Option("--salaries", help="Add the pay of agents to the cost.")] = False,
) -> None:
    """Size, plan and price the deployment, in all three modes; writes build/ENV/plan.{json,html}."""
    from seatworks import cost, decide
    from seatworks import plan as planning

    with plain_errors():
        where = Environment.find(name)
        found = decide.decide(where, cost.Choices(currency=str(currency), salaries=salaries))
        environment.write(where.plan_file, planning.dump(found.plan))
        if as_json:
            sys.stdout.write(json.dumps(decide.document(found), indent=2, ensure_ascii=False) + "\n")
            return
        from seatworks import report, show

        environment.write(where.shared / "plan.html", report.plan_page(decide.page(found), str(lang)))
        screen.print(show.plan_table(found.plan))
        screen.print(show.cost_table(found.comparison))
        for note in (*found.plan.availability.notes, *found.notes):
            say(f"note: {note}")
        say(f"written: {where.shared.relative_to(where.root)}/plan.json and plan.html")


@app.command()
def explain(
    name: Name,
    figure: Annotated[str | None, typer.Argument(help="A figure of the sizing; without it all are listed.")] = None,
    as_json: Json = False,
) -> None:
    """Say why a number of the sizing is what it is: formula, inputs, source."""
    from seatworks import explain as explaining
    from seatworks import sizing

    with plain_errors():
        where = Environment.find(name)
        sized = sizing.size(where.spec(), where.own_figures())
        asked = [explaining.explain(sized, figure)] if figure else list(sized.figures)
        if as_json:
            documents = [explaining.document(each) for each in asked]
            sys.stdout.write(json.dumps(documents[0] if figure else documents, indent=2, ensure_ascii=False) + "\n")
        elif figure:
            sys.stdout.write(explaining.text(sized, asked[0]))
        else:
            for each in asked:
                sys.stdout.write(f"{each.name:<28} {explaining.amount(each.value):>14} {each.unit}\n")


@app.command()
def diff(old: Name, new: Name, as_json: Json = False) -> None:
    """Say what it takes to get from one environment's plan to another's: changes, what stops meanwhile, cost."""
    from seatworks import decide, difference, show

    with plain_errors():
        before, after = decide.decide(Environment.find(old)), decide.decide(Environment.find(new))
        changes = difference.difference(before.plan, after.plan)
        bills = before.comparison.bill(before.plan.mode), after.comparison.bill(after.plan.mode)
        if as_json:
            sys.stdout.write(json.dumps(difference.document(changes, *bills), indent=2, ensure_ascii=False) + "\n")
            return
        screen.print(show.difference_table(changes))
        screen.print(show.bills_table({old: bills[0], new: bills[1]}, before.comparison.currency))


@app.command()
def init(
    name: Annotated[str | None, typer.Option(help="Name of the environment.")] = None,
    mode: Annotated[str | None, typer.Option(help="hybrid, onprem or cloud.")] = None,
    seats: Annotated[str | None, typer.Option(help="People at work at once; in a hybrid also 40+20.")] = None,
    calls: Annotated[str | None, typer.Option(help="Calls of the busiest hour.")] = None,
    talk_s: Annotated[str | None, typer.Option("--talk-s", help="Seconds of a conversation.")] = None,
    number: Annotated[str | None, typer.Option(help="The number that callers dial.")] = None,
    carriers: Annotated[str | None, typer.Option(help="Two carriers: unicom=198.51.100.10 telecom=…")] = None,
    protection_level: Annotated[str | None, typer.Option("--protection-level", help="2 or 3.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; take the default of what is not given.")] = False,
) -> None:
    """Ask eight questions and write inventories/NAME/seatworks.yml."""
    from seatworks import init as writing

    given = {
        "name": name, "mode": mode, "seats": seats, "calls": calls, "talk_s": talk_s, "number": number,
        "carriers": carriers, "protection_level": protection_level,
    }  # fmt: skip
    with plain_errors():
        answers = {
            question.key: given[question.key]
            or (question.default if yes else typer.prompt(question.text, default=question.default, err=True))
            for question in writing.QUESTIONS
        }
        where = writing.write(answers, Path.cwd().resolve())
        say(f"written: inventories/{where.name}/seatworks.yml; see what it means with: make plan ENV={where.name}")


@app.command()
def preview(name: Name, target: Aim = None) -> None:
    """Show what a deploy would change, and change nothing."""
    from seatworks import deploy as deploying
    from seatworks import lock

    with plain_errors():
        where = Environment.find(name, target=target)
        planned = where.plan()
        with lock.hold(where.shared, "preview"):
            deploying.preview(planned, where, say)


@app.command()
def drift(name: Name, target: Which = None, as_json: Json = False) -> None:
    """Say how the plan, the account and the hosts differ from what was deployed; changes nothing."""
    from seatworks import drift as differences
    from seatworks import lock, show, survey

    with plain_errors():
        where = standing_of(name, target, "drift") or Environment.find(name, target=target)
        planned = where.plan()
        with lock.hold(where.shared, "drift"):
            found = survey.survey(planned, where, say)
        if as_json:
            sys.stdout.write(json.dumps(differences.document(found), indent=2, ensure_ascii=False) + "\n")
        else:
            screen.print(show.drift_tables(found))
        if found:
            say(f"{name}: {len(found)} differences")
            raise typer.Exit(VerifyError.exit_code)
        say(f"{name}: plan, account and hosts agree")


@app.command()
def deploy(
    name: Name,
    target: Aim = None,
    retire_cloud: Annotated[
        bool,
        typer.Option("--retire-cloud", help="Take the cloud half of a live site away that shall have none (live)."),
    ] = False,
    only_changed: Annotated[
        bool, typer.Option("--only-changed", help="Leave out what is provably as the last deploy left it.")
    ] = False,
    remake: Annotated[
        str, typer.Option("--remake", metavar="HOST", help="Copy this database server anew from the primary.")
    ] = "",
) -> None:
    """Build the deployment and accept it only after real calls; writes build/ENV/TARGET/report.{html,json}."""
    from seatworks import deploy as deploying
    from seatworks import lock

    with plain_errors():
        where = Environment.find(name, target=target)
        planned = where.plan()
        with lock.hold(where.shared, "deploy"):
            journal = Journal(name, say)
            try:
                wishes = deploying.Wishes(retire_cloud, only_changed, remake)
                deploying.apply(planned, where, journal, wishes)
            finally:
                _report(planned, where, journal)
        if planned.connect is not None and where.target is Target.LAB:
            say(f"{name}: rehearsed; NO CALL WAS MADE, nobody can dial into a rehearsal: it is not accepted")
        else:
            say(f"{name}: deployed, called, answered, heard and recorded")


@app.command()
def verify(name: Name, target: Which = None) -> None:
    """Check every host and make the acceptance calls again."""
    _prove(name, target, ("checks", "calls"), "verify")


@app.command()
def load(
    name: Name,
    calls: Annotated[str | None, typer.Option(metavar="N|max", help="At once; default: what is planned.")] = None,
    target: Which = None,
) -> None:
    """Hold the sized number of calls for a minute and count what arrived; max: look for the most that are held."""
    _prove(name, target, ("load",), "load", calls)


def _prove(name: str, target: Target | None, parts: tuple[str, ...], purpose: str, calls: str | None = None) -> None:
    from seatworks import deploy as deploying
    from seatworks import load as loads
    from seatworks import lock

    with plain_errors():
        where = standing_of(name, target, purpose)
        planned = where.recorded() if where else None
        if where is None or planned is None:
            raise deploying.not_deployed(name)
        arguments = loads.arguments(planned, calls) if "load" in parts else ()
        with lock.hold(where.shared, purpose):
            journal = Journal(name, say)
            try:
                deploying.prove(where, journal, parts, arguments)
            finally:
                _report(planned, where, journal)
        for line in loads.told(where) if "load" in parts else ():
            say(line)


@app.command()
def destroy(
    name: Name,
    target: Which = None,
    data: Annotated[bool, typer.Option("--data", help="Delete recordings and databases too (live).")] = False,
    confirm: Annotated[
        str | None, typer.Option(metavar="WORD", help="What would be typed: the name, or 'NAME with data' (live).")
    ] = None,
) -> None:
    """Take away what deploy made, by what stands and not by what the file says. A live site asks for its name."""
    from seatworks import deploy as deploying
    from seatworks import lock, takeaway

    with plain_errors():
        where = standing_of(name, target, "destroy")
        if where is None:
            say(f"nothing of {name} stands")
            return
        with lock.hold(where.shared, "destroy"):
            if where.target is Target.LIVE:
                _confirm(takeaway.of(where, data=data), confirm)
            on_site = takeaway.servers_on_site(where)
            deploying.destroy(where, data=data)
        for line in takeaway.result(where, on_site):
            say(line)


def _confirm(asked: takeaway.Takeaway, typed: str | None) -> None:
    """The one place where a person is asked before a live deployment goes. Raises PreflightError when it shall not."""
    from seatworks import takeaway

    for line in asked.lines:
        say(line)
    if typed is None and sys.stdin.isatty():
        typed = typer.prompt(f"Type {asked.word} to take it away", default="", show_default=False, err=True).strip()
    takeaway.confirm(asked, typed)


def _report(planned: Plan, where: Environment, journal: Journal) -> None:
    if not journal.phases:
        return
    from seatworks import report

    report.write(planned, where.outputs(), where.resources(), journal.results(), where.build)
    say(f"report: {(where.build / 'report.html').relative_to(where.root)}")


app.add_typer(upkeep.app)


def main() -> None:
    """Entry point of the `seatworks` program."""
    app()
