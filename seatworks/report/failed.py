"""What did not pass, by its reason: a seat that was refused takes down twenty checks, and is told once."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from seatworks.report import view
from seatworks.report.words import Words
from seatworks.results import Failure, Results, by_cause


@dataclass(frozen=True, slots=True)
class Failed:
    """Why `count` checks did not pass, in one line; where to look; what was seen; and what was not shown for it."""

    title: Markup
    count: int
    look_at: str
    seen: str
    statements: tuple[tuple[Markup, str], ...]


def failures(results: Results, words: Words) -> list[Failed]:
    """Each reason with all that it took down, the one that took down most first."""
    return [_failed(failure, words) for failure in by_cause(results.checks)]


def _failed(failure: Failure, words: Words) -> Failed:
    places: dict[Markup, list[str]] = {}
    for check in failure.checks:
        places.setdefault(view.said(check, words), []).append(view.place(check))
    statements = tuple((sentence, ", ".join(filter(None, there))) for sentence, there in places.items())
    title = escape(failure.cause) if failure.cause else statements[0][0]
    return Failed(title, len(failure.checks), failure.look_at, failure.seen, statements)
