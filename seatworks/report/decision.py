"""The page on which a person decides: what the plan is, what it costs, how sure it is, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seatworks.cost.model import Bill, Comparison
from seatworks.message import Message, marked
from seatworks.plan.model import Availability, CloudOutputs, Plan
from seatworks.report import axes, costs, loads
from seatworks.report.charts import Chart
from seatworks.report.formats import NONE, Formats
from seatworks.report.page import load_words, render
from seatworks.report.parts import plan_parts
from seatworks.report.words import Words

_SHAPES = (axes.WIDE, axes.TALL)


@dataclass(frozen=True, slots=True)
class Assumed:
    """A figure that the plan rests on and the specification does not give. `date` is when it was taken, as text."""

    what: Message
    value: float | str
    unit: str
    source: Message
    date: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that the page says. Free texts (notes, reasons, sources) stand as they are given.

    `comparison` is None when nothing could be priced. `service_curve` is (agents, share of calls answered in time),
    `blocking_curve` (channels, share of calls that find all busy), both rising in their first number and ready drawn
    around the planned number: `plan.sized.agents` and `plan.sized.trunk_channels` are marked where they occur.
    """

    plan: Plan
    comparison: Comparison | None
    availability: Availability
    service_curve: tuple[tuple[int, float], ...] = ()
    blocking_curve: tuple[tuple[int, float], ...] = ()
    notes: tuple[Message, ...] = ()
    assumptions: tuple[Assumed, ...] = ()

    @property
    def bill(self) -> Bill | None:
        """The bill of the planned mode; None when it could not be priced."""
        bills = self.comparison.bills if self.comparison else ()
        return next((bill for bill in bills if bill.mode == self.plan.mode), None)


@dataclass(frozen=True, slots=True)
class Key:
    """One of the figures that decide: `good` is None where nothing was asked."""

    label: str
    value: str
    detail: str
    good: bool | None = None


def plan_page(decision: Decision, lang: str = "en") -> str:
    """The page as one HTML file in one language, en or zh, that needs nothing else. Same decision, same bytes.

    Raises ValueError for another language.
    """
    words = load_words(lang)
    comparison = decision.comparison
    write = Formats(words, comparison.currency if comparison else "CNY")
    parts: dict[str, Any] = {
        "decision": decision,
        "headline": _headline(decision, words, write),
        "keys": list(_keys(decision, words, write)),
        "compared": list(_compared(decision, words, write)),
        "risks": [
            *_risks(decision, words, write),
            *(words.said(note) for note in dict.fromkeys((*decision.availability.notes, *decision.notes))),
        ],
        "money": _money(decision, comparison, words, write) if comparison else None,
        "curves": _curves(decision, words, write),
        "elements": loads.elements(decision.availability, words, write),
        "figures": loads.figures(decision.plan, words, write),
        "assumptions": [
            (words.said(each.what).replace("_", " "), _value(each, words, write), words.said(each.source), each.date)
            for each in decision.assumptions
        ],
    }
    return render("plan.html.j2", words, plan_parts(decision.plan, CloudOutputs(), words) | parts)


def _value(assumed: Assumed, words: Words, write: Formats) -> str:
    value = assumed.value if isinstance(assumed.value, str) else write.count(assumed.value)
    return write.with_unit(value, words.name("unit", assumed.unit))


def _headline(decision: Decision, words: Words, write: Formats) -> str:
    plan = decision.plan
    values: dict[str, object] = {
        "mode": words.name("mode", plan.mode),
        "seats": write.count(plan.seat_count(peak=False)),
    }
    if bill := decision.bill:
        total = bill.over(costs.HORIZON)
        values |= {"sum": costs.at_least(write.money(total.total.base), total), "years": costs.HORIZON}
        return words.gettext("{mode}, {seats} seats: {sum} over {years} years", **values)
    return words.gettext("{mode}, {seats} seats", **values)


