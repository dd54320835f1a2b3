"""The example on premises deploys the same way."""

from __future__ import annotations

import pytest

from lab import leftovers
from tests.drills.conftest import results_of, seatworks, unchanged

pytestmark = [pytest.mark.lab, pytest.mark.slow]


def test_the_example_on_premises_deploys_to_proved_calls_and_leaves_nothing() -> None:
    try:
        done = seatworks("deploy", "onprem")
        assert done.code == 0, done.output[-6000:]
        assert results_of("onprem").accepted
        assert unchanged("onprem", seatworks("deploy", "onprem"))
    finally:
        taken = seatworks("destroy", "onprem")
    assert taken.code == 0, taken.output
    assert leftovers("onprem") == []
