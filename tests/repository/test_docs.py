"""What the documents say is so: links, commands, numbers, and the same things in both languages."""

from __future__ import annotations

import re

import pytest

from tests.repository import tree

PAGES = tuple(path for path in tree.files() if path.suffix == ".md")
IN_TWO_LANGUAGES = ("README", "docs/operate", "docs/changes")
DECISIONS = tuple(sorted((tree.ROOT / "docs" / "decisions").glob("*.md")))


def commands():
    text = (tree.ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))


def code(text):
    """Everything written as code: fenced blocks and `spans`."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return blocks, re.findall(r"`([^`\n]+)`", rest)


def outline(text):
    """What must be equal in two languages: levels of headings, rows of tables, code, links."""
    blocks, spans = code(text)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return {
        "headings": [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)],
        "rows": len(re.findall(r"^\|", prose, re.MULTILINE)),
        "points": len(re.findall(r"^(?:- |\d+\. )", prose, re.MULTILINE)),
        "blocks": [re.sub(r"\s*#.*", "", block) for block in blocks],
        "code": sorted(spans),
        "links": sorted(re.sub(r"\.zh-CN", "", link) for link in re.findall(r"\]\(([^)]+)\)", prose)),
    }


@pytest.mark.parametrize("path", PAGES, ids=tree.short)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in link and not link.startswith(("#", "mailto:")):
            assert (path.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("path", PAGES, ids=tree.short)
def test_commands_exist(path):
    blocks, spans = code(path.read_text(encoding="utf-8"))
    named = re.findall(r"(?:^|[\s;&])make ([a-z][a-z-]*)", "\n".join((*blocks, *spans)), re.MULTILINE)
    assert set(named) <= commands()


@pytest.mark.parametrize("name", IN_TWO_LANGUAGES)
def test_both_languages_say_the_same(name):
    english = (tree.ROOT / f"{name}.md").read_text(encoding="utf-8")
    chinese = (tree.ROOT / f"{name}.zh-CN.md").read_text(encoding="utf-8")
    assert outline(chinese) == outline(english)


def test_the_readme_names_places_that_exist():
    _, spans = code((tree.ROOT / "README.md").read_text(encoding="utf-8"))
    places = [span for span in spans if re.fullmatch(r"[\w.-]+(/[\w.<>*-]+)+/?", span)]
    assert places
    for place in places:
        if place.startswith("build/"):
            continue
        pattern = re.sub(r"<[^>]+>", "*", place)
        assert list(tree.ROOT.glob(pattern.rstrip("/"))), place


def test_decisions_carry_the_number_of_their_file():
    assert DECISIONS
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(set(numbers)) == len(numbers)
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        for part in ("Context", "Decision", "Consequence"):
            assert re.search(rf"^(## {part}s?$|\*\*{part}s?\.\*\* )", text, re.MULTILINE), f"{path.name}: {part}"


def test_decisions_that_are_cited_exist():
    known = {path.name[:4] for path in DECISIONS}
    for path in tree.texts():
        cited = set(re.findall(r"\bdecision (\d{4})\b", path.read_text(encoding="utf-8")))
        assert cited <= known, tree.short(path)
