"""Collects every message that can reach a page, from program, templates, data and tests, with Babel.

`python -m tests.messages` brings the catalogue up to date: new ids come in without a translation, what nothing says any
more goes. tests/repository/test_messages.py fails while one is without a translation.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import IO, Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from seatworks.report.words import CATALOGUE
from seatworks.results import sentence_of

Key = tuple[str, str]
"""Context (empty without one) and id."""
Found = Iterator[tuple[int, str, Any, list[str]]]

# The functions whose first argument is an id; `c` marks the argument that is a context.
IDS: dict[str, Any] = dict.fromkeys(("Message", "marked", "joined", "gettext", "markup", "_"))
IDS |= dict.fromkeys(("named", "pgettext"), ((1, "c"), 2))
# Values of data files that are sentences or names, by the last steps of their path; * is any key or number.
SENTENCES = {
    "availability.yml": ["*/source"],
    "capacity.yml": ["*/source"],
    "cost.yml": ["*/source"],
    "contradictions.yml": ["*/what", "*/reading", "*/says/*/*"],
    "planning_only.yml": ["*/why"],
    "law.yml": ["recording_retention_days_by_industry/*/note"],
    "working.yml": ["*/title"],
    "prices": ["source", "prices/*/source"],
}
# Files whose keys sentences name, and as what.
KEYS = {
    "availability.yml": "figure",
    "capacity.yml": "figure",
    "cost.yml": "figure",
    "editions.yml": "edition",
    "features.yml": "feature",
}


def from_python(file: IO[bytes], keywords: Collection[str], *_: Any, **__: Any) -> Found:
    """Ids of a module, by its syntax tree: Babel reads token by token and does not see a call inside another's list."""
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in keywords:
            continue
        if any(isinstance(given, ast.JoinedStr) for given in node.args[:2]):
            raise ValueError(
                f"{file.name}:{node.lineno}: an f-string is no id; write `{called}` with places and values"
            )
        texts = [given.value if isinstance(given, ast.Constant) else None for given in node.args]
        if isinstance(texts[0], str):
            yield node.lineno, called, tuple(texts) if len(texts) > 1 else texts[0], []


def from_data(file: IO[bytes], *_: Any, **__: Any) -> Found:
    """Ids of one file of seatworks/data."""
    path = Path(file.name)
    name = path.parent.name if path.parent.name in SENTENCES else path.name
    known = yaml.load(file.read(), Loader=yaml.BaseLoader)  # noqa: S506 - reads text alone
    for wanted in SENTENCES.get(name, []):
        yield from ((1, "gettext", text, []) for text in _below(known, wanted.split("/")))
    for key in known if name in KEYS else []:
        if name != "capacity.yml" or key != "sizes":
            yield 1, "pgettext", (KEYS[name], key), []
    for key in known["recording_retention_days_by_industry"] if name == "law.yml" else []:
        yield 1, "pgettext", ("industry", key), []


def _below(node: Any, path: list[str]) -> Iterator[str]:
    if not path:
        if isinstance(node, str):
            yield node
        return
    step, *rest = path
    if isinstance(node, list):
        node = {str(number): each for number, each in enumerate(node)}
    if isinstance(node, dict):
        for key in node if step == "*" else [step] if step in node else []:
            yield from _below(node[key], rest)


def from_tests(file: IO[bytes], *_: Any, **__: Any) -> Found:
    """What the acceptance calls say, by the names of their tests."""
    for name in re.findall(rb"^def (test_\w+)\(", file.read(), re.MULTILINE):
        yield 1, "pgettext", ("check", sentence_of(name.decode())), []


# The region of an item stands in its key, which is beside its name.
_LEFT_OUT = {("region", "")}

WHERE: list[tuple[str, Any, str]] = [
    ("seatworks", from_python, "**.py"),
    ("templates/report", "jinja2.ext:babel_extract", "**.j2"),
    ("seatworks/data", from_data, "**.yml"),
    ("tests/calls", from_tests, "test_*.py"),
]


def collect(root: Path) -> dict[Key, set[str]]:
    """Every id of a tree, with the files that say it."""
    found: dict[Key, set[str]] = {}
    for folder, method, pattern in WHERE:
        options = {pattern: {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}
        for name, _, msgid, _, context in extract_from_dir(
            str(root / folder), [(pattern, method)], options if folder.startswith("templates") else {}, IDS
        ):
            found.setdefault((context or "", str(msgid)), set()).add(f"{folder}/{name}")
    return found


def translations(path: Path = CATALOGUE) -> dict[Key, str]:
    """Every translation of a catalogue. Raises PoFileError for one that cannot be read."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh", abort_invalid=True)
    return {(each.context or "", str(each.id)): str(each.string) for each in catalogue if each.id and not each.fuzzy}


def wrong(said: Collection[Key], known: Mapping[Key, str]) -> list[str]:
    """What stands between ids and their translations, a line each: one is lacking, unused, or has other places."""
    found = [f"without a translation: {key}" for key in sorted(set(said) - set(known))]
    found += [f"nothing says it: {key}" for key in sorted(set(known) - set(said))]
    for key, text in sorted(known.items()):
        if not text:
            found.append(f"without a translation: {key}")
        elif places(key[1]) - _LEFT_OUT != places(text) - _LEFT_OUT:
            found.append(f"other places, {text}: {key}")
    return found


def places(text: str) -> set[tuple[str, str | None]]:
    """The places of a sentence with their formats. Raises ValueError for a brace that is none."""
    return {(name, form) for _, name, form, _ in Formatter().parse(text) if name is not None}


def update(root: Path, path: Path = CATALOGUE) -> None:
    """Write the catalogue anew: the ids of the tree, in the order of their files, with the translations it has."""
    head = path.read_text(encoding="utf-8").partition("\n\n")[0]
    known, new = translations(path), Catalog("zh", "seatworks")
    for (context, msgid), files in sorted(collect(root).items(), key=lambda item: (min(item[1]), item[0])):
        text, where = known.get((context, msgid), ""), [(name, 0) for name in sorted(files)]
        # Babel takes the sign of a percentage before a word for a place of the % operator.
        new.add(msgid, text, where, context=context or None).flags.discard("python-format")
    written = io.BytesIO()
    write_po(written, new, width=120, include_lineno=False, omit_header=True)
    path.write_bytes(f"{head}\n\n".encode() + written.getvalue().rstrip() + b"\n")


if __name__ == "__main__":
    update(Path(__file__).resolve().parents[1])
