"""The other two shipped examples deploy the same way."""

from __future__ import annotations

import pytest

from lab import leftovers
from tests.drills.conftest import results_of, seatworks

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("env", ["onprem", "cloud"])
def test_the_example_deploys_to_proved_calls_and_leaves_nothing(env: str) -> None:
    try:
        done = seatworks("deploy", env)
        assert done.code == 0, done.output[-6000:]
        assert results_of(env).accepted
    finally:
        taken = seatworks("destroy", env)
    assert taken.code == 0, taken.output
    assert leftovers(env) == []
