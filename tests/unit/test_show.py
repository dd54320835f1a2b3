"""The plan on the terminal names every host, figure and conversation."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from seatworks import show
from seatworks.drift import Finding, Part
from seatworks.environment import Environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["hybrid", "cloud", "onprem"])
def test_the_table_names_everything(name):
    plan = Environment.find(name, ROOT).plan()
    console = Console(width=250, file=io.StringIO())
    console.print(show.plan_table(plan))
    text = console.file.getvalue()
    for host in plan.hosts:
        assert host.name in text
        assert str(host.address) in text
    for flow in plan.flows:
        assert flow.why in text
    assert f"{plan.sized.trunk_channels} (or {plan.sized.e1_spans} E1)" in text


def test_differences_are_a_table_for_each_part_and_brackets_are_shown_as_they_are():
    console = Console(width=250, file=io.StringIO())
    console.print(
        show.drift_tables(
            [
                Finding(Part.ACCOUNT, "Vpc x", "tags: [a]", "not set", "make deploy ENV=x"),
                Finding(Part.HOSTS, "edge1", "kamailio.service runs", "it has failed", "read the journal"),
            ]
        )
    )
    text = console.file.getvalue()
    assert "Account: not as it was deployed" in text
    assert "Hosts: not as they were deployed" in text
    assert "Plan:" not in text
    assert "tags: [a]" in text


def test_no_difference_is_said_in_words():
    console = Console(file=io.StringIO())
    console.print(show.drift_tables([]))
    assert console.file.getvalue() == "nothing differs\n"
