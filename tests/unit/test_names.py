"""Sentences name what the planner plans: every mode, and every group of servers."""

from __future__ import annotations

import pytest

from seatworks import names
from seatworks.message import Message
from seatworks.spec import Mode
from tests.topologies import topology


@pytest.mark.parametrize("mode", [str(mode) for mode in Mode])
def test_every_mode_has_a_name_of_its_own(mode: str) -> None:
    assert (names.mode(mode), names.mode(mode).context) == (mode, "mode")
    for group in topology(mode).groups:
        assert (names.part(group.name), names.part(group.name).context) == (group.name, "part")


def test_a_key_of_the_specification_is_no_name() -> None:
    assert (names.part("cloud.zones"), names.part("cloud.zones").context) == ("cloud.zones", "")
    assert isinstance(names.part("cloud.zones"), Message)


def test_there_is_no_other_mode() -> None:
    with pytest.raises(KeyError):
        names.mode("moon")
