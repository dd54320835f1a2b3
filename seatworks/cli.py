"""The command line: arguments, messages and exit codes; no logic."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import PreflightError, SeatworksError, VerifyError
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


def _standing(name: str, target: Target | None, command: str) -> Environment | None:
    """The deployment that stands, as `standing.choose` finds it."""
    from seatworks import standing

    return standing.choose(name, Path.cwd().resolve(), target, f"make {command}")


Aim = Annotated[Target | None, typer.Option("--target", help="Which one, instead of what the file says.")]
Which = Annotated[Target | None, typer.Option("--target", help="Which one, when both stand.")]


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

    with _plain_errors():
        where = Environment.find(name)
        found = decide.decide(where, cost.Choices(currency=str(currency), salaries=salaries))
        environment.write(where.plan_file, planning.dump(found.plan))
        if as_json:
            sys.stdout.write(json.dumps(decide.document(found), indent=2, ensure_ascii=False) + "\n")
            return
        from seatworks import report, show

        environment.write(where.shared / "plan.html", report.plan_page(decide.page(found), str(lang)))
        _screen.print(show.plan_table(found.plan))
        _screen.print(show.cost_table(found.comparison))
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

    with _plain_errors():
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

    with _plain_errors():
        before, after = decide.decide(Environment.find(old)), decide.decide(Environment.find(new))
        changes = difference.difference(before.plan, after.plan)
        bills = before.comparison.bill(before.plan.mode), after.comparison.bill(after.plan.mode)
        if as_json:
            sys.stdout.write(json.dumps(difference.document(changes, *bills), indent=2, ensure_ascii=False) + "\n")
            return
        _screen.print(show.difference_table(changes))
        _screen.print(show.bills_table({old: bills[0], new: bills[1]}, before.comparison.currency))


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
    with _plain_errors():
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

    with _plain_errors():
        where = Environment.find(name, target=target)
        planned = where.plan()
        with lock.hold(where.shared, "preview"):
            deploying.preview(planned, where, say)


@app.command()
def drift(name: Name, target: Which = None, as_json: Json = False) -> None:
    """Say how the plan, the account and the hosts differ from what was deployed; changes nothing."""
    from seatworks import drift as differences
    from seatworks import lock, show, survey

    with _plain_errors():
        where = _standing(name, target, "drift") or Environment.find(name, target=target)
        planned = where.plan()
        with lock.hold(where.shared, "drift"):
            found = survey.survey(planned, where, say)
        if as_json:
            sys.stdout.write(json.dumps(differences.document(found), indent=2, ensure_ascii=False) + "\n")
        else:
            _screen.print(show.drift_tables(found))
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
) -> None:
    """Build the deployment and accept it only after real calls; writes build/ENV/TARGET/report.{html,json}."""
    from seatworks import deploy as deploying
    from seatworks import lock

    with _plain_errors():
        where = Environment.find(name, target=target)
        planned = where.plan()
        with lock.hold(where.shared, "deploy"):
            journal = Journal(name, say)
            try:
                deploying.apply(planned, where, journal, retire_cloud=retire_cloud)
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

    with _plain_errors():
        where = _standing(name, target, purpose)
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

    with _plain_errors():
        where = _standing(name, target, "destroy")
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


@app.command()
def handover(name: Name, as_json: Json = False) -> None:
    """List what another computer needs to run a live site, and what is here; ends with 3 when something is not."""
    from seatworks import custody, show

    with _plain_errors():
        where = Environment.find(name, target=Target.LIVE)
        found = custody.items(where)
        if as_json:
            document = [dataclasses.asdict(item) for item in found]
            sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        else:
            _screen.print(show.custody_table(found))
        if lacking := custody.missing(found):
            say(f"{name}: not here: {', '.join(lacking)}")
            raise typer.Exit(PreflightError.exit_code)
        say(f"{name}: this computer has what it takes; a deploy says whether the hosts have the same secrets")


@app.command()
def adopt(
    name: Name,
    whose: Annotated[Target, typer.Option("--as", help="Whose the files are that could be of either.")],
) -> None:
    """Say whose the files of an earlier version are, which kept rehearsal and live site in one folder."""
    from seatworks import lock, migrate

    with _plain_errors():
        folder = Path.cwd().resolve() / "build" / name
        with lock.hold(folder, "adopt"):
            got = migrate.adopt(folder, whose)
        say(f"moved to build/{name}/{whose}: {', '.join(got)}")


@app.command()
def bundle(
    name: Name,
    host: Annotated[list[str] | None, typer.Option(help="Only for this host; may be given again.")] = None,
    target: Aim = None,
) -> None:
    """Write build/ENV/TARGET/bundle.tar.gz: with it hosts configure themselves, without network to this computer."""
    from seatworks import bundle as bundling
    from seatworks import lock

    with _plain_errors():
        where = Environment.find(name, target=target)
        planned = where.plan()
        with lock.hold(where.shared, "bundle"):
            made = bundling.write(planned, where, host or ())
        say(f"written: {made.path.relative_to(where.root)}, {made.size / 1e6:.1f} MB, for {', '.join(made.hosts)}")
        say(f"sha256: {made.sha256}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of seatworks.yml."""
    from seatworks import spec as specification

    sys.stdout.write(specification.schema_text())


def _report(planned: Plan, where: Environment, journal: Journal) -> None:
    if not journal.phases:
        return
    from seatworks import report

    report.write(planned, where.outputs(), where.resources(), journal.results(), where.build)
    say(f"report: {(where.build / 'report.html').relative_to(where.root)}")


def main() -> None:
    """Entry point of the `seatworks` program."""
    app()
