"""A deploy of what a change touches may leave the cloud and the machines out: what they never read is known."""

from __future__ import annotations

import ast
import dataclasses

import pytest

from seatworks.plan.model import Plan
from seatworks.touched import NOT_OF_THE_CLOUD
from tests.repository import tree

# By what else the plan gives these parts away.
READ_BY = {"seat_blocks": {"seat_blocks", "seats", "seat_count", "served_by", "members"}}
# Files of centres that Amazon Connect answers, where nothing is ever left out; in the other files, attributes of
# the same name that are no part of a plan.
ELSEWHERE = {
    "stacks/connect/", "stacks/components/connect/", "stacks/seats/managed.py", "lab/aws/connect/",
    "stacks/account_check/names.py", "lab/machines/starter.py",
}  # fmt: skip


def read(source, names):
    """Lines on which one of the attributes is read of something that may be a plan."""
    return [
        node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and node.attr in names
    ]


def sources():
    for path in tree.files():
        name = tree.short(path)
        if name.startswith(("stacks/", "lab/")) and path.suffix == ".py" and not name.startswith(tuple(ELSEWHERE)):
            yield name, path.read_text(encoding="utf-8")


@pytest.mark.parametrize("part", NOT_OF_THE_CLOUD)
def test_neither_cloud_nor_machines_read(part):
    assert part in {field.name for field in dataclasses.fields(Plan)}
    found = {}
    for name, source in sources():
        lines = read(source, READ_BY.get(part, {part}))
        if name == "stacks/commands.py":
            # How long a centre that Amazon Connect answers takes.
            lines = [number for number in lines if "connect.minutes(" not in source.splitlines()[number - 1]]
        if lines:
            found[name] = lines
    assert not found


@pytest.mark.parametrize("part", ["hosts", "networks", "trunks", "recording", "domain"])
def test_what_they_do_read_is_found(part):
    assert any(read(source, {part}) for _, source in sources())
