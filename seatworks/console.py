"""What every command shares: its screen, its words for errors, and how it is told which deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from seatworks.environment import Environment
from seatworks.errors import SeatworksError
from seatworks.plan.model import Target

messages = Console(stderr=True, highlight=False, soft_wrap=True)
screen = Console(highlight=False)

Name = Annotated[str, typer.Argument(metavar="ENV", help="A folder of inventories/, for example hybrid.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def say(text: str) -> None:
    """A line of progress, on stderr."""
    messages.print(text, markup=False)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Known errors become messages and their exit code; Ctrl-C says how to go on."""
    try:
        yield
    except SeatworksError as wrong:
        for problem in wrong.problems:
            place = f"{problem.place}: " if problem.place else ""
            messages.print(f"✗ {place}{problem.message}", markup=False, style="red")
            if problem.remedy:
                messages.print(f"  → {problem.remedy}", markup=False)
        if len(wrong.problems) > 1:
            say(f"{len(wrong.problems)} problems")
        raise typer.Exit(wrong.exit_code) from None
    except KeyboardInterrupt:
        say("stopped; run the same command again, it goes on from here")
        raise typer.Exit(130) from None


def standing_of(name: str, target: Target | None, command: str) -> Environment | None:
    """The deployment that stands, as `standing.choose` finds it."""
    from seatworks import standing

    return standing.choose(name, Path.cwd().resolve(), target, f"make {command}")


Aim = Annotated[Target | None, typer.Option("--target", help="Which one, instead of what the file says.")]
Which = Annotated[Target | None, typer.Option("--target", help="Which one, when both stand.")]
