"""Every number of a sizing can be asked why."""

from __future__ import annotations

import pytest

from seatworks import explain, sizing
from seatworks.errors import SeatworksError
from tests.examples import spec_of


@pytest.fixture(scope="module")
def sized() -> sizing.Sizing:
    """The hybrid example, sized."""
    return sizing.size(spec_of("hybrid"))


def test_a_figure_comes_with_formula_inputs_and_source(sized: sizing.Sizing) -> None:
    text = explain.text(sized, explain.explain(sized, "trunk_erlangs"))
    assert text.startswith("trunk_erlangs = 76.87")
    for word in ("formula", "accepted_calls = 1,287   (offered_calls x (1 - blocking)", "talk_s = 180", "Cisco"):
        assert word in text


def test_every_figure_can_be_shown(sized: sizing.Sizing) -> None:
    for figure in sized.figures:
        assert explain.text(sized, figure).count("\n") >= 3
        assert explain.document(figure)["value"] == figure.value


def test_an_unknown_figure_names_the_nearest(sized: sizing.Sizing) -> None:
    with pytest.raises(SeatworksError, match="did you mean trunk_channels"):
        explain.explain(sized, "trunk_chanels")
    with pytest.raises(SeatworksError, match="for the list"):
        explain.explain(sized, "zzz")


@pytest.mark.parametrize(("value", "shown"), [(112, "112"), (12810.0, "12,810"), (0.915549, "0.915549"), ("a", "a")])
def test_numbers_are_written_for_people(value: float | str, shown: str) -> None:
    assert explain.amount(value) == shown
