"""Every sentence that can reach a page is in the catalogue, once, with the same places, and nothing else is in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from seatworks.report.words import CATALOGUE
from tests import messages
from tests.repository import tree

SAID, KNOWN = messages.collect(tree.ROOT), messages.translations()
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


def test_what_a_page_can_say_and_what_the_catalogue_has_are_the_same():
    assert messages.wrong(SAID, KNOWN) == []


def test_all_rooms_that_speak_are_heard():
    files = {file for each in SAID.values() for file in each}
    for folder, _, _ in messages.WHERE:
        assert any(file.startswith(f"{folder}/") for file in files), folder
    # A call inside another's list, in the middle of a text, in a template's attribute, a key and a sentence of data.
    for key in (
        ("", "{first} {rest}"),
        ("", "."),
        ("", "less than asked"),
        ("figure", "headroom"),
        ("", "each seat once"),
        ("check", "Media arrives"),
    ):
        assert key in SAID, key


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({}, "without a translation: ('', 'two {x}')"),
        ({("", "two {x}"): ""}, "without a translation: ('', 'two {x}')"),
        ({("", "two {x}"): "两个"}, "other places, 两个: ('', 'two {x}')"),
        ({("", "two {x}"): "两个 {x} {y}"}, "other places, 两个 {x} {y}: ('', 'two {x}')"),
        ({("", "two {x}"): "两个 {x:.0%}"}, "other places, 两个 {x:.0%}: ('', 'two {x}')"),
        ({("", "two {x}"): "{x} 两个", ("unit", "two {x}"): "{x} 两个"}, "nothing says it: ('unit', 'two {x}')"),
    ],
)
def test_what_is_wrong_is_told(known, said):
    assert messages.wrong([("", "two {x}")], known) == [said]


def alone(folder, file, change):
    """A tree of one file of ours, changed, in its room; the others are empty."""
    for room, _, _ in messages.WHERE:
        (folder / room).mkdir(parents=True, exist_ok=True)
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(change((tree.ROOT / file).read_text(encoding="utf-8")), encoding="utf-8")
    return folder


BORN = {
    "seatworks/decide.py": ('\nNEW = [Message("never said {x}", x=1)]\n', {("", "never said {x}")}),
    "seatworks/cost/site.py": ("\nNEW = f\"{named('unit', 'lorry')}\"\n", {("unit", "lorry")}),
    "templates/report/plan.html.j2": ("{{ x if y else pgettext('flow', 'Never said') }}", {("flow", "Never said")}),
    "seatworks/data/cost.yml": (
        "\nnew_figure: {value: 1, unit: h, source: never said, date: 2026-01}\n",
        {("", "never said"), ("figure", "new_figure")},
    ),
    "tests/calls/test_load.py": ("\ndef test_never_said():\n    pass\n", {("check", "Never said")}),
}


@pytest.mark.parametrize("file", BORN)
def test_a_new_sentence_is_found_wherever_it_is_born(tmp_path, file):
    more, keys = BORN[file]
    said = messages.collect(alone(tmp_path, file, lambda text: text + more))
    lacking = {line for line in messages.wrong(said, KNOWN) if line.startswith("without")}
    assert lacking == {f"without a translation: {key}" for key in keys}


def test_a_sentence_that_is_gone_is_found(tmp_path):
    file, gone = "templates/report/parts/elements.html.j2", "Availability, part by part"
    before = messages.collect(alone(tmp_path, file, lambda text: text))
    after = messages.collect(alone(tmp_path, file, lambda text: text.replace(gone, "Needed")))
    known = {key: KNOWN[key] for key in before}
    assert messages.wrong(before, known) == []
    assert messages.wrong(after, known) == [f"nothing says it: ('', '{gone}')"]


def test_a_sentence_with_its_values_in_it_is_refused(tmp_path):
    folder = alone(tmp_path, "seatworks/decide.py", lambda text: text + '\nNEW = Message(f"{len(notes)} notes")\n')
    with pytest.raises(ValueError, match=r"decide\.py:\d+: an f-string is no id"):
        messages.collect(folder)


def test_a_translation_that_somebody_doubts_is_none(tmp_path):
    path = tmp_path / "seatworks.po"
    path.write_text(HEAD + '#, fuzzy\nmsgid "a"\nmsgstr "甲"\n', encoding="utf-8")
    assert messages.translations(path) == {}


def test_the_catalogue_is_written_as_the_command_writes_it(tmp_path):
    path = Path(shutil.copy(CATALOGUE, tmp_path))
    messages.update(tree.ROOT, path)
    assert path.read_bytes() == CATALOGUE.read_bytes()


def test_the_command_brings_new_ids_in_and_takes_old_ones_away(tmp_path):
    path = tmp_path / "seatworks.po"
    path.write_text(HEAD + 'msgid "one rack"\nmsgstr "单机柜"\n\nmsgid "old"\nmsgstr "旧"\n', encoding="utf-8")
    messages.update(alone(tmp_path, "seatworks/availability/assess.py", lambda text: text), path)
    known = messages.translations(path)
    assert (known["", "one rack"], known["", "two racks"]) == ("单机柜", "")
    assert ("", "old") not in known
    assert path.read_text(encoding="utf-8").startswith(HEAD)


def test_chinese_is_written_with_its_own_punctuation_and_a_space_beside_latin_letters():
    for key, chinese in KNOWN.items():
        plain = re.sub(r"`[^`]*`|{\w+(:[^}]*)?}", "", chinese)
        assert not re.search(r"[\u4e00-\u9fff][,;:()]|[,;()][\u4e00-\u9fff]", plain), key
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", plain), key
