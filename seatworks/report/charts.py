"""Charts as geometry: bars and lines on axes with round ticks.

Pure and without money, calls or languages: values come as numbers, texts as they are to be read.
`templates/report/chart.svg.j2` draws the result. As with `drawing`, each chart is made twice, wide for a screen or
paper and tall for a phone, so that its letters are never scaled down.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from seatworks.report.axes import Axis, Scale, Shape, text_width

_GAP = 8  # between a text and what it belongs to
_DOTS_UP_TO = 60  # beyond that many points a line carries no dots


@dataclass(frozen=True, slots=True)
class Text:
    """A word of the chart. `kind` is its style, `anchor` start, middle or end."""

    x: float
    y: float
    text: str
    kind: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight line: grid, axis, whisker or guide."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


@dataclass(frozen=True, slots=True)
class Rect:
    """A part of a bar; `title` is what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, or the area inside them when `kind` begins with `band`."""

    points: tuple[tuple[float, float], ...]
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point that can be pointed at."""

    x: float
    y: float
    radius: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart, drawn in the order of its fields."""

    name: str
    shape: str
    width: int
    height: float
    title: str
    description: str
    segments: list[Segment] = field(default_factory=list)
    rects: list[Rect] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    whiskers: list[Segment] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar: its length, and what it says when pointed at."""

    kind: str
    value: float
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of parts with a whisker from `low` to `high`, and `text` written behind it."""

    label: str
    parts: tuple[Part, ...]
    low: float
    high: float
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Bars under one heading."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line. `label` is written at its end; `band` is (x, low, high); `titles` say each point."""

    kind: str
    points: tuple[tuple[float, float], ...]
    label: str = ""
    titles: tuple[str, ...] = ()
    band: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to look at, with guides to both axes; without `y` an upright line through `x`."""

    x: float
    text: str
    y: float | None = None


def bars(name: str, shape: Shape, groups: Sequence[Group], axis: Axis, *, title: str, description: str) -> Chart:
    """Bars from left to right, one row each, under the heading of their group."""
    every = [bar for group in groups for bar in group.bars]
    left = max((text_width(bar.label) for bar in every), default=0) + _GAP
    right = shape.width - max((text_width(bar.text) for bar in every), default=0) - 2 * _GAP
    scale = Scale(axis.lowest, axis.highest, round(left, 1), round(right, 1))
    row, thick, head = 27, 16, 24
    bottom = head * len(groups) + row * len(every) + 10
    chart = Chart(name, shape.name, shape.width, bottom + 24, title, description)
    _upright_grid(chart, axis, scale, 0, bottom)
    y = 0.0
    for group in groups:
        chart.texts.append(Text(0, y + 16, group.label, "head"))
        y += head
        for bar in group.bars:
            _bar(chart, bar, scale, y + 4, thick)
            y += row
    return chart


def _bar(chart: Chart, bar: Bar, scale: Scale, y: float, thick: float) -> None:
    weight = " strong" if bar.strong else ""
    middle = y + thick / 2
    chart.texts.append(Text(scale.start - _GAP, middle + 4.5, bar.label, f"label{weight}", "end"))
    done = scale.lowest
    for part in bar.parts:
        x = scale.at(done)
        done += part.value
        chart.rects.append(Rect(x, y, round(scale.at(done) - x, 1), thick, part.kind, part.title))
    low, high = scale.at(bar.low), scale.at(bar.high)
    chart.whiskers.extend(
        [
            Segment(low, middle, high, middle, "whisker"),
            Segment(low, middle - 4, low, middle + 4, "whisker"),
            Segment(high, middle - 4, high, middle + 4, "whisker"),
        ]
    )
    behind = max(high, scale.at(done)) + _GAP
    chart.texts.append(Text(round(behind, 1), middle + 4.5, bar.text, f"value{weight}"))


def _upright_grid(chart: Chart, axis: Axis, scale: Scale, top: float, bottom: float) -> None:
    """Upright grid lines, thinned out where their texts would touch."""
    widest = max(text_width(axis.write(tick)) for tick in axis.ticks)
    apart = abs(scale.end - scale.start) / max(1, len(axis.ticks) - 1)
    every = max(1, math.ceil((widest + _GAP) / apart))
    for index, tick in enumerate(axis.ticks):
        x = scale.at(tick)
        chart.segments.append(Segment(x, top, x, bottom, "axis" if tick == axis.lowest else "grid"))
        if index % every == 0:
            chart.texts.append(Text(x, bottom + 17, axis.write(tick), "tick x", "middle"))


def lines(
    name: str,
    shape: Shape,
    series: Sequence[Series],
    x: Axis,
    y: Axis,
    *,
    title: str,
    description: str,
    mark: Mark | None = None,
) -> Chart:
    """Lines over a horizontal axis, each named at its end, with at most one point or upright marked."""
    left = max(text_width(y.write(tick)) for tick in y.ticks) + _GAP
    last = text_width(x.write(x.ticks[-1])) / 2
    right = shape.width - max((text_width(each.label) + _GAP if each.label else last for each in series), default=last)
    top, bottom = (24, shape.height - 40) if mark and mark.y is None else (10, shape.height - 40)
    across, up = Scale(x.lowest, x.highest, round(left, 1), round(right, 1)), Scale(y.lowest, y.highest, bottom, top)
    chart = Chart(name, shape.name, shape.width, shape.height, title, description)
    for tick in y.ticks:
        level = up.at(tick)
        chart.segments.append(Segment(across.start, level, across.end, level, "axis" if tick == y.lowest else "grid"))
        chart.texts.append(Text(across.start - _GAP, level + 4, y.write(tick), "tick y", "end"))
    _feet(chart, x, across, bottom)
    for each in series:
        _line(chart, each, across, up)
    _end_labels(chart, series, across, up)
    if mark:
        _mark(chart, mark, series, across, up)
    return chart


def _feet(chart: Chart, axis: Axis, scale: Scale, bottom: float) -> None:
    for tick in axis.ticks:
        at = scale.at(tick)
        chart.segments.append(Segment(at, bottom, at, bottom + 5, "axis"))
        chart.texts.append(Text(at, bottom + 18, axis.write(tick), "tick x", "middle"))
    middle = round((scale.start + scale.end) / 2, 1)
    chart.texts.append(Text(middle, bottom + 35, axis.title, "axis-title", "middle"))


def _line(chart: Chart, series: Series, across: Scale, up: Scale) -> None:
    if series.band:
        above = [(across.at(x), up.at(high)) for x, _, high in series.band]
        below = [(across.at(x), up.at(low)) for x, low, _ in reversed(series.band)]
        chart.paths.append(Path((*above, *below), f"band {series.kind}", ""))
    points = tuple((across.at(x), up.at(y)) for x, y in series.points)
    chart.paths.append(Path(points, f"series {series.kind}", series.label))
    if series.titles and len(points) <= _DOTS_UP_TO:
        chart.dots.extend(
            Dot(x, y, 2.5, series.kind, title) for (x, y), title in zip(points, series.titles, strict=True)
        )


def _end_labels(chart: Chart, series: Sequence[Series], across: Scale, up: Scale) -> None:
    """The name of each line at its end, pushed apart until none touches another."""
    ends = sorted((up.at(each.points[-1][1]), each.label, each.kind) for each in series if each.label and each.points)
    lowest = up.start - (len(ends) - 1) * 16
    level = -math.inf
    for index, (y, label, kind) in enumerate(ends):
        level = max(min(y, lowest + index * 16), level + 16)
        chart.texts.append(Text(round(across.end + _GAP, 1), round(level + 4, 1), label, f"name {kind}"))


def _mark(chart: Chart, mark: Mark, series: Sequence[Series], across: Scale, up: Scale) -> None:
    x = across.at(mark.x)
    if mark.y is None:
        room = across.end - x >= text_width(mark.text) + _GAP
        chart.whiskers.append(Segment(x, up.end - 12, x, up.start, "guide"))
        at = round(x + (_GAP if room else -_GAP), 1)
        chart.texts.append(Text(at, up.end - 4, mark.text, "mark", "start" if room else "end"))
        return
    y = up.at(mark.y)
    chart.whiskers.extend([Segment(x, y, x, up.start, "guide"), Segment(across.start, y, x, y, "guide")])
    chart.dots.append(Dot(x, y, 6, "planned", mark.text))
    drawn = [(across.at(a), up.at(b)) for each in series for a, b in each.points]
    chart.texts.append(_beside(x, y, mark.text, drawn, across, up))


def _beside(x: float, y: float, text: str, drawn: Sequence[tuple[float, float]], across: Scale, up: Scale) -> Text:
    """A text beside a point: the first place inside the axes that covers no drawn point, else above it."""
    wide = text_width(text)
    for down in (20, *range(-12, round(up.end - y), -16)):
        level = y + down
        for start in (x + _GAP, x - _GAP - wide, across.end - wide - 1):
            inside = across.start < start and start + wide < across.end and up.end < level - 12 and level < up.start - 6
            covers = any(start - 3 < a < start + wide + 3 and level - 15 < b < level + 6 for a, b in drawn)
            if inside and not covers:
                return Text(round(start, 1), round(level, 1), text, "mark")
    return Text(round(max(across.start, min(x + _GAP, across.end - wide)), 1), round(y - 12, 1), text, "mark")
