"""A chart shows the numbers it was given: on round ticks, inside its frame, and readable."""

from __future__ import annotations

import itertools
import math

import pytest

from seatworks.report import axes, charts
from seatworks.report.axes import TALL, WIDE, Axis
from seatworks.report.charts import Bar, Group, Mark, Part, Series

RANGES = [(0, 1), (0, 0.0007), (0, 6.07e6), (3, 97), (70, 125), (-4, 9), (0, 12345), (0.2, 0.9), (99990, 100040)]
SHAPES = pytest.mark.parametrize("shape", [WIDE, TALL], ids=lambda shape: shape.name)


def number(value):
    return f"{value:g}"


def place_of(texts, axis, kind):
    """A function from a value to its pixel, read from the drawn texts of two ticks."""
    drawn = {text.text: text for text in texts if text.kind == f"tick {kind}"}
    low, high = (tick for tick in (axis.ticks[0], axis.ticks[-1]))
    at = [getattr(drawn[axis.write(tick)], kind) for tick in (low, high)]
    shift = 4 if kind == "y" else 0  # a text stands a little below its line
    return lambda value: at[0] - shift + (value - low) / (high - low) * (at[1] - at[0])


@pytest.mark.parametrize(("lowest", "highest"), RANGES)
@pytest.mark.parametrize("most", [3, 5, 8])
def test_ticks_are_round_even_and_enclose_the_values(lowest, highest, most):
    ticks = axes.round_ticks(lowest, highest, most)
    steps = [after - before for before, after in itertools.pairwise(ticks)]
    assert ticks[0] <= lowest
    assert ticks[-1] >= highest
    assert len(steps) <= most + 2
    assert all(step == pytest.approx(steps[0]) for step in steps)
    digit = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9)
    assert any(digit == pytest.approx(good) for good in (1, 2, 5))


def test_ticks_of_whole_things_are_whole():
    assert axes.round_ticks(3, 5, 8, whole=True) == (3, 4, 5)


def test_equal_ends_still_have_an_axis():
    assert axes.round_ticks(0, 0)[-1] > 0
    assert axes.round_ticks(7, 7)[-1] > 7


def groups(values):
    """One group for each row of (capex, opex, low, high)."""
    return [
        Group(
            f"{n} years",
            (Bar("On premises", (Part("capex", a, "bought"), Part("opex", b, "rented")), low, high, number(a + b)),),
        )
        for n, (a, b, low, high) in enumerate(values)
    ]


@SHAPES
def test_bars_are_as_long_as_their_values_and_whiskers_reach_from_low_to_high(shape):
    values = [(2e6, 1.5e6, 3e6, 4.2e6), (0, 1e6, 0.8e6, 1.3e6), (4.1e6, 2e6, 5e6, 8e6)]
    axis = axes.enclosing(0, 8e6, number)
    chart = charts.bars("cost", shape, groups(values), axis, title="t", description="d")
    at = place_of(chart.texts, axis, "x")
    for index, (capex, opex, low, high) in enumerate(values):
        bought, rented = chart.rects[2 * index : 2 * index + 2]
        assert bought.x == pytest.approx(at(0), abs=0.1)
        assert bought.x + bought.width == pytest.approx(at(capex), abs=0.2)
        assert rented.x + rented.width == pytest.approx(at(capex + opex), abs=0.2)
        whisker = chart.whiskers[3 * index]
        assert (whisker.x1, whisker.x2) == (pytest.approx(at(low), abs=0.1), pytest.approx(at(high), abs=0.1))


@SHAPES
def test_no_text_of_bars_leaves_the_frame_or_meets_its_bar(shape):
    chart = charts.bars(
        "cost", shape, groups([(2e6, 1.5e6, 3e6, 8e6)]), axes.enclosing(0, 8e6, number), title="t", description="d"
    )
    value = next(text for text in chart.texts if text.kind == "value")
    assert value.x > max(whisker.x2 for whisker in chart.whiskers)
    assert value.x + axes.text_width(value.text) <= shape.width
    label = next(text for text in chart.texts if text.kind == "label")
    assert label.x - axes.text_width(label.text) > -0.1


