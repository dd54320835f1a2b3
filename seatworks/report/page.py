"""A template with its words becomes a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from seatworks.report import view
from seatworks.report.words import Words

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "report"


@cache
def load_words(lang: str | None = None) -> Words:
    """The words of the pages, for one language or for both."""
    return Words.load(lang)


def render(template: str, words: Words, parts: Mapping[str, Any]) -> str:
    """The page of a template. Every value is escaped; a value that the template lacks is an error."""
    return (
        _environment()
        .get_template(template)
        .render(
            _=words.markup,
            pgettext=words.pmarkup,
            svg=words.svg,
            named=words.named,
            quote=words.quote,
            lang=words.lang,
            **parts,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": view.duration,
        "label": view.label,
        "place": view.place,
        "spoken": view.spoken,
        "names": view.names,
    }
    return environment
