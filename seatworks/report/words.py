"""What a page says, in its language: message ids are looked up in the catalogues of `seatworks/locale/`.

A catalogue is a gettext file, `<language>/LC_MESSAGES/seatworks.po`. It is read as it stands (Babel turns it into the
standard library's translations), so that nothing has to be compiled and no second form of it can be out of date. What
it does not have stays English: words of a user's own files.
"""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from seatworks.message import Message, named
from seatworks.report.names import NAMES

LANGUAGES = ("en", "zh")
CATALOGUE = Path(__file__).resolve().parents[1] / "locale" / "zh" / "LC_MESSAGES" / "seatworks.po"


@dataclass(frozen=True, slots=True)
class Words:
    """`lang` is the page's only language, en or zh; None for a page that holds both and shows one of them."""

    lang: str | None = None
    chinese: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)

    @classmethod
    def load(cls, lang: str | None = None) -> Words:
        """Raises ValueError for a language that there is no page in."""
        if lang not in (None, *LANGUAGES):
            raise ValueError(f"{lang} is no language of the page; {' and '.join(LANGUAGES)} are")
        return cls(lang, gettext.NullTranslations() if lang == "en" else _catalogue(CATALOGUE))

    def said(self, text: str) -> str:
        """A message as plain text. Raises ValueError on a page of both languages."""
        if self.lang is None:
            raise ValueError("a page of both languages has no plain text")
        return self._chinese(text) if self.lang == "zh" else str(text)

    def gettext(self, msgid: str, /, **values: object) -> str:
        """A label as plain text. Raises ValueError on a page of both languages."""
        return self.said(Message(msgid, **values))

    def pgettext(self, context: str, msgid: str, /) -> str:
        """As `gettext`, for a label that means several things."""
        return self.said(named(context, msgid))

    def name(self, kind: str, value: str) -> str:
        """A value of the plan by the name that people use for it; the value itself where there is no other."""
        return self.said(_name(kind, value))

    def quote(self, text: str) -> Markup:
        """A message in the page's language, or in both of them."""
        return self.both(str(text), self._chinese(text))

    def markup(self, msgid: str, /, **values: object) -> Markup:
        """A label in the page's language, or in both of them."""
        return self.quote(Message(msgid, **values))

    def pmarkup(self, context: str, msgid: str, /) -> Markup:
        """A label that means several things, by what it stands for."""
        return self.quote(named(context, msgid))

    def named(self, kind: str, value: str) -> Markup:
        """As `name`, for a page of either kind."""
        return self.quote(_name(kind, value))

    def svg(self, kind: str, value: str) -> Markup:
        """As `named`, inside an SVG text."""
        name = _name(kind, value)
        return self.both(str(name), self._chinese(name), "tspan")

    def both(self, english: str, chinese: str, tag: str = "span") -> Markup:
        """The same thing in two languages: the page's own, or both. Where they are equal it is written once."""
        if self.lang or english == chinese:
            return escape(chinese if self.lang == "zh" else english)
        return Markup('<{tag} lang="en">{}</{tag}><{tag} lang="zh-CN">{}</{tag}>').format(english, chinese, tag=tag)

    def _chinese(self, text: str) -> str:
        return (text if isinstance(text, Message) else Message(text)).translated(self._find)

    def _find(self, msgid: str, context: str) -> str:
        if not msgid:
            # To gettext it is the id of the catalogue's own head.
            return ""
        return self.chinese.pgettext(context, msgid) if context else self.chinese.gettext(msgid)


def _name(kind: str, value: str) -> Message:
    return NAMES[kind].get(value) or named(kind, value)


@cache
def _catalogue(path: Path) -> gettext.NullTranslations:
    # Only a page needs it, and only one that is not English alone.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale="zh"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
