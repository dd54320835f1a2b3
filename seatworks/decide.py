"""From a specification to everything a person decides with: the plan, what it costs in each mode, and why."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from seatworks import availability, cost, sizing, traffic
from seatworks import plan as planning
from seatworks.alternatives import alternatives
from seatworks.environment import Environment
from seatworks.errors import Problem, SpecError
from seatworks.message import Message, joined, named
from seatworks.names import mode as mode_name
from seatworks.plan.forwarded import forwarded
from seatworks.plan.model import Plan
from seatworks.plan.peak import days_per_year
from seatworks.spec import Spec, Target

if TYPE_CHECKING:
    from seatworks.report import Decision

# How far around the planned number a curve is drawn.
_AROUND = 0.25
_POINTS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """One specification, decided. `unplanned` says why a mode could not be planned, by mode."""

    spec: Spec
    sizing: sizing.Sizing
    plan: Plan
    comparison: cost.Comparison
    unplanned: dict[str, Message]

    @property
    def notes(self) -> tuple[Message, ...]:
        """What a person should know, without what the availability says of itself."""
        said = (
            Message("mode {mode} could not be planned: {reason}", mode=mode_name(mode), reason=reason)
            for mode, reason in self.unplanned.items()
        )
        return (*self.sizing.notes, *forwarded(self.spec, self.plan), *said)


def decide(where: Environment, choices: cost.Choices | None = None) -> Found:
    """Size, plan and price an environment, and the same centre in the other modes. Raises SpecError."""
    spec = where.spec()
    own = where.own_figures()
    book = cost.books.load(cost.books.own(where.specification.parent))
    sized = sizing.size(spec, own)
    plan = planning.build(spec, sized)
    plans, unplanned = {}, dict[str, Message]()
    for mode, other in alternatives(spec).items():
        try:
            # Addresses of real servers are asked for by the mode that is deployed, not by one that is compared.
            rehearsed = other if other is spec else other.model_copy(update={"target": Target.LAB})
            plans[mode] = plan if other is spec else planning.build(rehearsed, sizing.size(rehearsed, own))
        except SpecError as wrong:
            unplanned[mode] = together(wrong.problems)
    choices = choices or cost.Choices()
    if days := days_per_year(spec):
        choices = dataclasses.replace(choices, peak_days_per_year=Decimal(days))
    return Found(spec, sized, plan, cost.compare(plans, book, choices), unplanned)


def together(problems: Sequence[Problem]) -> Message:
    """Several problems with their remedies in one text."""
    each = [Message("{problem} -> {remedy}", problem=one.message, remedy=one.remedy) for one in problems]
    return joined("{first}; {rest}", each)


def page(found: Found) -> Decision:
    """What the page shows."""
    from seatworks.report import Assumed, Decision

    shown = [
        Assumed(named("figure", each.what), each.value, each.unit, each.source) for each in found.sizing.assumptions
    ]
    shown += [
        Assumed(named("figure", each.name), each.value, each.unit, each.source, each.date)
        for each in availability.figures().values()
    ]
    shown += [Assumed(named("figure", each.name), each.value, each.unit, each.source) for each in cost.assumptions()]
    return Decision(
        plan=found.plan,
        comparison=found.comparison,
        availability=found.plan.availability,
        service_curve=service_curve(found),
        blocking_curve=blocking_curve(found.plan),
        notes=found.notes,
        assumptions=tuple(shown),
    )


def service_curve(found: Found) -> tuple[tuple[int, float], ...]:
    """Share of calls answered in time against the number of agents, around the planned one."""
    asked, sized = found.spec.traffic, found.sizing
    figures = {figure.name: figure.value for figure in sized.figures}
    erlangs, handle_s = figures["inbound_erlangs"], asked.talk_s + asked.wrap_up_s
    if erlangs == 0:
        return ()
    agents = _around(int(figures["inbound_agents"]))
    within_s = asked.service_level.within_s
    if asked.patience_s is None:
        shares = [traffic.service_level(erlangs, number, handle_s, within_s) for number in agents]
    else:
        per_s, patience_s = erlangs / handle_s, asked.patience_s
        shares = [
            traffic.erlang_a(per_s, handle_s, number, patience_s, within_s).served_within_of_offered
            for number in agents
        ]
    return tuple(zip(agents, shares, strict=True))


def blocking_curve(plan: Plan) -> tuple[tuple[int, float], ...]:
    """Share of calls that find every line busy against the number of channels, around the planned one."""
    channels = _around(plan.sized.trunk_channels)
    return tuple((number, traffic.erlang_b(number, plan.sized.trunk_erlangs)) for number in channels)


def _around(planned: int) -> list[int]:
    """About _POINTS numbers from a quarter below to a quarter above, the planned one among them."""
    reach = max(5, math.ceil(planned * _AROUND))
    step = max(1, 2 * reach // _POINTS)
    first = max(1, planned - (min(reach, planned - 1) // step) * step)
    return list(range(first, planned + reach + 1, step))


def document(found: Found) -> dict[str, Any]:
    """What `seatworks plan ENV --json` prints; its keys are described in docs/plan.md."""
    plan, sized = found.plan, found.sizing
    written = json.loads(planning.dump(plan))
    return {
        "name": plan.name,
        "inputs": found.spec.model_dump(mode="json", exclude_none=True),
        "sizing": {
            "offered_calls": sized.offered_calls,
            "accepted_calls": sized.accepted_calls,
            "offered_erlangs": sized.offered_erlangs,
            "trunk_erlangs": sized.trunk_erlangs,
            "agents": sized.agents,
            "scheduled_staff": sized.scheduled_staff,
            "service_level": sized.service_level,
            "occupancy": sized.occupancy,
            "mean_wait_s": sized.mean_wait_s,
            "concurrent_calls": sized.concurrent_calls,
            "design_concurrent_calls": sized.design_concurrent_calls,
            "trunk_channels": sized.trunk_channels,
            "channels_per_carrier": sized.channels_per_carrier,
            "e1_spans": sized.e1_spans,
            "menu_ports": sized.menu_ports,
            "bandwidth_mbps": round(sized.site_bandwidth_kbps / 1000, 3),
            "link_bandwidth_mbps": round(sized.link_bandwidth_kbps / 1000, 3),
            "recording_gb": sized.recording_disk_gb,
            "database_gb": sized.database_gb,
            "log_gb": sized.log_gb,
            "servers": [dataclasses.asdict(group) for group in sized.servers],
        },
        "hosts": written["hosts"],
        "flows": written["flows"],
        "availability": {
            "asked": plan.availability.asked,
            "contract": plan.availability.contract,
            "model": plan.availability.model,
            "elements": [dataclasses.asdict(element) for element in plan.availability.elements],
        },
        "cost": _cost(found),
        "notes": [*plan.availability.notes, *found.notes],
        "assumptions": [
            {"what": each.what, "value": each.value, "unit": each.unit, "source": each.source}
            for each in sized.assumptions
        ]
        + [
            {"what": each.name, "value": each.value, "unit": each.unit, "source": f"{each.source} ({each.date})"}
            for each in availability.figures().values()
        ]
        + [
            {"what": each.name, "value": each.value, "unit": each.unit, "source": each.source}
            for each in cost.assumptions()
        ],
    }


def _cost(found: Found) -> dict[str, Any]:
    """Money by mode: numbers in the currency, not rounded to look exact; null for a mode that cannot be planned."""
    comparison = found.comparison
    modes: dict[str, Any] = dict.fromkeys(("cloud", "onprem", "hybrid"))
    for bill in comparison.bills:
        modes[bill.mode] = {
            "years": {
                str(total.years): {
                    "low": float(total.total.low),
                    "base": float(total.total.base),
                    "high": float(total.total.high),
                    "capex": float(total.capex.base),
                    "opex": float(total.opex.base),
                    "per_seat_month": float(total.per_seat_month.base),
                    "complete": total.complete,
                }
                for total in bill.totals
            },
            "missing": list(bill.missing),
        }
    return {
        **modes,
        "currency": comparison.currency,
        "rate": comparison.rate_note,
        "break_even_month": comparison.break_even_month,
        "unplanned": found.unplanned,
    }
