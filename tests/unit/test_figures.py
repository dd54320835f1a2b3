"""How the figures of a load are read."""

import pytest

from tests.calls.figures import Direction, final, percentile


def test_the_last_line_of_sipp_counts_and_the_highest_of_calls_at_once() -> None:
    table = (
        "CurrentCall;TotalCallCreated;SuccessfulCall(P);SuccessfulCall(C);FailedCall(P);FailedCall(C);\n"
        "3;3;0;0;0;0;\n7;9;2;2;0;0;\n0;9;6;8;1;1;\n"
    )
    assert final(table) == {"SuccessfulCall": 8, "FailedCall": 1, "placed": 9, "together": 7}


@pytest.mark.parametrize(("share", "value"), [(0.5, 10.0), (0.95, 19.0), (1.0, 20.0)])
def test_percentile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert percentile([float(n) for n in range(20, 0, -1)], share) == value


def test_no_answer_is_no_quick_answer() -> None:
    with pytest.raises(ValueError, match="no call was answered"):
        percentile([], 0.95)


def test_nothing_sent_is_nothing_delivered() -> None:
    assert Direction(due=100, sent=0, arrived=0).delivered == 0
    assert Direction(due=100, sent=100, arrived=99).delivered == pytest.approx(0.99)
