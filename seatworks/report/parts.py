"""The parts that the pages of a plan and of a run have in common."""

from __future__ import annotations

from typing import Any

from seatworks.plan.model import CloudOutputs, Plan
from seatworks.report import drawing, view
from seatworks.report.words import Words


def plan_parts(plan: Plan, outputs: CloudOutputs, words: Words) -> dict[str, Any]:
    """What `templates/report/parts/` need to show a plan."""
    return {
        "plan": plan,
        "asked": view.asked(plan, words),
        "sized": view.sized(plan, words),
        "numbers": view.numbers(plan, words),
        "queues": view.queues(plan),
        "flows": view.flows(plan),
        "everywhere": [
            words.markup(
                "Every host, not drawn: {service} from {sources}.",
                service=drawing.service(plan, flow),
                sources=", ".join(flow.sources),
            )
            for flow in drawing.everywhere(plan)
        ],
        "drawings": [drawing.draw(plan, shape) for shape in (drawing.WIDE, drawing.TALL)] if plan.hosts else [],
        "public": outputs.public_addresses,
        "linked": any(host.link_address for host in plan.hosts),
        "published": any(host.public for host in plan.hosts),
    }
