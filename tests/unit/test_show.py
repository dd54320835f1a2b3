"""The plan on the terminal names every host, figure and conversation."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from seatworks import show
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
