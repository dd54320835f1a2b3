"""The table of changes has a row for each key, what shows each row exists, and the pages are made from it."""

from __future__ import annotations

import ast
import copy

import pytest

from seatworks import changes, spec
from seatworks.plan.build import ROLES
from seatworks.tables import table
from tests.drills.test_changes import DRILLS
from tests.repository import tree

TABLE = table("changes")


def keys(schema):
    """Every key of seatworks.yml that has no keys of its own, with dots; entries of lists and names are left out."""

    def walk(node, path):
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        for each in node.get("anyOf", ()):
            if each.get("type") != "null":
                yield from walk(each, path)
                return
        named = [node["additionalProperties"]] if isinstance(node.get("additionalProperties"), dict) else []
        named += node.get("patternProperties", {}).values()
        inner = [node["items"]] if "items" in node else named
        if "properties" in node:
            for name, each in node["properties"].items():
                yield from walk(each, (*path, name))
        elif inner and "$ref" in inner[0]:
            yield from walk(inner[0], path)
        else:
            yield ".".join(path)

    return list(walk(schema, ()))


def test_each_key_has_a_row_and_each_row_a_key():
    assert list(TABLE["keys"]) == keys(spec.schema())


@pytest.mark.parametrize("place", ["Spec", "Menu", "ServiceLevel", "Trunk"])
def test_a_new_key_without_a_row_is_found(place):
    schema = copy.deepcopy(spec.schema())
    part = schema if place == "Spec" else schema["$defs"][place]
    part["properties"]["colour"] = {"type": "string"}
    (new,) = set(keys(schema)) - set(TABLE["keys"])
    assert new.endswith("colour")


@pytest.mark.parametrize("name", changes.areas())
def test_each_area_says_by_whom_how_and_what_stops_in_both_languages(name):
    area = changes.areas()[name]
    known = {*tree.ROLES, "cloud", "all"}
    assert set(area.ways) <= known
    assert set(area.ways.values()) <= set(changes.WAYS)
    assert area.seconds >= 0
    assert bool(area.way_round) is (area.way == "refused"), "what is refused has a way round"
    for texts in (area.title, area.stops, *([area.way_round] if area.way_round else [])):
        assert set(texts) == {"en", "zh"}
        assert all(texts.values())
    assert TABLE["areas"][name]["source"]
    assert TABLE["areas"][name]["date"]


def test_each_area_is_touched_by_a_key_and_each_key_touches_one_that_there_is():
    touched = {area.name for key in TABLE["keys"] for area in changes.of_key(key)}
    told = {"host_duty"}
    assert touched | told == set(changes.areas())
    assert set(TABLE["plan"].values()) <= set(changes.areas())


def test_a_role_on_a_host_is_named_by_some_area():
    """What a role is given can change, so the table says what it does then."""
    roles = {role for each in ROLES.values() for role in each} | {"link"}
    named = {role for area in changes.areas().values() for role in area.ways}
    # Given what a peak's days and its servers are made from, and nothing else.
    assert roles - named == {"peak"}


def shown(drill):
    """Whether a drill is a word of DRILLS, or a file of tests, or a test of one."""
    if "/" not in drill:
        return drill in {*DRILLS, changes.UNSHOWN}
    file, _, test = drill.partition("::")
    path = tree.ROOT / file
    if not path.is_file():
        return False
    tests = {
        node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }
    return test in tests if test else any(name.startswith("test_") for name in tests)


@pytest.mark.parametrize("name", changes.areas())
def test_each_area_is_shown_by_a_test_that_exists(name):
    assert shown(changes.areas()[name].drill)


def test_a_drill_that_does_not_exist_is_found_and_none_is_left_over():
    for absent in ("colours", "tests/unit/test_colours.py", "tests/unit/test_deploy.py::test_colours"):
        assert not shown(absent)
    assert {*DRILLS, changes.UNSHOWN} == {area.drill for area in changes.areas().values() if "/" not in area.drill}


def test_what_no_drill_shows_is_known():
    """The shorter this list, the better."""
    assert {area.name for area in changes.areas().values() if area.drill == changes.UNSHOWN} == {
        *("codec", "encryption", "firewall", "seat_networks", "link", "recording"),
        *("host_added", "host_removed", "host_moved", "host_duty"),
    }


@pytest.mark.parametrize(("lang", "name"), [("en", "changes.md"), ("zh", "changes.zh-CN.md")])
def test_the_pages_are_made_from_the_table(lang, name):
    written = (tree.ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == changes.page(lang), "run make changes"