def _keys(decision: Decision, words: Words, write: Formats) -> Iterator[Key]:
    plan, availability = decision.plan, decision.availability
    if bill := decision.bill:
        total = bill.over(costs.HORIZON)
        yield Key(
            words.gettext("Total over {years} years", years=costs.HORIZON),
            costs.at_least(write.money(total.total.base), total),
            write.span(total.total),
        )
        yield Key(
            words.gettext("Per seat and month"),
            costs.at_least(write.exact(total.per_seat_month.base), total),
            write.between(write.exact(total.per_seat_month.low), write.exact(total.per_seat_month.high)),
        )
        yield Key(
            words.gettext("Paid at the start"),
            write.money(total.capex.base),
            words.gettext("then {sum} a year", sum=write.money(total.opex.base / costs.HORIZON)),
        )
    else:
        yield Key(
            words.gettext("Total over {years} years", years=costs.HORIZON),
            words.gettext("no price"),
            words.gettext("Nothing could be priced: no price book fits."),
        )
    yield Key(
        words.gettext("Availability, by model"),
        write.availability(availability.model),
        words.gettext(
            "{down} lost a year; {asked} asked, {contract} by contracts",
            asked=write.availability(availability.asked),
            contract=write.availability(availability.contract),
            down=write.downtime(availability.model),
        ),
        good=availability.model >= availability.asked,
    )
    sized = plan.sized
    yield Key(
        words.gettext("Agents at the busy hour"),
        write.count(sized.agents),
        words.gettext(
            "{share} answered in time; {staff} on the rota",
            share=write.share(sized.service_level),
            staff=write.count(sized.scheduled_staff),
        ),
    )
    peak = plan.seat_count(peak=True)
    yield Key(
        words.gettext("Trunk channels"),
        write.count(sized.trunk_channels),
        words.gettext("{hosts} hosts; {peak} more seats at peak", hosts=len(plan.hosts), peak=write.count(peak)),
    )


def _compared(decision: Decision, words: Words, write: Formats) -> Iterator[str]:
    """How the other modes compare with the planned one, one sentence each."""
    if not decision.bill or not decision.comparison:
        return
    mine = decision.bill.over(costs.HORIZON)
    for bill in decision.comparison.bills:
        if bill is decision.bill:
            continue
        total = bill.over(costs.HORIZON)
        apart = total.total.base - mine.total.base
        said = (
            marked("{mode} would cost {sum}: {apart} ({share}) more.")
            if apart >= 0
            else marked("{mode} would cost {sum}: {apart} ({share}) less.")
        )
        yield words.gettext(
            said,
            mode=words.name("mode", bill.mode),
            sum=costs.at_least(write.money(total.total.base), total),
            apart=write.money(abs(apart)),
            share=write.share(abs(float(apart / mine.total.base))) if mine.total.base else NONE,
        )


def _risks(decision: Decision, words: Words, write: Formats) -> Iterator[str]:
    """What the figures themselves warn of, before what was noted."""
    availability = decision.availability
    asked = write.availability(availability.asked)
    if availability.model < availability.asked:
        yield words.gettext(
            "Failures, repair and failover give {model} of the year; {asked} is asked.",
            asked=asked,
            model=write.availability(availability.model),
        )
    if availability.contract < availability.asked:
        yield words.gettext(
            "Contracts promise {contract} together; {asked} is asked. Nobody stands for what lies between.",
            asked=asked,
            contract=write.availability(availability.contract),
        )
    if decision.bill and decision.bill.missing:
        yield words.gettext(
            "Prices that no book has: {count}. The total is a lower bound until they are given.",
            count=len(decision.bill.missing),
        )


def _money(decision: Decision, comparison: Comparison, words: Words, write: Formats) -> dict[str, Any]:
    mode = decision.plan.mode
    return {
        "bars": [costs.bars(comparison, mode, words, write, shape) for shape in _SHAPES],
        "break_even": [costs.break_even(comparison, mode, words, write, shape) for shape in _SHAPES],
        "month": costs.when_even(comparison, words),
        "modes": [(bill.mode, words.name("mode", bill.mode)) for bill in comparison.bills],
        "totals": costs.totals(comparison, mode, words, write),
        "groups": costs.groups(comparison, words, write),
        "bills": [(words.name("mode", b.mode), costs.bill_rows(b, words, write)) for b in comparison.bills],
        "missing": costs.missing(comparison, words),
        "sensitivities": costs.sensitivities(comparison, words, write),
        "contradictions": costs.contradictions(comparison, words),
        "rate_note": words.said(comparison.rate_note),
    }


def _curves(decision: Decision, words: Words, write: Formats) -> list[list[Chart]]:
    sized = decision.plan.sized
    drawn = [
        [loads.service_curve(decision.service_curve, sized.agents, words, write, shape) for shape in _SHAPES],
        [loads.blocking_curve(decision.blocking_curve, sized.trunk_channels, words, write, shape) for shape in _SHAPES],
    ]
    return [[chart for chart in shapes if chart] for shapes in drawn if any(shapes)]
