"""What the plan's page says about traffic and availability: figures, curves, and every part that a call needs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from seatworks.plan.model import Availability, Plan
from seatworks.report import axes, charts
from seatworks.report.axes import Axis, Shape
from seatworks.report.charts import Chart, Mark, Series
from seatworks.report.formats import NONE, Formats
from seatworks.report.words import Words

Curve = Sequence[tuple[int, float]]


def figures(plan: Plan, words: Words, write: Formats) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every figure of the sizing, by what it is about."""
    sized = plan.sized
    amounts = {
        "calls": {
            "offered_calls": write.count(round(sized.offered_calls, 1)),
            "accepted_calls": write.count(round(sized.accepted_calls, 1)),
            "inbound_minutes_per_month": write.count(round(sized.inbound_minutes_per_month)),
            "outbound_minutes_per_month": write.count(round(sized.outbound_minutes_per_month)),
        },
        "people": {
            "offered_erlangs": f"{sized.offered_erlangs:,.2f} erl",
            "agents": write.count(sized.agents),
            "scheduled_staff": write.count(sized.scheduled_staff),
            "service_level": write.share(sized.service_level),
            "occupancy": write.share(sized.occupancy),
            "mean_wait_s": write.seconds(sized.mean_wait_s),
        },
        "lines": {
            "trunk_erlangs": f"{sized.trunk_erlangs:,.2f} erl",
            "concurrent_calls": write.count(sized.concurrent_calls),
            "design_concurrent_calls": write.count(sized.design_concurrent_calls),
            "trunk_channels": write.count(sized.trunk_channels),
            "e1_spans": write.count(sized.e1_spans),
            "menu_ports": write.count(sized.menu_ports),
        },
        "store": {
            "recording_disk_gb": f"{sized.recording_disk_gb:,} GB",
            "database_gb": f"{sized.database_gb:,} GB",
            "log_gb": f"{sized.log_gb:,} GB",
            "site_bandwidth_kbps": f"{sized.site_bandwidth_kbps:,} kbit/s",
            "link_bandwidth_kbps": f"{sized.link_bandwidth_kbps:,} kbit/s" if sized.link_bandwidth_kbps else NONE,
        },
    }
    return [
        (words.text(f"figures.{about}"), [(words.text(f"figure.{name}"), value) for name, value in inside.items()])
        for about, inside in amounts.items()
    ]


def elements(availability: Availability, words: Words, write: Formats) -> list[tuple[str, str, str, str, str]]:
    """Every part that a call needs: name, how many of how many, contract, model, why."""
    return [
        (
            words.plain("box", element.name) if f"box.{element.name}" in words.known else words.said(element.name),
            words.text("element.of", needed=element.needed, placed=element.placed),
            write.availability(_percent(element.contract)),
            write.availability(_percent(element.model)),
            words.said(element.why),
        )
        for element in availability.elements
    ]


def _percent(part: float) -> float:
    return float(Decimal(str(part)) * 100)


def service_curve(curve: Curve, agents: int, words: Words, write: Formats, shape: Shape) -> Chart | None:
    """Share of calls answered in time against agents; None where there is nothing to draw."""
    up = axes.enclosing(0, 1, lambda value: write.share(value), most=5)
    return _curve("service", curve, agents, up, words, write, shape)


def blocking_curve(curve: Curve, channels: int, words: Words, write: Formats, shape: Shape) -> Chart | None:
    """Share of calls that find every channel busy against channels; None where there is nothing to draw."""
    highest = max((share for _, share in curve), default=1.0)
    up = axes.enclosing(0, highest, lambda value: write.share(value), most=5)
    return _curve("blocking", curve, channels, up, words, write, shape)


def _curve(name: str, curve: Curve, planned: int, up: Axis, words: Words, write: Formats, shape: Shape) -> Chart | None:
    """One curve with the planned number marked, where the curve has it."""
    if len(curve) < 2:
        return None
    said = [words.text(f"chart.{name}_at", number=write.count(n), share=write.share(share)) for n, share in curve]
    known = dict(curve)
    first, last = curve[0][0], curve[-1][0]
    most = 8 if shape is axes.WIDE else 5
    ticks = tuple(tick for tick in axes.round_ticks(first, last, most, whole=True) if first <= tick <= last)
    mark = None
    if planned in known:
        text = words.text(f"chart.{name}_at", number=write.count(planned), share=write.share(known[planned]))
        mark = Mark(planned, text, known[planned])
    return charts.lines(
        name,
        shape,
        [Series("load", tuple((float(n), share) for n, share in curve), titles=tuple(said))],
        Axis(first, last, ticks or (first, last), lambda value: write.count(value), words.text(f"chart.{name}_axis")),
        up,
        title=words.text(f"chart.{name}"),
        description=words.text("chart.from_to", first=said[0], last=said[-1]),
        mark=mark,
    )
