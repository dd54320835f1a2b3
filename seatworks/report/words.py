"""The page's own words in English and Chinese, from `templates/report/words.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape
from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True)
class Words:
    """Every label of the page by key, as (English, Chinese)."""

    known: dict[str, tuple[str, str]]

    @classmethod
    def load(cls, path: Path) -> Words:
        """The words in one YAML file of `key: [English, Chinese]`."""
        read = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return cls({str(key): (str(english), str(chinese)) for key, (english, chinese) in read.items()})

    def pair(self, key: str, **values: object) -> tuple[str, str]:
        """Both languages of a label, with its places filled. Raises KeyError for a key nobody wrote."""
        english, chinese = self.known[key]
        return english.format(**values), chinese.format(**values)

    def say(self, key: str, **values: object) -> Markup:
        """A label in both languages; the page shows one of them."""
        return both(*self.pair(key, **values))

    def svg(self, key: str, **values: object) -> Markup:
        """A label in both languages, inside an SVG text."""
        english, chinese = self.pair(key, **values)
        return Markup('<tspan lang="en">{}</tspan><tspan lang="zh-CN">{}</tspan>').format(english, chinese)

    def name(self, kind: str, value: object) -> Markup:
        """A value of the plan by the name people use for it; the value itself where there is no other name."""
        key = f"{kind}.{value}"
        return self.say(key) if key in self.known else escape(value)


def both(english: str, chinese: str) -> Markup:
    """The same thing in two languages. Where they are equal it is written once."""
    if english == chinese or not chinese:
        return escape(english)
    return Markup('<span lang="en">{}</span><span lang="zh-CN">{}</span>').format(english, chinese)
