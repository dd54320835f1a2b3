"""Port numbers are decided in seatworks/plan/ports.py; roles, templates and the cloud part are told them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from seatworks.plan import ports
from tests.repository import tree

HOME = "seatworks/plan/ports.py"
OURS = {*dataclasses.asdict(ports.Ports()).values(), ports.RELAY_CONTROL}
TOLD = tuple(
    path
    for path in tree.files()
    if re.match(r"roles/|templates/(?!report/)|stacks/components/|seatworks/.*\.py$", tree.short(path))
    and path.suffix != ".md"
    and tree.short(path) != HOME
)
# The same figure with another meaning.
NO_PORT_OF_OURS = {
    "roles/baseline/files/60-seatworks.conf": {10000},  # packets in a queue of the kernel
    "templates/baseline/seatworks.conf.j2": {10000},  # lines of a journal
    "seatworks/plan/addresses.py": {22},  # the length of a prefix
    "seatworks/report/drawing.py": {5060},  # an example
    "seatworks/spec/model.py": {5060},  # the carrier's port
}


def written(path):
    """Ports of ours that stand in a file as figures of their own."""
    return OURS & {int(figure) for figure in re.findall(r"(?<![\w.])[1-9]\d*(?!\w|\.\d)", path.read_text("utf-8"))}


def test_every_port_is_known():
    assert {5060, 5061, 2223} <= OURS


@pytest.mark.parametrize("path", TOLD, ids=tree.short)
def test_no_port_is_written_where_it_is_used(path):
    assert written(path) == NO_PORT_OF_OURS.get(tree.short(path), set()), f"it is decided in {HOME}"
