"""Commands beside building and proving: what another computer needs, certificates, bundles, the schema."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from seatworks.console import Aim, Json, Name, Which, plain_errors, say, screen, standing_of
from seatworks.environment import Environment
from seatworks.errors import PreflightError
from seatworks.plan.model import Target

app = typer.Typer()


@app.command()
def handover(name: Name, as_json: Json = False) -> None:
    """List what another computer needs to run a live site, and what is here; ends with 3 when something is not."""
    from seatworks import custody, show

    with plain_errors():
        where = Environment.find(name, target=Target.LIVE)
        found = custody.items(where)
        if as_json:
            document = [dataclasses.asdict(item) for item in found]
            sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        else:
            screen.print(show.custody_table(found))
        if lacking := custody.missing(found):
            say(f"{name}: not here: {', '.join(lacking)}")
            raise typer.Exit(PreflightError.exit_code)
        say(f"{name}: this computer has what it takes; a deploy says whether the hosts have the same secrets")


@app.command()
def renew(
    name: Name,
    host: Annotated[list[str] | None, typer.Option(help="A server; may be given again. Default: all.")] = None,
    authority: Annotated[
        bool, typer.Option("--authority", help="The certificate authority's own; servers keep theirs.")
    ] = False,
    target: Which = None,
) -> None:
    """Make certificates anew, with new keys; the next deploy brings them to the hosts."""
    from seatworks import deploy as deploying
    from seatworks import lock, secrets

    with plain_errors():
        where = standing_of(name, target, "renew")
        planned = where.recorded() if where else None
        if where is None or planned is None:
            raise deploying.not_deployed(name)
        with lock.hold(where.shared, "renew"):
            made = secrets.renew(planned, where, host or (), authority=authority)
        say(f"made anew: {', '.join(made)}")
        say(f"hosts get them with: make deploy ENV={name} TARGET={where.target}")
        if authority:
            say("phones trust servers by its former certificate until that one ends; give them the new one before")


@app.command()
def adopt(
    name: Name,
    whose: Annotated[Target, typer.Option("--as", help="Whose the files are that could be of either.")],
) -> None:
    """Say whose the files of an earlier version are, which kept rehearsal and live site in one folder."""
    from seatworks import lock, migrate

    with plain_errors():
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

    with plain_errors():
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
