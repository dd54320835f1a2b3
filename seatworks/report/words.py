"""The page's own words in English and Chinese, from `templates/report/words/`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape

from seatworks.report.phrases import Phrases

LANGUAGES = ("en", "zh")
# Labels that also stand inside sentences of others, by their own word: a mode, a group of hosts, a unit.
_NAMED = ("mode", "box", "unit")


@dataclass(frozen=True, slots=True)
class Words:
    """Every label of the page by key, as (English, Chinese), and what others say in English, in Chinese.

    `lang` is the page's only language, en or zh; None for a page that holds both and shows one of them.
    """

    known: dict[str, tuple[str, str]]
    lang: str | None = None
    sentences: dict[str, str] = field(default_factory=dict)
    phrases: Phrases = field(default_factory=lambda: Phrases.of({}))

    @classmethod
    def load(cls, folder: Path, lang: str | None = None) -> Words:
        """The words below a folder: YAML of `key: [English, Chinese]` in words/, of `English: Chinese` in said/.

        Raises ValueError for a language that they are not in, and for a sentence whose places are no places.
        """
        if lang not in (None, *LANGUAGES):
            raise ValueError(f"{lang} is no language of the page; {' and '.join(LANGUAGES)} are")
        read, said = _read(folder / "words"), _read(folder / "said")
        known = {str(key): (str(english), str(chinese)) for key, (english, chinese) in read.items()}
        sentences = {str(english): str(chinese) for english, chinese in said.items()}

        def name(word: str) -> str | None:
            return next((known[key][1] for kind in _NAMED if (key := f"{kind}.{word}") in known), None)

        # The English page says everything as it was written.
        phrases = Phrases.of({} if lang == "en" else sentences, name)
        return cls(known, lang, sentences, phrases)

    def pair(self, key: str, **values: object) -> tuple[str, str]:
        """Both languages of a label, with its places filled. Raises KeyError for a key nobody wrote."""
        english, chinese = self.known[key]
        return english.format(**values), chinese.format(**values)

    def say(self, key: str, **values: object) -> Markup:
        """A label in the page's language, or in both of them."""
        return self.both(*self.pair(key, **values))

    def text(self, key: str, **values: object) -> str:
        """A label as plain text. Raises ValueError on a page of both languages."""
        if self.lang is None:
            raise ValueError("a page of both languages has no plain text")
        return self.pair(key, **values)[LANGUAGES.index(self.lang)]

    def svg(self, key: str, **values: object) -> Markup:
        """A label inside an SVG text."""
        english, chinese = self.pair(key, **values)
        if self.lang:
            return self.both(english, chinese)
        return Markup('<tspan lang="en">{}</tspan><tspan lang="zh-CN">{}</tspan>').format(english, chinese)

    def name(self, kind: str, value: object) -> Markup:
        """A value of the plan by the name people use for it; the value itself where there is no other name."""
        key = f"{kind}.{value}"
        return self.say(key) if key in self.known else escape(value)

    def plain(self, kind: str, value: object) -> str:
        """As `name`, as plain text in the page's one language."""
        key = f"{kind}.{value}"
        return self.text(key) if key in self.known else str(value)

    def said(self, text: str) -> str:
        """A sentence that another part of the program wrote, in the page's language where it is known there."""
        return self.phrases.find(text) or text if self.lang == "zh" else text

    def quote(self, text: str) -> Markup:
        """As `said`, for a page of either kind."""
        return self.both(text, self.phrases.find(text) or "")

    def both(self, english: str, chinese: str) -> Markup:
        """The same thing in two languages: the page's own, or both. Where they are equal it is written once."""
        if english == chinese or not chinese:
            return escape(english)
        if self.lang:
            return escape((english, chinese)[LANGUAGES.index(self.lang)])
        return Markup('<span lang="en">{}</span><span lang="zh-CN">{}</span>').format(english, chinese)


def _read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.yml")):
        text = file.read_text(encoding="utf-8")
        found |= yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - base: only text
    return found
