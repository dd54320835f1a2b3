"""What other parts of the program write in English, in Chinese: whole sentences, and sentences with places in them.

A place is written `{name}` in the English and stands anywhere in the Chinese. `{name:number}` takes a number only,
`{name:date}` a date, `{name:word}` what has no space, `{name:list}` what has no semicolon. A text is first looked up
whole, then matched with the templates, those with the most words of their own first, then taken apart at its
semicolons. What fills a place is translated in the same way where it is known; it is never read as a template or a
pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter

_KINDS = {
    "": r".+?",
    "number": r"-?\d(?:[\d,.]*\d)?(?: ?%)?",
    "word": r"\S+",
    "list": r"[^;]+?",
    "date": r"\d{4}-\d{2}(?:-\d{2})?",
}
_LISTED = re.compile(r", | and of | and ")
_SEMICOLON, _COMMA = "\N{FULLWIDTH SEMICOLON}", "\N{IDEOGRAPHIC COMMA}"
# No sentence of ours is longer or deeper; a text from outside may be.
_LONGEST = 4000
_DEEPEST = 30
_MOST_PARTS = 40


@dataclass(frozen=True, slots=True)
class _Template:
    """An English sentence with places as a pattern, and the Chinese as (text, place behind it or "")."""

    pattern: re.Pattern[str]
    numbers: frozenset[str]
    chinese: tuple[tuple[str, str], ...]


def _template(english: str, chinese: str) -> _Template:
    pattern, kinds = "", dict[str, str]()
    for text, name, kind, _ in Formatter().parse(english):
        pattern += re.escape(text)
        if name is not None:
            if kind not in _KINDS or not name.isidentifier() or name in kinds:
                raise ValueError(f"{english}: {{{name}:{kind}}} is no place")
            kinds[name] = kind or ""
            pattern += f"(?P<{name}>{_KINDS[kind or '']})"
    pieces = tuple((text, name or "") for text, name, _, _ in Formatter().parse(chinese))
    if unknown := {name for _, name in pieces if name} - set(kinds):
        raise ValueError(f"{english}: the Chinese has places of its own, {', '.join(sorted(unknown))}")
    return _Template(
        re.compile(pattern, re.DOTALL), frozenset(name for name in kinds if kinds[name] == "number"), pieces
    )


def _own_words(english: str) -> int:
    """How many letters of a template are its own."""
    return sum(len(text) for text, *_ in Formatter().parse(english))


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences and templates; `name` knows the Chinese of a single word (a mode, a group of hosts, a unit)."""

    exact: Mapping[str, str]
    templates: tuple[_Template, ...]
    name: Callable[[str], str | None]

    @classmethod
    def of(cls, sentences: Mapping[str, str], name: Callable[[str], str | None] = lambda _: None) -> Phrases:
        """From `English: Chinese`. Raises ValueError for a place of no known kind, or of the Chinese alone."""
        exact = {english: chinese for english, chinese in sentences.items() if "{" not in english}
        rest = sorted((english for english in sentences if english not in exact), key=_own_words, reverse=True)
        return cls(exact, tuple(_template(english, sentences[english]) for english in rest), name)

    def find(self, text: str, depth: int = 0) -> str | None:
        """The Chinese of a text; None where it is not known."""
        if len(text) > _LONGEST or depth > _DEEPEST:
            return None
        whole = self._whole(text, depth)
        return self._parts(text.split("; "), depth) if whole is None else whole

    def _whole(self, text: str, depth: int) -> str | None:
        if text in self.exact:
            return self.exact[text]
        for template in self.templates:
            if found := template.pattern.fullmatch(text):
                filled = {name: self._fill(value, depth) for name, value in found.groupdict().items()}
                filled |= {name: found[name].replace(" %", "%") for name in template.numbers}
                return "".join(text + filled.get(name, "") for text, name in template.chinese)
        return None

    def _parts(self, parts: list[str], depth: int) -> str | None:
        """Several known sentences with semicolons between, the longest first; None if one of them is not known."""
        done: list[str] = []
        if len(parts) > _MOST_PARTS:
            return None
        while parts:
            # The whole is not known, or this would not be asked.
            most = len(parts) if done else len(parts) - 1
            tried = ((count, self._whole("; ".join(parts[:count]), depth)) for count in range(most, 0, -1))
            count, found = next(((count, found) for count, found in tried if found is not None), (0, None))
            if found is None:
                return None
            done.append(found)
            parts = parts[count:]
        return _SEMICOLON.join(done)

    def _fill(self, value: str, depth: int) -> str:
        """What stands in a place: a sentence, a name or a list of them; else as it is."""
        known = self._known(value, depth)
        if known is None and len(listed := _LISTED.split(value)) > 1:
            found = [self._known(each, depth) for each in listed]
            known = None if None in found else _COMMA.join(map(str, found))
        return value if known is None else known

    def _known(self, value: str, depth: int) -> str | None:
        found = self.find(value, depth + 1)
        return self.name(value) if found is None else found
