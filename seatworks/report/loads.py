"""What the plan's page says about traffic and availability: figures, curves, and every part that a call needs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from seatworks.message import Message, marked, named
from seatworks.names import part
from seatworks.plan.model import Availability, Plan
from seatworks.report import axes, charts
from seatworks.report.axes import Axis, Shape
from seatworks.report.charts import Chart, Mark, Series
from seatworks.report.formats import NONE, Formats
from seatworks.report.names import NAMES
from seatworks.report.words import Words

Curve = Sequence[tuple[int, float]]

# What a chart is called, what is said of one of its points, and what its axis counts.
_SAID = {
    "service": (
        Message("Answered in time, by agents"),
        marked("{number} agents: {share}"),
        named("axis", "agents"),
    ),
    "blocking": (
        Message("Calls that find every line busy, by channels"),
        marked("{number} channels: {share}"),
        named("axis", "channels"),
    ),
}


def figures(plan: Plan, words: Words, write: Formats) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Every figure of the sizing, by what it is about."""
    sized = plan.sized
    return [
        (
            words.pgettext("figures", "Calls"),
            (
                (words.gettext("calls offered in the busy hour"), write.count(round(sized.offered_calls, 1))),
                (words.gettext("of them accepted"), write.count(round(sized.accepted_calls, 1))),
                (words.gettext("inbound minutes a month"), write.count(round(sized.inbound_minutes_per_month))),
                (words.gettext("outbound minutes a month"), write.count(round(sized.outbound_minutes_per_month))),
            ),
        ),
        (
            words.gettext("People"),
            (
                (words.gettext("load on agents"), f"{sized.offered_erlangs:,.2f} erl"),
                (words.gettext("agents at the busy hour"), write.count(sized.agents)),
                (words.gettext("people on the rota"), write.count(sized.scheduled_staff)),
                (words.gettext("answered in time"), write.share(sized.service_level)),
                (words.gettext("share of time agents are busy"), write.share(sized.occupancy)),
                (words.gettext("mean wait"), write.seconds(sized.mean_wait_s)),
            ),
        ),
        (
            words.gettext("Lines"),
            (
                (words.gettext("load on lines"), f"{sized.trunk_erlangs:,.2f} erl"),
                (words.gettext("calls at once"), write.count(sized.concurrent_calls)),
                (words.gettext("calls at once, with headroom"), write.count(sized.design_concurrent_calls)),
                (words.gettext("trunk channels"), write.count(sized.trunk_channels)),
                (words.gettext("E1 spans if E1"), write.count(sized.e1_spans)),
                (words.gettext("menu ports"), write.count(sized.menu_ports)),
            ),
        ),
        (
            words.gettext("Storage and bandwidth"),
            (
                (words.gettext("recordings"), f"{sized.recording_disk_gb:,} GB"),
                (words.gettext("database"), f"{sized.database_gb:,} GB"),
                (words.gettext("logs"), f"{sized.log_gb:,} GB"),
                (words.gettext("bandwidth of the site"), f"{sized.site_bandwidth_kbps:,} kbit/s"),
                (
                    words.gettext("bandwidth of the link"),
                    f"{sized.link_bandwidth_kbps:,} kbit/s" if sized.link_bandwidth_kbps else NONE,
                ),
            ),
        ),
    ]


def elements(availability: Availability, words: Words, write: Formats) -> list[tuple[str, str, str, str, str]]:
    """Every part that a call needs: name, how many of how many, contract, model, why."""
    return [
        (
            words.said(NAMES["box"].get(element.name) or part(element.name)),
            words.gettext("{needed} of {placed}", needed=element.needed, placed=element.placed),
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
    title, at, axis = _SAID[name]
    said = [words.gettext(at, number=write.count(n), share=write.share(share)) for n, share in curve]
    known = dict(curve)
    first, last = curve[0][0], curve[-1][0]
    most = 8 if shape is axes.WIDE else 5
    ticks = tuple(tick for tick in axes.round_ticks(first, last, most, whole=True) if first <= tick <= last)
    mark = None
    if planned in known:
        text = words.gettext(at, number=write.count(planned), share=write.share(known[planned]))
        mark = Mark(planned, text, known[planned])
    return charts.lines(
        name,
        shape,
        [Series("load", tuple((float(n), share) for n, share in curve), titles=tuple(said))],
        Axis(first, last, ticks or (first, last), lambda value: write.count(value), words.said(axis)),
        up,
        title=words.said(title),
        description=words.gettext("From {first} to {last}.", first=said[0], last=said[-1]),
        mark=mark,
    )