def test_bars_of_nothing_are_drawn_without_length():
    chart = charts.bars("c", WIDE, groups([(0, 0, 0, 0)]), axes.enclosing(0, 0, number), title="t", description="d")
    assert [rect.width for rect in chart.rects] == [0, 0]


def curve(values, shape=WIDE, mark=None, titles=()):
    series = Series("load", tuple(values), titles=titles)
    xs = [x for x, _ in values]
    x = Axis(xs[0], xs[-1], axes.round_ticks(xs[0], xs[-1])[1:-1] or (xs[0], xs[-1]), number, "agents")
    y = axes.enclosing(0, max(y for _, y in values), number)
    return charts.lines("curve", shape, [series], x, y, title="t", description="d", mark=mark), x, y


FALLING = [(n, 0.11 * 0.9 ** (n - 70)) for n in range(70, 126)]
RISING = [(n, 1 - 0.7 * 0.75 ** (n - 70)) for n in range(70, 95)]


@SHAPES
@pytest.mark.parametrize("values", [FALLING, RISING], ids=["falling", "rising"])
def test_a_line_runs_through_its_values(shape, values):
    chart, x, y = curve(values, shape)
    across, up = place_of(chart.texts, x, "x"), place_of(chart.texts, y, "y")
    assert len(chart.paths[0].points) == len(values)
    for (drawn_x, drawn_y), (a, b) in zip(chart.paths[0].points, values, strict=True):
        assert drawn_x == pytest.approx(across(a), abs=0.2)
        assert drawn_y == pytest.approx(up(b), abs=0.2)


@SHAPES
@pytest.mark.parametrize("values", [FALLING, RISING], ids=["falling", "rising"])
@pytest.mark.parametrize("index", [0, 1, 5, 11, 17, 23, -2, -1])
def test_the_text_of_a_marked_point_is_inside_and_covers_no_line(shape, values, index):
    x, y = values[index]
    text = "112 channels: 0.13 %"
    chart, _, _ = curve(values, shape, Mark(x, text, y))
    mark = next(each for each in chart.texts if each.kind == "mark")
    right = mark.x + axes.text_width(text)
    assert mark.x >= 0
    assert right <= shape.width
    for a, b in chart.paths[0].points:
        assert not (mark.x < a < right and mark.y - 9 < b < mark.y + 2)


def test_a_marked_point_has_a_guide_to_each_axis():
    chart, _, _ = curve(RISING, WIDE, Mark(80, "80", dict(RISING)[80]))
    point = next(dot for dot in chart.dots if dot.kind == "planned")
    assert (point.x, point.y) == chart.paths[0].points[10]
    assert {(guide.x1, guide.y1, guide.x2, guide.y2) for guide in chart.whiskers} == {
        (point.x, point.y, point.x, chart.segments[0].y1),
        (chart.segments[0].x1, point.y, point.x, point.y),
    }


def test_names_at_the_ends_of_lines_do_not_touch():
    series = [Series(kind, ((0, 0), (60, 100 + n / 10)), label=kind) for n, kind in enumerate(("a", "b", "c"))]
    x = Axis(0, 60, (0, 60), number)
    chart = charts.lines("e", WIDE, series, x, axes.enclosing(0, 101, number), title="t", description="d")
    levels = sorted(text.y for text in chart.texts if text.kind.startswith("name"))
    assert len(levels) == 3
    assert all(after - before >= 15 for before, after in itertools.pairwise(levels))


def test_a_long_line_carries_no_dots():
    values = [(n, float(n)) for n in range(1, 200)]
    chart, _, _ = curve(values, titles=tuple(str(n) for n, _ in values))
    assert not chart.dots


def test_a_chinese_letter_is_wider_than_a_latin_one():
    assert axes.text_width("本地部署") == 4 * axes.text_width("本") > axes.text_width("onpr")
